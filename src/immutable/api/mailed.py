"""Mails that go out beside an answer, where there is a mail server: the answer does not depend on them."""

import structlog

from immutable.api.endpoint import Call
from immutable.errors import Overloaded
from immutable.outbound.mail import MailFailed

_log = structlog.get_logger(__name__)


async def is_mailed(call: Call, what: str, to: str, subject: str, text: str) -> bool:
    """Send a mail; whether a mail server took it. `what`: of what the server's log says that it was not mailed."""
    mailer = call.services.mailer
    if mailer is None:
        return False
    try:
        await call.services.outside(mailer.send, to, subject, text)
    except (MailFailed, Overloaded) as error:
        _log.warning(f"{what}_not_mailed", error=error.message)
        return False
    return True
