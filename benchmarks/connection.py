"""One keep-alive HTTP/1.1 connection of the load: a non-blocking socket, one request at a time, answers by length."""

import select
import socket
import time

CONNECT_SECONDS = 10
_RECEIVE_BYTES = 1 << 18


class Connection:
    """One keep-alive connection with at most one request under way."""

    __slots__ = ("epoll", "received", "sent_at", "socket", "unsent")

    def __init__(self, address: tuple[str, int], epoll: select.epoll) -> None:
        self.epoll = epoll
        self.socket = socket.create_connection(address, timeout=CONNECT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received = b""
        self.unsent = memoryview(b"")
        self.sent_at = 0.0
        epoll.register(self.socket, select.EPOLLIN)

    def start(self, request: bytes) -> None:
        """Send a request, or as much of it as the socket takes now; the clock runs from here."""
        self.sent_at = time.perf_counter()
        sent = self.socket.send(request)
        if sent < len(request):
            self.unsent = memoryview(request)[sent:]
            self.epoll.modify(self.socket, select.EPOLLIN | select.EPOLLOUT)

    def send_rest(self) -> None:
        """Go on with a request that the socket did not take whole."""
        self.unsent = self.unsent[self.socket.send(self.unsent) :]
        if not self.unsent:
            self.epoll.modify(self.socket, select.EPOLLIN)

    def receive(self) -> bytes | None:
        """The whole answer, or None when more has to come.

        Raises:
            ConnectionError: the server closed the connection.
        """
        data = self.socket.recv(_RECEIVE_BYTES)
        if not data:
            raise ConnectionResetError("closed by the server")
        if self.received:
            data = self.received + data
        if len(data) < answer_bytes(data):
            self.received = data
            return None
        self.received = b""
        return data

    def close(self) -> None:
        """Close it, and watch it no longer."""
        self.epoll.unregister(self.socket)
        self.socket.close()


def answer_bytes(data: bytes) -> int:
    """The length of the answer that `data` begins; longer than `data` as long as its head is not complete.

    Raises:
        ValueError: the answer does not say its length.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return len(data) + 1
    head = data[:end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError(f"an answer without Content-Length: {head!r}")
    stop = head.find(b"\r\n", at + 2)
    return end + 4 + int(head[at + 17 : stop if stop > 0 else end])
