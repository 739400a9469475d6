"""PostgreSQL restarted, paused, full, out of connections and cut off, and processes killed, under load.

Through all of it: what was acknowledged is there once, the chain holds, clients see 503 with Retry-After meanwhile, and
the servers heal without a hand.

FAULT_LOOPS=10 does everything ten times as often. FAULT_SECONDS=60 stops PostgreSQL for a minute instead of five seconds.
"""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from tests.faults.conftest import Ledger, Writer, each, running
from tests.faults.network import Proxy, cable
from tests.faults.pauses import going_on, hold_up
from tests.ports import own_port
from tests.waiting import PATIENCE, until

from benchmarks import postgres

WRITERS = 6
LOOPS = int(os.environ.get("FAULT_LOOPS", "1"))
STOPPED_SECONDS = float(os.environ.get("FAULT_SECONDS", "5"))
pytestmark = pytest.mark.timeout(600 + LOOPS * (120 + STOPPED_SECONDS))
SMALL = {"fsync": "off", "shared_buffers": "32MB", "max_wal_size": "128MB", "max_connections": "40"}


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL of the test's own."""
    with postgres.running(settings=SMALL) as running_cluster:
        yield running_cluster


@pytest.fixture
def shared(cluster: postgres.Cluster, tmp_path: Path) -> Ledger:
    """The record of an empty PostgreSQL database."""
    return Ledger(cluster.dsn, tmp_path / "server.log")


class Load:
    """Writers that never stop sending, and send again what was not acknowledged, to another server each time."""

    def __init__(self, ledger: Ledger, urls: list[str]) -> None:
        self.statuses: list[int | None] = []
        self._ledger, self._urls = ledger, urls
        self._done = threading.Event()
        writers = [Writer(urls[number % len(urls)], ledger, f"w{number}") for number in range(WRITERS)]
        self._answered: dict[Writer, list[int | None]] = {writer: [] for writer in writers}
        self._threads = each(writers, self._work)

    def wait_for(self, events: int) -> None:
        """Wait until so many more events have been acknowledged."""
        wanted, deadline = len(self._ledger.acknowledged) + events, time.monotonic() + PATIENCE
        while len(self._ledger.acknowledged) < wanted:
            assert time.monotonic() < deadline, self.statuses[-20:]
            time.sleep(0.01)

    def wait_for_status(self, status: int) -> None:
        """Wait until a client is answered with this status from now on."""
        seen, deadline = len(self.statuses), time.monotonic() + PATIENCE
        while status not in self.statuses[seen:]:
            assert time.monotonic() < deadline, self.statuses[-20:]
            time.sleep(0.01)

    def wait_for_status_of_all(self, status: int) -> None:
        """Wait until each client was answered so from now on: none has an answer under way from before."""
        seen, deadline = {one: len(answers) for one, answers in self._answered.items()}, time.monotonic() + PATIENCE
        while not all(status in answers[seen[one] :] for one, answers in self._answered.items()):
            assert time.monotonic() < deadline, self.statuses[-20:]
            time.sleep(0.01)

    def finish(self) -> None:
        """Let every writer get its last events acknowledged."""
        self._done.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), self.statuses[-20:]

    def _work(self, writer: Writer) -> None:
        turn = 0
        while not self._done.is_set() or writer.unanswered:
            events, writer.unanswered = writer.unanswered, []
            events = events or [writer.event() for _ in range(1 if turn % 2 else 20)]
            turn += 1
            try:
                if self._note(writer, writer.send(events)) == 503:
                    time.sleep(0.05)
            except (OSError, http.client.HTTPException):
                self._note(writer, None)
                writer.close()
                time.sleep(0.05)
                writer.move_to(self._urls[turn % len(self._urls)])
        writer.close()

    def _note(self, writer: Writer, status: int | None) -> int | None:
        self._answered[writer].append(status)
        self.statuses.append(status)
        return status


def test_one_of_several_processes_is_killed_again_and_again(shared: Ledger) -> None:
    """Three servers append to one workspace; whichever dies, the others go on, and nothing is lost, doubled or forked."""
    with running(shared) as (first, _), running(shared) as (second, _):
        load = Load(shared, [first, second])
        for _ in range(8 * LOOPS):
            with running(shared) as (url, process):
                victim = Writer(url, shared, f"victim-{process.pid}")
                for _ in range(5):
                    victim.insist([victim.event() for _ in range(50)])
                load.wait_for(100)
                os.killpg(process.pid, signal.SIGKILL)
                victim.close()
        load.finish()
    assert shared.check() == len(shared.acknowledged)


def test_the_workers_of_one_port_outlive_each_other(shared: Ledger) -> None:
    """`serve --workers 3`: a killed worker is started again, and SIGTERM ends all of them."""
    with running(shared, arguments=("--workers", "3")) as (url, process):
        load = Load(shared, [url])
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        for _ in range(3 * LOOPS):
            load.wait_for(200)
            victim = int(children.read_text().split()[0])
            os.kill(victim, signal.SIGKILL)
            until(lambda gone=str(victim): len(now := children.read_text().split()) == 3 and gone not in now)
        load.wait_for(200)
        load.finish()
        process.terminate()
        assert process.wait(PATIENCE) == 0
    assert shared.check() == len(shared.acknowledged)


def test_a_worker_that_hangs_is_replaced(shared: Ledger) -> None:
    """A worker that stands still (SIGSTOP) is killed and started again; what it was asked is answered by another."""
    with running(shared, arguments=("--workers", "2")) as (url, process):
        load = Load(shared, [url])
        load.wait_for(200)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        victim = children.read_text().split()[0]
        os.kill(int(victim), signal.SIGSTOP)
        until(lambda: len(now := children.read_text().split()) == 2 and victim not in now)
        load.wait_for(200)
        load.finish()
    assert '"worker_hung"' in shared.log.read_text("utf-8")
    assert shared.check() == len(shared.acknowledged)


def test_workers_end_when_the_process_that_started_them_is_killed(shared: Ledger) -> None:
    """`serve --workers 2`, killed with kill -9: the port is free again soon, and nothing that was acknowledged is lost."""
    port = own_port()  # nobody else takes it while it is free
    with running(shared, arguments=("--workers", "2", "--port", str(port))) as (url, process):
        load = Load(shared, [url])
        load.wait_for(200)
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(workers) == 2
        os.kill(process.pid, signal.SIGKILL)
        until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
        with socket.create_server(("127.0.0.1", port)):
            pass
        with running(shared, arguments=("--port", str(port))):
            load.wait_for(200)
            load.finish()
    assert shared.check() == len(shared.acknowledged)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_a_restart(shared: Ledger, cluster: postgres.Cluster, how: signal.Signals) -> None:
    """PostgreSQL is stopped, politely or not, and started again: 503 meanwhile, and all goes on by itself."""
    with running(shared) as (first, _), running(shared) as (second, _):
        load = Load(shared, [first, second])
        for _ in range(4 * LOOPS):
            load.wait_for(200)
            cluster.stop(how)
            load.wait_for_status(503)
            cluster.start()
        load.wait_for(500)
        load.finish()
        assert None not in load.statuses  # no server died or hung up
    assert shared.check() == len(shared.acknowledged)


def test_a_long_stop(shared: Ledger, cluster: postgres.Cluster) -> None:
    """PostgreSQL is away for long: 503 with Retry-After all the while, alive but not ready, and then all goes on."""
    with running(shared) as (first, _), running(shared) as (second, _):
        load = Load(shared, [first, second])
        for _ in range(LOOPS):
            load.wait_for(200)
            cluster.stop()
            load.wait_for_status_of_all(503)
            until = time.monotonic() + STOPPED_SECONDS
            seen, acknowledged = len(load.statuses), len(shared.acknowledged)
            while time.monotonic() < until:
                for url in (first, second):
                    assert _get(url, "/healthz")[0] == 200
                    assert _get(url, "/readyz")[0] == 503
                time.sleep(0.5)
            assert set(load.statuses[seen:]) == {503}
            assert len(shared.acknowledged) == acknowledged
            cluster.start()
        load.wait_for(500)
        load.finish()
        assert None not in load.statuses
    assert shared.check() == len(shared.acknowledged)


def test_a_pause(shared: Ledger, cluster: postgres.Cluster) -> None:
    """PostgreSQL stands still (SIGSTOP): clients are answered 503 in time, and afterwards nothing is there twice."""
    with running(shared, database_timeout_seconds=1) as (url, _):
        load = Load(shared, [url])
        for _ in range(3 * LOOPS):
            load.wait_for(200)
            stopped = hold_up(cluster)
            load.wait_for_status(503)
            status, _ = _get(url, "/readyz")
            assert status == 503
            assert _get(url, "/healthz")[0] == 200
            going_on(stopped)
        load.wait_for(500)
        load.finish()
        # A machine that is held up for a second looks like a database that is.
        until(lambda: _get(url, "/readyz")[0] == 200)
    assert shared.check() == len(shared.acknowledged)


def test_backends_ended_by_hand(shared: Ledger, cluster: postgres.Cluster) -> None:
    """Every connection is ended by the server again and again, also in the middle of commits."""
    with running(shared) as (first, _), running(shared) as (second, _):
        load = Load(shared, [first, second])
        with psycopg.connect(cluster.dsn, autocommit=True) as connection:
            for _ in range(30 * LOOPS):
                load.wait_for(50)
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'immutable'"
                )
        load.wait_for(500)
        load.finish()
    assert shared.check() == len(shared.acknowledged)


def test_a_process_that_stops_inside_a_transaction_holds_nobody_up(shared: Ledger) -> None:
    """A server is stopped (SIGSTOP) under load: the others go on once PostgreSQL has ended its transaction."""
    with running(shared) as (first, _), running(shared) as (second, process):
        load = Load(shared, [first, second])
        for _ in range(2 * LOOPS):
            load.wait_for(200)
            os.kill(process.pid, signal.SIGSTOP)
            before = len(shared.acknowledged)
            until(lambda wanted=before + 200: len(shared.acknowledged) >= wanted)
            os.kill(process.pid, signal.SIGCONT)
        load.finish()
    assert shared.check() == len(shared.acknowledged)


def test_out_of_connections(shared: Ledger, cluster: postgres.Cluster) -> None:
    """Others take every connection, and ours are ended: 503 until there is room again."""
    with running(shared) as (url, _):
        load = Load(shared, [url])
        for _ in range(LOOPS):
            load.wait_for(200)
            with ExitStack() as taken:
                _take_connections(cluster.dsn, taken)
                load.wait_for_status(503)
        load.wait_for(500)
        load.finish()
    assert shared.check() == len(shared.acknowledged)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk; CI runs as root")
def test_out_of_disk(tmp_path: Path) -> None:
    """PostgreSQL's disk is full: 503, nothing is lost, and when there is room again all goes on."""
    with _small_disk("300m") as disk, postgres.running(disk, SMALL | {"max_wal_size": "64MB"}) as cluster:
        shared = Ledger(cluster.dsn, tmp_path / "server.log")
        with running(shared) as (url, _):
            load = Load(shared, [url])
            for _ in range(LOOPS):
                load.wait_for(200)
                filler = disk / "filler"
                _fill(filler)
                load.wait_for_status(503)
                filler.unlink()
                if not _is_alive(cluster):  # a full disk under the write-ahead log ends PostgreSQL itself
                    cluster.stop()
                    cluster.start()
            load.wait_for(500)
            load.finish()
        assert shared.check() == len(shared.acknowledged)


def test_a_network_that_is_cut(shared: Ledger, cluster: postgres.Cluster, tmp_path: Path) -> None:
    """Bytes between server and PostgreSQL stop, or connections break, at any moment; nothing is lost or doubled."""
    proxy = Proxy(cluster.directory / ".s.PGSQL.5432")
    direct = shared.url
    shared.url = f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres?sslmode=disable&gssencmode=disable"
    with running(shared, database_timeout_seconds=2) as (url, _):
        load = Load(shared, [url])
        for number in range(12 * LOOPS):
            load.wait_for(100)
            proxy.cut()
            if number % 3 == 0:
                load.wait_for_status(503)
            proxy.mend()
        load.wait_for(300)
        load.finish()
    proxy.close()
    shared.url = direct
    assert shared.check() == len(shared.acknowledged)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may lay networks; CI does, and the proxy above is for all")
def test_a_cable_that_is_pulled_and_packets_that_vanish(tmp_path: Path) -> None:
    """The kernel's own network between server and PostgreSQL fails in four ways: nothing is lost, doubled or forked."""
    with cable() as network, postgres.running(settings=SMALL | {"listen_addresses": network.database}) as cluster:
        with (cluster.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")
        os.kill(cluster.pid, signal.SIGHUP)
        shared = Ledger(cluster.dsn, tmp_path / "server.log")
        direct, shared.url = shared.url, f"postgresql://postgres@{network.database}/postgres?sslmode=disable"
        wrapper = ("ip", "netns", "exec", network.namespace)
        with running(shared, *wrapper, host=network.address, database_timeout_seconds=2) as (url, _):
            load = Load(shared, [url])
            for _ in range(LOOPS):
                for fail in (network.pull, network.lose_answers, network.lose_requests):
                    load.wait_for(100)
                    fail()
                    load.wait_for_status(503)
                    assert _get(url, "/readyz")[0] == 503
                    assert _get(url, "/healthz")[0] == 200
                    network.mend()
                load.wait_for(100)
                network.slow_down()
                load.wait_for(100)
                network.mend()
            load.wait_for(300)
            load.finish()
            assert None not in load.statuses
        shared.url = direct
        assert shared.check() == len(shared.acknowledged)


def _take_connections(dsn: str, taken: ExitStack) -> None:
    """Take every connection there is, and end the servers' until we have all: one that ends is not listed, nor free yet."""
    administrator = taken.enter_context(closing(psycopg.connect(dsn, autocommit=True)))
    left = int(SMALL["max_connections"]) - 1
    deadline = time.monotonic() + PATIENCE
    while left:
        with suppress(psycopg.OperationalError):
            while left:
                taken.enter_context(closing(psycopg.connect(dsn)))
                left -= 1
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'immutable'"
        )
        assert time.monotonic() < deadline


@contextmanager
def _small_disk(size: str) -> Iterator[Path]:
    # Not under tmp_path: nobody, as whom PostgreSQL runs, may not enter there.
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    folder.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def _fill(filler: Path) -> None:
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65_536))


def _is_alive(cluster: postgres.Cluster) -> bool:
    try:
        psycopg.connect(cluster.dsn).close()
    except psycopg.OperationalError:
        return False
    return True


def _get(url: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content
