"""Producer numbers and counters, and the spool where the cases of `sdks/conformance` cannot look."""

import logging
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from getimmutable import QueueFullError, QueueSettings, RetryPolicy
from getimmutable import spool as spool_module
from getimmutable.spool import Spool

EVENT = {"actor_id": "u", "action": "a"}


def test_numbers_have_no_gap_whichever_thread_tracks(connect: Any, server: Any) -> None:
    """Every number from 1 on, each once, over the client and its queues."""
    client = connect(producer="web-3")
    queue = client.queue()

    def work(track: Any) -> None:
        for _ in range(100):
            track(EVENT)

    threads = [threading.Thread(target=work, args=(track,)) for track in (client.track, queue.track, queue.track)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue.flush(60.0)
    numbers = [event["producer"]["sequence"] for event in server.stored.values()]
    assert sorted(numbers) == list(range(1, 301))
    assert len({event["producer"]["run"] for event in server.stored.values()}) == 1


def test_an_event_that_is_not_taken_leaves_no_gap(connect: Any, server: Any) -> None:
    """A full queue, or what JSON cannot hold, uses up no number."""
    client = connect(producer="web-3")
    queue = client.queue(settings=QueueSettings(max_events=1, block_seconds=0.0, linger_seconds=600.0))
    queue.track(EVENT)
    with pytest.raises(QueueFullError):
        queue.track(EVENT)
    for track in (queue.track, client.track):
        with pytest.raises(TypeError):
            track({**EVENT, "metadata": {"x": object()}})
    queue.flush(60.0)
    client.track(EVENT)
    assert [event["producer"]["sequence"] for event in server.stored.values()] == [1, 2]


def test_each_start_is_a_run_of_its_own(connect: Any, server: Any) -> None:
    """Numbers begin again with a new client, and a new run tells that nothing is missing."""
    for _ in range(2):
        connect(producer="web-3").track(EVENT)
    first, second = (event["producer"] for event in server.stored.values())
    assert first["sequence"] == second["sequence"] == 1
    assert first["run"] != second["run"]


def test_a_forked_child_is_a_run_of_its_own(connect: Any, server: Any) -> None:
    """Two processes that went on with one run would give different events the same number."""
    client = connect(producer="web-3")
    client.track(EVENT)
    child = os.fork()
    if child == 0:
        try:
            client.track(EVENT)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    parents, forked = (event["producer"] for event in server.stored.values())
    assert parents["run"] != forked["run"]
    assert forked["sequence"] == 1


def test_a_queue_is_bounded_in_bytes(client: Any, server: Any) -> None:
    """An event that would exceed them is refused; a large one alone is taken."""
    queue = client.queue(settings=QueueSettings(max_bytes=1_000, block_seconds=0.0, linger_seconds=600.0))
    queue.track({**EVENT, "metadata": {"x": "y" * 5_000}})
    with pytest.raises(QueueFullError, match="full"):
        queue.track(EVENT)
    assert queue.flush(60.0)
    queue.track(EVENT)
    assert queue.flush(60.0)
    assert queue.counts.sent == 2


def test_a_producer_without_a_name_is_refused(connect: Any) -> None:
    """At once."""
    for name in ("", "x" * 256):
        with pytest.raises(ValueError, match="producer"):
            connect(producer=name)


def test_a_spool_is_for_its_user_only_and_whole(tmp_path: Path) -> None:
    """No other user may read it, and nothing half written has a spool's name."""
    spool = Spool(tmp_path / "deep" / "spool")
    spool.write([EVENT, EVENT])  # type: ignore[list-item]
    (file,) = (tmp_path / "deep" / "spool").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert spool.read(file) == ([EVENT, EVENT], 0)


def test_a_spools_files_are_in_the_order_in_which_they_were_written(tmp_path: Path, monkeypatch: Any) -> None:
    """Also those of one millisecond, and where the clock goes back."""
    times = iter([1_774_630_391_000] * 5 + [1_774_630_390_000] * 5)
    monkeypatch.setattr(spool_module.time, "time_ns", lambda: next(times) * 1_000_000)
    spool = Spool(tmp_path)
    for number in range(10):
        spool.write([{**EVENT, "action": str(number)}])  # type: ignore[list-item]
    assert [spool.read(file)[0][0]["action"] for file in spool.files()] == [str(number) for number in range(10)]


def test_a_spools_line_that_is_no_event_costs_only_itself(
    connect: Any, server: Any, tmp_path: Path, caplog: Any, wait_for: Any
) -> None:
    """The rest of the file is sent, and the log says how many lines were lost."""
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "1-a.jsonl").write_text('{"actor_id": "u", "action": "a", "idempotency_key": "k"}\n{"torn": \n')
    (spool / "note.txt").write_text("not ours")
    with caplog.at_level(logging.ERROR, "getimmutable"):
        client = connect(spool_dir=spool, retry=RetryPolicy(retries=0))
        wait_for(lambda: client.stats.sent == 1 and caplog.text)  # the log is written last
    client.close()
    assert list(server.stored) == ["k"]
    assert [path.name for path in spool.iterdir()] == ["note.txt"]
    assert "1 lines" in caplog.text
