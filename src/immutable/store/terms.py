"""The terms under which an event can be found: a field's letter and its value. Pure.

Used to build the lookup index, to ask it, to check it, and to answer for events that are in no index any more.
"""

from immutable.integrity import chain
from immutable.integrity.record import Record
from immutable.model.filters import EventFilter

NO_SESSION = "-"
ACTION = "n"


def terms_of(record: Record) -> list[str]:
    """The terms of an event."""
    actor, session, tenant, resource = record.actor.id, record.session_id, record.tenant_id, record.resource
    terms = [
        "a" + actor if actor is not None else "a",
        ACTION + record.action,
        NO_SESSION if session is None else "s" + session,
    ]
    if tenant is not None:
        terms.append("e" + tenant)
    if resource is not None:
        kind, identifier = resource.type, resource.id
        if kind is not None:
            terms.append("t" + kind)
        if identifier is not None:
            terms += ("r" + identifier, f"h{kind or ''}\0{identifier}")
    for target in record.targets:
        terms.append(f"x{target.type}")
        if target.id is not None:
            terms += ("y" + target.id, f"p{target.type}\0{target.id}", f"h{target.type}\0{target.id}")
    return terms


def terms_wanted(wanted: EventFilter) -> tuple[list[str], str | None]:
    """The terms that an event must have, and the action prefix that it must have (`document.` for `document.*`)."""
    terms: list[str] = []
    for letter, value in (
        ("a", wanted.actor_id),
        ("e", wanted.tenant_id),
        ("t", wanted.resource),
        ("r", wanted.resource_id),
    ):
        if value is not None:
            terms.append(letter + value)
    if wanted.session_id is not None:
        terms.append("s" + wanted.session_id)
    if wanted.run is not None:
        terms += ["a" + wanted.run[0], NO_SESSION]
    if wanted.touched is not None:
        terms.append("h" + "\0".join(wanted.touched))
    if wanted.target_type is not None and wanted.target_id is not None:
        terms.append(f"p{wanted.target_type}\0{wanted.target_id}")
    elif wanted.target_type is not None:
        terms.append("x" + wanted.target_type)
    elif wanted.target_id is not None:
        terms.append("y" + wanted.target_id)
    action = wanted.action
    if action is None or action == "*":
        return terms, None
    if action.endswith(".*"):
        return terms, action[:-1]
    terms.append(ACTION + action)
    return terms, None


def meets(record: Record, wanted: EventFilter) -> bool:
    """Whether an event meets all of `wanted` but its text: what the lookup index would answer of it."""
    created_at = chain.created_at_of(record.id)
    if created_at is None:
        return False
    if wanted.created_from is not None and created_at < wanted.created_from:
        return False
    if wanted.created_to is not None and created_at > wanted.created_to:
        return False
    if wanted.run is not None and not wanted.run[1] <= record.seq <= wanted.run[2]:
        return False
    terms, prefix = terms_wanted(wanted)
    if prefix is not None and not record.action.startswith(prefix):
        return False
    return set(terms).issubset(terms_of(record))
