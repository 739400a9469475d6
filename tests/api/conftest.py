"""A mail server that keeps what it is sent, for tests of what the server mails."""

import email
import email.message
import socket
from collections.abc import Iterator
from email.policy import default as policy

import pytest
from aiosmtpd.controller import Controller
from tests.waiting import PATIENCE


class Box:
    """Takes mails, but none for who is called refused."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        """Take or refuse a recipient."""
        if address.startswith("refused"):
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        """Keep a mail."""
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy))
        return "250 OK"


class _MailServer(Controller):
    """On a port that it takes itself, and as slow to begin as it must be."""

    def _trigger_server(self) -> None:
        """Have the library's server made by the first connection; it gives that one second."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection((self.hostname, self.port), PATIENCE) as connection:
            connection.recv(1_024)


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    """A running mail server."""
    handler = Box()
    controller = _MailServer(handler, hostname="127.0.0.1", port=0, ready_timeout=PATIENCE)
    controller.start()
    yield handler, controller.port
    controller.stop()
