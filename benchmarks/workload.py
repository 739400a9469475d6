"""Events of a made-up B2B application: people in tenants, working through sessions of about twenty steps.

Deterministic for a seed, so that two servers get the same events. Requests and sockets are in feed.py and load.py.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

ACTORS = 2_000
TENANTS = 120
RESOURCES_PER_TYPE = 2_000
OPEN_SESSIONS = 64
"""People at work at the same moment; their steps interleave."""
SESSION_STEPS = 20
"""Mean number of events in one session."""
COMMON_WORD = "dashboard"
"""In the metadata of about a quarter of the events: for unselective searches. Any `resource_name` is selective."""

# fmt: off
RESOURCE_TYPES = [
    "document", "folder", "invoice", "payment", "contract", "project", "task", "comment", "user", "role", "team",
    "report", "dashboard", "webhook", "api_key", "integration", "template", "customer", "subscription", "order",
    "ticket", "message", "file", "policy", "dataset",
]
# verb, category, and how often in a hundred steps.
VERBS = (
    ("viewed", "read", 52), ("updated", "write", 20), ("created", "write", 10), ("shared", "access", 5),
    ("exported", "read", 5), ("deleted", "delete", 4), ("archived", "write", 2), ("restored", "write", 2),
)
FIRST_NAMES = [
    "Ada", "Bruno", "Chen", "Dalia", "Emre", "Fatima", "Goran", "Hana", "Ivo", "Jun", "Kemi", "Lisa", "Mateo", "Nia",
    "Omar", "Priya", "Quinn", "Rosa", "Sven", "Tara",
]
LAST_NAMES = [
    "Adler", "Braun", "Costa", "Diaz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Kim", "Lopez",
    "Meyer", "Novak", "Okafor", "Petrov", "Wang",
]
TITLES = [
    "Budget", "Roadmap", "Onboarding", "Security", "Renewal", "Payroll", "Launch", "Hiring", "Audit", "Forecast",
    "Pricing", "Migration", "Vendor",
]
SOURCES = ("web", COMMON_WORD, "mobile", "api")
FIELDS = [
    "title", "status", "owner", "amount", "due_date", "priority", "visibility", "description", "region", "currency",
]
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
USER_AGENTS = (
    f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36",
    f"{_MAC} Version/18.3 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    f"{_IPHONE} Version/18.3 Mobile/15E148 Safari/604.1",
    f"{_ANDROID} Chrome/141.0.0.0 Mobile Safari/537.36",
    f"{_WINDOWS} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "acme-sync/4.2 (+https://acme.example/bots)",
)
# fmt: on

_STEPS = tuple((verb, category) for verb, category, share in VERBS for _ in range(share))
_ACTIONS = {(kind, verb): f"{kind}.{verb}" for kind in RESOURCE_TYPES for verb, _, _ in VERBS}


class _Session:
    """One person at work: what stays the same over the steps, and how many steps are left."""

    __slots__ = ("kinds", "shared", "steps_left")

    def __init__(self, rng: Random) -> None:
        actor = int(ACTORS * rng.random() ** 2)  # a few people do most of the work
        # Each person has a name, a tenant and a machine of their own, so these follow from the number.
        self.shared = {
            "actor_id": f"user_{actor * 2654435761 % 2**32:08x}",
            "actor_name": f"{FIRST_NAMES[actor % len(FIRST_NAMES)]} {LAST_NAMES[actor // 7 % len(LAST_NAMES)]}",
            "actor_type": "service" if actor % 40 == 39 else "user",
            "tenant_id": f"tenant_{actor % TENANTS:03d}",
            "session_id": f"sess_{rng.getrandbits(64):016x}",
            "ip_address": _address(actor, rng),
            "user_agent": USER_AGENTS[actor % len(USER_AGENTS)],
        }
        self.kinds = rng.sample(RESOURCE_TYPES, 4)
        self.steps_left = rng.randint(SESSION_STEPS // 4, 2 * SESSION_STEPS - SESSION_STEPS // 4)


def _address(actor: int, rng: Random) -> str:
    """The person's usual address, now and then another one; a tenth have IPv6."""
    host = actor if rng.random() < 0.9 else actor + 7_919
    if actor % 10 == 3:
        return f"2a02:{host % 0xFFFF:x}:{host * 31 % 0xFFFF:x}::{host % 251 + 1:x}"
    return f"{(23, 51, 81, 93, 104, 177, 201)[host % 7]}.{host * 7 % 251}.{host * 13 % 251}.{host % 253 + 1}"


def _metadata(rng: Random, kind: str, resource_id: str) -> dict[str, Any]:
    """Three to six keys, of which two are always there."""
    random = rng.random
    metadata: dict[str, Any] = {"source": SOURCES[int(4 * random())], "path": f"/app/{kind}s/{resource_id}"}
    chosen = int(32 * random())  # five bits, one for each key that is not always there
    if chosen & 1:
        metadata["duration_ms"] = int(4_000 * random() ** 3)
    if chosen & 2:
        metadata["field"] = FIELDS[int(len(FIELDS) * random())]
    if chosen & 4:
        metadata["size_bytes"] = int(5_000_000 * random() ** 4)
    if chosen & 8:
        metadata["build"] = f"2026.{int(12 * random()) + 1}.{int(40 * random())}"
    if len(metadata) < 3 or (chosen & 16 and len(metadata) < 6):
        metadata["correlation"] = f"{rng.getrandbits(48):012x}"
    return metadata


def events(
    count: int,
    *,
    seed: int = 1,
    start: datetime = datetime(2026, 3, 1, tzinfo=UTC),
    mean_gap_seconds: float = 2.6,
) -> Iterator[dict[str, Any]]:
    """Yield `count` events as the API takes them, `occurred_at` rising from `start`.

    With the default gap a million events fill thirty days, in some 50,000 sessions of about an hour.
    """
    rng = Random(seed)
    random = rng.random
    sessions = [_Session(rng) for _ in range(OPEN_SESSIONS)]
    now = start.astimezone(UTC).replace(tzinfo=None)
    for _ in range(count):
        slot = int(OPEN_SESSIONS * random())
        session = sessions[slot]
        now += timedelta(microseconds=int(2e6 * mean_gap_seconds * random()) + 1)
        verb, category = _STEPS[int(100 * random())]
        kind = session.kinds[int(4 * random())]
        number = int(RESOURCES_PER_TYPE * random())
        resource_id = f"{kind[:4]}_{number * 40503 + 7:08x}"
        yield {
            **session.shared,
            "action": _ACTIONS[kind, verb],
            "action_category": category,
            "resource": kind,
            "resource_id": resource_id,
            "resource_name": f"{TITLES[number % len(TITLES)]} {kind} {number:04d}",
            "metadata": _metadata(rng, kind, resource_id),
            "occurred_at": now.isoformat() + "Z",
        }
        session.steps_left -= 1
        if not session.steps_left:
            sessions[slot] = _Session(rng)
