"""A mail server that keeps what it is sent, for tests of what the server mails."""

import email
import email.message
import socket
from collections.abc import Iterator
from email.policy import default as policy

import pytest
from aiosmtpd.controller import Controller


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


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    """A running mail server."""
    handler = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()
