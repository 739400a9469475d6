"""One path of the URL table as an ASGI application: method, key, body and parameters in; an answer out; errors as JSON.

The order is: method, key and scope, body within its size and time, handler. Handlers see a Call and give an Answer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec
import structlog
from starlette.types import Receive, Scope, Send

from immutable.accounts.member_sessions import SignedIn
from immutable.api.answer import JSON, Answer
from immutable.api.client_address import client_address
from immutable.api.cookies import OWN_PAGE, WORKSPACE, check_own_page, cookie_of, session_token
from immutable.api.parameters import Parameter
from immutable.api.problems import answer_to
from immutable.api.request_id import request_id
from immutable.errors import BadRequest, ImmutableError, InvalidEvent, MethodNotAllowed, Unauthenticated
from immutable.model.workspace import ApiKey, Workspace
from immutable.model.workspace import Scope as KeyScope
from immutable.telemetry.logs import REQUEST_ID
from immutable.telemetry.request_metrics import REQUESTS

_log = structlog.get_logger(__name__)

if TYPE_CHECKING:
    from immutable.services import Services


class Call(msgspec.Struct, gc=False):
    """One request, authenticated and read."""

    services: "Services"
    workspace: Workspace
    key: ApiKey | None
    """None where no key is asked for; a member's session lets in as a key with the scopes of their role does."""
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    caller: str | None
    """The client's address: the caller's, or what a trusted proxy says it is."""
    bearer: str | None = None
    """What a path that asks for a viewer token was shown as one."""
    session: SignedIn | None = None
    """The member whose session the request carries; None where a key lets in, or nobody is asked for."""
    user_agent: str = ""
    cookie: str = ""
    """The one that the path asks for (`Method.cookie`)."""
    last_event_id: str | None = None
    """Where the listener to a stream left off."""
    check_again: Callable[[], Awaitable[object]] | None = None
    """For what goes on answering: raises Unauthenticated or Forbidden once the key or the session is good no more."""


Handler = Callable[[Call], Awaitable[Answer]]


class Method(msgspec.Struct, frozen=True):
    """What a verb does on a path, what it takes and what it answers. `scope` None: no key is asked for."""

    handler: Handler
    scope: KeyScope | None
    parameters: tuple[Parameter, ...] = ()
    answer: type | None = None
    """The shape of a good answer, for the OpenAPI document; None where it is not our JSON."""
    status: int = 200
    body: type | None = None
    is_single_event: bool = False
    takes_session: bool = False
    """It is about the member who is signed in, in whatever workspace; no key can do it."""
    for_own_page: bool = False
    """It asks for neither key nor session, and is for the desk alone: other sites' pages are refused."""
    cookie: str = ""
    """The name of the cookie that a browser brings; where it comes by itself, whatever else is in the query is passed over."""
    takes_viewer_token: bool = False
    """The handler reads the token (`api/viewer.py`); no key is asked for."""
    streams: bool = False
    """The handler goes on answering: it is told where the listener left off, and can check again who listens."""
    errors: tuple[type[ImmutableError], ...] = ()
    """What it can answer besides the errors that every path of its kind can."""
    media: str = "text/plain"
    """What it answers where that is not our JSON."""


class Endpoint:
    """The ASGI application of one path."""

    def __init__(self, services: "Services", route: str, methods: Mapping[str, Method]) -> None:
        self._services = services
        self._route = route
        self._methods = dict(methods)
        self._parameters = {verb: frozenset(one.name for one in method.parameters) for verb, method in methods.items()}
        if "GET" in self._methods:
            self._methods["HEAD"] = self._methods["GET"]
            self._parameters["HEAD"] = self._parameters["GET"]
        self._logs_requests = services.settings.log_level.lower() == "debug"
        self._allow = ", ".join(sorted(self._methods)).encode()
        self._is_for_viewers = any(method.takes_viewer_token for method in methods.values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        named = request_id(scope)
        REQUEST_ID.set(named.decode())  # each request has a task, and so a context, of its own
        tracing = self._services.tracing
        if tracing is None:
            answer = await self._answer_or_error(scope, receive, named)
        else:
            with tracing.request(scope["method"], self._route, scope["headers"]) as span:
                answer = await self._answer_or_error(scope, receive, named)
                tracing.answered(span, answer.status, named.decode())
        seconds = time.perf_counter() - started
        REQUESTS.observe(scope["method"], self._route, answer.status, seconds)
        if self._logs_requests:
            _log.debug(
                "request", method=scope["method"], route=self._route, status=answer.status,
                milliseconds=round(seconds * 1_000, 3),
            )  # fmt: skip
        answer.headers.append((b"x-request-id", named))
        if self._is_for_viewers:
            answer.headers.extend(_ANY_ORIGIN)
        if answer.stream is None:
            await send_answer(send, answer)
        else:
            await send_stream(receive, send, answer, answer.stream, only_head=scope["method"] == "HEAD")

    async def _answer_or_error(self, scope: Scope, receive: Receive, named: bytes) -> Answer:
        try:
            return await self._answer(scope, receive)
        except Exception as error:  # noqa: BLE001 - whatever happens, the client gets JSON and we log it
            answer = answer_to(error, named.decode())
            if answer.status == 405:
                answer.headers.append((b"allow", self._allow))
            return answer

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        method = self._methods.get(scope["method"])
        if method is None and self._is_for_viewers and scope["method"] == "OPTIONS":
            return Answer(204, b"", [])
        if method is None:
            raise MethodNotAllowed(
                f"{scope['method'][:20]} is not possible here; possible are: {self._allow.decode()}."
            )
        services = self._services
        caller = client_address(scope, services.trusted_proxies)
        key = session = None
        if method.scope is not None:
            key, session = await self._let_in(scope, method.scope, caller)
            services.limits.take_request(key)
        elif method.takes_session:
            session = await self._signed_in(scope, caller)
        elif method.for_own_page:
            check_own_page(scope, services.settings)
        body = b""
        if scope["method"] == "POST":
            settings = services.settings
            limit = settings.event_max_bytes if method.is_single_event else settings.batch_max_bytes
            body = await services.bodies.read(scope, receive, limit)
        query = scope["query_string"]
        call = Call(
            services,
            _NOBODY if key is None else key.workspace,
            key,
            scope.get("path_params", {}),
            _parameters(
                query, self._parameters[scope["method"]], passes_over=bool(method.cookie) and not method.for_own_page
            )
            if query
            else {},
            body,
            caller,
            _secret_of(scope) if method.takes_viewer_token else None,
            session,
            _header(scope, b"user-agent")[:1024] if method.scope != "ingest" else "",  # an event brings its own
            (cookie_of(scope, method.cookie, services.settings) or "") if method.cookie else "",
            last_event_id=(_header(scope, b"last-event-id") or None) if method.streams else None,
            check_again=partial(self._let_in, scope, method.scope, caller) if method.streams and method.scope else None,
        )
        for value in call.path.values():
            if "\0" in value:
                raise BadRequest("The path must not contain NUL.")
        return await method.handler(call)

    async def _let_in(self, scope: Scope, wanted: KeyScope, caller: str | None) -> tuple[ApiKey, SignedIn | None]:
        """The key that the request carries, or that of its member's session. Raises Unauthenticated or Forbidden."""
        services, secret = self._services, _secret_of(scope)
        if secret is None:
            session = await self._signed_in(scope, caller)
            chosen = _header(scope, WORKSPACE) or None
            return await services.read(services.member_sessions.key, session, chosen, wanted, caller), session
        return services.keys.remembered(secret, wanted, caller) or await self._authenticated(
            secret, wanted, caller
        ), None

    async def _signed_in(self, scope: Scope, caller: str | None) -> SignedIn:
        """The member whose session the request carries, made by our own page. Raises Unauthenticated or Forbidden."""
        services = self._services
        token = session_token(scope, services.settings)
        if token is None:
            raise Unauthenticated(_NO_KEY)
        if OWN_PAGE not in {name for name, _ in scope["headers"]}:
            raise Unauthenticated("A session counts only with the header Immutable-Desk, which the desk sends.")
        check_own_page(scope, services.settings)
        found = services.member_sessions.remembered(token)
        if found is not None:
            return found
        services.limits.check_guessing(caller)
        try:
            return await services.read(services.member_sessions.find, token)
        except Unauthenticated:
            services.limits.note_failure(caller)
            raise

    async def _authenticated(self, secret: str, wanted: KeyScope, caller: str | None) -> ApiKey:
        """The key that the database knows by this secret; whoever tries too many wrong ones is not looked up."""
        services = self._services
        if not services.keys.was_good(secret):
            services.limits.check_guessing(caller)
        try:
            return await services.read(services.keys.authenticate, secret, wanted, caller)
        except Unauthenticated:
            services.limits.note_failure(caller)
            raise


_ANY_ORIGIN = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-max-age", b"86400"),
)
"""What lets browsers of any origin show a viewer token: no cookie is ever read."""

_NOBODY = Workspace(0, "", "")


_NO_KEY = "Send your API key: Authorization: Bearer imk_..."


def _secret_of(scope: Scope) -> str | None:
    """The key of the Authorization header; None where there is no such header. Raises Unauthenticated."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, secret = value.decode("latin-1").partition(" ")
            if kind.lower() == "bearer" and secret:
                return str(secret.strip())
            raise Unauthenticated(_NO_KEY)
    return None


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _parameters(query: bytes, allowed: frozenset[str], *, passes_over: bool = False) -> dict[str, str]:
    """The query's parameters; an empty one counts as absent. Raises BadRequest or InvalidEvent.

    `passes_over`: what is not ours is somebody else's, and no mistake.
    """
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except (ValueError, UnicodeDecodeError):
        raise BadRequest(
            "The query string cannot be read: it must be percent-encoded UTF-8, with at most 100 parameters."
        ) from None
    found: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in allowed and passes_over:
            continue
        if name not in allowed:
            errors[name[:255]] = [f"There is no such parameter; there are: {', '.join(sorted(allowed)) or 'none'}."]
        elif name in found:
            errors[name] = ["This parameter is given twice."]
        elif len(value) > 2048 or "\0" in value:
            errors[name] = ["The value is too long, or contains NUL."]
        elif value:
            found[name] = value
    if errors:
        name, texts = next(iter(errors.items()))
        raise InvalidEvent(f"{name}: {texts[0]}", errors)
    return found


_PIECE = 1 << 18
_CAREFUL = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
_CAREFUL_JSON = [*_CAREFUL, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
"""JSON that a browser opens as a page loads nothing, and stands in nobody's frame. Pages have policies of their own."""


async def send_stream(
    receive: Receive, send: Send, answer: Answer, stream: AsyncIterator[bytes], *, only_head: bool
) -> None:
    """Send an answer as it comes, until it ends or the other side has gone."""
    headers = [(b"content-type", answer.content_type), *answer.headers, *_CAREFUL]
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        async for piece in stream:
            if only_head or gone.done():
                break
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except ImmutableError:
        pass  # the key is good no more, or the database is away: the listener asks again, and is then told
    finally:
        gone.cancel()
        await stream.aclose()  # type: ignore[attr-defined]
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer: its body whole, or its file piece by piece."""
    length = len(answer.body) if answer.file is None else answer.file[1]
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(length).encode()),
        *answer.headers,
    ]
    if answer.status != 202:  # receipts are not kept by caches anyway, and are what we send most
        headers += _CAREFUL_JSON if answer.content_type is JSON else _CAREFUL
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.file is None:
        await send({"type": "http.response.body", "body": answer.body})
        return
    with answer.file[0] as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
