"""Lists can be gone through whole, page by page, without holding them whole."""

from itertools import islice
from typing import Any

import pytest

from getimmutable import ImmutableError


def _page(items: list[str], cursor: str | None) -> dict[str, Any]:
    data = [{"id": item} for item in items]
    return {"data": data, "pagination": {"has_more": cursor is not None, "next_cursor": cursor, "total": 5}}


def test_all_pages_are_gone_through(client: Any, server: Any) -> None:
    """Each page is asked for with the cursor of the one before, and with the same filters."""
    server.reply(200, _page(["1", "2"], "c/1"))
    server.reply(200, _page([], "c+2"))
    server.reply(200, _page(["3"], None))
    assert [event["id"] for event in client.iter_events(actor_id="u")] == ["1", "2", "3"]
    assert [request.query for request in server.requests] == [
        {"actor_id": "u", "limit": "100"},
        {"actor_id": "u", "limit": "100", "cursor": "c/1"},
        {"actor_id": "u", "limit": "100", "cursor": "c+2"},
    ]


def test_a_page_is_asked_for_when_it_is_needed(client: Any, server: Any) -> None:
    """Who takes two events of a million asks for one page."""
    server.reply(200, _page(["1", "2"], "c"))
    assert len(list(islice(client.iter_events(limit=2), 2))) == 2
    assert [request.query for request in server.requests] == [{"limit": "2"}]


def test_going_on_from_a_cursor(client: Any, server: Any) -> None:
    """An iteration can begin where another ended."""
    server.reply(200, _page(["9"], None))
    assert list(client.iter_events(cursor="c")) == [{"id": "9"}]
    assert server.requests[0].query["cursor"] == "c"


@pytest.mark.parametrize(
    ("method", "args", "path"),
    [
        ("iter_sessions", (), "/api/v1/sessions"),
        ("iter_alerts", (), "/api/v1/alerts"),
        ("iter_resource_history", ("document", "d"), "/api/v1/resources/document/d/history"),
    ],
)
def test_every_list_can_be_gone_through(
    client: Any, server: Any, method: str, args: tuple[str, ...], path: str
) -> None:
    """Sessions, alerts and histories as well as events."""
    server.reply(200, _page(["1"], "c"))
    server.reply(200, _page(["2"], None))
    assert [item["id"] for item in getattr(client, method)(*args)] == ["1", "2"]
    assert {request.path for request in server.requests} == {path}


def test_a_server_that_goes_in_circles_is_not_followed(client: Any, server: Any) -> None:
    """The same cursor twice would never end."""
    server.reply(200, _page(["1"], "c"))
    server.reply(200, _page(["2"], "c"))
    with pytest.raises(ImmutableError, match="same cursor"):
        list(client.iter_events())


def test_an_error_on_a_later_page_is_raised_there(client: Any, server: Any) -> None:
    """What came before it was given out."""
    server.reply(200, _page(["1"], "c"))
    server.reply(403, {"error": "forbidden"})
    events = client.iter_events()
    assert next(events) == {"id": "1"}
    with pytest.raises(ImmutableError, match="forbidden"):
        next(events)


def _verdict(first: int, last: int, cursor: str | None, breaks: list[Any]) -> dict[str, Any]:
    parts = {"first_sequence": first, "last_sequence": last, "is_complete": cursor is None, "next_cursor": cursor}
    return {"data": {"valid": not breaks, "events_checked": last - first + 1, "breaks": breaks, **parts}}


def test_a_long_log_is_verified_whole(client: Any, server: Any) -> None:
    """The server checks it part by part; a verdict that spoke for the first part alone would mislead."""
    server.reply(200, _verdict(1, 10, "c1", []))
    server.reply(200, _verdict(11, 20, "c2", [{"event_id": "e", "type": "hash_mismatch"}]))
    server.reply(200, _verdict(21, 25, None, []))
    assert client.verify(from_date="2026-03-01") == {
        "data": {
            "valid": False,
            "events_checked": 25,
            "breaks": [{"event_id": "e", "type": "hash_mismatch"}],
            "first_sequence": 1,
            "last_sequence": 25,
            "is_complete": True,
            "next_cursor": None,
        }
    }
    assert [request.query for request in server.requests] == [
        {"from": "2026-03-01"},
        {"from": "2026-03-01", "cursor": "c1"},
        {"from": "2026-03-01", "cursor": "c2"},
    ]


def test_a_part_can_be_verified_alone(client: Any, server: Any) -> None:
    """With a limit there is one request, and its answer says where to go on."""
    server.reply(200, _verdict(1, 10, "c1", []))
    assert client.verify(limit=10)["data"]["next_cursor"] == "c1"
    assert len(server.requests) == 1
