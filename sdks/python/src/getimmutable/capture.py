"""What the middleware of all frameworks has in common: its options, and a request's context made with them."""

import re
import secrets
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, Generic, TypeVar

from getimmutable import context
from getimmutable.addresses import TrustedProxies
from getimmutable.context import ANONYMOUS, Client, Context, Identity
from getimmutable.event_queue import EventQueue

R = TypeVar("R")

KEPT = "_immutable_session"
"""Where a session that has no id of its own keeps one."""
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-")
_LONGEST_AGENT = 1024
_LONGEST_TEXT = 255


class Capture(Generic[R]):
    """The options of a middleware.

    `client` (and `queue`, where it shall not be one of its own) is handed to `context.configure`. `identify(request)` says
    who acts and in which session. `session_cookie` names the cookie whose value, hashed, is the session where `identify`
    says none; without it, that is the framework's session. `trusted_proxies`: addresses and CIDR ranges whose
    `X-Forwarded-For` is believed, and "unix" for one on a Unix socket.
    """

    def __init__(
        self,
        client: Client | None = None,
        *,
        queue: EventQueue | None = None,
        identify: Callable[[R], Identity | None] | None = None,
        session_cookie: str | None = None,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        if client is not None:
            context.configure(client, queue)
        self._identify = identify
        self._session_cookie = session_cookie
        self._proxies = TrustedProxies(trusted_proxies)

    def context(
        self,
        request: R,
        *,
        peer: str | None,
        header: Callable[[str], str | None],
        cookies: Callable[[], Mapping[str, str]],
        session_key: Callable[[bool], str | None],
    ) -> Context:
        """The context of a request. What its headers say is cut to what the server takes: they must not cost the event."""
        trace = _TRACE.match(header("traceparent") or "")
        seen = {
            "ip_address": self._proxies.client_of(peer, header("x-forwarded-for")),
            "user_agent": (header("user-agent") or "")[:_LONGEST_AGENT],
            "request_id": (header("x-request-id") or "")[:_LONGEST_TEXT],
            "trace_id": trace and trace[1],
        }
        name, identify = self._session_cookie, self._identify
        return Context(
            ANONYMOUS,
            seen=seen,
            ask=(lambda: None) if identify is None else lambda: identify(request),
            session_key=session_key if name is None else lambda _: cookies().get(name) or None,
        )


def kept_id(session: MutableMapping[str, Any], may_begin: bool) -> str | None:
    """The id of a session that is a signed cookie, and so has none: its value changes with every change of the session.

    A random one is put into it, once it holds anything: a visitor without a session gets none for our sake.
    """
    # `dict.get` where it can be: the session's own would have the framework vary its answers by the cookie.
    found = dict.get(session, KEPT) if isinstance(session, dict) else session.get(KEPT)
    if found is None and may_begin and session:
        session[KEPT] = found = secrets.token_hex(16)
    return str(found) if found else None
