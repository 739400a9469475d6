"""The asyncio client has the methods of the blocking one, and its care."""

import asyncio
import gc
import inspect
import threading
import warnings
from typing import Any

import pytest

from getimmutable import AsyncImmutableClient, ImmutableClient, ImmutableError, RetryPolicy

QUICK = RetryPolicy(retries=3, first_delay_seconds=0.01, total_seconds=120.0)
EVENT = {"actor_id": "u", "action": "a"}


def _connect(server: Any, **options: Any) -> AsyncImmutableClient:
    return AsyncImmutableClient("imk_test", server.url, **{"timeout": 60.0, "retry": QUICK, **options})


def test_it_has_every_method_with_the_same_parameters() -> None:
    """`close` is `aclose`, as elsewhere in asyncio."""
    for name, method in inspect.getmembers(ImmutableClient, inspect.isfunction):
        if not name.startswith("_") and name != "close":
            ours = inspect.signature(getattr(AsyncImmutableClient, name))
            assert list(ours.parameters.values()) == list(inspect.signature(method).parameters.values()), name
    blocking, ours = inspect.signature(ImmutableClient), inspect.signature(AsyncImmutableClient)
    assert list(ours.parameters.values()) == list(blocking.parameters.values())


def test_a_builder_is_awaited(server: Any) -> None:
    """And is kept and used again, like the blocking one."""

    async def story() -> None:
        async with _connect(server) as client:
            session = client.actor("u", name="Lisa").session("s")
            assert (await session.track("first", "document", {"n": 1}))["status"] == "queued"
            await session.track("second")

    asyncio.run(story())
    assert [request.body["action"] for request in server.requests] == ["first", "second"]
    assert {request.body["session_id"] for request in server.requests} == {"s"}
    assert server.connections == 1


def test_calls_run_side_by_side(server: Any) -> None:
    """The server answers none of twenty before it has all of them; every one is stored."""
    together = threading.Barrier(20)
    for _ in range(20):
        server.do(lambda: together.wait(60))

    async def many() -> None:
        async with _connect(server) as client:
            await asyncio.gather(*(client.actor("u").track("a") for _ in range(20)))

    asyncio.run(many())
    assert len(server.stored) == 20


def test_an_event_whose_answer_was_lost_is_stored_once(server: Any) -> None:
    """Retries are as safe as those of the blocking client."""
    server.store_then_drop()
    server.store_then_break_off()
    server.store_then_hold()
    retry = RetryPolicy(retries=1000, first_delay_seconds=0.01, longest_delay_seconds=0.05, total_seconds=120.0)

    async def track() -> Any:
        async with _connect(server, timeout=0.2, retry=retry) as client:
            return await client.track(EVENT)

    assert asyncio.run(track())["status"] == "duplicate"
    assert len(server.stored) == 1
    assert len(server.requests) >= 4  # more where the machine was too slow to answer in time


def test_errors_are_the_same(server: Any) -> None:
    """Code, status, and no traceback of JSON."""
    server.reply(403, {"error": "forbidden", "message": "No."})
    server.reply(500, raw=b"<html>")

    async def fail(text: str) -> None:
        async with _connect(server) as client:
            with pytest.raises(ImmutableError, match=text):
                await client.get_events()

    asyncio.run(fail("forbidden"))
    asyncio.run(fail("HTTP 500"))


def test_pages_are_gone_through(server: Any) -> None:
    """With `async for`."""
    for item, cursor in (("1", "c"), ("2", None)):
        pagination = {"has_more": cursor is not None, "next_cursor": cursor, "total": 2}
        server.reply(200, {"data": [{"id": item}], "pagination": pagination})

    async def read() -> list[str]:
        async with _connect(server) as client:
            return [event["id"] async for event in client.iter_events(actor_id="u")]

    assert asyncio.run(read()) == ["1", "2"]
    assert server.requests[1].query == {"actor_id": "u", "limit": "100", "cursor": "c"}


def test_a_long_log_is_verified_whole(server: Any) -> None:
    """Part by part, into one verdict."""
    for valid, cursor in ((True, "c"), (False, None)):
        server.reply(200, {"data": {"valid": valid, "events_checked": 5, "breaks": [], "next_cursor": cursor}})

    async def verify() -> Any:
        async with _connect(server) as client:
            return await client.verify()

    verdict = asyncio.run(verify())["data"]
    assert (verdict["valid"], verdict["events_checked"]) == (False, 10)


def test_one_client_can_be_used_in_two_loops(server: Any) -> None:
    """As a module's client is, in tests that each run a loop; connections of an ended loop are of no use."""
    client = _connect(server)

    async def use() -> None:
        await client.get_events()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the first loop's connection could not be closed any more
        asyncio.run(use())
        asyncio.run(use())
        asyncio.run(client.aclose())
        gc.collect()
    assert server.connections == 2


def test_waiting_for_a_retry_can_be_cancelled(server: Any) -> None:
    """A request that is cancelled is not sent again."""
    server.reply(503, {"error": "overloaded"})
    waits = asyncio.Event()

    class Told(RetryPolicy):
        """Says when it was asked how long to wait: the wait begins in the same turn of the loop."""

        def delay(self, **asked: Any) -> float | None:
            waits.set()
            return 3600.0

    async def cancel() -> None:
        async with _connect(server, retry=Told()) as client:
            asking = asyncio.create_task(client.get_events())
            await waits.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(cancel())
    assert len(server.requests) == 1


def test_its_queue_is_flushed_when_it_closes(server: Any) -> None:
    """`track` of the queue is an ordinary call; leaving the client waits for what was taken."""

    async def track() -> None:
        async with _connect(server) as client:
            queue = client.queue()
            for _ in range(150):
                queue.actor("u").track("a")

    asyncio.run(track())
    assert len(server.stored) == 150
