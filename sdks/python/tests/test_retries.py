"""A request that failed is sent again where that can do no harm: never for ever, and never a second event."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from getimmutable import ImmutableError, RetryPolicy
from getimmutable.idempotency import new_key
from getimmutable.outcome import seconds_of

EVENT = {"actor_id": "u", "action": "a"}


def test_an_event_whose_answer_was_lost_is_stored_once(connect: Any, server: Any) -> None:
    """Dropped, broken off in the middle, too late: the server has the event, and the retry is recognised by its key."""
    server.store_then_drop()
    server.store_then_break_off()
    server.store_then_hold()
    retry = RetryPolicy(retries=1000, first_delay_seconds=0.01, longest_delay_seconds=0.05, total_seconds=120.0)
    receipt = connect(timeout=0.2, retry=retry).track(EVENT)
    assert receipt["status"] == "duplicate"
    assert len(server.requests) >= 4  # more where the machine was too slow to answer in time
    assert len(server.stored) == 1


def test_a_batch_whose_answer_was_lost_is_stored_once(client: Any, server: Any) -> None:
    """Each event of the batch has a key of its own, the same in every try."""
    server.store_then_drop()
    answers = client.track_batch([EVENT, EVENT, {**EVENT, "idempotency_key": "mine"}])["events"]
    assert [one["status"] for one in answers] == ["duplicate"] * 3
    assert len(server.stored) == 3
    assert "mine" in server.stored


def test_a_builders_event_whose_answer_was_lost_is_stored_once(client: Any, server: Any) -> None:
    """The builder's events get a key too."""
    server.store_then_drop()
    client.actor("u").track("a")
    assert len(server.stored) == 1


def test_two_equal_events_are_two_events(client: Any, server: Any) -> None:
    """The key belongs to the call, not to the content; and the caller's dict is left as it was."""
    event = dict(EVENT)
    client.track(event)
    client.track(event)
    assert len(server.stored) == 2
    assert event == EVENT


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_trouble_is_tried_again(client: Any, server: Any, status: int) -> None:
    """Overload, a rate limit, a gateway without its server."""
    server.reply(status, {"error": "later"})
    assert client.track(EVENT)["status"] == "queued"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 422, 500, 501])
def test_a_lasting_trouble_is_told_at_once(client: Any, server: Any, status: int) -> None:
    """The same request would fail the same way."""
    server.reply(status, {"error": "no"})
    with pytest.raises(ImmutableError):
        client.track(EVENT)
    assert len(server.requests) == 1


def test_retries_are_bounded_in_number(connect: Any, server: Any) -> None:
    """After the last one, the last error is raised."""
    for _ in range(9):
        server.reply(503, {"error": "overloaded"})
    with pytest.raises(ImmutableError, match="overloaded"):
        connect(retry=RetryPolicy(retries=2, first_delay_seconds=0.01)).track(EVENT)
    assert len(server.requests) == 3


def test_retry_after_is_honoured(client: Any, server: Any) -> None:
    """The server's word counts where it is longer than the backoff."""
    server.reply(503, {"error": "overloaded"}, Retry_After="1")
    began = time.monotonic()
    client.track(EVENT)
    assert time.monotonic() - began >= 1.0


def test_a_wait_beyond_the_limit_is_not_begun(connect: Any, server: Any) -> None:
    """The caller is told now, and how long the server asks to wait."""
    server.reply(429, {"error": "rate_limited"}, Retry_After="3600")
    with pytest.raises(ImmutableError, match="rate_limited") as caught:  # in less than an hour, or the test is ended
        connect(retry=RetryPolicy(total_seconds=60.0)).track(EVENT)
    assert caught.value.retry_after == 3600.0
    assert len(server.requests) == 1


def test_an_export_that_may_have_begun_is_not_begun_twice(connect: Any, server: Any) -> None:
    """Without an answer nobody knows; so the caller decides."""
    server.store_then_drop()
    server.reply(504, {"error": "gateway"})
    for text in ("HTTP error", "gateway"):
        with pytest.raises(ImmutableError, match=text):
            connect().create_export()
    assert len(server.requests) == 2


def test_an_export_that_was_refused_is_tried_again(client: Any, server: Any) -> None:
    """Overload says that nothing was begun."""
    server.reply(503, {"error": "overloaded"})
    server.reply(202, {"data": {"id": "exp_1"}})
    assert client.create_export()["data"]["id"] == "exp_1"


def test_reading_is_tried_again_after_a_dropped_connection(client: Any, server: Any) -> None:
    """Reading twice harms nobody."""
    server.store_then_drop()
    assert client.get_events()["data"] == []


def test_delays_grow_vary_and_end() -> None:
    """Each doubles up to the longest, less a random part of up to half."""
    policy = RetryPolicy(retries=5, first_delay_seconds=1.0, longest_delay_seconds=6.0, total_seconds=100.0)

    def delay(done: int) -> float | None:
        return policy.delay(retries_done=done, elapsed_seconds=0.0, retry_after=None)

    for done, longest in enumerate([1.0, 2.0, 4.0, 6.0, 6.0]):
        seen = [delay(done) for _ in range(50)]
        assert all(one is not None and longest / 2 <= one <= longest for one in seen)
        assert len(set(seen)) > 1
    assert delay(5) is None
    assert policy.delay(retries_done=0, elapsed_seconds=99.9, retry_after=None) is None
    assert RetryPolicy(retries=10**9).delay(retries_done=10**6, elapsed_seconds=0.0, retry_after=None) is not None


def test_retry_after_may_be_a_date() -> None:
    """Seconds or an HTTP date; nonsense counts as nothing, and the past as now."""
    soon = seconds_of({"Retry-After": format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)})
    assert soon is not None
    assert 3_300 < soon <= 3_600
    assert seconds_of({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert seconds_of({"Retry-After": " 7 "}) == 7.0
    for nonsense in ("", "soon", "-1", "1.5e", "²", "Mon, 99 Foo 2026 99:99:99", "1" * 400 + "x"):
        assert seconds_of({"Retry-After": nonsense}) is None
    assert seconds_of({}) is None


def test_a_key_is_a_uuid_that_begins_with_the_time() -> None:
    """Version 7, variant 1, ordered by milliseconds, never the same."""
    keys = [new_key() for _ in range(1000)]
    assert len(set(keys)) == 1000
    assert [key[:13] for key in keys] == sorted(key[:13] for key in keys)
    assert all(key[14] == "7" and key[19] in "89ab" and len(key) == 36 for key in keys)
    assert abs(int(keys[0].replace("-", "")[:12], 16) / 1000 - time.time()) < 60
