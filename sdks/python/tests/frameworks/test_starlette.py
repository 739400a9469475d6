"""FastAPI served by uvicorn, our server behind it: what is tracked in a request carries that request."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.middleware.sessions import SessionMiddleware

from getimmutable import session_hash
from getimmutable.context import actor, identify, track
from getimmutable.starlette import AuditMiddleware

Serve = Callable[..., httpx2.Client]


def who(connection: Any) -> Any:
    """The application's own idea of who is asking."""
    user = connection.session.get("user")
    return {"actor": {"id": user, "type": "user"}, "tenant": "acme"} if user else None


def application() -> FastAPI:
    """Signs in, edits now and later, streams, and holds two requests until both are there."""
    app = FastAPI()
    both = asyncio.Barrier(2)

    @app.post("/login/{user}")
    def login(request: Request, user: str) -> None:
        request.session["user"] = user
        track("user.signed_in")

    @app.post("/edit/{document}")
    def edit(document: str) -> None:
        track("document.edited", {"type": "document", "id": document}, {"by": "keyboard"}, changes={"t": {"new": 1}})

    @app.post("/meet/{user}")
    async def meet(user: str, background: BackgroundTasks) -> None:
        identify(actor={"id": user})
        await both.wait()
        await asyncio.gather(asyncio.to_thread(track, f"{user}.threaded"), asyncio.create_task(awaited(user)))
        background.add_task(track, f"{user}.afterwards")
        await both.wait()

    async def awaited(user: str) -> None:
        await asyncio.sleep(0)
        track(f"{user}.awaited")

    async def of_token() -> None:
        identify(actor={"id": "from-token"}, secret_session="a-token")

    @app.get("/token", dependencies=[Depends(of_token)])
    async def token() -> None:
        track("token.used")
        actor("agent_7", type="agent").track("agent.ran")

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> Any:
            yield b"one"
            track("part.sent")
            yield b"two"

        return StreamingResponse(parts())

    @app.get("/fail")
    async def fail() -> None:
        track("thing.tried")
        raise ValueError("the application's own")

    @app.websocket("/ws")
    async def websocket(socket: WebSocket) -> None:
        await socket.accept()
        track("socket.opened")
        await socket.close()

    return app


@pytest.fixture
def serve(trail: Any) -> Iterator[Serve]:
    """Serves the application by uvicorn, on the loopback; hands out a browser of it."""
    stops: list[Callable[[], object]] = []

    def start(app: FastAPI | None = None, **options: Any) -> httpx2.Client:
        app = app or application()
        app.add_middleware(SessionMiddleware, secret_key="k")
        app.add_middleware(AuditMiddleware, client=trail.client, **{"identify": who, **options})
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", proxy_headers=False, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        browser = httpx2.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=30)

        def stop() -> None:
            browser.close()
            server.should_exit = True
            thread.join(30)
            listening.close()

        stops.append(stop)
        return browser

    yield start
    for stop in stops:
        stop()


def test_requests_of_a_browser_are_one_session(serve: Serve, trail: Any) -> None:
    """Actor, tenant, session, address, browser, request and trace are on the events; the session's id is nowhere."""
    browser = serve()
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"user-agent": "Browser/1", "x-request-id": "req_1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    browser.post("/edit/d0", headers=headers)
    browser.post("/login/ann", headers=headers)
    browser.post("/edit/d1", headers={**headers, "x-forwarded-for": "203.0.113.9"})
    before, login, edit = trail.events()
    assert (before["actor_id"], before["actor_type"], before["session_id"]) == ("anonymous", "anonymous", None)
    assert login["session_id"] == edit["session_id"]
    assert edit["session_id"].startswith("sh_")
    assert (edit["actor_id"], edit["tenant_id"], edit["resource_id"]) == ("ann", "acme", "d1")
    assert (edit["ip_address"], edit["user_agent"]) == ("127.0.0.1", "Browser/1")  # no proxy is trusted
    assert (edit["request_id"], edit["trace_id"]) == ("req_1", trace)
    assert (edit["metadata"], edit["changes"]) == ({"by": "keyboard"}, {"t": {"old": None, "new": 1}})


def test_two_requests_at_once_never_mix(serve: Serve, trail: Any, wait_for: Any) -> None:
    """Held until both are there, each keeps its actor: in threads, in tasks and after the answer."""
    browser = serve()
    threads = [threading.Thread(target=browser.post, args=(f"/meet/{user}",)) for user in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: len(trail.actors()) == 6)  # those of the background tasks come after the answers
    actors = trail.actors()
    for user in ("ann", "bob"):
        assert {actors[f"{user}.{how}"] for how in ("threaded", "awaited", "afterwards")} == {user}


def test_dependency_says_who_and_a_token_goes_as_its_hash(serve: Serve, trail: Any) -> None:
    """What needs more than the request is said in a dependency; another actor's event stays in the request's session."""
    serve().get("/token")
    used, ran = trail.events()
    assert used["actor_id"] == "from-token"
    assert used["session_id"] == ran["session_id"] == session_hash("a-token", trail.client._wiring.destination.api_key)
    assert (ran["actor_id"], ran["actor_type"]) == ("agent_7", "agent")


def test_cookie_of_another_kind_and_a_trusted_proxy(serve: Serve, trail: Any) -> None:
    """`session_cookie` names the cookie that is hashed; the header of a trusted proxy is read from its end."""
    browser = serve(identify=None, session_cookie="sid", trusted_proxies=["127.0.0.0/8", "10.0.0.0/8"])
    headers = {"cookie": "sid=opaque", "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.1.2.3"}
    browser.post("/edit/d1", headers=headers)
    browser.post("/edit/d2", headers={"x-forwarded-for": "203.0.113.9, nonsense"})
    one, two = trail.events()
    assert (one["ip_address"], one["session_id"]) == ("203.0.113.9", trail.client.session_hash("opaque"))
    assert (two["ip_address"], two["session_id"]) == ("127.0.0.1", None)


def test_streams_errors_and_a_broken_identify(serve: Serve, trail: Any) -> None:
    """A stream is part of its request, an error of the application goes on, and one of `identify` costs no event."""

    def broken(_: Any) -> Any:
        raise LookupError("no")

    browser = serve(identify=broken)
    assert browser.get("/stream").content == b"onetwo"
    assert browser.get("/fail").status_code == 500
    assert trail.actors() == {"part.sent": "unknown", "thing.tried": "unknown"}


def test_a_websocket_is_a_request_too(trail: Any) -> None:
    """It has its actor and its session as a page does."""
    app = application()
    app.add_middleware(SessionMiddleware, secret_key="k", https_only=False)
    app.add_middleware(AuditMiddleware, client=trail.client, identify=who)
    with TestClient(app) as browser:
        browser.post("/login/ann")
        with browser.websocket_connect("/ws"):
            pass
    login, opened = trail.events()
    assert (opened["actor_id"], opened["session_id"]) == ("ann", login["session_id"])
