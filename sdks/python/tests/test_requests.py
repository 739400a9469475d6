"""What the caller hands over reaches the server as it was meant, or is refused in words."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest


@pytest.mark.parametrize("name", ["a/b", "..", ".", "...", "a b?c#d", "é☃", "%2F", "a\x00b", "x" * 255])
def test_an_id_is_one_segment_of_the_path(client: Any, server: Any, name: str) -> None:
    """Ids come from outside; none may call another endpoint."""
    client.get_session(name)
    begin, _, last = server.requests[0].path.rpartition("/")
    assert begin == "/api/v1/sessions"
    assert unquote(last) == name


def test_a_resource_has_two_ids_in_its_path(client: Any, server: Any) -> None:
    """Both are quoted."""
    client.get_resource_history("document/x", "doc 1", limit=5)
    assert server.requests[0].path == "/api/v1/resources/document%2Fx/doc%201/history"
    assert server.requests[0].query == {"limit": "5"}


@pytest.mark.parametrize("method", ["get_event", "get_session", "get_export", "get_anchor", "verify_anchor"])
def test_an_empty_id_is_refused(client: Any, method: str) -> None:
    """It would ask for the whole list."""
    with pytest.raises(ValueError, match="is empty"):
        getattr(client, method)("")


def test_plain_values_of_python_become_json(client: Any, server: Any) -> None:
    """Dates, UUIDs and decimals as text; any letters as they are."""
    noon = datetime(2026, 3, 27, 12, 0, tzinfo=timezone(timedelta(hours=-7)))
    client.actor(UUID(int=7)).track(
        "a",
        {"type": "t", "id": UUID(int=8)},
        {"at": noon, "day": date(2026, 3, 27), "sum": Decimal("1.10"), "ü": "☃😀"},
    )
    body = server.requests[0].body
    assert body["actor_id"] == "00000000-0000-0000-0000-000000000007"
    assert body["resource_id"] == "00000000-0000-0000-0000-000000000008"
    assert body["metadata"] == {"at": "2026-03-27T12:00:00-07:00", "day": "2026-03-27", "sum": "1.10", "ü": "☃😀"}


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), {1, 2}, b"bytes"])
def test_what_json_cannot_hold_is_refused_here(client: Any, server: Any, value: object) -> None:
    """Nothing is sent."""
    with pytest.raises((TypeError, ValueError)):
        client.actor("u").track("a", metadata={"value": value})
    assert server.requests == []


def test_half_a_character_is_left_to_the_server_to_refuse(client: Any, server: Any) -> None:
    """A lone surrogate is sent as it is, escaped, and makes no traceback here."""
    client.actor("u").track("a", metadata={"name": "\ud800"})
    assert server.requests[0].body["metadata"] == {"name": "\ud800"}


def test_a_time_without_a_zone_is_refused(client: Any) -> None:
    """It names no instant, and an audit log must not guess."""
    with pytest.raises(ValueError, match="time zone"):
        client.get_events(from_date=datetime(2026, 3, 27))  # noqa: DTZ001 - the mistake in question
    with pytest.raises(ValueError, match="time zone"):
        client.actor("u").occurred_at(datetime(2026, 3, 27)).track("a")  # noqa: DTZ001 - the mistake in question


def test_datetimes_and_dates_can_be_asked_with(client: Any, server: Any) -> None:
    """As well as text."""
    client.get_events(from_date=datetime(2026, 3, 27, tzinfo=UTC), to_date=date(2026, 3, 28))
    assert server.requests[0].query == {"from": "2026-03-27T00:00:00+00:00", "to": "2026-03-28"}


def test_sessions_are_asked_for_with_their_filters(client: Any, server: Any) -> None:
    """A yes or no is `true` or `false`."""
    client.get_sessions(actor_id="u", inferred=False, resource_id="d", from_date="2026-03-27", limit=3)
    assert server.requests[0].path == "/api/v1/sessions"
    assert server.requests[0].query == {
        "actor_id": "u", "inferred": "false", "resource_id": "d", "from": "2026-03-27", "limit": "3"
    }  # fmt: skip


def test_a_batch_can_be_all_or_nothing(client: Any, server: Any) -> None:
    """`atomic` is a parameter of the request, and left out where it is not wanted."""
    client.track_batch([{"actor_id": "u", "action": "a"}], atomic=True)
    client.track_batch([{"actor_id": "u", "action": "a"}])
    assert [request.query for request in server.requests] == [{"atomic": "true"}, {}]


def test_an_unknown_filter_is_refused(client: Any) -> None:
    """A misspelt filter must not silently find everything."""
    with pytest.raises(TypeError, match="actorid"):
        client.get_events(actorid="u")


def test_methods_document_themselves(client: Any) -> None:
    """`help(client.get_session)` shows parameters and what comes back."""
    import inspect

    signature = inspect.signature(client.get_session)
    assert str(signature).startswith("(session_id: str, *, cursor: str | None = None")
    assert "SessionResult" in str(signature.return_annotation)
    assert "timeline" in (client.get_session.__doc__ or "")
    assert "Event" in str(inspect.signature(client.iter_events).return_annotation)
