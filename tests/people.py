"""Members of a running server, each with a browser's cookies and headers, for the tests of every folder."""

import uuid
from typing import Any

import httpx2
from tests.conftest import Server
from tests.waiting import PATIENCE

from immutable.accounts.one_time_links import OneTimeLinks
from immutable.cli.operator import operator
from immutable.model.member import Role
from immutable.model.workspace import ADMINISTRATION

PASSWORD = "correct horse battery"


class Person:
    """Somebody who uses the desk: a cookie jar, and the workspace that they are looking at."""

    def __init__(self, server: Server, email: str = "", workspace: str = "") -> None:
        self.server = server
        self.email = email or f"p-{uuid.uuid4().hex[:8]}@example.com"
        self.workspace = workspace
        """The workspace's name; empty where they do not say."""
        self.http = httpx2.Client(base_url=server.url + "/api/v1", timeout=PATIENCE, headers={"immutable-desk": "1"})
        server._clients.callback(self.http.close)

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """GET as the desk does."""
        return self.http.get(path, params=query or None, headers=self._chosen())

    def post(self, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """POST as the desk does; a header's name with underscores."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, json={} if body is None else body, headers={**self._chosen(), **more})

    def sign_in(self, password: str = PASSWORD, code: str = "") -> httpx2.Response:
        """Sign in."""
        return self.post("/sign-in", {"email": self.email, "password": password, "code": code})

    def accept(self, token: str, **more: str) -> httpx2.Response:
        """Open a one-time link."""
        return self.post("/links/accept", {"token": token, "name": "Test Person", "password": PASSWORD, **more})

    def token(self) -> str:
        """The session's token, as the cookie holds it."""
        return next(one.value or "" for one in self.http.cookies.jar if one.name.endswith("immutable-session"))

    def _chosen(self) -> dict[str, str]:
        found = self.server.catalog.workspace(self.workspace) if self.workspace else None
        return {} if found is None else {"immutable-workspace": found.id}


def owner(server: Server) -> Person:
    """The owner of the installation, made by the first owner's link where there is none yet."""
    person = Person(server, "owner@example.com", ADMINISTRATION)
    if server.catalog.members.exist():
        assert person.sign_in().status_code == 200
    else:
        token = OneTimeLinks(server.catalog).for_first_owner(operator())
        assert person.accept(token, email=person.email).status_code == 200
    return person


def invited(server: Server, workspace: str, role: Role, email: str = "") -> Person:
    """A new member of a workspace, by an invitation from the command line."""
    person = Person(server, email, workspace)
    place = server.catalog.create_workspace(workspace)
    token, _ = OneTimeLinks(server.catalog).for_invitation(place, person.email, role, operator(), "owner")
    answer = person.accept(token)
    assert answer.status_code == 200, answer.text
    return person
