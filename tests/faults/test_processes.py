"""Many writers, a second server, one idempotency key sent at once by all, and a polite stop under load."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time

from tests.faults.conftest import WORKSPACE, Ledger, Writer, each, running
from tests.waiting import PATIENCE

WRITERS = 50


def test_fifty_writers_times_a_thousand(ledger: Ledger) -> None:
    """Fifty writers send a thousand events each, alone and in batches: exactly 50,000 contiguous events."""
    failures: list[object] = []

    def work(writer: Writer) -> None:
        try:
            for size in [1] * 100 + [100] * 9:
                assert writer.send([writer.event() for _ in range(size)]) == 202
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(error)

    with running(ledger, database_timeout_seconds=PATIENCE) as (url, _):  # the disk takes what time it wants
        writers = [Writer(url, ledger, f"writer-{number}") for number in range(WRITERS)]
        for thread in each(writers, work):
            thread.join()
        for writer in writers:
            writer.close()
    assert failures == []
    assert len(ledger.acknowledged) == 50_000
    assert sorted(place for place, _, _ in ledger.acknowledged.values()) == list(range(1, 50_001))
    assert ledger.check() == 50_000


def test_a_second_server_refuses_to_start(ledger: Ledger) -> None:
    """The second server on a database ends at once, says why and names the first; keys can be made beside it."""
    environment = {**os.environ, "IMMUTABLE_DATABASE_URL": ledger.url}
    command = [sys.executable, "-m", "immutable"]
    with running(ledger) as (url, process):
        second = subprocess.run(
            [*command, "serve", "--port", "0"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert second.returncode == 2
        assert f"pid {process.pid}" in second.stderr
        assert "Traceback" not in second.stderr
        made = subprocess.run(
            [*command, "keys", "create", "--workspace", WORKSPACE],
            env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True,
        )  # fmt: skip
        ledger.key = made.stdout.strip()
        writer = Writer(url, ledger, "w")
        assert writer.send([writer.event()]) == 202
        writer.close()
    assert ledger.check() == 1


def test_one_key_sent_by_all_at_once_and_again_after_a_kill(ledger: Ledger) -> None:
    """Of two hundred concurrent requests with one idempotency key one is queued, the others get its receipt."""
    statuses: list[str] = []
    barrier = threading.Barrier(40)
    body = json.dumps({"actor_id": "a", "action": "b.c", "idempotency_key": "once", "metadata": {"marker": "once"}})

    def request(connection: http.client.HTTPConnection) -> None:
        connection.request("POST", "/api/v1/events", body, {"Authorization": f"Bearer {ledger.key}"})
        content = json.loads(connection.getresponse().read())
        ledger.note(["once"], [content])
        statuses.append(content["status"])

    def work(address: str) -> None:
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        connection.connect()
        barrier.wait()
        for _ in range(5):
            request(connection)
        connection.close()

    with running(ledger) as (url, process):
        threads = [threading.Thread(target=work, args=(url.removeprefix("http://"),)) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with running(ledger) as (url, _):
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
        request(connection)
        connection.close()
    assert sorted(statuses) == ["duplicate"] * 200 + ["queued"]
    assert ledger.check() == 1


def test_a_polite_stop_under_load_loses_nothing(ledger: Ledger) -> None:
    """SIGTERM under load: what was accepted is answered and kept, and the server ends."""

    def work(writer: Writer) -> None:
        try:
            while writer.send([writer.event() for _ in range(10)]) == 202:
                pass
        except (OSError, http.client.HTTPException):
            pass  # the server has closed the connection, or is gone

    with running(ledger) as (url, process):
        writers = [Writer(url, ledger, f"w{number}") for number in range(8)]
        threads = each(writers, work)
        while len(ledger.acknowledged) < 500:
            time.sleep(0.01)
        process.terminate()
        assert process.wait(PATIENCE) in (0, -signal.SIGTERM)
        for thread in threads:
            thread.join()
        for writer in writers:
            writer.close()
    assert ledger.check() >= len(ledger.acknowledged) >= 500


def test_a_tiny_queue_pushes_back_and_keeps_what_it_acknowledged(ledger: Ledger) -> None:
    """With room for thirty waiting events, clients see 503 with Retry-After; memory does not grow with what is refused."""
    statuses: list[int] = []

    def work(writer: Writer) -> None:
        statuses.extend(writer.send([writer.event() for _ in range(25)]) for _ in range(60))

    with running(ledger, queue_max_events=30) as (url, process):
        writers = [Writer(url, ledger, f"w{number}") for number in range(24)]
        warm = Writer(url, ledger, "warm")
        assert warm.send([warm.event()]) == 202
        before = resident_bytes(process.pid)
        for thread in each(writers, work):
            thread.join()
        assert resident_bytes(process.pid) - before < 150 * 2**20
        for writer in (*writers, warm):
            writer.close()
    assert set(statuses) == {202, 503}
    assert ledger.check() == len(ledger.acknowledged) == statuses.count(202) * 25 + 1


def test_idle_connections_do_not_stop_others(ledger: Ledger) -> None:
    """Three hundred connections that send half a request leave room for one that sends a whole one."""
    with running(ledger) as (url, _):
        idle = [http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE) for _ in range(300)]
        for connection in idle:
            connection.connect()
            connection.send(b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        writer = Writer(url, ledger, "w")
        assert writer.send([writer.event()]) == 202
        for connection in (*idle, writer):
            connection.close()
    assert ledger.check() == 1


def resident_bytes(pid: int) -> int:
    """How much memory a process holds."""
    with open(f"/proc/{pid}/statm") as statm:  # noqa: PTH123 - not a file of ours
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
