"""Makes `src/immutable/store/dictionary.zstd`: what audit events have in common, for compressing each alone.

Run once per dictionary; databases keep the one they began with. The samples are made up here and are deliberately not
those of the benchmarks: many id styles, many applications, so that no one of them is favoured.
"""

import random
import uuid
from pathlib import Path

import zstandard

from immutable.integrity import chain
from immutable.model.event import EMPTY_HEAD, EventDraft, Named, Target

SIZE = 24 * 1024
SAMPLES = 12_000
OUTPUT = Path(__file__).parent.parent / "src/immutable/store/dictionary.zstd"

VERBS = [
    "created",
    "updated",
    "deleted",
    "viewed",
    "edited",
    "opened",
    "closed",
    "saved",
    "shared",
    "exported",
    "imported",
    "downloaded",
    "uploaded",
    "moved",
    "copied",
    "renamed",
    "archived",
    "restored",
    "removed",
    "invited",
    "accepted",
    "rejected",
    "approved",
    "assigned",
    "completed",
    "failed",
    "started",
    "stopped",
    "paid",
    "refunded",
    "logged_in",
    "logged_out",
    "password_changed",
    "mfa_enabled",
    "moved_to_trash",
    "emptied",
    "commented",
    "published",
    "enabled",
    "disabled",
]
NOUNS = [
    "document",
    "folder",
    "file",
    "user",
    "team",
    "role",
    "project",
    "task",
    "comment",
    "invoice",
    "payment",
    "subscription",
    "order",
    "customer",
    "product",
    "report",
    "dashboard",
    "settings",
    "api_key",
    "webhook",
    "integration",
    "workspace",
    "organization",
    "session",
    "login",
    "page",
    "message",
    "channel",
    "ticket",
    "trash",
    "search",
    "policy",
    "contract",
    "employee",
    "patient",
    "record",
    "device",
    "server",
    "deployment",
    "pipeline",
    "secret",
    "certificate",
]
CATEGORIES = ["read", "write", "delete", "auth", "access", "admin", "create", "update", "security", None, None]
FIRST = [
    "Lisa",
    "Ana",
    "Bob",
    "Chloe",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Hugo",
    "Ines",
    "Jack",
    "Karin",
    "Liam",
    "Mia",
    "Noah",
    "Olga",
    "Paul",
    "Rita",
    "Sam",
    "Tom",
    "Uma",
    "Vera",
]
LAST = [
    "Wang",
    "Smith",
    "Garcia",
    "Müller",
    "Rossi",
    "Silva",
    "Nguyen",
    "Kim",
    "Sato",
    "Khan",
    "Brown",
    "Jones",
    "Lopez",
    "Weber",
    "Moreau",
    "Novak",
    "Larsen",
    "Patel",
]
WORDS = [
    "Q1",
    "Q2",
    "Q3",
    "Q4",
    "2025",
    "2026",
    "Budget",
    "Report",
    "Plan",
    "Final",
    "Draft",
    "Team",
    "Finance",
    "Sales",
    "Marketing",
    "Notes",
    "Review",
    "Policy",
    "Data",
]
AGENTS = [
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    for system in ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
    for version in range(100, 150, 3)
] + [
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version}.1 Safari/605.1.15"
    for version in (15, 16, 17, 18)
] + [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0" for version in range(110, 146, 5)
] + [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
    "python-requests/2.32.3", "axios/1.7.2", "okhttp/4.12.0", "curl/8.5.0", "Go-http-client/2.0", "PostmanRuntime/7.39.0",
]  # fmt: skip
METADATA_KEYS = [
    "ip",
    "reason",
    "source",
    "path",
    "method",
    "status",
    "from",
    "to",
    "count",
    "size",
    "bytes",
    "duration_ms",
    "email",
    "plan",
    "amount",
    "currency",
    "field",
    "old",
    "new",
    "location",
    "button",
    "page",
    "tab",
    "ui",
    "query",
    "results",
    "format",
    "filename",
    "version",
    "browser",
    "region",
    "environment",
    "request",
    "note",
    "document_id",
    "folder_id",
    "via",
    "client",
    "feature",
    "url",
    "title",
    "name",
]


def identifier(prefix: str) -> str:
    """An id in one of the styles that applications use."""
    return random.choice([
        lambda: f"{prefix}_{random.getrandbits(32):08x}", lambda: f"{prefix}_{random.getrandbits(48):012x}",
        lambda: str(uuid.UUID(int=random.getrandbits(128), version=4)), lambda: str(random.randrange(1, 2_000_000)),
        lambda: f"{prefix}-{random.randrange(100_000)}", lambda: f"{prefix[:4]}_{random.getrandbits(64):016x}",
    ])()  # fmt: skip


def value() -> object:
    """A metadata value."""
    return random.choice([
        lambda: random.randrange(10_000), lambda: random.choice(WORDS).lower(), lambda: identifier("ref"),
        lambda: random.random() < 0.5, lambda: "/" + "/".join(random.sample(NOUNS, 2)), lambda: " ".join(random.sample(WORDS, 3)),
        lambda: random.choice(["web", "api", "mobile", "toolbar", "context_menu", "keyboard", "sidebar", "settings"]),
    ])()  # fmt: skip


def draft() -> EventDraft:
    """A made-up event."""
    noun = random.choice(NOUNS)
    country, city = random.choice(
        [("US", "Portland"), ("DE", "Berlin"), ("FR", "Paris"), ("GB", None), ("JP", None), (None, None)]
    )
    return EventDraft(
        actor_id=identifier(random.choice(["user", "usr", "member"])),
        actor_name=f"{random.choice(FIRST)} {random.choice(LAST)}" if random.random() < 0.8 else None,
        actor_type=random.choice(["user", "user", "user", "service", "system", "api_key", "admin", None]),
        action=f"{noun}.{random.choice(VERBS)}",
        action_category=random.choice(CATEGORIES),
        resource_type=noun if random.random() < 0.9 else None,
        resource_id=identifier(noun) if random.random() < 0.8 else None,
        resource_name=" ".join(random.sample(WORDS, 3)) if random.random() < 0.7 else None,
        targets=(Target(random.choice(NOUNS), identifier("t"), random.choice(WORDS)),)
        if random.random() < 0.15
        else (),
        metadata={random.choice(METADATA_KEYS): value() for _ in range(random.randrange(7))} or None,
        tenant_id=identifier(random.choice(["org", "tenant", "acct"])) if random.random() < 0.7 else None,
        session_id=identifier(random.choice(["sess", "session"])) if random.random() < 0.8 else None,
        ip_address=".".join(str(random.randrange(1, 255)) for _ in range(4)) if random.random() < 0.9 else None,
        ip_country=country,
        ip_city=city,
        user_agent=random.choice(AGENTS) if random.random() < 0.8 else None,
        idempotency_key=str(uuid.UUID(int=random.getrandbits(128), version=4)) if random.random() < 0.5 else None,
        version=1 if random.random() < 0.1 else None,
        on_behalf_of=Named("user", identifier("user"), "Lisa Wang") if random.random() < 0.03 else None,
        trace_id=f"{random.getrandbits(128):032x}" if random.random() < 0.1 else None,
        request_id=f"req_{random.getrandbits(64):016x}" if random.random() < 0.1 else None,
    )


def main() -> None:
    """Write the dictionary."""
    random.seed(4821)
    samples: list[bytes] = []
    for start in range(0, SAMPLES, 50):
        workspace = f"ws_{random.getrandbits(64):016x}"
        now = 1_767_225_600_000_000 + start * 60_000_000 * 50
        placed, _ = chain.extend(EMPTY_HEAD, workspace, [draft() for _ in range(50)], now)
        for one in placed:
            samples += [one.entry.record, one.entry.details or b""]
    dictionary = zstandard.train_dictionary(SIZE, samples, level=1)
    OUTPUT.write_bytes(dictionary.as_bytes())


if __name__ == "__main__":
    main()
