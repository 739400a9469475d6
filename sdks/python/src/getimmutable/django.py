"""Middleware for Django, sync and async, and a mixin for models.

All is set up in Django's settings:

    IMMUTABLE = {"api_key": "imk_...", "base_url": "https://audit.example.com", "identify": "documents.audit.who"}
    MIDDLEWARE = [..., "getimmutable.django.AuditMiddleware"]

The other keys are options of `ImmutableClient`, and those in `capture.py`.
"""

import functools
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings  # type: ignore[import-untyped]
from django.contrib.sessions.backends import signed_cookies  # type: ignore[import-untyped]
from django.db import models, transaction  # type: ignore[import-untyped]
from django.db.models import signals  # type: ignore[import-untyped]
from django.utils.functional import LazyObject, empty  # type: ignore[import-untyped]
from django.utils.module_loading import import_string  # type: ignore[import-untyped]

from getimmutable import context
from getimmutable.capture import Capture, kept_id
from getimmutable.changes import changes_of, is_shown, name_of
from getimmutable.client import ImmutableClient
from getimmutable.context import Identity, configure, identify, track

__all__ = ["AuditMiddleware", "TracksEvents", "configure", "identify", "track"]

_log = logging.getLogger("getimmutable")
_CAPTURE_OPTIONS = ("identify", "session_cookie", "trusted_proxies")


class AuditMiddleware:
    """Puts the actor, session, address and user agent of a request on every event that is tracked in it.

    `identify(request)` is called when something is tracked; without it the actor is the user who is signed in. The session is
    Django's, as the hash of its key. Put it behind AuthenticationMiddleware.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        options = {name: value for name, value in _options().items() if name in _CAPTURE_OPTIONS}
        said = options.pop("identify", signed_in)
        _configured()
        self._capture: Capture[Any] = Capture(
            identify=import_string(said) if isinstance(said, str) else said, **options
        )
        self._get_response = get_response
        self._knows_user = said is signed_in
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """One request."""
        if iscoroutinefunction(self):
            return self._acall(request)
        with context.entered(self._context(request)) as entered:
            response = self._get_response(request)
        return _answered(response, entered)

    async def _acall(self, request: Any) -> Any:
        if self._knows_user and hasattr(request, "auser") and settings.SESSION_COOKIE_NAME in request.COOKIES:
            await request.auser()  # kept by Django for the view; `signed_in` could not wait for the database
        with context.entered(self._context(request)) as entered:
            response = await cast("Awaitable[Any]", self._get_response(request))
        return _answered(response, entered)

    def _context(self, request: Any) -> context.Context:
        return self._capture.context(
            request,
            peer=request.META.get("REMOTE_ADDR"),
            header=request.headers.get,
            cookies=lambda: request.COOKIES,
            session_key=lambda may_begin: _session_key(request, may_begin),
        )


def signed_in(request: Any) -> Identity | None:
    """The actor is Django's user."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user._wrapped is empty:  # not asked for yet in this request
        user = getattr(request, "_acached_user", user)
    if user is None or not user.is_authenticated:
        return None
    name = user.get_full_name() or user.get_username()
    return {"actor": {"id": str(user.pk), "name": name, "type": "user"}}


def _session_key(request: Any, may_begin: bool) -> str | None:
    session = getattr(request, "session", None)
    if isinstance(session, signed_cookies.SessionStore):
        return kept_id(session, may_begin and not session.is_empty())
    return getattr(session, "session_key", None)


def _answered(response: Any, entered: context.Context) -> Any:
    """The session's cookie is made behind this; a stream is still to be read, in the same context."""
    entered.is_answered = True
    if getattr(response, "streaming", False) and getattr(response, "file_to_stream", None) is None:
        within = _awithin if response.is_async else _within
        response.streaming_content = within(entered, response.streaming_content)
    return response


def _within(entered: context.Context, content: Iterable[bytes]) -> Iterator[bytes]:
    parts = iter(content)
    while True:
        with context.entered(entered):
            part = next(parts, None)
        if part is None:
            return
        yield part


async def _awithin(entered: context.Context, content: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    parts = aiter(content)
    while True:
        with context.entered(entered):
            part = await anext(parts, None)
        if part is None:
            return
        yield part


def _options() -> dict[str, Any]:
    return dict(getattr(settings, "IMMUTABLE", {}))


def _configured() -> None:
    """Make the client, where the settings tell one and there is none yet."""
    if not context.is_configured():
        options = {name: value for name, value in _options().items() if name not in _CAPTURE_OPTIONS}
        configure(options["client"] if "client" in options else ImmutableClient(**options))


class TracksEvents(models.Model):  # type: ignore[misc]
    """A mixin: `document.created`, `document.updated` and `document.deleted`, with what changed, once it is committed.

    `audit_exclude` names fields whose values stay out of the log; those with password, secret, token or key in their
    name do so anyway. `audit_name()` says what a row is called, otherwise its `title` or `name`. An update reads the row
    first, to tell exactly what was there. What goes past `save` and `delete` (`QuerySet.update`, `bulk_create`, SQL) and
    many-to-many relations are not seen.
    """

    audit_exclude: tuple[str, ...] = ()

    class Meta:
        """No table of its own."""

        abstract = True


def _harmless(handler: Callable[..., None]) -> Callable[..., None]:
    """The handler, whose errors are logged: nothing may fail for its audit."""

    @functools.wraps(handler)
    def handling(instance: Any, **more: Any) -> None:
        try:
            handler(instance, **more)
        except Exception:  # noqa: BLE001 - see above
            _log.exception("a change of %s could not be tracked", instance._meta.label)

    return handling


def _connect(sender: Any, **_: Any) -> None:
    if issubclass(sender, TracksEvents) and not sender._meta.abstract:
        signals.pre_save.connect(_before_save, sender=sender)
        signals.post_save.connect(_after_save, sender=sender)
        signals.post_delete.connect(_after_delete, sender=sender)


signals.class_prepared.connect(_connect)


@_harmless
def _before_save(instance: Any, raw: bool, using: str, **_: Any) -> None:
    """Remember the row as it is in the database."""
    instance._audit_before = None if raw else _row(instance, using)


def _row(instance: Any, using: str) -> dict[str, Any] | None:
    is_new = instance._state.adding and instance._meta.pk.has_default()
    if instance.pk is None or is_new:
        return None
    names = [field.attname for field in _fields(instance)]
    found = instance.__class__._base_manager.using(using).filter(pk=instance.pk).values(*names).first()
    return cast("dict[str, Any] | None", found)


@_harmless
def _after_save(instance: Any, created: bool, raw: bool, using: str, update_fields: Any, **_: Any) -> None:
    before = vars(instance).pop("_audit_before", None)
    if raw:  # a fixture: nobody does anything
        return
    deferred = instance.get_deferred_fields()
    saved = [
        field for field in _fields(instance)
        if field.attname not in deferred
        and (update_fields is None or field.name in update_fields or field.attname in update_fields)
    ]  # fmt: skip
    after = {field.attname: field.to_python(getattr(instance, field.attname))
             for field in saved if not hasattr(getattr(instance, field.attname), "resolve_expression")}  # fmt: skip
    if len(after) < len(saved):  # an F() or another expression: only the database knows what came of it
        after = {name: value for name, value in (_row(instance, using) or {}).items()
                 if name in {field.attname for field in saved}}  # fmt: skip
    if created:
        _send(instance, "created", "create", using, None, after)
        return
    by_itself = {field.attname for field in saved if getattr(field, "auto_now", False)}
    before = before or {}
    if any(before.get(name) != value for name, value in after.items() if name not in by_itself):
        _send(instance, "updated", "update", using, before, {k: v for k, v in after.items() if k not in by_itself})


@_harmless
def _after_delete(instance: Any, using: str, **_: Any) -> None:
    deferred = instance.get_deferred_fields()
    row = {
        field.attname: getattr(instance, field.attname) for field in _fields(instance) if field.attname not in deferred
    }
    _send(instance, "deleted", "delete", using, row, None)


def _fields(instance: Any) -> list[Any]:
    return list(instance._meta.concrete_fields)


def _send(
    instance: Any, verb: str, category: str, using: str, old: dict[str, Any] | None, new: dict[str, Any] | None
) -> None:
    """Make the event now, with whoever acts now; send it when the transaction is committed."""
    _configured()
    kind = instance._meta.model_name
    event = context.event(
        f"{kind}.{verb}",
        {"type": kind, "id": str(instance.pk), "name": name_of(instance)},
        action_category=category,
        changes=changes_of(_shown(instance, old), _shown(instance, new)),
        occurred_at=context.now(),
    )
    transaction.on_commit(functools.partial(context.send, event), using=using)


def _shown(instance: Any, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The row by the names of its fields, without what is hidden."""
    if row is None:
        return None
    return {
        name: value for name, value in row.items()
        if is_shown(name, instance.audit_exclude) and is_shown(name.removesuffix("_id"), instance.audit_exclude)
    }  # fmt: skip
