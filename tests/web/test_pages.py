"""What the server sends to a browser: headers, caching, size."""

import re
from collections.abc import Iterator

import httpx2
import pytest


@pytest.fixture
def client(desk) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=desk.url, timeout=60) as client:
        yield client


def links_of(shell: str) -> list[str]:
    return re.findall(r'(?:href|src)="(static/[^"]+)"', shell)


def test_bare_address_leads_to_the_desk(client):
    """The bare address, and the desk's with a slash, lead to the desk."""
    for path in ("/", "/desk/"):
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200
        assert answer.url.path == "/desk"


@pytest.mark.parametrize("path", ["/desk", "/", "mark.svg", "js/desk.js", "js/none.js"])
def test_every_answer_carries_the_security_headers(client, path):
    """Shell, redirect, files and missing files forbid foreign scripts, inline scripts, framing and sniffing."""
    folder = links_of(client.get("/desk").text)[0].rsplit("/", 1)[0]
    headers = client.get(path if path.startswith("/") else f"/{folder}/{path}").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_files_are_kept_for_ever_and_the_shell_is_not(client):
    """A file's address changes with its content, so it is cached for a year; the shell is asked for each time."""
    shell = client.get("/desk")
    assert shell.headers["cache-control"] == "no-cache"
    for link in links_of(shell.text):
        answer = client.get(f"/{link}")
        assert answer.status_code == 200, link
        assert "immutable" in answer.headers["cache-control"]
        unchanged = client.get(f"/{link}", headers={"If-None-Match": answer.headers["etag"]})
        assert unchanged.status_code == 304


@pytest.mark.parametrize(
    "path", ["js/none.js", "js", "../pages.py", "%2e%2e/pages.py", "..%2fpages.py", "js/%00", "x" * 5000]
)
def test_nothing_but_the_static_files_is_served(client, path):
    """Missing files, folders and ways out of the folder are a JSON 404."""
    folder = links_of(client.get("/desk").text)[0].rsplit("/", 1)[0]
    answer = client.get(f"/{folder}/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_files_cannot_be_written(client):
    """Any verb but GET and HEAD is a JSON 405."""
    link = links_of(client.get("/desk").text)[0]
    answer = client.post(f"/{link}", content=b"x")
    assert answer.status_code == 405
    assert answer.json()["error"] == "method_not_allowed"


def test_whole_desk_is_light(desk, sign_in, page):
    """All that a first visit loads, from the sign-in to a session, weighs less than 150 KB on the wire."""
    sizes: list[int] = []
    page.on(
        "requestfinished",
        lambda request: sizes.append(request.sizes()["responseBodySize"]) if "/api/" not in request.url else None,
    )
    sign_in("/sessions/sess_a8f3c2d1").locator(".step").first.wait_for()
    assert len(sizes) > 20
    assert sum(sizes) < 150_000
