"""Who acts, in which session and from where, kept for the length of a request.

`track("document.edited", ...)` anywhere in it needs no plumbing. The middleware of `starlette`, `django` and `flask` makes
each request's context; `acting` makes one for a job.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Protocol, TypedDict, Unpack, cast

from getimmutable.errors import QueueClosedError, QueueFullError
from getimmutable.event_queue import EventQueue, QueuedEvent, QueueSettings
from getimmutable.pending_event import resource_fields
from getimmutable.tracing import active_trace
from getimmutable.types import Actor, EventPayload

_log = logging.getLogger("getimmutable")

ANONYMOUS: Actor = {"id": "anonymous", "type": "anonymous"}
"""Acts in a request in which nobody is signed in."""
SYSTEM: Actor = {"id": "system", "type": "system"}
"""Acts where there is no request: a job, the command line."""
UNKNOWN: Actor = {"id": "unknown", "type": "unknown"}
"""Acts where the application's `identify` raised an error. The event is kept all the same; the error is logged."""


class Identity(TypedDict, total=False):
    """What the application says about a request. `session` is sent as it is; a cookie or token goes into `secret_session`."""

    actor: Actor | None
    session: str | None
    secret_session: str | None
    tenant: str | None
    on_behalf_of: Actor | None


class Client(Protocol):
    """Either client."""

    def queue(self, *, settings: QueueSettings | None = None) -> EventQueue:
        """A background queue."""

    def session_hash(self, session_id: str) -> str:
        """What stands for a session id that is a secret."""


class Context:
    """One request, or one job. The same object in all tasks and threads of it, so that a login holds for all of them."""

    def __init__(
        self,
        nobody: Actor,
        *,
        seen: Mapping[str, str | None] | None = None,
        ask: Callable[[], Identity | None] = lambda: None,
        session_key: Callable[[bool], str | None] = lambda _: None,
    ) -> None:
        """`session_key(may_begin)` is the framework's secret session id; `seen` are fields of the event."""
        self._nobody = nobody
        self._seen = dict(seen or {})
        self._ask = ask
        self._session_key = session_key
        self._asked: Identity = {}
        self._given: Identity = {}
        self.is_answered = False  # from then on, no cookie can be set any more

    def identify(self, **identity: Unpack[Identity]) -> None:
        """Say what holds from now on, whatever the middleware's `identify` says."""
        self._given = _over(self._given, identity)

    def fields(self) -> dict[str, Any]:
        """The fields of an event that are known now. Whoever signed in during the request is its actor from then on."""
        try:
            self._asked = self._ask() or {}
        except Exception:  # noqa: BLE001 - the application's code; the event must not be lost for it
            _log.exception("identify failed; the event goes without what it would have said")
            self._asked = {"actor": UNKNOWN}
        return self._fields(may_begin=not self.is_answered)

    def known(self) -> dict[str, Any]:
        """The same without asking anybody, for log lines: asking may read a database, and log."""
        return self._fields(may_begin=False)

    def _fields(self, *, may_begin: bool) -> dict[str, Any]:
        said = _over(self._asked, self._given)
        actor = said.get("actor") or self._nobody
        session = said.get("session")
        if session is None:
            secret = said.get("secret_session") or self._session_key(may_begin)
            session = secret and _sink().client.session_hash(secret)
        fields = {
            **self._seen,
            "actor_id": str(actor["id"]),
            "actor_name": actor.get("name"),
            "actor_type": actor.get("type"),
            "session_id": session,
            "tenant_id": said.get("tenant"),
            "on_behalf_of": said.get("on_behalf_of"),
        }
        fields["trace_id"] = active_trace() or fields.get("trace_id")
        return {name: value for name, value in fields.items() if value}


def _over(old: Identity, new: Identity) -> Identity:
    """Both, the new one first; a session said newly replaces either kind of the old."""
    is_said_newly = new.get("session") is not None or new.get("secret_session") is not None
    kept = {name: value for name, value in old.items() if not (is_said_newly and name.endswith("session"))}
    return cast("Identity", {**kept, **new})


class _Sink:
    """Where events go."""

    def __init__(self, client: Client, queue: EventQueue) -> None:
        self.client, self.queue = client, queue

    def track(self, payload: EventPayload) -> None:
        """Take an event of `actor()`: who acts is in it, the rest is the request's."""
        fields = {name: value for name, value in _fields().items() if name not in _OF_ACTOR}
        self.queue.track(cast("EventPayload", {**fields, **payload}))


_OF_ACTOR = ("actor_id", "actor_name", "actor_type", "on_behalf_of")
_current: ContextVar[Context | None] = ContextVar("getimmutable_context", default=None)
_configured: _Sink | None = None
finders: list[Callable[[], Context | None]] = []
"""Ask frameworks that keep a request's values themselves (Flask)."""


def configure(client: Client, queue: EventQueue | None = None) -> None:
    """Say once where the events go; a middleware that is given `client` does it. They leave by a queue of the client's."""
    global _configured  # noqa: PLW0603 - one for the process, like the root logger
    if _configured is None or _configured.client is not client or queue not in (None, _configured.queue):
        _configured = _Sink(client, queue or client.queue())


def is_configured() -> bool:
    """Whether there is a client."""
    return _configured is not None


def _sink() -> _Sink:
    if _configured is None:
        raise RuntimeError("getimmutable has no client yet: call getimmutable.context.configure(client) at start")
    return _configured


def current() -> Context | None:
    """The context of the request or job that this runs in."""
    return _current.get() or next(filter(None, (find() for find in finders)), None)


@contextlib.contextmanager
def entered(context: Context) -> Iterator[Context]:
    """Let this be the current context."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def acting(**identity: Unpack[Identity]) -> contextlib.AbstractContextManager[Context]:
    """Make a context for a job or a command.

    `with acting(actor={"id": "nightly", "type": "job"}): ...`
    """
    context = Context(SYSTEM)
    context.identify(**identity)
    return entered(context)


def identify(**identity: Unpack[Identity]) -> None:
    """Say who acts in this request, where the middleware could not know: `identify(actor={"id": ...})` after a login.

    Raises RuntimeError outside of a request and of `acting`.
    """
    context = current()
    if context is None:
        raise RuntimeError("There is no request here; use `with getimmutable.context.acting(...)`")
    context.identify(**identity)


def track(
    action: str,
    resource: str | Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    **more: Any,
) -> None:
    """Take an event of whoever acts here, and send it in the background. `more` are further fields of the event.

    Raises QueueFullError as `EventQueue.track`, and RuntimeError where there is no client yet.
    """
    _sink().queue.track(event(action, resource, metadata, **more))


def actor(id: str, *, name: str | None = None, type: str | None = None) -> QueuedEvent:  # noqa: A002
    """Start building events of another actor, otherwise of this request."""
    return QueuedEvent(_sink(), {"id": id, "name": name, "type": type})


def event(
    action: str,
    resource: str | Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    **more: Any,
) -> EventPayload:
    """The event that `track` would send now."""
    fields = {**_fields(), **resource_fields(resource), "action": action, "metadata": dict(metadata or {}), **more}
    return cast("EventPayload", {name: value for name, value in fields.items() if value not in (None, "", {}, [])})


def send(payload: EventPayload) -> None:
    """Take an event and never raise: what the queue cannot take is spooled or given up, with the client's counters and hook.

    For hooks of a database, where the change is committed already.
    """
    queue = _sink().queue
    try:
        queue.track(payload)
    except (QueueFullError, QueueClosedError) as error:
        queue.not_taken(payload, error)
    except Exception:  # noqa: BLE001 - the change that it tells of is committed, nothing may fail now
        _log.exception("an event of %s could not be made", payload.get("action"))


def now() -> datetime:
    """When an event happens that is sent later."""
    return datetime.now(UTC)


def _fields() -> dict[str, Any]:
    return (current() or Context(SYSTEM)).fields()
