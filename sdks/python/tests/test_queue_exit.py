"""A queue at the end of its process, and across a fork: what was taken is sent or reported, once."""

import os
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import os, sys
from getimmutable import ImmutableClient, QueueSettings

def report(events, error):
    print("unsent", len(events), error, flush=True)

client = ImmutableClient("imk_test", sys.argv[1], timeout=60.0)
settings = QueueSettings(linger_seconds=600.0, block_seconds=120.0, exit_seconds=float(sys.argv[2]))
queue = client.queue(report, settings=settings)

def track(count, name):
    for n in range(count):
        queue.actor(name).track("a")
"""


def _run(server: Any, body: str, exit_seconds: float = 60.0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", "-c", SCRIPT + body, server.url, str(exit_seconds)]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)


def test_leaving_the_interpreter_sends_what_waits(server: Any) -> None:
    """Without a call to flush or close."""
    done = _run(server, "track(130, 'u')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(server.stored) == 130


def test_an_exception_that_ends_the_program_loses_no_event(server: Any) -> None:
    """The last events before a crash are the ones that matter."""
    done = _run(server, "track(3, 'u'); raise RuntimeError('crash')")
    assert done.returncode == 1
    assert len(server.stored) == 3


def test_leaving_reports_what_could_not_be_sent(server: Any) -> None:
    """Within its time, and with the reason, whether the last try was answered before the time was over or not."""
    for _ in range(1000):
        server.reply(503, {"error": "overloaded"})
    done = _run(server, "track(3, 'u')\nwhile queue.counts.retried == 0: queue.flush(0.01)", exit_seconds=1.0)
    assert done.returncode == 0
    assert done.stdout.startswith("unsent 3 ")
    assert done.stdout.rstrip().endswith("overloaded")
    assert server.stored == {}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_after_a_fork_parent_and_child_send_their_own(server: Any) -> None:
    """What the parent had taken is sent by the parent alone; the child's queue begins empty and works."""
    done = _run(
        server,
        """
track(5, 'parent')
if os.fork() == 0:
    assert queue.counts.queued == 0
    track(7, 'child')
    sys.exit(0)
os.wait()
track(2, 'parent')
""",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(event["actor_id"] for event in server.stored.values()) == ["child"] * 7 + ["parent"] * 7
    assert sum(len(request.body["events"]) for request in server.requests) == 14


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_while_the_queue_is_busy_does_not_hang(server: Any) -> None:
    """The lock of the queue may be held by another thread at that moment; the child has one of its own."""
    done = _run(
        server,
        """
import threading
stop = threading.Event()
def produce():
    while not stop.is_set():
        track(1, 'parent')
threads = [threading.Thread(target=produce) for _ in range(3)]
for thread in threads: thread.start()
for _ in range(20):
    if os.fork() == 0:
        track(1, 'child')
        queue.close()
        os._exit(0)
    os.wait()
stop.set()
for thread in threads: thread.join()
""",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sum(event["actor_id"] == "child" for event in server.stored.values()) == 20


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_worker_of_multiprocessing_sends_what_waits(server: Any, start: str, tmp_path: Any) -> None:
    """Such children end without the interpreter's own exit handlers."""
    program = tmp_path / "program.py"
    program.write_text(
        SCRIPT
        + f"""
import multiprocessing
if __name__ == "__main__":
    child = multiprocessing.get_context("{start}").Process(target=track, args=(3, "child"))
    child.start()
    child.join()
    sys.exit(child.exitcode)
"""
    )
    command = [sys.executable, str(program), server.url, "60.0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(server.stored) == 3
