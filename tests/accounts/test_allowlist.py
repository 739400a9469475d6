"""The addresses from which a workspace may be used: they hold for every key, in every process, from the next request on."""

import subprocess
import sys
import time

import pytest
from tests.postgres import new_database


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def proxied(request, serve_module):
    """A server behind a proxy on this machine, on each engine."""
    settings = {"database_url": new_database()} if request.param == "postgres" else {}
    return serve_module(trusted_proxies="127.0.0.1", **settings)


def cli(server, *arguments, code=0):
    """Run a command on the server's database."""
    done = subprocess.run(
        [sys.executable, "-m", "immutable", "workspaces", *arguments],
        env={"IMMUTABLE_DATABASE_URL": server.database_url, "COLUMNS": "250"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def from_(api, address, path="/events"):
    """The status of a request from this address."""
    return api.http.get(path, headers={"x-forwarded-for": address})


def eventually(api, address, status):
    """Other processes hear of a change within moments."""
    deadline = time.monotonic() + 60
    while (answer := from_(api, address)).status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def test_it_holds_for_every_key_of_the_workspace_and_no_other(proxied):
    """Listed ranges pass, IPv4 and IPv6; all else is 403 on every path, with a message; emptied, all pass again."""
    api, other = proxied.client(workspace="listed"), proxied.client(workspace="unlisted")
    second = proxied.client("admin", workspace="listed")
    assert from_(api, "203.0.113.7").status_code == 200
    assert "10.0.0.0/8, 2001:db8::/32" in cli(proxied, "allow", "-w", "listed", "10.1.2.3/8", "2001:db8::/32")
    refused = eventually(api, "203.0.113.7", 403)
    assert refused.json()["error"] == "forbidden"
    assert "203.0.113.7" in refused.json()["message"]
    assert from_(second, "203.0.113.7", "/sessions").status_code == 403
    for path in ("/events", "/events/batch"):
        assert api.http.post(path, json={}, headers={"x-forwarded-for": "203.0.113.7"}).status_code == 403
    for address in ("10.9.9.9", "::ffff:10.9.9.9", "2001:db8::5"):
        assert from_(api, address).status_code == 200
        assert from_(second, address).status_code == 200
    assert from_(api, "10.9.9.9, 203.0.113.7").status_code == 403  # what the client itself wrote is not believed
    assert from_(api, "203.0.113.7, 10.9.9.9").status_code == 200
    assert from_(other, "203.0.113.7").status_code == 200
    cli(proxied, "disallow", "-w", "listed", "10.0.0.0/8")
    eventually(api, "10.9.9.9", 403)
    assert "anywhere" in cli(proxied, "disallow", "-w", "listed", "--all")
    eventually(api, "203.0.113.7", 200)


def test_the_command_line_refuses_what_it_cannot_read(proxied):
    """What is no address, not on the list, or no workspace is named, and the list stays as it was."""
    proxied.client(workspace="strict")
    assert "example.com" in cli(proxied, "allow", "-w", "strict", "10.0.0.0/8", "example.com", code=2)
    assert "not on the list" in cli(proxied, "disallow", "-w", "strict", "10.0.0.0/8", code=2)
    assert "no workspace" in cli(proxied, "allow", "-w", "nowhere", "10.0.0.0/8", code=2)
    cli(proxied, "disallow", "-w", "strict", code=2)
    lines = [line for line in cli(proxied, "list").splitlines() if "strict" in line]
    assert len(lines) == 1
    assert "anywhere" in lines[0]
