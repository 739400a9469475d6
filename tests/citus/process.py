"""The PostgreSQL process of a cluster's node, which is on this machine: killed and started again, or copied as it was earlier."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

Address = tuple[str, int]
_START_SECONDS = 60


class Process:
    """How a node was started, and by whom."""

    def __init__(self, url: str, address: Address) -> None:
        self.url, self.address = url, address
        with psycopg.connect(url, host=address[0], port=address[1], autocommit=True) as connection:
            ((text, data),) = connection.execute(
                "SELECT pg_read_file('postmaster.pid'), current_setting('data_directory')"
            ).fetchall()
            self.user_name = connection.info.user
        self.data, self.pid = Path(data), int(text.split()[0])
        self.command = Path(f"/proc/{self.pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
        self.owner, self.folder = Path(f"/proc/{self.pid}").stat(), Path(f"/proc/{self.pid}/cwd").readlink()

    def run(self, *command: object) -> None:
        """Run a command as the node's user, in its folder."""
        subprocess.run(
            [str(part) for part in command], check=True, cwd=self.folder, user=self.owner.st_uid, group=self.owner.st_gid,
            extra_groups=[], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @contextmanager
    def killed(self) -> Iterator[None]:
        """It is gone (kill -9); it is started again in the end, as it was, and outlives the tests as it did before."""
        os.kill(self.pid, signal.SIGKILL)
        try:
            yield
        finally:
            # Until the last process of the killed one has gone, its shared memory is in use.
            while not answers(self.url, self.address):
                self.run("setsid", "--fork", *self.command)
                time.sleep(0.5)

    def back_up(self, target: Path) -> None:
        """A base backup, while it runs."""
        host, port = self.address
        command = Path(self.command[0]).with_name("pg_basebackup")
        self.run(command, "-h", host, "-p", port, "-U", self.user_name, "-D", target, "-c", "fast")

    @contextmanager
    def copy(self, data: Path, place: Address, point: str) -> Iterator[None]:
        """Another node on a base backup of this one, which reads this one's write-ahead log as far as the point."""
        settings = {
            "restore_command": f'cp "{self.data}/pg_wal/%f" "%p"', "recovery_target_name": point,
            "recovery_target_action": "promote",
            # It must leave alone the machines that it was copied from.
            "citus.recover_2pc_interval": "-1", "citus.defer_shard_delete_interval": "-1",
        }  # fmt: skip
        self.run("touch", data / "recovery.signal")
        options = [f"--{name}={value}" for name, value in settings.items()]
        self.run("setsid", "--fork", *self.command, "-D", data, "-p", place[1], *options)
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not answers(self.url, place, recovered=True):
                assert time.monotonic() < deadline, f"{self.address} was not restored."
                time.sleep(0.1)
            yield
        finally:
            pid = int((data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGINT)
            while Path(f"/proc/{pid}").exists():
                time.sleep(0.1)


def answers(url: str, address: Address, *, recovered: bool = False) -> bool:
    """Whether a node can be connected to, and has ended recovery where that is asked."""
    try:
        with psycopg.connect(url, host=address[0], port=address[1], autocommit=True) as connection:
            return not recovered or connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
    except psycopg.OperationalError:
        return False
