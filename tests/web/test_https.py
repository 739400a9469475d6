"""Members over real TLS, ended by a proxy: what the browser keeps, and what the server believes of how it was reached."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from tests.certificates import Certificate, certificate
from tests.conftest import Serve, Server
from tests.people import PASSWORD, owner
from tests.web.conftest import PATIENCE_MS

from immutable.accounts.one_time_links import OneTimeLinks
from immutable.cli.operator import operator


@pytest.fixture
def place() -> Iterator[socket.socket]:
    """Where the proxy will listen: nobody else gets the port, which the server is told before."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """What the proxy shows."""
    return certificate(tmp_path_factory.mktemp("tls"), "localhost")


def _owner_over(server: Server, address: str) -> str:
    """The e-mail address of an owner who was made over https."""
    token = OneTimeLinks(server.catalog).for_first_owner(operator())
    given = {"token": token, "name": "Chief", "email": "owner@example.com", "password": PASSWORD}
    headers = {"immutable-desk": "1", "origin": address}
    assert httpx2.post(server.url + "/api/v1/links/accept", json=given, headers=headers, timeout=60).status_code == 200
    return given["email"]


class Proxy:
    """Ends TLS, and passes on everything else as it is."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._ended = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.loop, self.started = asyncio.new_event_loop(), threading.Event()

    async def serve(self, place: socket.socket, shown: Certificate) -> None:
        """Until it is ended."""
        async with await asyncio.start_server(self._connected, sock=place, ssl=shown.server) as server:
            self.started.set()
            await self._ended.wait()
            server.close()
            for one in self._open:
                one.transport.abort()
            await asyncio.gather(*self._tasks)

    def end(self) -> None:
        """Stop, from another thread."""
        self.loop.call_soon_threadsafe(self._ended.set)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        inner, to_inner = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open |= {writer, to_inner}
        await asyncio.gather(self._pass_on(reader, to_inner), self._pass_on(inner, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            while piece := await reader.read(65_536):
                writer.write(piece)
                await writer.drain()
        with suppress(ConnectionError, ssl.SSLError):
            writer.close()
            await writer.wait_closed()


@contextmanager
def proxied(shown: Certificate, place: socket.socket, behind: int) -> Iterator[None]:
    """A proxy that runs meanwhile."""
    proxy = Proxy(behind)
    thread = threading.Thread(target=proxy.loop.run_until_complete, args=(proxy.serve(place, shown),))
    thread.start()
    assert proxy.started.wait(60)
    try:
        yield
    finally:
        proxy.end()
        thread.join()
        proxy.loop.close()


def test_the_browser_keeps_the_session_for_this_host_and_https_alone(
    serve: Serve, shown: Certificate, place: socket.socket, browser: Browser
) -> None:
    """`__Host-`, Secure, HttpOnly, SameSite=Strict; a session goes on after reloading; over plain http nobody signs in."""
    address = f"https://localhost:{place.getsockname()[1]}"
    server = serve(public_url=address)
    assert address + "/desk#/welcome/" in server.said()
    chief = _owner_over(server, address)
    with proxied(shown, place, server.port):
        context = browser.new_context(
            ignore_https_errors=True
        )  # the certificate is made here; its name is checked below
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{address}/desk")
        page.get_by_label("E-mail address").fill(chief)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.locator(".frame").wait_for()
        kept, known = sorted(context.cookies(), key=lambda one: one["name"], reverse=True)
        assert known["name"] == "__Host-immutable-known"
        assert (kept["name"], kept["secure"], kept["httpOnly"], kept["sameSite"], kept["path"], kept["domain"]) == (
            "__Host-immutable-session", True, True, "Strict", "/", "localhost",
        )  # fmt: skip
        assert page.evaluate("document.cookie") == ""
        page.reload()
        page.locator(".frame").wait_for()
        plain = context.new_page()
        plain.goto(
            f"http://localhost:{server.port}/desk"
        )  # the browser holds the cookie back, and the server would refuse it
        plain.get_by_label("E-mail address").fill(chief)
        plain.get_by_label("Password").fill(PASSWORD)
        plain.get_by_role("button", name="Sign in", exact=True).click()
        expect(plain.get_by_role("alert")).to_contain_text("IMMUTABLE_PUBLIC_URL")
        context.close()


def test_a_header_does_not_make_it_https(serve: Serve, shown: Certificate, place: socket.socket) -> None:
    """Without IMMUTABLE_PUBLIC_URL, signing in over https is refused in words, whatever X-Forwarded-Proto says."""
    port, server = place.getsockname()[1], serve(trusted_proxies="127.0.0.1")
    person = {"email": owner(server).email, "password": PASSWORD}
    forwarded = {"immutable-desk": "1", "x-forwarded-proto": "https", "x-forwarded-host": f"localhost:{port}"}
    trusting = ssl.create_default_context(cafile=shown.file)
    with proxied(shown, place, server.port), httpx2.Client(verify=trusting, timeout=60) as client:
        answer = client.post(
            f"https://localhost:{port}/api/v1/sign-in", json=person,
            headers={**forwarded, "origin": f"https://localhost:{port}"},
        )  # fmt: skip
        assert answer.status_code == 403
        assert f"IMMUTABLE_PUBLIC_URL to https://localhost:{port}" in answer.json()["message"]
        assert "set-cookie" not in answer.headers
    answer = httpx2.post(server.url + "/api/v1/sign-in", json=person, headers=forwarded, timeout=60)
    assert answer.status_code == 200
    assert "Secure" not in answer.headers["set-cookie"]


def test_a_cookie_of_plain_http_counts_for_nothing_over_https(serve: Serve) -> None:
    """What another host of the domain, or a page over http, planted without the prefix is not looked at."""
    address = "https://audit.example.com"
    server = serve(public_url=address)
    email = _owner_over(server, address)
    headers = {"immutable-desk": "1", "origin": address}
    url = server.url + "/api/v1"
    signed_in = httpx2.post(url + "/sign-in", json={"email": email, "password": PASSWORD}, headers=headers, timeout=60)
    named, _, rest = signed_in.headers["set-cookie"].partition("=")
    token = rest.partition(";")[0]
    for name, status in ((named, 200), (named.removeprefix("__Host-"), 401)):
        found = httpx2.get(url + "/account", headers={**headers, "cookie": f"{name}={token}"}, timeout=60)
        assert found.status_code == status
