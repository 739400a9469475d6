"""GET /events/tail: new events as they are appended, resumable, bounded, and only for who may read."""

import asyncio
import json
import threading
from collections import Counter
from itertools import count
from types import SimpleNamespace

import httpx2
import pytest
from tests.waiting import PATIENCE, until

from immutable.accounts.api_key import digest_of
from immutable.api import tail
from immutable.app import create_app
from immutable.cli.database import services_inside
from immutable.errors import Overloaded
from immutable.settings import load

ASKED = {"type": "http", "method": "GET", "path": "/api/v1/events/tail", "raw_path": b"/api/v1/events/tail",
         "query_string": b"", "headers": [(b"authorization", b"Bearer inside")], "client": None}  # fmt: skip
"""The request of a listener inside the process."""


@pytest.fixture(scope="module")
def log(server):
    """A log with three events."""
    api = server.client()
    for number in range(3):
        assert api.send(action=f"a{number}.viewed").status_code == 202
    return api


def messages(lines):
    """The messages that have data: (id, event)."""
    identifier = None
    for line in lines:
        if line.startswith("id: "):
            identifier = int(line[4:])
        elif line.startswith("data: "):
            yield identifier, json.loads(line[6:])


def first(log, count, headers=(), **query):
    """The first messages of a stream."""
    with log.http.stream("GET", "/events/tail", params=query, headers=dict(headers)) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = messages(answer.iter_lines())
        return [next(found) for _ in range(count)]


def test_it_goes_on_behind_what_was_heard(log):
    """`after` and Last-Event-ID begin behind an event, filters hold, and each event is as in the list, and may be destructive."""
    events = [{**event, "destructive": False} for event in log.events(order="asc")]
    assert first(log, 2, after=1) == [(event["sequence"], event) for event in events[1:3]]
    assert [seq for seq, _ in first(log, 1, {"last-event-id": "2"}, after=0)] == [3]
    assert [event["action"] for _, event in first(log, 1, after=0, action="a2.*")] == ["a2.viewed"]
    assert [event["action"] for _, event in first(log, 1, after=0, search="A1.VIEW")] == ["a1.viewed"]


def test_what_is_appended_is_heard(log):
    """Without `after` it begins behind the newest event, and hears the next."""
    with log.http.stream("GET", "/events/tail") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry: ")
        receipt = log.send(action="now.heard").json()
        event = log.get("/events/" + receipt["id"]).json()["data"]
        assert next(messages(lines)) == (receipt["sequence"], {**event, "destructive": False})


def test_it_begins_with_the_newest(log):
    """`recent` sends the newest that meet the filters, the oldest of them first, says where they end, and goes on behind them."""
    for number in range(3):
        log.send(action=f"shelf.{'emptied' if number % 2 else 'filled'}", actor_id="recent")
    asked = {"recent": 2, "actor_id": "recent", "wait": 600}
    with log.http.stream("GET", "/events/tail", params=asked) as answer:
        lines = answer.iter_lines()
        head = log.length()
        told = [event for _, event in (next(messages(lines)), next(messages(lines)))]
        assert [(one["action"], one["destructive"]) for one in told] == [
            ("shelf.emptied", True),
            ("shelf.filled", False),
        ]
        assert [next(lines), next(lines)] == ["", f"id: {head}"]
        log.send(action="shelf.seen", actor_id="recent")
        assert next(messages(lines))[1]["action"] == "shelf.seen"
    assert [seq for seq, _ in first(log, 1, recent=1, after=0)] == [1]


def test_a_revoked_key_hears_no_more(log, server):
    """The stream ends at the next look, and asking again is refused."""
    other = server.client(workspace=log.workspace)
    workspace = server.catalog.workspace(log.workspace)
    with other.http.stream("GET", "/events/tail") as answer:
        lines = answer.iter_lines()
        next(lines)
        key = server.catalog.key(digest_of(other.key))
        assert server.catalog.revoke_key(workspace, key.id)
        assert [event for _, event in messages(lines)] == []
    assert other.get("/events/tail").status_code == 401


def test_there_are_only_so_many_places(log):
    """One too many is told to come back later; a place that is left can be taken again."""
    inside, leave = threading.Semaphore(0), threading.Event()

    def listen():
        with httpx2.Client(headers={"authorization": f"Bearer {log.key}"}, timeout=PATIENCE) as client:
            while True:  # those who listened before may not have left yet
                with client.stream("GET", f"{log.server.url}/api/v1/events/tail") as answer:
                    if answer.status_code == 200:
                        lines = answer.iter_lines()  # kept: without it the client would hang up
                        next(lines)
                        inside.release()
                        leave.wait()
                        return

    threads = [threading.Thread(target=listen, daemon=True) for _ in range(tail.MOST_OF_WORKSPACE)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert inside.acquire(timeout=PATIENCE)
    refused = log.get("/events/tail", wait=1)
    assert (refused.status_code, refused.json()["error"]) == (503, "overloaded")
    assert "retry-after" in refused.headers
    leave.set()
    for thread in threads:
        thread.join()
    until(lambda: log.get("/events/tail", after=0, wait=1).status_code == 200)


def test_a_few_workspaces_keep_nobody_out():
    """Where four have taken all places, a fifth gets its even share of them, and nobody more than that; the rest go on."""
    tails = tail.Tails()
    taken = [tails.enter(workspace) for workspace in range(4) for _ in range(tail.MOST_OF_WORKSPACE)]
    late = [tails.enter(4) for _ in range(tail.MOST_LISTENERS // 5)]
    for workspace in (4, 0):
        with pytest.raises(Overloaded):
            tails.enter(workspace)
    left = [place for place in (*taken, *late) if not place.is_lost]
    assert Counter(place.workspace for place in left) == dict.fromkeys(range(5), tail.MOST_LISTENERS // 5)
    assert left[0] is taken[0]
    for place in (*taken, *late):
        tails.leave(place)
    assert [tails.enter(0).is_lost for _ in range(tail.MOST_OF_WORKSPACE)] == [False] * tail.MOST_OF_WORKSPACE


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"after": "x"}, 400),
        ({"recent": 101}, 422),
        ({"after": 10**6}, 400),
        ({"wait": 0}, 422),
        ({"from": "2026-01-01"}, 422),
    ],
)
def test_what_cannot_be_asked_is_told(log, query, status):
    """Before anything is streamed."""
    assert log.get("/events/tail", **query).status_code == status


def test_an_answer_that_never_begins_keeps_no_place(log):
    """However often the connection fails between the taking of a place and the first byte, there is room for the next."""

    async def refuse(_: object) -> None:
        raise ConnectionResetError

    async def ask() -> None:
        app = create_app(services)
        for _ in range(tail.MOST_OF_WORKSPACE + 1):
            with pytest.raises(ConnectionResetError):
                await app(dict(ASKED), asyncio.Event().wait, refuse)

    settings = load({"IMMUTABLE_DATABASE_URL": log.server.database_url})
    with services_inside(settings, log.workspace) as services:
        asyncio.run(ask())
        services.tails.enter(1)


def test_who_loses_the_place_is_cut_off(log):
    """The stream of whoever has to give their place to another workspace ends by itself."""

    async def listen() -> None:
        told: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        app = create_app(services)
        listening = asyncio.create_task(app(dict(ASKED), asyncio.Event().wait, told.put))
        while (await told.get())["type"] != "http.response.body":
            pass
        for other in (-1, -2, -3):
            for _ in range(tail.MOST_OF_WORKSPACE):
                services.tails.enter(other)
        services.tails.enter(-4)
        await asyncio.wait_for(listening, PATIENCE)

    settings = load({"IMMUTABLE_DATABASE_URL": log.server.database_url})
    with services_inside(settings, log.workspace) as services:
        number = log.server.catalog.workspace(log.workspace).number
        for _ in range(tail.MOST_OF_WORKSPACE - 1):
            services.tails.enter(number)
        asyncio.run(listen())


def test_who_waits_a_second_hears_what_is_there(log, monkeypatch):
    """Also where the machine took longer than that before the first look."""
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def ask() -> None:
        asked = {**ASKED, "query_string": b"after=0&wait=1"}
        await asyncio.wait_for(create_app(services)(asked, asyncio.Event().wait, send), PATIENCE)

    hours = count(0, 3_600)
    monkeypatch.setattr(tail, "time", SimpleNamespace(monotonic=lambda: next(hours)))
    settings = load({"IMMUTABLE_DATABASE_URL": log.server.database_url})
    with services_inside(settings, log.workspace) as services:
        asyncio.run(ask())
    assert b"a0.viewed" in b"".join(message.get("body", b"") for message in sent)


def test_asking_for_the_headers_alone_ends(log):
    """HEAD waits for nothing."""
    assert log.http.head("/events/tail").status_code == 200
