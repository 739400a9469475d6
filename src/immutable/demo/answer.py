"""A draft of the answer to the customer, made from a session's events; nothing in it is known beforehand."""

from datetime import tzinfo
from typing import Any

from immutable.cli.moments import clock_text, day_text, moment, span_text

Json = dict[str, Any]


def draft(session: Json, history: list[Json], zone: tzinfo) -> list[str]:
    """The draft, line by line. `history`: all that happened to the resource that was destroyed first; times are shown in `zone`.

    Raises ValueError where nothing in the session was destructive.
    """
    steps = session["timeline"]
    destructive = [step for step in steps if step["destructive"]]
    if not destructive:
        raise ValueError("Nothing in this session was destructive.")
    actor, first = destructive[0]["actor"], destructive[0]
    lost = first["resource_name"] or first["resource_id"]
    started = moment(session["started_at"], zone)
    return [
        f"Hello {(actor['name'] or actor['id']).split()[0]},",
        "",
        f"we looked at what happened to {lost} in your session of {day_text(started)}. Times are those of {zone}.",
        "",
        *(f"  {clock_text(moment(step['occurred_at'], zone))}  {_told(step)}" for step in steps),
        "",
        _who_and_where(session, destructive),
        _others(history, first),
        "",
        "[To add by support: whether a copy from before these steps can be restored.]",
        "",
        "Evidence, in a chain of hashes that anyone can verify:",
        *(f"  event {step['sequence']:,}, {step['id']}, hash {_short(step)}" for step in destructive),
    ]


def _told(step: Json) -> str:
    """`document moved to trash: Q3 Budget Report (folders, context menu), 35 s later`."""
    text = _words(step["action"])
    touched = [step["resource_name"], *(target["name"] for target in step["targets"])]
    if any(touched):
        text += f": {', with '.join(name for name in touched if name)}"
    metadata = step["metadata"] or {}
    if "query" in metadata:
        text += f' for "{metadata["query"]}", {metadata.get("results", "unknown")} results'
    where = [_words(metadata[name]) for name in ("page", "section") if name in metadata]
    if where:
        text += f" ({', '.join(where)})"
    if step["destructive"]:
        text += f", {span_text(step['gap_ms'])} later"
    return text


def _who_and_where(session: Json, destructive: list[Json]) -> str:
    """Whether what was destroyed came from the same address and device as all the rest."""
    origins = {_origin(step) for step in destructive}
    everything = {_origin(step) for step in session["timeline"]}
    where = " and ".join(sorted(origins))
    what = "The destructive step came" if len(destructive) == 1 else f"The {len(destructive)} destructive steps came"
    same = f", like all {len(session['timeline'])} steps of the session" if origins == everything else ""
    return f"{what} from your account, session {session['session_id']}, {where}{same}."


def _origin(step: Json) -> str:
    place = ", ".join(part for part in (step["ip_city"], step["ip_country"]) if part) or "a place unknown"
    return f"address {step['ip_address'] or 'unknown'} in {place}, with {step['device'] or 'a device unknown'}"


def _others(history: list[Json], first: Json) -> str:
    others = [event for event in history if event["actor_id"] != first["actor_id"]]
    people = len({event["actor_id"] for event in others})
    harmful = sum(1 for event in others if event["destructive"])
    lost = first["resource_name"] or first["resource_id"]
    return f"Others who touched {lost}: {people} people, {len(others)} times, {harmful or 'none'} of them destructive."


def _words(name: object) -> str:
    return str(name).replace(".", " ").replace("_", " ")


def _short(step: Json) -> str:
    return f"{step['integrity']['event_hash'][:16]}…"
