"""Connections are kept and used again, given back when done, and never shared with a forked child."""

import gc
import multiprocessing
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from getimmutable import ImmutableClient, RetryPolicy

FORK = multiprocessing.get_context("fork")


def test_one_connection_serves_many_calls(client: Any, server: Any) -> None:
    """Also after an error."""
    server.reply(404, {"error": "not_found"})
    with pytest.raises(Exception, match="not_found"):
        client.get_event("evt_1")
    for _ in range(20):
        client.actor("u").track("a")
    client.get_events()
    assert len(server.requests) == 22
    assert server.connections == 1


def test_threads_share_a_client(client: Any, server: Any) -> None:
    """Every event arrives once, over no more connections than there are threads."""
    threads = [threading.Thread(target=lambda: [client.actor("u").track("a") for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.stored) == 80
    assert server.connections <= 4


def test_a_client_is_a_context_manager_and_can_be_used_after(server: Any) -> None:
    """Closing gives the connections back; a later call opens new ones."""
    with ImmutableClient("imk_test", server.url) as client:
        client.get_events()
    client.get_events()
    client.close()
    client.close()
    assert server.connections == 2


def test_a_call_goes_on_where_another_thread_closes_the_client(
    client: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where that happens at the very moment at which the call was going to send: nothing was sent, so it is tried again."""
    transport = client._transport
    find = transport._pool

    def closed_meanwhile() -> Any:
        pool = find()
        monkeypatch.undo()
        client.close()
        return pool

    monkeypatch.setattr(transport, "_pool", closed_meanwhile)
    assert client.get_events()["data"] == []
    assert len(server.requests) == 1


def test_a_client_that_is_forgotten_gives_its_connections_back(server: Any) -> None:
    """Scripts written for 0.2.0 close nothing; they leave no unclosed socket behind."""
    gc.collect()  # what other tests forgot is not this one's
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client = ImmutableClient("imk_test", server.url)
        client.get_events()
        del client
        gc.collect()
    assert [str(one.message) for one in caught] == []


def test_leaving_the_interpreter_closes_what_nobody_closed(server: Any) -> None:
    """Python's development mode has nothing to complain about."""
    program = """
import sys
from getimmutable import ImmutableClient
client = ImmutableClient("imk_test", sys.argv[1], timeout=60.0)
client.get_events()
client.queue().actor("u").track("a")
"""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(server.stored) == 1
    assert server.connections == 2


def test_a_forked_child_opens_its_own_connection(client: Any, server: Any) -> None:
    """Parent and child would otherwise read each other's answers."""
    client.get_events()
    child = FORK.Process(target=client.get_events)
    child.start()
    child.join(60)
    client.get_events()
    assert child.exitcode == 0
    assert [request.connection for request in server.requests] == [1, 2, 1]


def test_threads_that_race_to_be_first_share_one_pool(client: Any) -> None:
    """Connections in a pool that nobody keeps would stay open."""

    def open_pool(together: threading.Barrier) -> int:
        together.wait()
        return id(client._transport._pool())

    for _ in range(5):
        client.close()
        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(open_pool, [threading.Barrier(8)] * 8))) == 1


def test_the_first_event_imports_nothing(server: Any) -> None:
    """A fork during an import in another thread would leave the child waiting for the import's lock for ever."""
    program = """
import sys
from getimmutable import ImmutableClient
client = ImmutableClient("imk_test", sys.argv[1], timeout=60.0)
queue = client.queue()
before = set(sys.modules)
queue.actor("u").track("a")
queue.close()
print(*sorted(set(sys.modules) - before))
"""
    command = [sys.executable, "-c", program, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
    assert len(server.stored) == 1


def test_a_timeout_is_for_each_try(connect: Any, server: Any) -> None:
    """A slow try is given up, and the next one has its own time."""
    server.store_then_hold()
    retry = RetryPolicy(retries=1000, first_delay_seconds=0.01, longest_delay_seconds=0.05, total_seconds=120.0)
    assert connect(timeout=0.2, retry=retry).get_events()["data"] == []
    assert len(server.requests) >= 2  # more where the machine was too slow to answer in time
