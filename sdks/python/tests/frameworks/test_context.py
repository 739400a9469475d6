"""Contexts without a framework: jobs, errors, traces and log lines."""

import asyncio
import io
import logging
from typing import Any

import opentelemetry.sdk.trace
import opentelemetry.trace
import pytest
import structlog

from getimmutable import QueueSettings, context
from getimmutable.addresses import TrustedProxies
from getimmutable.context import Context, acting, actor, configure, identify, track
from getimmutable.logs import ContextFilter, add_context
from getimmutable.testing import MemoryClient


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client in memory that is configured."""
    monkeypatch.setattr(context, "_configured", None)
    client = MemoryClient()
    configure(client)
    yield client
    client.close()


def flushed(audit: MemoryClient) -> list[Any]:
    """The events, once they were sent."""
    context._sink().queue.flush()
    return audit.events


def test_without_a_client_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is dropped in silence."""
    monkeypatch.setattr(context, "_configured", None)
    with pytest.raises(RuntimeError, match="configure"):
        track("document.edited")


def test_jobs_have_an_actor_and_the_rest_is_the_system(audit: MemoryClient) -> None:
    """`acting` holds inside, nested ones hold for themselves, and outside `identify` is refused."""
    track("system.started")
    with acting(actor={"id": "nightly", "type": "job"}, session="run_1"):
        track("job.began")
        with acting(actor={"id": "child"}):
            track("child.ran")
        identify(tenant="acme")
        track("job.ended")
    assert [(one["action"], one["actor_id"], one["session_id"], one["tenant_id"]) for one in flushed(audit)] == [
        ("system.started", "system", None, None),
        ("job.began", "nightly", "run_1", None),
        ("child.ran", "child", None, None),
        ("job.ended", "nightly", "run_1", "acme"),
    ]
    with pytest.raises(RuntimeError, match="acting"):
        identify(actor={"id": "ann"})


def test_another_actor_does_not_act_on_behalf_of_the_same(audit: MemoryClient) -> None:
    """`actor` replaces who acts, and keeps the session."""
    with acting(actor={"id": "bob"}, on_behalf_of={"id": "ann"}, session="s1"):
        track("document.edited")
        actor("agent").track("document.read")
    edited, read = flushed(audit)
    assert (edited["on_behalf_of"]["id"], edited["session_id"]) == ("ann", "s1")
    assert (read["actor_id"], read["on_behalf_of"], read["session_id"]) == ("agent", None, "s1")


def test_tasks_keep_their_own_contexts(audit: MemoryClient) -> None:
    """Two jobs on one event loop, taking turns."""

    async def job(name: str) -> None:
        with acting(actor={"id": name}):
            for _ in range(3):
                track(f"{name}.worked")
                await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(job("ann"), job("bob"))

    asyncio.run(both())
    assert [one["actor_id"] for one in flushed(audit)] == ["ann", "bob"] * 3


def test_active_span_is_the_trace(audit: MemoryClient) -> None:
    """OpenTelemetry's trace goes into `trace_id`, also of a plain builder; what is said explicitly stays."""
    tracer = opentelemetry.sdk.trace.TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("request") as span:
        trace = f"{span.get_span_context().trace_id:032x}"
        track("document.edited")
        audit.actor("ann").track("document.read")
        audit.actor("ann").trace("mine").track("document.kept")
    track("document.closed")
    assert {one["action"]: one["trace_id"] for one in flushed(audit)} == {
        "document.edited": trace, "document.read": trace, "document.kept": "mine", "document.closed": None,
    }  # fmt: skip


def test_log_lines_carry_what_the_events_carry(audit: MemoryClient) -> None:
    """Structlog and logging name the same hash as the event; a line asks nobody, and outside there is nothing to name."""
    asked: list[str] = []

    def ask() -> Any:
        asked.append("ann")
        logging.getLogger("app").warning("asked")
        return {"actor": {"id": "ann"}}

    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.addFilter(ContextFilter())
    handler.setFormatter(logging.Formatter("%(message)s %(session_id)s %(actor_id)s %(trace_id)s"))
    log = logging.getLogger("app")
    log.addHandler(handler)
    log.setLevel(logging.WARNING)  # of its own, whatever another test of this process has set
    try:
        log.warning("outside")
        with context.entered(
            Context(context.ANONYMOUS, seen={"trace_id": "t1"}, ask=ask, session_key=lambda _: "secret")
        ):
            log.warning("before")
            assert asked == []
            track("document.edited")
            log.warning("after", extra={"session_id": "own"})
            line = add_context(None, "info", {"event": "saved"})
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    hashed = flushed(audit)[0]["session_id"]
    assert hashed == audit.session_hash("secret")
    assert line == {"event": "saved", "session_id": hashed, "actor_id": "ann", "trace_id": "t1"}
    assert lines.getvalue().splitlines() == [
        "outside - - -", f"before {hashed} anonymous t1", f"asked {hashed} anonymous t1", "after own ann t1",
    ]  # fmt: skip


def test_structlog_takes_it_as_a_processor(audit: MemoryClient) -> None:
    """As the README says."""
    seen: list[Any] = []

    def keep(_logger: Any, _method: str, line: Any) -> Any:
        seen.append(dict(line))
        raise structlog.DropEvent

    log = structlog.wrap_logger(None, processors=[add_context, keep], wrapper_class=structlog.BoundLogger)
    with acting(actor={"id": "ann"}, session="s1"):
        log.info("saved")
    assert seen == [{"event": "saved", "session_id": "s1", "actor_id": "ann"}]


def test_send_never_raises_and_counts_what_does_not_fit(audit: MemoryClient) -> None:
    """With a full queue the event is given up, with its counter and the hook."""
    lost: list[Any] = []
    queue = audit.queue(lambda events, _: lost.extend(events), settings=QueueSettings(block_seconds=0.0))
    configure(audit, queue)
    queue.close()
    context.send(context.event("document.edited"))
    context.send({"actor_id": "ann", "action": "bad", "metadata": {"x": object()}})
    assert [one["action"] for one in lost] == ["document.edited"]
    assert (audit.stats.queued, audit.stats.given_up) == (1, 1)


@pytest.mark.parametrize(
    ("peer", "header", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.1, <script>", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1,", "2001:db8::1"),
        ("", "203.0.113.9", "203.0.113.9"),
        (None, None, None),
    ],
)
def test_address_behind_trusted_proxies(peer: str | None, header: str | None, client: str | None) -> None:
    """The last address of the header that is no trusted proxy; nothing of it, where the peer is none."""
    assert TrustedProxies(["10.0.0.0/8", "unix"]).client_of(peer, header) == client


def test_proxies_are_addresses(audit: MemoryClient) -> None:
    """A name, or a text in place of a list, is refused at start; a Unix socket is believed only where it is named."""
    for wrong in (["proxy.example.com"], "10.0.0.1"):
        with pytest.raises(ValueError, match=r"10\.|proxy|list"):
            TrustedProxies(wrong)
    assert TrustedProxies(["10.0.0.0/8"]).client_of(None, "203.0.113.9") is None
