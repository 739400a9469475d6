"""The others: people of several organisations at work in the same week, and a service, all made up from one seed.

They sign in, read, write, share and search; now and then somebody deletes something, so that a destructive step alone
tells nothing.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from immutable.demo.places import CITIES, City

SEED = 4821
_MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
_END = datetime(2026, 3, 27, 17, 15, tzinfo=UTC)
"""When the ticket came in; nothing is loaded that happened later."""


def _words(text: str) -> list[str]:
    return text.split()


_FIRST_NAMES = _words(
    "Ada Amara Anders Aiko Beatriz Ben Camille Chen Dana Diego Elif Emma Farid Freya Grace Hana Hugo Irina Ivan Jana "
    "Jonas Kofi Lara Leon Lucía Mai Mateo Mia Nadia Noah Olga Omar Paul Petra Quinn Rafael Rosa Sam Sofia Tariq "
    "Theo Uma Vera Victor Wei Yara Yusuf Zoé"
)
_LAST_NAMES = _words(
    "Adeyemi Andersson Bauer Becker Costa Dubois Evans Fischer García Haddad Hughes Ito Jansen Kaya Khan Kim Kowalski "
    "Larsen Lindqvist Martin Mensah Moreau Müller Nakamura Novak O'Brien Okoye Oliveira Park Patel Pereira Petrov Rao "
    "Rossi Santos Sato Schmidt Silva Singh Suzuki Tanaka Taylor Tran Virtanen Walker Weber Wong Zhang"
)
_TOPICS = _words(
    "Budget Roadmap Onboarding Offsite Pricing Hiring Security Launch Retrospective Forecast Contract Survey"
)
_KINDS = _words("Report Plan Notes Draft Overview Checklist Proposal Summary")
_ORGANISATIONS = _words("cascadia northwind bluefin alder juniper meridian halcyon oakline")
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36"
_USER_AGENTS = [
    f"Mozilla/5.0 ({system}) {browser}"
    for system, browser in (
        ("Macintosh; Intel Mac OS X 10_15_7", _CHROME),
        ("Macintosh; Intel Mac OS X 14_5", "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.3 Safari/605.1.15"),
        ("Windows NT 10.0; Win64; x64", _CHROME),
        ("Windows NT 10.0; Win64; x64", f"{_CHROME} Edg/146.0.0.0"),
        ("X11; Linux x86_64; rv:148.0", "Gecko/20100101 Firefox/148.0"),
        ("Android 16; Mobile; rv:148.0", "Gecko/148.0 Firefox/148.0"),
    )
]

_ACTIONS: list[tuple[int, str, str, tuple[str, ...]]] = [
    (30, "document.viewed", "document", ("recent_documents", "list", "shared_with_me", "notification")),
    (22, "document.edited", "document", ("Summary", "Details", "Numbers", "Appendix")),
    (12, "document.saved", "document", ("toolbar", "autosave")),
    (8, "folder.opened", "folder", ("sidebar", "breadcrumb")),
    (7, "document.searched", "", ("search_bar",)),
    (6, "document.commented", "document", ("comments",)),
    (4, "document.shared", "document", ("share_dialog",)),
    (3, "document.exported", "document", ("menu",)),
    (3, "document.renamed", "document", ("title", "context_menu")),
    (2, "document.created", "document", ("new_document",)),
    (1, "document.moved_to_trash", "document", ("context_menu", "toolbar")),
    (1, "comment.deleted", "document", ("comments",)),
]
_CUMULATED = list(accumulate(weight for weight, *_ in _ACTIONS))
_PAGES = {"document": "editor", "folder": "folders", "": "search"}


class _Person(NamedTuple):
    id: str
    name: str
    tenant: str
    city: City
    address: str
    user_agent: str


def events(count: int = 50_000) -> Iterator[dict[str, Any]]:
    """`count` events in the order in which they occurred, in the wire form of POST /events; always the same."""
    random = Random(SEED)  # noqa: S311 - made-up data
    people = [_person(random, number) for number in range(400)]
    made: list[dict[str, Any]] = []
    while len(made) < count:
        made += _session(random, random.choice(people))
        made += [_synced(random) for _ in range(random.choice((0, 0, 1, 2)))]
    made = sorted(made[:count], key=lambda event: str(event["occurred_at"]))
    for number, event in enumerate(made, 1):
        event["idempotency_key"] = f"demo:{number}"
    return iter(made)


def _person(random: Random, number: int) -> _Person:
    city = random.choice(CITIES)
    return _Person(
        id=f"user_{_hex('person', number, 6)}",
        name=f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}",
        tenant=f"org_{random.choice(_ORGANISATIONS)}",
        city=city,
        address=city.address(random.randrange(16)),
        user_agent=random.choice(_USER_AGENTS),
    )


def _session(random: Random, person: _Person) -> Iterator[dict[str, Any]]:
    """A session of 4 to 40 steps in the person's working hours."""
    day = random.randrange(5)
    local = _MONDAY + timedelta(days=day, hours=8.5, seconds=random.randrange(9 * 3600))
    at = local - timedelta(hours=person.city.utc_offset)
    if at > _END:
        return
    session_id = f"sess_{random.getrandbits(32):08x}"
    yield _event(person, session_id, at, "user.signed_in", {"page": "sign_in", "method": "password"})
    for _ in range(random.randint(3, 38)):
        at += timedelta(milliseconds=int(random.lognormvariate(10, 1.1)))
        if at > _END:
            return
        ((_, action, kind, sections),) = random.choices(_ACTIONS, cum_weights=_CUMULATED)
        metadata: dict[str, Any] = {"page": _PAGES[kind], "section": random.choice(sections)}
        event = _event(person, session_id, at, action, metadata)
        number = random.randrange(60)
        topic = f"{_TOPICS[number % len(_TOPICS)]} {_KINDS[number % len(_KINDS)]}"
        if kind == "document":
            event["resource"], event["resource_name"] = "document", topic
            event["resource_id"] = f"doc_{_hex(person.tenant, number)}"
        elif kind == "folder":
            event["resource"], event["resource_name"] = "folder", f"{_TOPICS[number % len(_TOPICS)]} Team"
            event["resource_id"] = f"folder_{_hex(person.tenant, number % len(_TOPICS))}"
        else:
            metadata |= {"query": topic, "results": random.randrange(1, 30)}
        yield event


def _synced(random: Random) -> dict[str, Any]:
    at = _MONDAY + timedelta(seconds=random.randrange(int((_END - _MONDAY).total_seconds())))
    tenant = f"org_{random.choice(_ORGANISATIONS)}"
    return {
        "actor_id": f"service_calendar_{tenant}",
        "actor_name": "Calendar sync",
        "actor_type": "service",
        "action": "calendar.synced",
        "tenant_id": tenant,
        "occurred_at": _text(at),
        "ip_address": CITIES[-1].address(15),
        "metadata": {"entries": random.randrange(200)},
    }


def _event(person: _Person, session_id: str, at: datetime, action: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "actor_id": person.id,
        "actor_name": person.name,
        "actor_type": "user",
        "action": action,
        "tenant_id": person.tenant,
        "session_id": session_id,
        "occurred_at": _text(at),
        "ip_address": person.address,
        "user_agent": person.user_agent,
        "metadata": metadata,
    }


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


@lru_cache(maxsize=4096)
def _hex(what: str, number: int, digits: int = 8) -> str:
    return hashlib.sha256(f"{what} {number}".encode()).hexdigest()[:digits]
