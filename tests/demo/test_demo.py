"""`immutable demo`: the whole way from the complaint to the answer."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from tests.ports import held_port

FEW = ("--events", "600", "--port", "0")
PATIENCE = 60
"""How many seconds a busy machine is given."""


def _start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IMMUTABLE_")}
    # A setting of the user's own must not lead the demo to a real log.
    environment["IMMUTABLE_DATABASE_URL"] = "sqlite:////nowhere/real.db"
    return subprocess.Popen(
        [sys.executable, "-m", "immutable", "demo", *arguments],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _can_be_interrupted() -> Iterator[None]:
    """A process started in the background by a shell ignores SIGINT, and so would all that it starts."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, errors = process.communicate(timeout=4 * PATIENCE)
    return process.returncode, out, errors


@contextmanager
def _serving(folder: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A demo that has printed everything and serves, and what it printed."""
    with _start(folder, *arguments) as process:
        assert process.stdout is not None
        printed = ""
        while "Serving until Ctrl-C" not in printed:
            line = process.stdout.readline()
            assert line, process.communicate()
            printed += line
        yield process, printed
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def _is_up(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz", timeout=PATIENCE).is_success
    except httpx2.ConnectError:
        return False


@pytest.fixture(scope="module")
def port() -> Iterator[str]:
    """A port on which nobody else will answer."""
    with held_port() as port:
        yield str(port)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, port: str) -> str:
    """What `immutable demo --exit` prints."""
    code, out, errors = _finish(_start(tmp_path_factory.mktemp("demo"), "--exit", *FEW[:2], "--port", port))
    assert (code, errors) == (0, "")
    return out


def test_it_tells_the_ticket_in_the_order_in_which_it_is_solved(printed: str) -> None:
    """The complaint, the sessions, the story, the two events, the answer, the verification, and how to go on."""
    facts = [
        "Ticket #4821", "I didn't delete it", "Lisa Wang (user_4f2a8c)", "2026-03-27 at 10:15",
        "626 events loaded through POST /api/v1/events/batch",
        "sess_a8f3c2d1", "sess_7e4b9f2a", "sess_1c6d8e3f",
        "Fri 27 Mar 2026, 09:41:07 to 09:55:21 (America/Los_Angeles)", "Portland, US",
        "document.viewed", "document.edited", "document.saved", "Finance Team",
        "09:53:11", "✖ document.moved_to_trash", "Q3 Budget Report (doc_8f3a2c1d)", "DESTRUCTIVE",
        "09:53:18", "+7 s", "✖ trash.emptied", "DESTRUCTIVE", "09:55:21", "+2 min 3 s", "results: 0",
        "document.moved_to_trash", "occurred_at", "2026-03-27T16:53:11.000000Z", "resource_name", "Q3 Budget Report",
        "ip_address", "192.88.99.7", "ip_city", "Portland", "ip_country", "US", "metadata", "context_menu",
        "trash.emptied", "2026-03-27T16:53:18.000000Z", "192.88.99.7", "Portland", "US", '"confirmed": true',
        "Hello Lisa,", "09:53:11  moved the document “Q3 Budget Report” to trash", "09:53:18  emptied the trash", "7 s later",
        "192.88.99.7 in Portland, US, with Chrome on Mac OS X", "3 people, 7 times, none of them destructive",
        "The log of workspace demo is whole: 626 events",
        "Desk", "/desk", "API key", "imk_", "The server stops now",
    ]  # fmt: skip
    at = 0
    for fact in facts:
        found = printed.find(fact, at)
        assert found >= 0, f"{fact!r} is missing after {printed[at - 300 : at]!r}"
        at = found + len(fact)


def test_the_evidence_is_of_the_events_themselves(printed: str) -> None:
    """The answer names the two events by number, id and hash."""
    evidence = re.findall(r"event (\d+), ([0-9a-f-]{36}), hash ([0-9a-f]{16})…", printed)
    assert len(evidence) == 2
    assert int(evidence[1][0]) == int(evidence[0][0]) + 1


def test_nothing_listens_after_exit(printed: str) -> None:
    """--exit leaves no server behind."""
    assert not _is_up(re.search(r"Server (http://\S+),", printed)[1])  # type: ignore[index]


def test_it_serves_what_it_showed_until_it_is_told_to_stop(tmp_path: Path, port: str) -> None:
    """The printed address and key work, and the events there are those of the story."""
    with _serving(tmp_path, *FEW[:2], "--port", port) as (process, printed):
        url = re.search(r"IMMUTABLE_URL=(\S+)", printed)[1]  # type: ignore[index]
        key = re.search(r"IMMUTABLE_API_KEY=(\S+)", printed)[1]  # type: ignore[index]
        assert f"{url}/desk" in printed
        assert httpx2.get(f"{url}/desk", timeout=PATIENCE).status_code == 200
        token = re.search(rf"^{url}/viewer#token=(\S+)$", printed, re.MULTILINE)[1]  # type: ignore[index]
        assert httpx2.get(f"{url}/viewer", timeout=PATIENCE).status_code == 200
        seen = httpx2.get(
            f"{url}/api/v1/viewer/events", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE
        ).json()
        assert {event["tenant_id"] for event in seen["data"]} == {"org_cascadia"}
        answer = httpx2.get(
            f"{url}/api/v1/events",
            params={"actor_id": "user_4f2a8c", "limit": 50},
            headers={"authorization": f"Bearer {key}"},
            timeout=PATIENCE,
        ).json()
        assert [*dict.fromkeys(event["session_id"] for event in answer["data"])] == [
            "sess_a8f3c2d1", "sess_7e4b9f2a", "sess_1c6d8e3f",
        ]  # fmt: skip
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert not _is_up(url)


def test_sigterm_stops_the_server_too(tmp_path: Path, port: str) -> None:
    """Who stops the demo like a service leaves no server behind."""
    with _serving(tmp_path, *FEW[:2], "--port", port) as (process, printed):
        url = re.search(r"IMMUTABLE_URL=(\S+)", printed)[1]  # type: ignore[index]
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert not _is_up(url)


def test_a_second_demo_in_the_same_folder_waits_for_the_first_to_end(tmp_path: Path) -> None:
    """A running demo keeps its database; one that has ended is replaced by a fresh one, and other files are left."""
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "notes.txt").write_text("mine", "utf-8")
    with _serving(tmp_path, *FEW):
        code, _, errors = _finish(_start(tmp_path, "--exit", *FEW))
        assert code == 2
        assert "A demo is running" in errors
    code, out, _ = _finish(_start(tmp_path, "--exit", "--events", "0", "--port", "0"))
    assert code == 0
    assert "is whole: 26 events" in out
    assert (tmp_path / ".demo" / "notes.txt").read_text("utf-8") == "mine"


def test_a_taken_port_is_no_obstacle_unless_it_was_asked_for(tmp_path: Path) -> None:
    """Without --port the demo finds a free one; with it, it says that the port is taken."""
    with socket.socket() as taken:
        # As servers do, or it could not have what an ended one has left, which the demo would take.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else has it, which is the same to the demo
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        code, out, _ = _finish(_start(tmp_path, "--exit", "--events", "0"))
        assert code == 0
        assert "http://127.0.0.1:" in out
        assert "http://127.0.0.1:8080" not in out
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, errors = _finish(_start(tmp_path, "--exit", "--events", "0", "--port", port))
        assert code == 2
        assert f"Cannot listen on 127.0.0.1:{port}" in errors
        assert "Traceback" not in errors
