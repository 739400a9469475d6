"""Networks between a server and its database that a test can cut: a proxy of its own, and real ones in the kernel (root only)."""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Cable:
    """A network interface between the database here and a server in a network namespace; another one is for clients.

    The kernel does the cutting, so that both ends see what they see when a cable or a switch fails.
    """

    def __init__(self) -> None:
        name = f"imm{os.getpid()}"
        self.namespace = name
        self._link, self._inner = f"{name}d", f"{name}e"
        self._clients, self._inner_clients = f"{name}c", f"{name}f"
        net = f"10.{200 + os.getpid() // 256 % 50}.{os.getpid() % 256}"
        self.database, self._server = f"{net}.1", f"{net}.2"
        self.address = f"{net}.6"
        """Where clients find the server."""
        self._client = f"{net}.5"

    def lay(self) -> None:
        """Make the namespace and both interfaces."""
        _ip("netns", "add", self.namespace)
        for outer, inner, here, there in (
            (self._link, self._inner, self.database, self._server),
            (self._clients, self._inner_clients, self._client, self.address),
        ):
            _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", self.namespace)
            _ip("addr", "add", f"{here}/30", "dev", outer)
            _ip("link", "set", outer, "up")
            self._inside("addr", "add", f"{there}/30", "dev", inner)
            self._inside("link", "set", inner, "up")

    def remove(self) -> None:
        """Take all of it away."""
        for link in (self._link, self._clients):
            subprocess.run(["ip", "link", "del", link], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", self.namespace], check=False, capture_output=True)

    def pull(self) -> None:
        """Take the interface down: no way there, and this side knows."""
        _ip("link", "set", self._link, "down")

    def lose_answers(self) -> None:
        """Packets of the database vanish without a sign; those of the server arrive, commits among them."""
        _ip("neigh", "replace", self._server, *_NOWHERE, "dev", self._link)

    def lose_requests(self) -> None:
        """Packets of the server vanish without a sign."""
        self._inside("neigh", "replace", self.database, *_NOWHERE, "dev", self._inner)

    def slow_down(self) -> None:
        """Every packet of the database waits its turn: a hundredth of the usual speed, and what waits too long is dropped."""
        shape = ["root", "tbf", "rate", "2mbit", "burst", "4kb", "latency", "300ms"]
        subprocess.run(["tc", "qdisc", "add", "dev", self._link, *shape], check=True)

    def mend(self) -> None:
        """As it was."""
        _ip("link", "set", self._link, "up")
        for command in (
            ["ip", "neigh", "del", self._server, "dev", self._link],
            ["ip", "-n", self.namespace, "neigh", "del", self.database, "dev", self._inner],
            ["tc", "qdisc", "del", "dev", self._link, "root"],
        ):
            subprocess.run(command, check=False, capture_output=True)

    def _inside(self, *words: str) -> None:
        _ip("-n", self.namespace, *words)


_NOWHERE = ("lladdr", "02:00:00:00:00:99", "nud", "permanent")
"""An Ethernet address that nobody has."""


@contextmanager
def cable() -> Iterator[Cable]:
    """A network of the kernel, for as long as the block lasts."""
    laid = Cable()
    try:
        laid.lay()
        yield laid
    finally:
        laid.remove()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


class Proxy:
    """Passes bytes between a TCP port and a Unix socket, until it is cut."""

    def __init__(self, target: Path) -> None:
        self._target = str(target)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []  # guarded by _cutting, as is the next
        self._is_cut = False
        self._cutting = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut(self) -> None:
        """Break every connection, and take no more."""
        with self._cutting:
            self._is_cut = True
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Take connections again."""
        self._is_cut = False

    def close(self) -> None:
        """Stop for good."""
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts, which close alone does not
        self._listener.close()
        for thread in self._threads:
            thread.join(60)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(self._target)
            except OSError:  # the database is away
                near.close()
                far.close()
                continue
            with self._cutting:
                if self._is_cut:  # since it was asked above: this connection would outlive the cut
                    near.close()
                    far.close()
                    continue
                self._pairs.append((near, far))
            thread = threading.Thread(target=_pass_on, args=(near, far), daemon=True)
            self._threads.append(thread)
            thread.start()


def _pass_on(near: socket.socket, far: socket.socket) -> None:
    """Both ways, until either end is closed or cut."""
    back = threading.Thread(target=_pass_one_way, args=(far, near), daemon=True)
    back.start()
    _pass_one_way(near, far)
    back.join()
    near.close()
    far.close()


def _pass_one_way(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
