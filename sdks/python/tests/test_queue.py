"""The background queue: what it takes, it sends in batches or reports; nothing is lost silently."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from getimmutable import EventQueue, QueueClosedError, QueueFullError, QueueSettings, RetryPolicy

QUICK = RetryPolicy(retries=1000, first_delay_seconds=0.01, longest_delay_seconds=0.05, total_seconds=300.0)
Reports = list[tuple[list[str], Any]]


def _event(action: str) -> dict[str, Any]:
    return {"actor_id": "u", "action": action}


@pytest.fixture
def reports() -> Reports:
    """What was reported as unsent: actions, and the error."""
    return []


@pytest.fixture
def open_queue(client: Any, reports: Reports) -> Iterator[Callable[..., EventQueue]]:
    """Opens queues that try again quickly, and closes them."""
    queues: list[EventQueue] = []

    def on_unsent(events: list[Any], error: Any) -> None:
        reports.append(([event["action"] for event in events], error))

    def make(**settings: Any) -> EventQueue:
        queue = client.queue(on_unsent, settings=QueueSettings(**{"retry": QUICK, "exit_seconds": 60.0, **settings}))
        queues.append(queue)
        return queue

    yield make
    for queue in queues:
        queue.close(0.0)


def test_events_are_sent_in_batches_and_in_order(open_queue: Any, server: Any) -> None:
    """Full batches go at once, the rest when it is flushed."""
    queue = open_queue(linger_seconds=600.0)
    for n in range(250):
        queue.track(_event(f"a.{n}"))
    assert queue.flush(60.0)
    assert [len(request.body["events"]) for request in server.requests] == [100, 100, 50]
    assert [event["action"] for event in server.stored.values()] == [f"a.{n}" for n in range(250)]
    counts = queue.counts
    assert (counts.queued, counts.sent, counts.unsent, counts.retried, counts.waiting) == (250, 250, 0, 0, 0)


def test_a_few_events_do_not_wait_long_for_company(open_queue: Any, server: Any, wait_for: Any) -> None:
    """Without a flush they leave after the linger time."""
    queue = open_queue(linger_seconds=0.05)
    with queue._changed:  # so that its thread sees both at once, however long this one is held up between them
        queue.track(_event("a"))
        queue.track(_event("b"))
    wait_for(lambda: len(server.stored) == 2)
    assert [len(request.body["events"]) for request in server.requests] == [2]


def test_taking_an_event_does_not_wait_for_the_server(open_queue: Any, server: Any) -> None:
    """That is what it is for."""
    queue = open_queue(linger_seconds=0.0)
    answers = server.store_then_hold()
    for n in range(1000):
        queue.track(_event(f"a.{n}"))
    assert queue.counts.sent == 0  # so all were taken while the server held back its first answer
    answers.set()
    assert queue.flush(60.0)
    assert len(server.stored) == 1000


def test_an_event_is_taken_as_it_is_now(open_queue: Any, server: Any) -> None:
    """Its time is that of the call, its content cannot change afterwards, and its key is its own."""
    queue = open_queue(linger_seconds=600.0)
    metadata = {"n": 1}
    queue.track({**_event("a"), "metadata": metadata})
    metadata["n"] = 2
    queue.track({**_event("b"), "occurred_at": "2026-03-27T16:53:11Z", "idempotency_key": "mine"})
    queue.flush(60.0)
    first, second = server.stored.values()
    assert first["metadata"] == {"n": 1}
    assert first["occurred_at"].startswith("20")
    assert (second["occurred_at"], second["idempotency_key"]) == ("2026-03-27T16:53:11Z", "mine")


def test_the_builder_works_with_a_queue(open_queue: Any, server: Any) -> None:
    """As with a client, but it returns at once and nothing."""
    queue = open_queue()
    session = queue.actor("u", name="Lisa").session("s")
    assert session.track("first", "document") is None
    session.track("second")
    queue.flush(60.0)
    assert [event["session_id"] for event in server.stored.values()] == ["s", "s"]


def test_a_full_queue_refuses_loudly(open_queue: Any, server: Any) -> None:
    """The caller waits as long as was said, and then knows that the event was not taken."""
    queue = open_queue(max_events=3, linger_seconds=600.0, block_seconds=0.2)
    for n in range(3):
        queue.track(_event(f"a.{n}"))
    began = time.monotonic()
    with pytest.raises(QueueFullError, match="not taken"):
        queue.track(_event("one too many"))
    assert time.monotonic() - began >= 0.2
    assert queue.counts.queued == 3
    assert queue.flush(60.0)
    assert len(server.stored) == 3


def test_a_full_queue_takes_more_as_soon_as_there_is_room(open_queue: Any, server: Any) -> None:
    """Threads that produce faster than the server takes are slowed down, and lose nothing."""
    queue = open_queue(max_events=10, batch_size=5, linger_seconds=0.0, block_seconds=120.0)
    threads = [
        threading.Thread(target=lambda m=m: [queue.track(_event(f"{m}.{n}")) for n in range(50)]) for m in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue.flush(60.0)
    assert len(server.stored) == 200
    for m in range(4):
        mine = [event["action"] for event in server.stored.values() if event["action"].startswith(f"{m}.")]
        assert mine == [f"{m}.{n}" for n in range(50)]


def test_events_in_flight_count_as_held(open_queue: Any, server: Any, wait_for: Any) -> None:
    """The bound holds for what is being sent too."""
    queue = open_queue(max_events=2, linger_seconds=0.0, block_seconds=0.0)
    server.store_then_hold()
    queue.track(_event("a"))
    wait_for(lambda: server.requests)
    queue.track(_event("b"))
    with pytest.raises(QueueFullError):
        queue.track(_event("c"))


def test_a_batch_whose_answer_was_lost_is_stored_once(open_queue: Any, server: Any) -> None:
    """It is sent again until the server answers, and counted as retried."""
    queue = open_queue()
    server.store_then_drop()
    server.store_then_break_off()
    server.reply(503, {"error": "overloaded"})
    queue.track(_event("a"))
    assert queue.flush(60.0)
    assert len(server.stored) == 1
    counts = queue.counts
    assert (counts.sent, counts.unsent, counts.retried) == (1, 0, 3)


def test_a_rejected_event_is_reported_alone(open_queue: Any, server: Any, reports: Reports) -> None:
    """The others of its batch are kept."""
    queue = open_queue(linger_seconds=600.0)
    for action in ("a", "invalid", "b"):
        queue.track(_event(action))
    queue.flush(60.0)
    ((actions, error),) = reports
    assert actions == ["invalid"]
    assert (str(error), error.status_code, error.message) == ("validation_failed", 422, "no")
    assert (queue.counts.sent, queue.counts.unsent) == (2, 1)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_batch_that_is_refused_as_a_whole_is_sent_in_halves(
    open_queue: Any, server: Any, reports: Reports, status: int
) -> None:
    """So one event that the server cannot read, or a batch too large for it, costs no other event."""
    queue = open_queue(linger_seconds=600.0)
    for n in range(4):
        queue.track(_event(f"a.{n}"))
    server.reply(status, {"error": "no"})  # all four
    server.reply(status, {"error": "no"})  # the first two
    server.reply(status, {"error": "no", "message": "It is this one."})  # the first
    queue.flush(60.0)
    ((actions, error),) = reports
    assert actions == ["a.0"]
    assert error.message == "It is this one."
    assert [event["action"] for event in server.stored.values()] == ["a.1", "a.2", "a.3"]
    assert (queue.counts.sent, queue.counts.unsent) == (3, 1)


def test_a_refusal_that_lasts_is_reported_at_once(open_queue: Any, server: Any, reports: Reports) -> None:
    """A revoked key does not come back; what follows is tried all the same."""
    queue = open_queue(linger_seconds=600.0)
    server.reply(401, {"error": "unauthenticated"})
    queue.track(_event("a"))
    queue.track(_event("b"))
    assert queue.flush(60.0)
    queue.track(_event("c"))
    assert queue.flush(60.0)
    assert [(actions, str(error)) for actions, error in reports] == [(["a", "b"], "unauthenticated")]
    assert len(server.stored) == 1


def test_patience_ends(open_queue: Any, server: Any, reports: Reports) -> None:
    """A batch is tried as long as was said; then it is reported and the next has its turn."""
    queue = open_queue(retry=RetryPolicy(retries=2, first_delay_seconds=0.01), batch_size=1)
    for _ in range(3):
        server.reply(503, {"error": "overloaded"})
    queue.track(_event("a"))
    queue.track(_event("b"))
    queue.flush(60.0)
    assert [(actions, str(error)) for actions, error in reports] == [(["a"], "overloaded")]
    assert [event["action"] for event in server.stored.values()] == ["b"]


def test_an_answer_that_names_too_few_events_is_not_believed(open_queue: Any, server: Any, reports: Reports) -> None:
    """Nobody can tell which were kept, so all are reported."""
    queue = open_queue(linger_seconds=600.0)
    server.reply(202, {"events": [{"id": "1", "status": "queued"}]})
    server.reply(202, {"events": None})
    queue.track(_event("a"))
    queue.track(_event("b"))
    queue.flush(60.0)
    queue.track(_event("c"))
    queue.flush(60.0)
    assert [actions for actions, _ in reports] == [["a", "b"], ["c"]]
    assert queue.counts.unsent == 3


def test_nonsense_in_an_answer_does_not_stop_the_queue(open_queue: Any, server: Any, reports: Reports) -> None:
    """The events are reported, and the next are sent."""
    queue = open_queue()
    server.reply(202, {"events": ["nonsense"]})
    queue.track(_event("a"))
    queue.flush(60.0)
    queue.track(_event("b"))
    queue.flush(60.0)
    assert [actions for actions, _ in reports] == [["a"]]
    assert len(server.stored) == 1


def test_flush_says_when_it_ran_out_of_time(open_queue: Any, server: Any) -> None:
    """The events go on waiting for their turn."""
    queue = open_queue()
    answers = server.store_then_hold()
    queue.track(_event("a"))
    assert not queue.flush(0.1)
    answers.set()
    assert queue.flush(60.0)


def test_close_sends_what_waits_and_takes_no_more(open_queue: Any, server: Any) -> None:
    """Closing twice is harmless."""
    queue = open_queue(linger_seconds=600.0)
    queue.track(_event("a"))
    assert queue.close()
    assert queue.close()
    assert len(server.stored) == 1
    with pytest.raises(QueueClosedError):
        queue.track(_event("b"))


def test_a_queue_that_was_never_used_closes(open_queue: Any) -> None:
    """At once."""
    assert open_queue().close()
    assert open_queue().flush(0.0)


def test_close_reports_what_it_could_not_send(open_queue: Any, server: Any, reports: Reports) -> None:
    """The server stays away: after the time to close, all that is left is reported, in order, and once."""
    queue = open_queue(batch_size=2, linger_seconds=0.0)
    for _ in range(1000):
        server.reply(503, {"error": "overloaded"}, Retry_After="1")
    for n in range(5):
        queue.track(_event(f"a.{n}"))
    queue.close(0.5)
    queue._thread.join()  # so that it can report nothing more
    assert sorted(action for actions, _ in reports for action in actions) == [f"a.{n}" for n in range(5)]
    assert (queue.counts.unsent, queue.counts.waiting) == (5, 0)


def test_close_tells_the_last_failure_of_what_was_still_tried(
    open_queue: Any, server: Any, reports: Reports, wait_for: Any
) -> None:
    """The next try may be under way or not; whoever reads the report wants to know why the ones before failed."""
    queue = open_queue(linger_seconds=0.0)
    server.reply(503, {"error": "overloaded"})
    server.store_then_hold()
    queue.track(_event("a"))
    wait_for(lambda: queue.counts.retried == 1)
    assert not queue.close(0.0)
    ((actions, error),) = reports
    assert actions == ["a"]
    assert isinstance(error, QueueClosedError)
    assert str(error).endswith("the last try failed: overloaded")


def test_close_does_not_wait_longer_than_it_was_told(
    open_queue: Any, server: Any, reports: Reports, wait_for: Any
) -> None:
    """Also while a request hangs; its events are reported too, because nobody knows what became of them."""
    queue = open_queue(batch_size=1, linger_seconds=0.0)
    server.store_then_hold()  # to the end of the test: a close that waited for the answer would not return
    queue.track(_event("a"))
    queue.track(_event("b"))
    wait_for(lambda: server.requests)
    assert not queue.close(0.3)
    ((actions, error),) = reports
    assert actions == ["a", "b"]
    assert isinstance(error, QueueClosedError)


def test_an_answer_that_comes_after_closing_changes_nothing(
    open_queue: Any, server: Any, reports: Reports, wait_for: Any
) -> None:
    """What was reported as unsent stays so, and is not counted twice."""
    queue = open_queue(linger_seconds=0.0)
    answers = server.store_then_hold()
    queue.track(_event("a"))
    wait_for(lambda: server.requests)
    queue.close(0.1)
    answers.set()
    queue._thread.join()
    assert len(server.stored) == 1
    assert len(reports) == 1
    assert (queue.counts.sent, queue.counts.unsent, queue.counts.waiting) == (0, 1, 0)


def test_a_report_that_fails_is_logged(client: Any, server: Any, caplog: Any) -> None:
    """The queue goes on, and the log says how many events it was about."""

    def on_unsent(events: object, error: object) -> None:
        raise RuntimeError("the callback's own trouble")

    queue = client.queue(on_unsent)
    server.reply(403, {"error": "forbidden"})
    with caplog.at_level(logging.ERROR, "getimmutable"):
        queue.track(_event("a"))
        assert queue.flush(60.0)
    assert "1 events were not sent: forbidden" in caplog.text
    queue.track(_event("b"))
    assert queue.flush(60.0)


def test_without_a_callback_the_log_says_how_many_and_why(client: Any, server: Any, caplog: Any) -> None:
    """And nothing of their content."""
    queue = client.queue()
    server.reply(403, {"error": "forbidden", "message": "This key may not write."})
    with caplog.at_level(logging.ERROR, "getimmutable"):
        queue.track({**_event("secret.action"), "metadata": {"password": "hunter2"}})
        queue.flush(60.0)
    assert "1 events could not be sent: forbidden (This key may not write.)" in caplog.text
    assert "hunter2" not in caplog.text
    assert "secret.action" not in caplog.text


def test_what_json_cannot_hold_is_refused_when_it_is_handed_over(open_queue: Any) -> None:
    """The caller sees the mistake where it was made."""
    queue = open_queue()
    with pytest.raises(TypeError, match="object"):
        queue.track({**_event("a"), "metadata": {"x": object()}})
    assert queue.counts.queued == 0


def test_closing_the_client_closes_its_queues(connect: Any, server: Any) -> None:
    """A `with` block around the client is enough."""
    with connect() as client:
        queue = client.queue(settings=QueueSettings(linger_seconds=600.0))
        queue.track(_event("a"))
    assert len(server.stored) == 1
    assert queue.counts.sent == 1


def test_settings_that_cannot_work_are_refused() -> None:
    """At once."""
    with pytest.raises(ValueError, match="at least 1"):
        QueueSettings(batch_size=0)
