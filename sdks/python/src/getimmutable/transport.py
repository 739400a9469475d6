"""Sends requests over a pool of kept-alive connections, and again where that is safe. Blocking and asyncio.

What an attempt came to is judged in `outcome.py`, so that the two transports hold nothing but the loop.
"""

import asyncio
import atexit
import dataclasses
import encodings.idna  # noqa: F401 - what looking up a host name imports; why here, see Transport.__init__
import os
import ssl
import time
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import httpx2

from getimmutable.download import saving
from getimmutable.errors import ImmutableError
from getimmutable.outcome import Answer, Failure, failure_of, outcome_of
from getimmutable.request import Request
from getimmutable.retry import RetryPolicy
from getimmutable.version import __version__

T = TypeVar("T")

_DOWNLOAD_SECONDS = 60.0
"""How long a download may say nothing: the server makes an evidence pack before it sends any of it."""
_LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0)


class Attempts(Protocol):
    """What the background queue needs: one attempt at a time, with its own patience between them."""

    def attempt(self, request: Request[Any]) -> Answer | Failure:
        """Send once. Raises nothing that the network or the server can cause."""

    def close(self) -> None:
        """Give the connections back."""


class Sends(Attempts, Protocol):
    """What the client needs: an answer, or ImmutableError."""

    def send(self, request: Request[T]) -> T:
        """Send, and again as the policy says. Raises ImmutableError."""


class SendsAsync(Protocol):
    """The same for the asyncio client."""

    async def send(self, request: Request[T]) -> T:
        """Send, and again as the policy says. Raises ImmutableError."""

    async def aclose(self) -> None:
        """Give the connections back."""


@dataclasses.dataclass(frozen=True, slots=True)
class Destination:
    """Where requests go and with which key. Raises ValueError for an address or a key that cannot work."""

    base_url: str
    api_key: str = dataclasses.field(repr=False)
    timeout_seconds: float
    retry: RetryPolicy
    ssl_context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        try:
            url = httpx2.URL(self.base_url)
        except httpx2.InvalidURL as error:
            raise ValueError(f"base_url is no address: {error}") from None
        if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
            raise ValueError("base_url must be http:// or https://, the server's name, and at most a path")
        if not (self.api_key.isascii() and self.api_key.isprintable()):
            raise ValueError("api_key holds characters that no key has; is it whole, and nothing but the key?")

    def options(self) -> dict[str, Any]:
        """The arguments of the HTTP client."""
        return {
            "timeout": self.timeout_seconds,
            "limits": _LIMITS,
            "verify": True if self.ssl_context is None else self.ssl_context,
            "headers": {
                "Authorization": f"Bearer {self.api_key}",
                "Accept": "application/json",
                "User-Agent": f"getimmutable-python/{__version__}",
            },
        }

    def call(self, request: Request[Any], content: bytes | None) -> dict[str, Any]:
        """The arguments of one HTTP request."""
        call: dict[str, Any] = {
            "method": request.method,
            "url": f"{self.base_url}/api{request.path}",
            "params": request.params or None,
            "content": content,
            "headers": None if content is None else {"Content-Type": "application/json"},
        }
        if request.into is not None:
            call["headers"] = {"Accept": "*/*"}
            call["timeout"] = httpx2.Timeout(self.timeout_seconds, read=max(self.timeout_seconds, _DOWNLOAD_SECONDS))
        return call


def _nothing() -> None:
    """Nobody counts the retries."""


class Transport:
    """Sends for the blocking client. Safe to share between threads; after a fork the child opens its own connections."""

    def __init__(self, destination: Destination, on_retry: Callable[[], None] = _nothing) -> None:
        self._destination = destination
        self._on_retry = on_retry
        # By process: a forked child must not speak on its parent's connections, nor close them.
        self._pools: dict[int, httpx2.Client] = {}
        # Opened now, and not with the first event in some thread: a fork during the imports that this sets off would
        # leave the child with an import lock that nobody releases.
        self._pool()
        _transports.add(self)

    def send(self, request: Request[T]) -> T:
        """Send, and again as the policy says. Raises ImmutableError."""
        retry, started, retries_done = self._destination.retry, time.monotonic(), 0
        while True:
            outcome = self.attempt(request)
            if isinstance(outcome, Answer):
                return cast("T", outcome.data)
            delay = _delay(outcome, retry, retries_done, time.monotonic() - started)
            if delay is None:
                raise outcome.error from outcome.cause
            time.sleep(delay)
            retries_done += 1
            self._on_retry()

    def attempt(self, request: Request[Any]) -> Answer | Failure:
        """Send once."""
        call, pool = self._destination.call(request, request.content()), self._pool()
        try:
            if request.into is None:
                return outcome_of(pool.request(**call), request)
            with pool.stream(**call) as response:
                if not response.is_success:
                    response.read()
                    return outcome_of(response, request)
                with saving(request.into) as write:
                    for piece in response.iter_bytes():
                        write(piece)
                return Answer(response.num_bytes_downloaded)
        except httpx2.HTTPError as error:
            return failure_of(error, request)
        except RuntimeError as error:
            if not pool.is_closed:
                raise
            # Another thread closed it before this one had sent anything.
            return Failure(ImmutableError("HTTP error: the connections were closed"), may_retry=True, cause=error)

    def _pool(self) -> httpx2.Client:
        process = os.getpid()
        pool = self._pools.get(process)
        if pool is None:
            opened = httpx2.Client(**self._destination.options())
            # Where threads race to be first, one pool wins. No lock: a fork could copy it locked.
            pool = self._pools.setdefault(process, opened)
            if pool is opened:
                weakref.finalize(self, _close, self._pools).atexit = False
            else:
                opened.close()
        return pool

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        _close(self._pools)


_transports: weakref.WeakSet[Transport] = weakref.WeakSet()


@atexit.register
def close_transports() -> None:
    """Close what nobody closed. The queues, registered later, have sent what they held by then."""
    for transport in list(_transports):
        transport.close()


class AsyncTransport:
    """Sends for the asyncio client. In another event loop, as after a second `asyncio.run`, it opens new connections."""

    def __init__(self, destination: Destination, on_retry: Callable[[], None] = _nothing) -> None:
        self._destination = destination
        self._on_retry = on_retry
        self._open: tuple[asyncio.AbstractEventLoop, httpx2.AsyncClient] | None = None

    async def send(self, request: Request[T]) -> T:
        """Send, and again as the policy says. Raises ImmutableError."""
        retry, started, retries_done = self._destination.retry, time.monotonic(), 0
        while True:
            outcome = await self._attempt(request)
            if isinstance(outcome, Answer):
                return cast("T", outcome.data)
            delay = _delay(outcome, retry, retries_done, time.monotonic() - started)
            if delay is None:
                raise outcome.error from outcome.cause
            await asyncio.sleep(delay)
            retries_done += 1
            self._on_retry()

    async def _attempt(self, request: Request[Any]) -> Answer | Failure:
        call = self._destination.call(request, request.content())
        try:
            if request.into is None:
                return outcome_of(await self._pool().request(**call), request)
            async with self._pool().stream(**call) as response:
                if not response.is_success:
                    await response.aread()
                    return outcome_of(response, request)
                with saving(request.into) as write:
                    async for piece in response.aiter_bytes():
                        write(piece)
                return Answer(response.num_bytes_downloaded)
        except httpx2.HTTPError as error:
            return failure_of(error, request)

    def _pool(self) -> httpx2.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._open is None or self._open[0] is not loop:
            self._open = (loop, httpx2.AsyncClient(**self._destination.options()))
        return self._open[1]

    async def aclose(self) -> None:
        """Close the connections. A later call opens new ones."""
        pool, self._open = self._open, None
        if pool is not None and pool[0] is asyncio.get_running_loop():
            await pool[1].aclose()


def _delay(failure: Failure, retry: RetryPolicy, retries_done: int, elapsed: float) -> float | None:
    if not failure.may_retry:
        return None
    return retry.delay(retries_done=retries_done, elapsed_seconds=elapsed, retry_after=failure.error.retry_after)


def _close(pools: dict[int, httpx2.Client]) -> None:
    pool = pools.pop(os.getpid(), None)
    if pool is not None:
        pool.close()
