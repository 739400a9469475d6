"""GET /events: filters, order, pages."""

from contextlib import closing

import pytest
from tests.waiting import until

from immutable.store.open import open_store

SENT = [
    {"actor_id": "ann", "actor_name": "Ann Lee", "action": "document.viewed", "resource": "document",
     "resource_id": "d1", "resource_name": "Q3 Forecast", "tenant_id": "acme", "session_id": "s1"},
    {"actor_id": "bob", "action": "document.deleted", "resource": "document", "resource_id": "d1", "tenant_id": "acme",
     "session_id": "s2", "targets": [{"type": "folder", "id": "f1"}, {"type": "trash", "id": "t1"}]},
    {"actor_id": "ann", "action": "documents.listed", "resource": "folder", "resource_id": "f1", "tenant_id": "umbrella",
     "metadata": {"query": "STRASSE 100% _x_", "Ort": "Zürich"}},
    {"actor_id": "ann", "action": "document", "resource": "document", "resource_id": "d2", "session_id": "s1",
     "targets": [{"type": "folder", "id": "t1"}]},
    {"actor_id": "Ann", "action": "document.share.created", "resource_id": "d1"},
]  # fmt: skip


@pytest.fixture(scope="module")
def log(server):
    """A log of the five events."""
    api = server.client()
    assert api.post("/events/batch", {"events": SENT}).status_code == 202
    return api


@pytest.fixture(scope="module")
def long_log(server):
    """A log of 250 events, the odd ones in a session."""
    api = server.client()
    for first in (1, 101, 201):
        events = [
            {
                "actor_id": f"a{n % 3}",
                "action": "item.made",
                "session_id": "odd" if n % 2 else None,
                "resource_id": str(n),
            }
            for n in range(first, min(first + 100, 251))
        ]
        assert api.post("/events/batch", {"events": events}).status_code == 202
    return api


def found(api, **query):
    """The places of the matching events, and whether the total counts them."""
    answer = api.get("/events", **query)
    assert answer.status_code == 200, answer.text
    places = [event["sequence"] for event in answer.json()["data"]]
    assert answer.json()["pagination"]["total"] == len(places)
    return places


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"actor_id": "ann"}, [4, 3, 1]),
        ({"actor_id": "nobody"}, []),
        ({"action": "document.viewed"}, [1]),
        ({"action": "document.*"}, [5, 2, 1]),
        ({"action": "document.share.*"}, [5]),
        ({"action": "document"}, [4]),
        ({"action": "documents.*"}, [3]),
        ({"action": "*"}, [5, 4, 3, 2, 1]),
        ({"resource": "document"}, [4, 2, 1]),
        ({"resource_id": "d1"}, [5, 2, 1]),
        ({"tenant_id": "acme"}, [2, 1]),
        ({"session_id": "s1"}, [1, 4]),
        ({"session_id": "s1", "order": "desc"}, [4, 1]),
        ({"order": "asc"}, [1, 2, 3, 4, 5]),
        ({"order": "desc"}, [5, 4, 3, 2, 1]),
        ({"target_type": "folder"}, [4, 2]),
        ({"target_id": "t1"}, [4, 2]),
        ({"target_type": "folder", "target_id": "t1"}, [4]),
        ({"search": "ann lee"}, [1]),
        ({"search": "FORECAST"}, [1]),
        ({"search": "share"}, [5]),
        ({"search": "strasse 100%"}, [3]),
        ({"search": "zürich"}, [3]),
        ({"search": "_x_"}, [3]),
        ({"search": "d1"}, []),
        ({"actor_id": "ann", "action": "document.*", "resource_id": "d1", "tenant_id": "acme"}, [1]),
        ({"actor_id": "ann", "search": "forecast", "session_id": "s1"}, [1]),
        ({"actor_id": "bob", "tenant_id": "umbrella"}, []),
        ({"actor_id": ""}, [5, 4, 3, 2, 1]),
        ({"from": "2000-01-01", "to": "9999-12-31"}, [5, 4, 3, 2, 1]),
        ({"from": "2999-01-01"}, []),
        ({"to": "2000-01-01"}, []),
        ({"from": "9999-12-31", "to": "0001-01-01"}, []),
    ],
)
def test_filters(log, query, places):
    """Filters are exact, combined with AND, and newest first; within a session oldest first."""
    assert found(log, **query) == places


SEARCHES = [
    ("ann lee", [1]),
    ("FORECAST", [1]),
    ("share", [5]),
    ("straße 100%", [3]),
    ("zürich", [3]),
    ("_x_", [3]),
    ("d1", []),
    ("%", [3]),
    ("q3", [1]),
]


@pytest.fixture
def indexed(log):
    """The log, once its text index has caught up."""
    workspace = log.server.catalog.workspace(log.workspace)
    with closing(open_store(log.server.database_url, builds_index=False)) as store:

        def has_caught_up():
            progress = store.reader().progress(workspace)
            return progress is not None and progress[1] == log.length()

        until(has_caught_up, "The text index did not catch up.")
    return log


@pytest.mark.parametrize(("text", "places"), SEARCHES)
def test_search_of_indexed_events(indexed, text, places):
    """Search finds the same once its index has caught up with the log."""
    assert found(indexed, search=text) == places


def test_span_includes_both_ends(log):
    """`from` and `to` include the very microsecond, in any offset; and a day is the whole of it."""
    third = log.events(order="asc")[2]["created_at"]
    assert found(log, from_=third, to=third) == [3]
    assert found(log, from_=third) == [5, 4, 3]
    assert found(log, to=third) == [3, 2, 1]
    assert found(log, to=third[:10]) == [5, 4, 3, 2, 1]
    assert found(log, from_=third[:10]) == [5, 4, 3, 2, 1]
    assert found(log, to=third.replace("Z", "+00:00")) == [3, 2, 1]


def test_offset_whose_plus_was_not_encoded(log):
    """A + that arrives as a space is still an offset."""
    answer = log.http.get("/events?from=2000-01-01T00:00:00+01:00")
    assert len(answer.json()["data"]) == 5


@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ({"limit": "0"}, 422, "limit"),
        ({"limit": "101"}, 422, "limit"),
        ({"limit": "-1"}, 422, "limit"),
        ({"limit": "9" * 400}, 422, "limit"),
        ({"limit": "--5"}, 400, "limit"),
        ({"limit": "ten"}, 400, "limit"),
        ({"limit": "1.5"}, 400, "limit"),
        ({"limit": "٣"}, 400, "limit"),
        ({"color": "red"}, 422, "color"),
        ({"Actor_id": "ann"}, 422, "Actor_id"),
        ({"é🧨": "1"}, 422, "é🧨"),
        ({"actor_id": "x" * 256}, 400, "actor_id"),
        ({"actor_id": "x" * 2049}, 422, "actor_id"),
        ({"search": "a\0b"}, 422, "search"),
        ({"action": "doc*"}, 400, "action"),
        ({"action": "*.deleted"}, 400, "action"),
        ({"action": "document.*.created"}, 400, "action"),
        ({"action": "document.**"}, 400, "action"),
        ({"order": "newest"}, 400, "order"),
        ({"from": "yesterday"}, 400, "from"),
        ({"to": "2026-02-30"}, 400, "to"),
        ({"to": "0000-01-01"}, 400, "to"),
        ({"from": "10000-01-01"}, 400, "from"),
        ({"cursor": "garbage"}, 400, "cursor"),
        ({"cursor": "é"}, 400, "cursor"),
        ({"cursor": "A" * 22}, 400, "cursor"),
        ({"cursor": "=" * 8}, 400, "cursor"),
    ],
)
def test_bad_parameters(api, refused, query, status, name):
    """A parameter that cannot be read is refused, and the message names it."""
    problem = refused(api.get("/events", **query), status)
    assert name in problem["message"]
    if status == 422:
        assert problem["errors"].keys() == {name}


def test_parameter_given_twice(api, refused):
    """A parameter that is given twice is refused: which one was meant?"""
    refused(api.http.get("/events?limit=1&limit=2"), 422)


@pytest.mark.parametrize("query", ["?a=%ff", "?limit=%", "?" + "a=1&" * 101, "?%00=1", "?=1", "?" + "&" * 5000])
def test_broken_query_strings(api, query):
    """A query string that cannot be read never does harm."""
    assert api.http.get("/events" + query).status_code in (200, 400, 422)


def test_limit(long_log):
    """25 unless asked otherwise, up to 100."""
    for query, count in (({}, 25), ({"limit": 1}, 1), ({"limit": 100}, 100)):
        answer = long_log.get("/events", **query).json()
        assert len(answer["data"]) == count
        assert answer["pagination"] | {"has_more": True, "total": 250} == answer["pagination"]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({}, list(range(250, 0, -1))),
        ({"order": "asc"}, list(range(1, 251))),
        ({"session_id": "odd"}, list(range(1, 251, 2))),
        ({"actor_id": "a1", "action": "item.*"}, [n for n in range(250, 0, -1) if n % 3 == 1]),
        ({"search": "ITEM"}, list(range(250, 0, -1))),
        ({"search": "item.made", "actor_id": "a2", "order": "asc"}, [n for n in range(1, 251) if n % 3 == 2]),
    ],
)
def test_pages_hold_every_event_once(long_log, query, places):
    """Following the cursors gives every match once, in order; the last page has no cursor."""
    walked, cursor = [], {}
    while True:
        answer = long_log.get("/events", limit=37, **query, **cursor).json()
        walked += [event["sequence"] for event in answer["data"]]
        assert answer["pagination"]["total"] == len(places)
        assert answer["pagination"]["has_more"] == (answer["pagination"]["next_cursor"] is not None)
        if not answer["pagination"]["has_more"]:
            break
        cursor = {"cursor": answer["pagination"]["next_cursor"]}
    assert walked == places


def test_cursors_are_stable_under_appends(api):
    """What is appended between two pages neither repeats nor hides an event."""
    api.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 30})
    for order, rest in (("desc", list(range(20, 0, -1))), ("asc", list(range(11, 31)))):
        cursor = api.get("/events", limit=10, order=order).json()["pagination"]["next_cursor"]
        api.post("/events/batch", {"events": [{"actor_id": "a", "action": "late"}] * 5})
        page = api.events(limit=100, order=order, cursor=cursor)
        assert [event["sequence"] for event in page if event["action"] == "b"] == rest
        assert len({event["id"] for event in page}) == len(page)


def test_cursors_are_url_safe(long_log):
    """A cursor needs no escaping in an address."""
    cursor = long_log.get("/events").json()["pagination"]["next_cursor"]
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert cursor.isascii()


def test_cursor_of_another_list(long_log, refused):
    """A cursor is good for the kind of list that made it: same path, same order."""
    cursor = long_log.get("/events").json()["pagination"]["next_cursor"]
    timeline = long_log.get("/sessions/odd", limit=1).json()["pagination"]["next_cursor"]
    assert long_log.get("/events", cursor=cursor).status_code == 200
    for path, query in (
        ("/events", {"order": "asc", "cursor": cursor}),
        ("/events", {"session_id": "odd", "cursor": cursor}),
        ("/events", {"cursor": timeline}),
        ("/sessions", {"cursor": cursor}),
        ("/sessions/odd", {"cursor": cursor}),
        ("/verify", {"cursor": cursor}),
        ("/resources/x/y/history", {"cursor": cursor}),
    ):
        refused(long_log.get(path, **query), 400)


def test_tampered_cursor(long_log, refused):
    """A cursor with one character changed is not ours."""
    cursor = long_log.get("/events").json()["pagination"]["next_cursor"]
    for place in (0, 8, len(cursor) - 1):
        other = "A" if cursor[place] != "A" else "B"
        refused(long_log.get("/events", cursor=cursor[:place] + other + cursor[place + 1 :]), 400)


def test_get_event(log, refused):
    """One event by its id, in either case; another id is not found."""
    event = log.events()[0]
    assert log.get("/events/" + event["id"]).json() == {"data": event}
    assert log.get("/events/" + event["id"].upper()).json() == {"data": event}
    for unknown in ("00000000-0000-0000-0000-000000000000", "x", "%00", "é", "a" * 5000, event["id"][:-1]):
        answer = log.get("/events/" + unknown)
        assert answer.status_code in (400, 404), unknown
        assert answer.json()["error"] in ("bad_request", "not_found")


def test_past_range_never_changes(log):
    """A closed range of created_at reads the same, byte for byte, whatever is appended later."""
    last = log.events()[0]["created_at"]
    before = log.get("/events", to=last, limit=100).content
    log.send(action="later.event", session_id="s9")
    assert log.get("/events", to=last, limit=100).content == before
