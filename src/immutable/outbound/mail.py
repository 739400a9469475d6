"""E-mail by an SMTP server of the operator's own, which the settings name: the one place that speaks SMTP."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from immutable.errors import ImmutableError, StartError

_SECONDS = 10
_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


class MailFailed(ImmutableError):
    """The server did not take the mail."""


class Mailer:
    """Sends texts to people."""

    def __init__(self, url: str, sender: str) -> None:
        """`url`: smtps:// (TLS), smtp:// (STARTTLS, always) or smtp+plain:// (neither). Raises StartError."""
        self._server, self._sender = urlsplit(url), sender
        if self._server.scheme not in _PORTS or not self._server.hostname or "@" not in sender:
            raise StartError(
                "IMMUTABLE_SMTP_URL must be smtps://, smtp:// or smtp+plain://user:password@host:port, and "
                "IMMUTABLE_MAIL_FROM an address to send from."
            )
        if not unquote((self._server.username or "") + (self._server.password or "")).isascii():
            raise StartError("IMMUTABLE_SMTP_URL: the mail server's user and password can only have letters of ASCII.")

    def send(self, to: str, subject: str, text: str) -> None:
        """Send one mail. Raises MailFailed where the server does not take it."""
        message = EmailMessage()
        try:
            message["From"], message["To"], message["Subject"] = self._sender, to, subject
            message.set_content(text)
            with _connected(self._server) as connection:
                connection.send_message(message)
        except (
            OSError,
            smtplib.SMTPException,
            ValueError,
        ) as error:  # TLS errors are OSErrors; ValueError: no such header
            raise MailFailed(f"The mail could not be sent: {type(error).__name__}.") from error


def _connected(server: SplitResult) -> smtplib.SMTP:
    """A connection that is encrypted where the scheme says so, and signed in where the address has a user."""
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if server.scheme == "smtps":
        connection = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(host, port, timeout=_SECONDS)
    try:
        if server.scheme == "smtp":
            connection.starttls(context=context)
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection
