"""Rate limits: requests and events of one key, failed authentications of one address. They hold over all processes.

Each limit is a bucket of tokens per key or address. A request takes at once, from what this process knows of the bucket;
several times a second the process tells the database what it took and hears what is left, for all buckets in one statement
(`Catalog.spend`). So no request waits for the database, and what processes took together meanwhile is paid back: a bucket may
be in debt, and nothing is taken from it until the debt is paid. Why so: docs/decisions/0011-rate-limits.md.
"""

import hashlib
import math
import threading
import time
from collections.abc import Callable

import structlog

from immutable.errors import Overloaded, RateLimited
from immutable.model.network import neighbourhood
from immutable.model.workspace import ApiKey, Spending
from immutable.settings import Settings
from immutable.store.catalog import Catalog
from immutable.telemetry import metrics

_SHARE_SECONDS = 0.25
_FORGET_SECONDS = 60.0
_ONE = 1 - 1e-9
"""A whole token, as floating numbers add up to it."""
_NOBODY = 0
"""The workspace under which addresses are counted: whoever fails to authenticate has none."""

_log = structlog.get_logger(__name__)


class _Bucket:
    """What this process knows of one bucket: its level at a time, and what was taken since the others heard of it."""

    __slots__ = ("at", "level", "untold")

    def __init__(self, level: float, at: float) -> None:
        self.level, self.at, self.untold = level, at, 0.0


class Limit:
    """So many tokens a second for each name, and at most `capacity` at once after a rest."""

    def __init__(
        self, kind: str, per_second: float, capacity: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.kind, self.per_second, self.capacity = kind, per_second, max(capacity, 1.0)
        self._now = now
        self._buckets: dict[tuple[int, str], _Bucket] = {}
        self._lock = threading.Lock()
        self._refusals = metrics.RATE_LIMITED.labels(kind)

    def take(self, workspace: int, name: str, amount: int = 1) -> None:
        """Take tokens. Raises RateLimited, and takes none, where there is not one.

        Whoever finds one gets all that is asked for, so that a batch larger than the bucket can pass at all; the rest
        is a debt, which those who come next wait for.
        """
        with self._lock:
            bucket = self._bucket(workspace, name)
            if bucket.level >= _ONE:
                bucket.level -= amount
                bucket.untold += amount
                return
            level = bucket.level
        self._refuse(level)

    def give_back(self, workspace: int, name: str) -> None:
        """Put back a token that was taken for what turned out not to count."""
        with self._lock:
            bucket = self._bucket(workspace, name)
            bucket.level += 1
            bucket.untold -= 1

    def check(self, workspace: int, name: str) -> None:
        """Raises RateLimited where there is not one token."""
        with self._lock:
            level = self._bucket(workspace, name).level
        if level < _ONE:
            self._refuse(level)

    def spendings(self) -> list[Spending]:
        """What the other processes have not heard of yet, and would not hear of again; full buckets are forgotten."""
        told = []
        with self._lock:
            for (workspace, name), bucket in list(self._buckets.items()):
                if bucket.untold:
                    told.append(
                        Spending(workspace, f"{self.kind}:{name}", bucket.untold, self.per_second, self.capacity)
                    )
                    bucket.untold = 0.0
                elif self._bucket(workspace, name).level >= self.capacity:
                    del self._buckets[workspace, name]
                else:  # the others may have taken meanwhile
                    told.append(Spending(workspace, f"{self.kind}:{name}", 0.0, self.per_second, self.capacity))
        return told

    def settle(self, workspace: int, name: str, level: float) -> None:
        """Believe what is left after everyone's spending."""
        with self._lock:
            bucket = self._buckets.get((workspace, name.removeprefix(self.kind + ":")))
            if bucket is not None:
                bucket.level, bucket.at = level - bucket.untold, self._now()

    def _bucket(self, workspace: int, name: str) -> _Bucket:
        """The bucket as it is now."""
        now = self._now()
        bucket = self._buckets.get((workspace, name))
        if bucket is None:
            bucket = self._buckets[workspace, name] = _Bucket(self.capacity, now)
        else:
            bucket.level = min(self.capacity, bucket.level + (now - bucket.at) * self.per_second)
            bucket.at = now
        return bucket

    def _refuse(self, level: float) -> None:
        self._refusals.inc()
        seconds = max(1, math.ceil((_ONE - level) / self.per_second))
        raise RateLimited(f"Too many {self.kind.replace('_', ' ')}. Try again in {seconds} s.", seconds)


class RateLimits:
    """The limits that the settings ask for, and the thread that shares them with other processes."""

    def __init__(self, settings: Settings | None, catalog: Catalog) -> None:
        """Limits as the settings say; without settings, none."""
        self._catalog = catalog
        self.requests = self.events = self.failures = self.openings = self.public = self.sign_ins = None
        if settings is not None:
            burst = settings.rate_limit_burst_seconds
            self.requests = _limit("requests", settings.rate_limit_requests, burst)
            self.events = _limit("events", settings.rate_limit_events, burst)
            self.failures = _limit("failed_authentications", settings.failed_authentications_per_minute / 60, 60)
            hourly = settings.failed_sign_ins_per_hour
            self.sign_ins = _limit("failed_sign_ins", hourly / 3_600, 3_600)
            self.openings = _limit("openings_of_links", settings.share_openings_per_minute / 60, 60)
            self.public = _limit("public_requests", settings.public_requests_per_minute / 60, 60)
        limits = (self.requests, self.events, self.failures, self.openings, self.public, self.sign_ins)
        self._all = [one for one in limits if one is not None]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._share_always, name="rate-limits", daemon=True)

    def start(self) -> None:
        """Start sharing."""
        self._thread.start()

    def stop(self) -> None:
        """Stop sharing."""
        self._stopping.set()
        self._thread.join()

    def take_request(self, key: ApiKey) -> None:
        """Count a request of this key. Raises RateLimited."""
        if self.requests is not None:
            self.requests.take(key.workspace.number, key.id)

    def take_events(self, key: ApiKey, count: int) -> None:
        """Count events that this key sends. Raises RateLimited."""
        if self.events is not None:
            self.events.take(key.workspace.number, key.id, count)

    def check_guessing(self, address: str | None) -> None:
        """Raises RateLimited where too many keys from this address were wrong."""
        if self.failures is not None and address is not None:
            self.failures.check(_NOBODY, neighbourhood(address))

    def note_failure(self, address: str | None) -> None:
        """Count a wrong key from this address. Raises RateLimited where others were faster."""
        if self.failures is not None and address is not None:
            self.failures.take(_NOBODY, neighbourhood(address))

    def take_sign_in(self, email: str, known: str = "") -> None:
        """Count an attempt to sign in with an e-mail address, as if it failed. Raises RateLimited.

        `known`: what names somebody who has signed in as this member before, whose attempts count apart from those of strangers.
        """
        if self.sign_ins is not None:
            self.sign_ins.take(_NOBODY, _hidden(f"{known} {email}" if known else email))

    def forgive_sign_in(self, email: str, known: str = "") -> None:
        """Take back what was counted: the attempt was good."""
        if self.sign_ins is not None:
            self.sign_ins.give_back(_NOBODY, _hidden(f"{known} {email}" if known else email))

    def take_opening(self, address: str | None, link: str | None = None) -> None:
        """Count that an address opens a share link, and that a link is opened. Raises RateLimited."""
        if self.openings is not None:
            if link is not None:
                self.openings.take(_NOBODY, "link " + link)
            elif address is not None:
                self.openings.take(_NOBODY, neighbourhood(address))

    def take_public(self, address: str | None) -> None:
        """Count a request of this address to what needs no key. Raises RateLimited."""
        if self.public is not None:
            self.public.take(_NOBODY, neighbourhood(address) if address is not None else "")

    def share(self) -> None:
        """Tell what was taken, and hear what is left. Raises Overloaded."""
        spendings = {limit: limit.spendings() for limit in self._all}
        told = [one for spending in spendings.values() for one in spending]
        if not told:
            return
        levels = self._catalog.spend(told)
        for limit, spending in spendings.items():
            for one in spending:
                level = levels.get((one.workspace_number, one.name))
                if level is not None:
                    limit.settle(one.workspace_number, one.name, level)

    def _share_always(self) -> None:
        forget_at = time.monotonic() + _FORGET_SECONDS
        while not self._stopping.wait(_SHARE_SECONDS):
            try:
                self.share()
                if time.monotonic() >= forget_at:
                    forget_at = time.monotonic() + _FORGET_SECONDS
                    self._catalog.forget_spendings()
            except Overloaded as error:  # this process goes on by what it knows
                _log.warning("rate_limits_not_shared", error=error.message)
            except Exception:  # noqa: BLE001 - must not end the thread: the limits would then hold for this process only
                _log.warning("rate_limits_not_shared", exc_info=True)


def _hidden(email: str) -> str:
    """An address's bucket does not tell the address."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def _limit(kind: str, per_second: float, burst_seconds: float) -> Limit | None:
    return Limit(kind, per_second, per_second * burst_seconds) if per_second else None
