"""A Flask application served by a real WSGI server, our server behind it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import flask
import httpx2
import pytest
from werkzeug.serving import make_server

from getimmutable.context import actor, identify, track
from getimmutable.flask import Audit

Serve = Callable[..., httpx2.Client]


def who(_: Any) -> Any:
    """The application's own idea of who is asking."""
    user = flask.session.get("user")
    return {"actor": {"id": user, "type": "user"}} if user else None


def application() -> flask.Flask:
    """Signs in, edits, streams, works on in a thread, and holds two requests until both are there."""
    app = flask.Flask("documents")
    app.secret_key = "k"
    both = threading.Barrier(2)

    @app.post("/login/<user>")
    def login(user: str) -> str:
        flask.session["user"] = user
        track("user.signed_in")
        return ""

    @app.post("/edit/<document>")
    def edit(document: str) -> str:
        track("document.edited", {"type": "document", "id": document})
        return ""

    @app.post("/meet/<user>")
    def meet(user: str) -> str:
        identify(actor={"id": user})
        both.wait(30)
        thread = threading.Thread(target=flask.copy_current_request_context(lambda: track(f"{user}.threaded")))
        thread.start()
        thread.join()
        track(f"{user}.met")
        return ""

    @app.get("/stream")
    def stream() -> flask.Response:
        def parts() -> Iterator[bytes]:
            yield b"one"
            track("part.sent")
            yield b"two"

        return flask.Response(flask.stream_with_context(parts()))

    @app.get("/agent")
    def agent() -> str:
        actor("agent_7").track("agent.ran")
        return ""

    return app


@pytest.fixture
def serve(trail: Any) -> Iterator[Serve]:
    """Serves the application, one thread for each request; hands out a browser of it."""
    stops: list[Callable[[], object]] = []

    def start(**options: Any) -> httpx2.Client:
        app = application()
        Audit(app, trail.client, **{"identify": who, **options})
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        browser = httpx2.Client(base_url=f"http://127.0.0.1:{server.server_port}", timeout=30)

        def stop() -> None:
            browser.close()
            server.shutdown()
            thread.join(30)
            server.server_close()

        stops.append(stop)
        return browser

    yield start
    for stop in stops:
        stop()


def test_requests_of_a_browser_are_one_session(serve: Serve, trail: Any) -> None:
    """Actor, session, address, browser and request are on the events; a visitor without a session is given none."""
    browser = serve()
    headers = {"user-agent": "Browser/1", "x-request-id": "req_1", "x-forwarded-for": "203.0.113.9"}
    first = browser.post("/edit/d0", headers=headers)
    browser.post("/login/ann", headers=headers)
    browser.post("/edit/d1", headers=headers)
    before, login, edit = trail.events()
    assert "set-cookie" not in first.headers
    assert (before["actor_id"], before["session_id"]) == ("anonymous", None)
    assert login["session_id"] == edit["session_id"]
    assert edit["session_id"].startswith("sh_")
    assert (edit["actor_id"], edit["resource_id"], edit["request_id"]) == ("ann", "d1", "req_1")
    assert (edit["ip_address"], edit["user_agent"]) == ("127.0.0.1", "Browser/1")  # no proxy is trusted


def test_two_requests_at_once_never_mix(serve: Serve, trail: Any) -> None:
    """Held until both are there, each keeps its actor, also in a thread of its own; the next request has none of it."""
    browser = serve()
    threads = [threading.Thread(target=browser.post, args=(f"/meet/{user}",)) for user in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    browser.post("/edit/d1")
    assert trail.actors() == {
        "ann.threaded": "ann", "ann.met": "ann", "bob.threaded": "bob", "bob.met": "bob", "document.edited": "anonymous",
    }  # fmt: skip


def test_streams_other_actors_and_a_trusted_proxy(serve: Serve, trail: Any) -> None:
    """A stream is part of its request, and so is what another actor does in it."""
    browser = serve(session_cookie="sid", trusted_proxies=["127.0.0.1"])
    headers = {"cookie": "sid=opaque", "x-forwarded-for": "198.51.100.1, 203.0.113.9"}
    assert browser.get("/stream", headers=headers).content == b"onetwo"
    browser.get("/agent", headers=headers)
    events = trail.events()
    assert [one["actor_id"] for one in events] == ["anonymous", "agent_7"]
    assert {one["ip_address"] for one in events} == {"203.0.113.9"}
    assert {one["session_id"] for one in events} == {trail.client.session_hash("opaque")}


def test_server_side_session_goes_as_the_hash_of_its_id(trail: Any) -> None:
    """Flask-Session's sessions have an id, `sid`."""

    class Kept(dict[str, Any], flask.sessions.SessionMixin):
        sid = "kept-on-the-server"

    class Interface(flask.sessions.SessionInterface):
        def open_session(self, app: Any, request: Any) -> Kept:
            return Kept()

        def save_session(self, app: Any, session: Any, response: Any) -> None:
            """Nothing to keep."""

    app = application()
    app.session_interface = Interface()
    Audit(client=trail.client).init_app(app)
    app.test_client().post("/edit/d1")
    assert trail.events()[0]["session_id"] == trail.client.session_hash("kept-on-the-server")
