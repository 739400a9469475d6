"""E-mail over TLS to a real SMTP server: signed in, and never to a server that cannot show that it is the one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from tests.certificates import Certificate, certificate

from immutable.errors import StartError
from immutable.outbound.mail import Mailer, MailFailed

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
USER, PASSWORD = "audit@example.com", "p@ss/w:ord% #?"


class Box:
    """Takes mails of whoever knows the password."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.tried: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Keep a mail."""
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        return "250 OK"

    def __call__(self, _server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
        """Whether that is the user."""
        self.tried.append(data.password)
        is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=is_right)


class MailServer(Controller):
    """The library's, on any port that is free, which it tells once it listens there."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running(box: Box, shown: Certificate, *, is_implicit: bool) -> Iterator[int]:
    """A mail server that takes mail over TLS and from its user alone; its port."""
    tls: dict[str, Any] = (
        {"ssl_context": shown.server, "auth_require_tls": False}  # it is TLS already; the library does not know
        if is_implicit
        else {"tls_context": shown.server, "require_starttls": True}
    )
    controller = MailServer(box, "127.0.0.1", 0, ready_timeout=60, authenticator=box, auth_required=True, **tls)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _mailer(scheme: str, port: int, password: str = PASSWORD) -> Mailer:
    return Mailer(f"{scheme}://{quote(USER, safe='')}:{quote(password, safe='')}@localhost:{port}", USER)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mail_goes_over_tls_to_the_server_that_shows_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """By STARTTLS as by TLS from the start, signed in with whatever characters; a wrong password sends nothing."""
    shown, box = certificate(tmp_path, "localhost"), Box()
    monkeypatch.setenv("SSL_CERT_FILE", str(shown.file))
    with running(box, shown, is_implicit=scheme == "smtps") as port:
        _mailer(scheme, port).send("ada@example.com", "Hello", "A text with ü.")
        with pytest.raises(MailFailed, match="SMTPAuthenticationError") as failed:
            _mailer(scheme, port, "another").send("ada@example.com", "Hello", "A text.")
    assert len(box.mails) == 1
    assert b"To: ada@example.com" in box.mails[0]
    assert "another" not in str(failed.value)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_no_password_reaches_a_server_that_cannot_show_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, name: str
) -> None:
    """Neither one with a certificate that nobody vouches for, nor one whose certificate is for another name."""
    shown, box = certificate(tmp_path, name), Box()
    if name != "localhost":
        monkeypatch.setenv("SSL_CERT_FILE", str(shown.file))
    with (
        running(box, shown, is_implicit=scheme == "smtps") as port,
        pytest.raises(MailFailed, match="SSLCertVerificationError"),
    ):
        _mailer(scheme, port).send("ada@example.com", "Hello", "A text.")
    assert (box.mails, box.tried) == ([], [])


def test_what_cannot_be_mailed_fails_in_one_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever address and subject are, a mail is taken or MailFailed; a password that cannot be sent is told at the start."""
    shown, box = certificate(tmp_path, "localhost"), Box()
    monkeypatch.setenv("SSL_CERT_FILE", str(shown.file))
    with running(box, shown, is_implicit=False) as port:
        _mailer("smtp", port).send("jos\u00e9@ex\u00e4mple.com", "Hello", "A text.")
        for to, subject in (("a@b\r\nBcc: c@d.example", "Hello"), ("a@b", "Hello\r\nBcc: c@d.example"), ("", "Hello")):
            with pytest.raises(MailFailed):
                _mailer("smtp", port).send(to, subject, "A text.")
        with pytest.raises(StartError, match="ASCII"):
            _mailer("smtp", port, "p\u00e4ssword")
    assert len(box.mails) == 1
