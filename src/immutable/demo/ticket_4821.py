"""Ticket #4821, "my document disappeared": the facts, as an application would have sent them.

Lisa Wang's three sessions, and her colleagues on the same document in the hour in which it went. Times are written as
Portland's clocks showed them (UTC-7).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from immutable.demo.places import CITIES, PORTLAND

NUMBER = 4821
REPORTED_AT = "2026-03-27T17:15:00Z"
ZONE = "America/Los_Angeles"
COMPLAINT = "I was working on the Q3 Budget Report and it just vanished. I didn't delete it. Please recover it ASAP."
USER_ID = "user_4f2a8c"
USER_NAME = "Lisa Wang"
TENANT_ID = "org_cascadia"
DOCUMENT_ID = "doc_8f3a2c1d"
DOCUMENT_NAME = "Q3 Budget Report"
SESSION_IDS = ("sess_a8f3c2d1", "sess_7e4b9f2a", "sess_1c6d8e3f")
"""Newest first."""

_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/146.0.0.0 Safari/537.36"
)
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:148.0) Gecko/20100101 Firefox/148.0"

_PORTLAND_TIME = timezone(timedelta(hours=-7))

_Resource = tuple[str, str, str]
_DOCUMENT: _Resource = ("document", DOCUMENT_ID, DOCUMENT_NAME)
_FOLDER: _Resource = ("folder", "folder_finance", "Finance Team")
_TRASH: _Resource = ("trash", "trash_4f2a8c", "Trash")
_PLAN: _Resource = ("document", "doc_52c7e09b", "Hiring Plan 2026")

_Step = tuple[str, str, _Resource | None, dict[str, Any]]
"""Portland's clock, action, resource, where in the interface."""

_NEWEST: list[_Step] = [
    ("2026-03-27 09:41:07", "document.viewed", _DOCUMENT, {"page": "home", "section": "recent_documents"}),
    ("2026-03-27 09:43:32", "document.edited", _DOCUMENT, {"page": "editor", "section": "Summary", "words_added": 84}),
    (
        "2026-03-27 09:48:19",
        "document.edited",
        _DOCUMENT,
        {"page": "editor", "section": "Headcount", "words_added": 31},
    ),
    ("2026-03-27 09:51:40", "document.saved", _DOCUMENT, {"page": "editor", "section": "toolbar", "revision": 14}),
    ("2026-03-27 09:52:36", "folder.opened", _FOLDER, {"page": "folders", "section": "sidebar", "documents": 23}),
    (
        "2026-03-27 09:53:11",
        "document.moved_to_trash",
        _DOCUMENT,
        {"page": "folders", "section": "context_menu", "folder": "Finance Team", "selected_documents": 1},
    ),
    (
        "2026-03-27 09:53:18",
        "trash.emptied",
        _TRASH,
        {"page": "trash", "section": "toolbar", "confirmed": True, "documents_removed": 1},
    ),
    (
        "2026-03-27 09:55:21",
        "document.searched",
        None,
        {"page": "search", "section": "search_bar", "query": DOCUMENT_NAME, "results": 0},
    ),
]
_MIDDLE: list[_Step] = [
    ("2026-03-26 14:06:52", "document.viewed", _DOCUMENT, {"page": "home", "section": "recent_documents"}),
    ("2026-03-26 14:12:03", "document.edited", _DOCUMENT, {"page": "editor", "section": "Travel", "words_added": 47}),
    ("2026-03-26 14:31:27", "document.commented", _DOCUMENT, {"page": "editor", "section": "comments"}),
    ("2026-03-26 14:33:10", "document.saved", _DOCUMENT, {"page": "editor", "section": "toolbar", "revision": 13}),
    ("2026-03-26 14:40:44", "document.viewed", _PLAN, {"page": "folders", "section": "list"}),
    ("2026-03-26 14:58:05", "document.exported", _PLAN, {"page": "editor", "section": "menu", "format": "pdf"}),
]
_OLDEST: list[_Step] = [
    ("2026-03-25 10:17:30", "folder.opened", _FOLDER, {"page": "folders", "section": "sidebar", "documents": 22}),
    ("2026-03-25 10:18:02", "document.created", _DOCUMENT, {"page": "folders", "section": "new_document"}),
    ("2026-03-25 10:36:41", "document.edited", _DOCUMENT, {"page": "editor", "section": "Summary", "words_added": 312}),
    ("2026-03-25 10:52:16", "document.saved", _DOCUMENT, {"page": "editor", "section": "toolbar", "revision": 1}),
    ("2026-03-25 10:53:49", "document.shared", _DOCUMENT, {"page": "editor", "section": "share_dialog", "with": 3}),
]
_MARCUS: list[_Step] = [
    ("2026-03-27 09:12:20", "document.viewed", _DOCUMENT, {"page": "folders", "section": "list"}),
    ("2026-03-27 09:19:47", "document.commented", _DOCUMENT, {"page": "editor", "section": "comments"}),
    ("2026-03-27 09:21:05", "document.closed", _DOCUMENT, {"page": "editor", "section": "tab"}),
]
_PRIYA: list[_Step] = [
    ("2026-03-27 09:36:14", "document.viewed", _DOCUMENT, {"page": "notifications", "section": "mention"}),
    ("2026-03-27 09:39:58", "document.downloaded", _DOCUMENT, {"page": "editor", "section": "menu", "format": "xlsx"}),
]
_TOM: list[_Step] = [
    ("2026-03-27 09:50:31", "document.viewed", _DOCUMENT, {"page": "home", "section": "shared_with_me"}),
    ("2026-03-27 10:02:12", "document.open_failed", _DOCUMENT, {"page": "editor", "section": "tab", "error": "not_found"}),
]  # fmt: skip


def events() -> Iterator[dict[str, Any]]:
    """The events of the ticket in the order in which they occurred, in the wire form of POST /events."""
    home = PORTLAND.address(7)
    lisa = (USER_ID, USER_NAME)
    sessions = [
        (lisa, SESSION_IDS[0], home, _MAC, _NEWEST),
        (lisa, SESSION_IDS[1], home, _MAC, _MIDDLE),
        (lisa, SESSION_IDS[2], PORTLAND.address(1), _MAC, _OLDEST),
        (("user_9b2e71", "Marcus Chen"), "sess_5d0c7a94", PORTLAND.address(1), _WINDOWS, _MARCUS),
        (("user_c81d3e", "Priya Raman"), "sess_e27f81b6", CITIES[4].address(2), _MAC, _PRIYA),
        (("user_07aa5f", "Tom Okafor"), "sess_39b6d4c0", CITIES[1].address(4), _WINDOWS, _TOM),
    ]
    made = [
        _event(actor, session_id, address, user_agent, step)
        for actor, session_id, address, user_agent, steps in sessions
        for step in steps
    ]
    return iter(sorted(made, key=lambda event: event["occurred_at"]))


def _event(actor: tuple[str, str], session_id: str, address: str, user_agent: str, step: _Step) -> dict[str, Any]:
    clock, action, resource, metadata = step
    at = datetime.fromisoformat(clock).replace(tzinfo=_PORTLAND_TIME)
    event: dict[str, Any] = {
        "actor_id": actor[0],
        "actor_name": actor[1],
        "actor_type": "user",
        "action": action,
        "tenant_id": TENANT_ID,
        "session_id": session_id,
        "occurred_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ip_address": address,
        "user_agent": user_agent,
        "metadata": metadata,
        "idempotency_key": f"{session_id}:{clock}",
    }
    if resource is not None:
        event["resource"], event["resource_id"], event["resource_name"] = resource
    if resource is _TRASH:
        event["targets"] = [{"type": "document", "id": DOCUMENT_ID, "name": DOCUMENT_NAME}]
    return event
