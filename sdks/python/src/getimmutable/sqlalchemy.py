"""Hooks for SQLAlchemy: `track_changes(Document, Invoice)` tracks what is created, updated and deleted through sessions.

Events are made when a session flushes, with whoever acts then, and sent when its transaction is committed. What is rolled
back, a savepoint too, is not told. What goes past a session's objects (`update()`, `delete()` and bulk statements) is not seen.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import InstanceState, Mapper, Session, SessionTransaction, sessionmaker
from sqlalchemy.sql import ClauseElement

from getimmutable import context
from getimmutable.changes import COMPUTED, changes_of, is_shown, name_of
from getimmutable.types import EventPayload

__all__ = ["track_changes"]

_log = logging.getLogger("getimmutable")
_PENDING = "getimmutable_pending"
_BEFORE = "getimmutable_before"

Pending = dict[SessionTransaction | None, list[EventPayload]]


def track_changes(*models: type, session: "type[Session] | sessionmaker[Any]" = Session) -> None:
    """Track changes of these models and of their subclasses; a declarative base stands for all of its models.

    `session`: the class or sessionmaker whose sessions are listened to, by default all (an `AsyncSession` is over one).
    `audit_exclude`, an attribute of the model, names attributes whose values stay out of the log; those with password,
    secret, token or key in their name do so anyway. `audit_name()` says what a row is called, otherwise its `title` or `name`.
    """
    if not models:
        raise ValueError("name the models whose changes to track, or their base")
    hooks: list[tuple[str, Callable[..., None]]] = [
        ("before_flush", functools.partial(_before_flush, models)),
        ("after_flush", functools.partial(_after_flush, models)),
    ]
    for name, hook in hooks:
        event.listen(session, name, _harmless(hook))
    for name, hook in (("after_commit", _after_commit), ("after_transaction_end", _after_end)):
        if not event.contains(session, name, hook):
            event.listen(session, name, hook)


def _harmless(hook: Callable[..., None]) -> Callable[..., None]:
    """The hook, whose errors are logged: nothing may fail for its audit."""

    def hooked(session: Session, *more: Any) -> None:
        try:
            hook(session, *more)
        except Exception:  # noqa: BLE001 - see above
            _log.exception("changes could not be tracked")

    return hooked


def _before_flush(models: tuple[type, ...], session: Session, *_: Any) -> None:
    """Keep the rows as the database has them."""
    before = session.info[_BEFORE] = {}
    for row in session.dirty:
        if isinstance(row, models):
            state = inspect(row)
            computed = [key for key, attribute in state.attrs.items() if _is_expression(attribute.history.added)]
            before[state] = _as_stored(session, state), dict.fromkeys(computed, COMPUTED)


def _is_expression(added: Any) -> bool:
    return bool(added) and isinstance(added[0], ClauseElement)


def _as_stored(session: Session, state: InstanceState[Any]) -> dict[str, Any]:
    """The old values as far as the flush may change them; what the session does not know is read."""
    stored, unknown = {}, []
    for key, attribute in state.mapper.column_attrs.items():
        history = state.attrs[key].history
        if history.deleted:
            stored[key] = history.deleted[0]
        elif key in state.dict and not history.added:
            stored[key] = state.dict[key]
        elif history.added or any(column.foreign_keys for column in attribute.columns):  # a relation may change it
            unknown.append(key)
    if unknown and state.identity:
        columns = [state.mapper.columns[key] for key in unknown]
        place = [column == value for column, value in zip(state.mapper.primary_key, state.identity, strict=True)]
        found = session.connection(bind_arguments={"mapper": state.mapper}).execute(select(*columns).where(*place))
        stored.update(zip(unknown, found.first() or (), strict=False))
    return stored


def _after_flush(models: tuple[type, ...], session: Session, *_: Any) -> None:
    """What was flushed; the session still shows it as it was before."""
    before = session.info.pop(_BEFORE, {})
    made: list[EventPayload | None] = [_created(row) for row in session.new if isinstance(row, models)]
    made += [_updated(row, *before[inspect(row)]) for row in session.dirty if inspect(row) in before]
    made += [_deleted(row) for row in session.deleted if isinstance(row, models)]
    pending: Pending = session.info.setdefault(_PENDING, {})
    where = session.get_nested_transaction() or session.get_transaction()
    pending.setdefault(where, []).extend(one for one in made if one is not None)


def _created(row: Any) -> EventPayload:
    return _event(row, "created", "create", None, _values(row))


def _updated(row: Any, old: dict[str, Any], computed: dict[str, Any]) -> EventPayload | None:
    state: InstanceState[Any] = inspect(row)
    new = {key: state.dict[key] for key in old if key in state.dict and state.dict[key] != old[key]}
    new |= computed  # the flush forgets them, until they are asked for
    if not new:
        return None
    shown = _shown(row, state.mapper)
    return _event(row, "updated", "update", old, {key: value for key, value in new.items() if key in shown})


def _deleted(row: Any) -> EventPayload:
    return _event(row, "deleted", "delete", _values(row), None)


def _values(row: Any) -> dict[str, Any]:
    """What is loaded; nothing is asked of the database here."""
    state: InstanceState[Any] = inspect(row)
    return {
        key: COMPUTED if isinstance(state.dict[key], ClauseElement) else state.dict[key]
        for key in _shown(row, state.mapper)
        if key in state.dict
    }


def _shown(row: Any, mapper: Mapper[Any]) -> list[str]:
    excluded = getattr(row, "audit_exclude", ())
    return [
        key for key in mapper.column_attrs.keys()  # noqa: SIM118 - not a dict
        if is_shown(key, excluded) and all(is_shown(column.key, excluded) for column in mapper.column_attrs[key].columns
                                           if column.key)
    ]  # fmt: skip


def _event(row: Any, verb: str, category: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> EventPayload:
    kind = type(row).__name__.lower()
    identity = inspect(row).mapper.primary_key_from_instance(row)
    return context.event(
        f"{kind}.{verb}",
        {"type": kind, "id": ",".join(map(str, identity)), "name": name_of(row)},
        action_category=category,
        changes=changes_of(old, new),
        occurred_at=context.now(),
    )


def _after_commit(session: Session) -> None:
    """Send what was committed; what a savepoint holds waits for the transaction around it."""
    pending: Pending = session.info.get(_PENDING, {})
    nested = session.get_nested_transaction()
    if nested is not None:
        around = nested.parent
        while around is not None and around.parent is not None and not around.nested:
            around = around.parent
        pending.setdefault(around, []).extend(pending.pop(nested, []))
        return
    for payload in pending.pop(session.get_transaction(), []):
        context.send(payload)


def _after_end(session: Session, transaction: SessionTransaction) -> None:
    """What a transaction that was not committed still holds is not true."""
    session.info.get(_PENDING, {}).pop(transaction, None)
