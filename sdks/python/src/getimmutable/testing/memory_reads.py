"""What can be asked of a log in memory: filters, pages, sessions. Pure, over a list of events, oldest first."""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from getimmutable.errors import ImmutableError
from getimmutable.testing.memory_log import instant_of, invalid
from getimmutable.types import Event

SILENCE = timedelta(minutes=30)
"""The silence of an actor that ends an inferred session."""

_DESTRUCTIVE = re.compile(
    r".*\.((bulk_|permanently_)?deleted?|destroy(ed)?|removed?|purged?|emptied|erased|wiped|trashed|moved_to_trash|revoked"
    r"|dropped|truncated)",
    re.IGNORECASE,
)
_COMPARED: dict[str, Callable[[Event], str | None]] = {
    "actor_id": lambda event: event["actor_id"],
    "resource": lambda event: event["resource"]["type"],
    "resource_id": lambda event: event["resource_id"],
    "tenant_id": lambda event: event["tenant_id"],
    "session_id": lambda event: event["session_id"],
}
EVENT_FILTERS = frozenset({*_COMPARED, "action", "target_type", "target_id", "search", "from", "to"})
SESSION_FILTERS = frozenset({"actor_id", "tenant_id", "resource_id", "action", "search", "from", "to", "inferred"})

Params = Mapping[str, str]


def select(events: Sequence[Event], params: Params) -> list[Event]:
    """The events that meet all filters in `params`; other parameters count for nothing here."""
    return [event for event in events if _meets(event, params)]


def matches_action(action: str, pattern: str) -> bool:
    """Whether an action is the one asked for, or begins as a pattern that ends in `*` says."""
    return action.startswith(pattern[:-1]) if pattern == "*" or pattern.endswith(".*") else action == pattern


def is_destructive(action: str) -> bool:
    """Whether the action destroys something, by the rule that the server has by default."""
    return _DESTRUCTIVE.fullmatch(action) is not None


def page(
    items: Sequence[Any], params: Params, *, key: str = "id", default: int = 25, most: int = 100
) -> dict[str, Any]:
    """One page of a list whose items are told apart by `key`.

    Raises ImmutableError for a limit outside 1 to `most`, and for a cursor from elsewhere.
    """
    limit = int(params.get("limit", default))
    if not 1 <= limit <= most:
        raise invalid({"limit": [f"Use 1 to {most}."]})
    begin = _after(items, key, params["cursor"]) if "cursor" in params else 0
    shown = list(items[begin : begin + limit])
    has_more = begin + limit < len(items)
    cursor = base64.urlsafe_b64encode(shown[-1][key].encode()).decode() if has_more else None
    pagination = {"has_more": has_more, "next_cursor": cursor, "total": len(items), "total_is_exact": True}
    return {"data": shown, "pagination": pagination}


def sessions(events: Sequence[Event]) -> dict[str, list[Event]]:
    """The events of each session by its id, oldest first; those without a session id are grouped by their actor."""
    found: dict[str, list[Event]] = {}
    latest: dict[str, str] = {}
    for event in events:
        name, actor = event["session_id"], event["actor_id"]
        if name is None:
            name = latest.get(actor)
            if name is None or not _is_near(found[name], _time(event)):
                name = latest[actor] = f"inf_{event['id']}"
        found.setdefault(name, []).append(event)
    return {name: sorted(steps, key=_time) for name, steps in found.items()}


def summary(session_id: str, steps: Sequence[Event]) -> dict[str, Any]:
    """A session in figures. Places stay empty and devices are the user agents as given: that takes the server's data."""
    began, ended = _time(steps[0]), _time(steps[-1])
    return {
        "session_id": session_id,
        "inferred": steps[0]["session_id"] is None,
        "actors": list({step["actor_id"]: step["actor"] for step in steps}.values()),
        "tenant_id": next((step["tenant_id"] for step in steps if step["tenant_id"]), None),
        "started_at": steps[0]["occurred_at"],
        "ended_at": steps[-1]["occurred_at"],
        "duration_ms": (ended - began) // timedelta(milliseconds=1),
        "events_count": len(steps),
        "actions": dict(Counter(step["action"] for step in steps)),
        "resources_count": len({name for step in steps for name in touched(step)}),
        "places": [],
        "devices": list(dict.fromkeys(step["user_agent"] for step in steps if step["user_agent"])),
        "destructive_count": sum(is_destructive(step["action"]) for step in steps),
    }


def meets(figures: Mapping[str, Any], steps: Sequence[Event], params: Params) -> bool:
    """Whether a session meets all filters: those on its own figures, and on the events in it."""
    in_events = {name: params[name] for name in ("actor_id", "resource_id", "action", "search") if name in params}
    return (
        params.get("tenant_id") in (None, figures["tenant_id"])
        and params.get("inferred") in (None, "true" if figures["inferred"] else "false")
        and _is_within(instant_of(figures["started_at"]), params)
        and bool(select(steps, in_events))
    )


def timeline(steps: Sequence[Event]) -> list[dict[str, Any]]:
    """The events of a session, with the time since it began and since the step before, in milliseconds."""
    shown = []
    began = before = _time(steps[0])
    for step in steps:
        at = _time(step)
        elapsed, gap = (at - began) // timedelta(milliseconds=1), (at - before) // timedelta(milliseconds=1)
        more: dict[str, Any] = {"elapsed_ms": elapsed, "gap_ms": gap, "device": step["user_agent"]}
        more |= {"marks": [], "links": {"trace": None, "logs": None, "errors": None}}  # marks are the server's to make
        shown.append({**step, **more, "destructive": is_destructive(step["action"])})
        before = at
    return shown


def touched(event: Event) -> list[tuple[str | None, str]]:
    """Type and id of all that the event touched, as its resource or as a target."""
    named = [(event["resource"]["type"], event["resource"]["id"])]
    named += [(target["type"], target["id"]) for target in event["targets"]]
    return [(kind, name) for kind, name in named if name is not None]


def _meets(event: Event, params: Params) -> bool:
    return (
        all(_COMPARED[name](event) == value for name, value in params.items() if name in _COMPARED)
        and matches_action(event["action"], params.get("action", "*"))
        and _has_target(event, params)
        and params.get("search", "").lower() in _text(event)
        and _is_within(instant_of(event["created_at"]), params)
    )


def _has_target(event: Event, params: Params) -> bool:
    wanted = {part: params[f"target_{part}"] for part in ("type", "id") if f"target_{part}" in params}
    return not wanted or any(wanted.items() <= target.items() for target in _comparable(event["targets"]))


def _comparable(targets: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"type": target["type"], "id": target["id"]} for target in targets]


def _text(event: Event) -> str:
    metadata = json.dumps(event["metadata"], ensure_ascii=False) if event["metadata"] else ""
    return "\n".join([event["actor_name"] or "", event["action"], event["resource_name"] or "", metadata]).lower()


def _is_within(moment: datetime, params: Params) -> bool:
    if "from" in params and moment < instant_of(params["from"]):
        return False
    if "to" not in params:
        return True
    last = instant_of(params["to"])
    if len(params["to"]) == len("2026-03-27"):
        last += timedelta(days=1, microseconds=-1)  # a plain date means the whole of that day
    return moment <= last


def _is_near(steps: Sequence[Event], moment: datetime) -> bool:
    times = [_time(step) for step in steps]
    return min(times) - SILENCE <= moment <= max(times) + SILENCE


def _time(event: Event) -> datetime:
    return instant_of(event["occurred_at"] or event["created_at"])


def _after(items: Sequence[Any], key: str, cursor: str) -> int:
    """The place after the item that the cursor names, so that a list keeps its place while events are appended."""
    for place, item in enumerate(items):
        if base64.urlsafe_b64encode(item[key].encode()).decode() == cursor:
            return place + 1
    raise ImmutableError(
        "bad_request", 400, {"error": "bad_request", "message": "The cursor is not one of this list's."}
    )
