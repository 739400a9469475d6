"""What a running server is made of, put together once: the composition root's result, handed to every handler."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import structlog

from immutable.accounts.acts import AdministrativeLog
from immutable.accounts.api_key import KeyRing
from immutable.accounts.known_browsers import KnownBrowsers
from immutable.accounts.member_sessions import MemberSessions
from immutable.accounts.one_time_links import OneTimeLinks
from immutable.accounts.passwords import Passwords
from immutable.accounts.rate_limits import RateLimits
from immutable.accounts.recognise import Recogniser
from immutable.accounts.single_sign_on import SingleSignOn
from immutable.accounts.totp import SecondFactor
from immutable.accounts.viewer_token import ViewerTokens
from immutable.anchors.anchorer import Anchorer
from immutable.anchors.configured import anchorers_of
from immutable.anchors.follower import Anchoring
from immutable.anchors.vouching import known_outside, stamped
from immutable.api.body import BodyReader
from immutable.api.decode import Decoder
from immutable.api.paginate import Cursors
from immutable.api.showing import Showing, Shown
from immutable.api.tail import Tails
from immutable.checkpoints.covering import covering_checkpoint
from immutable.checkpoints.integrate import Integrator
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys
from immutable.checkpoints.secret import Sealer, sealer_of
from immutable.checkpoints.witness import Cosigner
from immutable.errors import Overloaded, StartError
from immutable.evidence.investigations import Investigations
from immutable.evidence.links import ShareLinks
from immutable.evidence.pack import Anchor, Bounds, Packer
from immutable.geo.locate import Locator
from immutable.log import silence
from immutable.log.appender import Appender
from immutable.log.follower import Follower
from immutable.log.verifier import BackgroundVerifier
from immutable.model.network import Network, network_of
from immutable.model.workspace import Workspace
from immutable.outbound.client import OutboundClient
from immutable.outbound.mail import Mailer
from immutable.retention.follower import RetentionFollower
from immutable.settings import Settings
from immutable.store.open import open_store
from immutable.telemetry import tracing, worker_metrics

if TYPE_CHECKING:
    from immutable.checkpoints.proofs import ShownCheckpoint
    from immutable.store.log_store import LogStore

P = ParamSpec("P")
R = TypeVar("R")

_READERS = 4
_OUTSIDE, _MOST_OUTSIDE = 4, 40
"""Threads that wait for other people's servers, and requests that wait for those."""
_USES_SECONDS = 1.0
_WATCH_SECONDS = 0.5
_MOST_TEXT_LAG = 100_000
"""Events that a search reads because the text index does not hold them yet; beyond it, indexing no longer waits."""
_MOST_CHECKPOINT_SECONDS = 10.0
_MOST_TREE_LAG = 50_000
"""Events that the trees may be behind under load."""
_log = structlog.get_logger(__name__)


class Services:
    """Settings, store, appender, keys and the rest, with their threads."""

    def __init__(self, settings: Settings, *, appends: bool = True) -> None:
        """Open everything. `appends` False: only read, beside the process that serves. Raises StartError."""
        self.settings = settings
        self._appends = appends
        self.trusted_proxies = _networks(settings.trusted_proxies)
        self.tracing = tracing.begin(settings) if appends else None
        self.locator = locator = Locator(settings.geo_mmdb)
        self.eraser = open_store(settings.database_url)  # only for what erases and prunes
        self.store: LogStore = self.eraser
        self.showing = Showing(settings, self.store.catalog)
        if appends:
            self.store.lock_for_appending()
        self.silence = (silence.settle if appends else silence.settled)(
            self.store.catalog, settings.session_silence_seconds
        )
        self.keys = KeyRing(self.store.catalog)
        self.limits = RateLimits(settings if appends else None, self.store.catalog)
        self._know_members()
        self.store.catalog.generation()  # from here on, changes are heard of
        self.cursors = Cursors(self.store.catalog.secret("cursors"))
        self.viewer_tokens = ViewerTokens(self.store.catalog)
        self.verifying = asyncio.Lock()
        self.tails = Tails()
        self.bodies = BodyReader(settings.body_timeout_seconds, settings.queue_max_bytes)
        self.decoder = Decoder(locator.locate, settings.batch_max_events)
        self.appender = Appender(
            self.store,
            max_events=settings.queue_max_events,
            max_bytes=settings.queue_max_bytes,
            commit_events=settings.commit_max_events,
            silence=self.silence,
            tracing=self.tracing,
        )
        self._follower = Follower("indexes", self.store.follow, self._is_busy)
        self.signing_keys = SigningKeys(self.store.proofs, settings)
        self.kept = Kept.of(settings)
        self.integrator = Integrator(self.store, self.signing_keys, self.kept, settings.checkpoint_interval_seconds)
        administration = AdministrativeLog(self.store, self.silence, lambda: self.integrator.holds)
        self._acts = Follower("acts", administration.step, lambda: False)
        self._trees = Follower("checkpoints", self.integrator.step, self._is_busy_for_trees)
        self._cosigner = Cosigner(
            self.store.proofs, self.integrator.guard, settings.witnesses,
            OutboundClient(private_addresses=settings.outbound_private_addresses), lambda: self.integrator.holds,
        )  # fmt: skip
        self._witnesses = Follower("witnesses", self._cosigner.step, lambda: False)
        self._pruner = Follower("retention", RetentionFollower(self.eraser, self.silence).step, self._is_busy)
        self._verification = Follower("verification", self._background_verifier().step, lambda: False)
        self.packing = asyncio.Lock()
        self.packer = Packer(
            self.store,
            self.signing_keys,
            self.covering,
            rule=lambda workspace: self.showing.of(workspace).rule,
            bounds=Bounds(settings.evidence_max_events, settings.evidence_max_bytes),
            witnesses=[one.split(" ")[0] for one in settings.witnesses],  # each is a key and an address
            anchors=self._stamped,
        )
        self.shares = ShareLinks(self.store, self.silence)
        self.investigations = Investigations(self.store, self.silence)
        self.anchoring = Anchoring(
            self.store, anchorers_of(settings) if appends else {}, settings.anchor_period_seconds
        )
        self._anchors = Follower("anchors", self.anchoring.step, lambda: False)
        self.verifying_anchors = asyncio.Lock()
        self._runs = False
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reader")
        self._outside = ThreadPoolExecutor(_OUTSIDE, thread_name_prefix="outside")
        self._are_outside = 0
        self._stopping = threading.Event()
        self._uses = threading.Thread(target=self._record_uses, name="key-uses", daemon=True)

    def _know_members(self) -> None:
        """What signs people in. Raises StartError."""
        catalog, settings = self.store.catalog, self.settings
        self.member_sessions = MemberSessions(
            catalog, idle_seconds=settings.member_idle_seconds, most_seconds=settings.member_session_seconds
        )
        self.one_time_links = OneTimeLinks(catalog)
        self.known_browsers = KnownBrowsers(catalog)
        self.passwords = Passwords(settings.password_memory_kib, settings.password_passes)
        self.second_factor = SecondFactor(lambda: self._sealer)
        self.single_sign_on = SingleSignOn(settings, lambda: self._state_sealer) if settings.oidc_issuer else None
        self.mailer = _mailer(settings)
        self.recogniser = Recogniser(catalog.members, self.passwords, self.second_factor, self.limits, self.work)

    def start(self) -> None:
        """Start the threads."""
        self._runs = self._appends
        if self._appends:
            self.appender.start()
            self._follower.start()
            self._trees.start()
            if self.settings.witnesses:
                self._witnesses.start()
            self._pruner.start()
            self._acts.start()
            self.passwords.prepare()
            if self.settings.verification:
                self._verification.start()
            if self.anchoring.chains:
                self._anchors.start()
            self._uses.start()
            self.limits.start()

    def stop(self) -> None:
        """Commit what is waiting, then stop everything."""
        if self._appends:
            self.appender.close()
            self._follower.close()
            self._verification.close()
            self._trees.close()
            self._witnesses.close()
            self._cosigner.close()
            self._pruner.close()
            self._acts.close()
            self._anchors.close()
            self.limits.stop()
            self._stopping.set()
            self._uses.join()
        self.close()

    def close(self) -> None:
        """Let go of the store, where nothing was started."""
        self._readers.shutdown()
        self._outside.shutdown()
        self.passwords.close()
        self.store.close()
        if self.tracing is not None:
            self.tracing.close()

    def covering(self, workspace: Workspace, seq: int) -> "ShownCheckpoint":
        """A signed checkpoint that covers this place, made now if need be. Raises Conflict or Overloaded."""
        return covering_checkpoint(self.store, workspace, seq, hasten=self._hasten, seconds=_MOST_CHECKPOINT_SECONDS)

    def _hasten(self, workspace: Workspace) -> None:
        self.integrator.hasten(workspace)
        if not self._runs and self._appends:
            self.integrator.step()

    def _stamped(self, workspace: Workspace) -> list[Anchor]:
        """The anchors that go into a pack."""
        return [Anchor(one.id, one.size, one.note, one.time_stamp) for one in stamped(self.store, workspace)]

    @cached_property
    def _state_sealer(self) -> Sealer:
        return sealer_of(self.settings, has_keys=True, purpose="single-sign-on")

    @cached_property
    def _sealer(self) -> Sealer:
        """Seals second factors; the secret is there since the start."""
        return sealer_of(self.settings, has_keys=True, purpose="second-factors")

    @cached_property
    def anchorers(self) -> Mapping[str, Anchorer]:
        """Where is anchored, for checking what was: apart from those of the follower, and one at a time."""
        return anchorers_of(self.settings)

    async def shown(self, workspace: Workspace) -> Shown:
        """What the workspace's log is shown by. Raises Overloaded."""
        found = self.showing.remembered(workspace)
        return await self.read(self.showing.of, workspace) if found is None else found

    async def read(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a reading function of the store beside the event loop. Raises Overloaded where it takes too long."""
        seconds = self.settings.database_timeout_seconds
        try:
            return await asyncio.wait_for(self.work(function, *args, **kwargs), seconds)
        except TimeoutError:
            raise Overloaded(f"The database has not answered for {seconds:g} seconds. Try again.", 5) from None

    async def work(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function of the store that may take as long as it needs."""
        if self.tracing is None:
            return await self._run(self._readers, function, *args, **kwargs)
        with self.tracing.span(f"store {getattr(function, '__name__', 'read')}"):
            return await self._run(self._readers, function, *args, **kwargs)

    async def outside(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what waits for somebody else's server, where no question to the log waits with it. Raises Overloaded."""
        if self._are_outside >= _MOST_OUTSIDE:
            raise Overloaded("Too many requests wait for another server. Try again in a moment.", 5)
        self._are_outside += 1
        try:
            return await self._run(self._outside, function, *args, **kwargs)
        finally:
            self._are_outside -= 1

    async def _run(self, threads: ThreadPoolExecutor, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """In one of these threads, where the log knows of the request too."""
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        return await loop.run_in_executor(threads, lambda: context.run(function, *args, **kwargs))

    async def watch(self) -> None:
        """Answer the requests whose commit does not come, and show that this process lives, until cancelled."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            worker_metrics.beat()
            self.appender.expire(self.settings.database_timeout_seconds)

    def _background_verifier(self) -> BackgroundVerifier:
        anchorers = anchorers_of(self.settings) if self._appends else {}  # apart from those of other threads
        return BackgroundVerifier(
            self.store,
            silence=self.silence,
            outside=partial(known_outside, self.store, self.settings, self.kept, anchorers),
            is_holder=lambda: self.integrator.holds,
            is_busy=lambda: self.appender.is_under_load,
            pass_seconds=self.settings.verification_pass_seconds,
        )

    def _is_busy(self) -> bool:
        """Whether indexing should wait for appending: under load, unless it is so far behind that searches feel it."""
        return self.appender.is_under_load and self.store.text_lag < _MOST_TEXT_LAG

    def _is_busy_for_trees(self) -> bool:
        """Whether the trees should wait for appending, likewise."""
        return self.appender.is_under_load and self.integrator.lag < _MOST_TREE_LAG

    def _record_uses(self) -> None:
        while not self._stopping.wait(_USES_SECONDS):
            self._flush_uses()
        self._flush_uses()

    def _flush_uses(self) -> None:
        try:
            self.keys.flush_uses()
            self.member_sessions.flush_seen()
        except Overloaded as error:  # recorded again at the next use
            _log.warning("key_uses_not_recorded", error=error.message)
        except Exception:  # noqa: BLE001 - a full disk must not end the thread; the next use is recorded again
            _log.warning("key_uses_not_recorded", exc_info=True)


def _mailer(settings: Settings) -> Mailer | None:
    if not settings.smtp_url:
        return None
    if not settings.public_url:
        raise StartError("IMMUTABLE_SMTP_URL needs IMMUTABLE_PUBLIC_URL: invitations lead there.")
    return Mailer(settings.smtp_url, settings.mail_from)


def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        return tuple(network_of(text) for text in texts)
    except ValueError as error:
        raise StartError(
            f"IMMUTABLE_TRUSTED_PROXIES: {error}. Use addresses and CIDR ranges, comma-separated."
        ) from error
