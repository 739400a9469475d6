"""What answers must be, by the plainest means: a list of all events, and loops over it."""

import json
from typing import Any

import msgspec
from hypothesis import strategies as st
from tests.logs import MINUTE, SILENCE, START, Log

from immutable.integrity.chain import created_at_of
from immutable.model.event import EventDraft, Receipt, Target
from immutable.model.filters import EventFilter, SessionFilter

NAMES = ["a", "b", "b.", "B", "ß", "*"]
ACTIONS = ["doc.viewed", "doc.deleted", "doc", "docs.viewed", "doc.x.y", "DOC.viewed", "*", "doc.*", "d\U0010ffff"]
"""Few values, so that they meet; some that are easily mistaken for each other."""

TEXTS = [
    "Report",
    "rePORT %",
    "50% _off_",
    'say "hi" \\ o/',
    "STRASSE",
    "straße",
    "İstanbul",
    "日本語の文書",
    "x",
    "é",
    "e\u0301",
]
NEEDLES = [
    *TEXTS,
    "ep",
    "r",
    "%",
    "_",
    '"',
    "\\",
    "/",
    "ss",
    "本",
    "語の",
    "i",
    "{",
    '":',
    "nothing of it",
    "\x1f",
    "doc.",
]


class Event(msgspec.Struct, frozen=True):
    """An event in the list."""

    seq: int
    id: str
    created_at: int
    draft: EventDraft

    @property
    def occurred_at(self) -> int:
        """When it happened."""
        return self.created_at if self.draft.occurred_at is None else self.draft.occurred_at


names = st.none() | st.sampled_from(NAMES)
drafts = st.builds(
    EventDraft,
    actor_id=st.sampled_from(NAMES),
    action=st.sampled_from(ACTIONS),
    actor_name=st.none() | st.sampled_from(TEXTS),
    resource_type=names,
    resource_id=names,
    resource_name=st.none() | st.sampled_from(TEXTS),
    targets=st.lists(st.builds(Target, type=st.sampled_from(NAMES), id=names), max_size=2).map(tuple),
    metadata=st.none()
    | st.dictionaries(st.sampled_from(TEXTS), st.sampled_from(TEXTS) | st.integers(0, 99), max_size=2),
    tenant_id=names,
    session_id=names,
    occurred_at=st.none() | st.integers(-100, 100).map(lambda minute: START + minute * MINUTE),
)


def appended(log: Log, batch: list[EventDraft], receipts: list[Receipt] | None = None) -> list[Event]:
    """Append a batch; its events as they must be found."""
    receipts = log.append(*batch) if receipts is None else receipts
    return [
        Event(receipt.seq, receipt.id, created_at_of(receipt.id) or 0, draft)
        for receipt, draft in zip(receipts, batch, strict=True)
    ]


def meets(event: Event, wanted: EventFilter | SessionFilter) -> bool:
    """Whether an event meets the conditions that name its fields (times and sessions are apart)."""
    draft = event.draft
    touched = [(one.type, one.id) for one in draft.targets] + [(draft.resource_type or "", draft.resource_id)]
    target_type, target_id = getattr(wanted, "target_type", None), getattr(wanted, "target_id", None)
    action = wanted.action
    return (
        (wanted.actor_id is None or draft.actor_id == wanted.actor_id)
        and (
            action in (None, "*", draft.action)
            or (action is not None and action.endswith(".*") and draft.action.startswith(action[:-1]))
        )
        and getattr(wanted, "resource", None) in (None, draft.resource_type)
        and wanted.resource_id in (None, draft.resource_id)
        and (isinstance(wanted, SessionFilter) or wanted.tenant_id in (None, draft.tenant_id))
        and any(
            target_type in (None, one.type) and target_id in (None, one.id)
            for one in draft.targets or ((Target(""),) if target_type is target_id is None else ())
        )
        and getattr(wanted, "touched", None) in (None, *touched)
        and (wanted.search is None or holds_text(draft, wanted.search))
    )


def holds_text(draft: EventDraft, needle: str) -> bool:
    """Whether a text is in actor name, action, resource name or metadata (as JSON), in any case."""
    fields = [draft.actor_name, draft.action, draft.resource_name]
    if draft.metadata is not None:
        fields.append(json.dumps(draft.metadata, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
    forms = (needle.casefold(), json.dumps(needle.casefold(), ensure_ascii=False)[1:-1])
    return any(form in field.casefold() for field in fields if field is not None for form in forms)


def matching(events: list[Event], wanted: EventFilter) -> list[Event]:
    """The events that meet an EventFilter, in the order of the log. Its session id is a client's or an inferred one."""
    return [
        event
        for event in events
        if meets(event, wanted)
        and (wanted.session_id is None or wanted.session_id == session_of(events)[event.seq][0])
        and (wanted.created_from is None or event.created_at >= wanted.created_from)
        and (wanted.created_to is None or event.created_at <= wanted.created_to)
    ]


def session_of(events: list[Event]) -> dict[int, tuple[str, bool]]:
    """For each event's place, the id of its session, and whether that was inferred."""
    found: dict[int, tuple[str, bool]] = {}
    latest: dict[str, tuple[str, int, int]] = {}  # by actor: session id, earliest and latest occurrence
    for event in events:
        if event.draft.session_id is not None:
            found[event.seq] = (event.draft.session_id, False)
            continue
        at = event.occurred_at
        name, first, last = latest.get(event.draft.actor_id, ("", 0, -1))
        if not (name and first - SILENCE <= at <= last + SILENCE):
            name, first, last = f"inf_{event.id}", at, at
        latest[event.draft.actor_id] = (name, min(first, at), max(last, at))
        found[event.seq] = (name, True)
    return found


class Session(msgspec.Struct):
    """A session with its events."""

    id: str
    inferred: bool
    events: list[Event]

    @property
    def sorted_at(self) -> int:
        """What lists are sorted by."""
        return self.events[0].occurred_at

    @property
    def tenant_id(self) -> str | None:
        """The first tenant that was named."""
        return next((event.draft.tenant_id for event in self.events if event.draft.tenant_id is not None), None)


def sessions_of(events: list[Event]) -> list[Session]:
    """All sessions of a list of events, in the order in which they began in the log."""
    sessions: dict[tuple[str, bool], Session] = {}
    for event in events:
        key = session_of(events)[event.seq]
        sessions.setdefault(key, Session(*key, [])).events.append(event)
    return list(sessions.values())


def matching_sessions(events: list[Event], wanted: SessionFilter) -> list[Session]:
    """The sessions that meet a SessionFilter, newest first."""
    found = [
        (session.sorted_at, number, session)
        for number, session in enumerate(sessions_of(events))
        if any(meets(event, wanted) for event in session.events)
        and (wanted.events is None or matching(session.events, wanted.events))
        and wanted.tenant_id in (None, session.tenant_id)
        and wanted.inferred in (None, session.inferred)
        and (wanted.started_from is None or session.sorted_at >= wanted.started_from)
        and (wanted.started_to is None or session.sorted_at <= wanted.started_to)
    ]
    return [session for _, _, session in sorted(found, key=lambda one: one[:2], reverse=True)]


def filled_log(log: Log, data: Any, most: int = 40) -> list[Event]:
    """Events in batches drawn by hypothesis; what is built behind the log is brought on now and then."""
    events: list[Event] = []
    for batch in data.draw(st.lists(st.lists(drafts, min_size=1, max_size=12), max_size=most // 10)):
        events += appended(log, batch)
        if data.draw(st.booleans()):
            log.settle()
    return events
