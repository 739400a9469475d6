"""A server with ticket #4821 in it, and packs of it as a stranger checks them."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from immutable.demo import ticket_4821
from immutable_verify import note, pack
from immutable_verify.findings import Findings
from immutable_verify.note import LOG


class Case:
    """A workspace with the ticket, its administrator, and packs."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.client = server.client("ingest", "read", "admin")
        answer = self.client.post("/events/batch", {"events": list(ticket_4821.events())})
        assert answer.status_code == 202, answer.text

    def keys(self) -> list[note.Key]:
        """The log's keys, on another way than the pack."""
        listed = self.client.get("/signing-keys").json()["data"]
        return [note.parse_key(one["verifier_key"], LOG) for one in listed]

    def pack(self, path: str = "/sessions/sess_a8f3c2d1/evidence", **query: Any) -> bytes:
        """A pack."""
        deadline = time.monotonic() + 60
        while (answer := self.client.get(path, **query)).status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.1)  # what it needs was not signed in time: the answer says to try again
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/zip"
        return bytes(answer.content)

    def check(self, made: bytes) -> Findings:
        """What the verifier finds, with the log's keys."""
        findings = pack.check(made, self.keys())
        assert findings.trusted
        return findings


def files(made: bytes) -> dict[str, bytes]:
    """The files of a pack."""
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def running(serve_module: Callable[..., Any]) -> Any:
    """The server that the tests of a module share."""
    return serve_module()


@pytest.fixture
def case(running: Any) -> Case:
    """The ticket in a workspace of its own."""
    return Case(running)
