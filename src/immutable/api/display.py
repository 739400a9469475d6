"""/settings/…: how a workspace has its log shown, seen by who may read it and decided by who administers it.

What counts as destructive, and where links lead. Both can be looked at before they are decided.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from immutable.api.answer import Answer, json_answer
from immutable.api.decode import invalid
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.links import EXAMPLE, MOST_CHARACTERS, PLACEHOLDERS, Links, check
from immutable.api.responsible import act
from immutable.api.schemas import Count
from immutable.model.display import DestructiveChoice, LinkChoice
from immutable.sessions.destructive import DestructiveRule

MOST_PATTERNS = 200
MOST_ACTIONS = 500

Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Patterns = Annotated[list[Pattern], msgspec.Meta(max_length=MOST_PATTERNS)]
Template = Annotated[str, msgspec.Meta(max_length=MOST_CHARACTERS)]
C = TypeVar("C", DestructiveChoice, LinkChoice)


class DestructiveInput(msgspec.Struct, forbid_unknown_fields=True):
    """Which actions count as destructive: patterns, in which `*` stands for anything. All of it replaces what was decided."""

    EXAMPLE: ClassVar = {"patterns": ["subscription.cancelled"], "exceptions": ["notification.deleted"]}

    uses_default: Annotated[bool, msgspec.Meta(description="Whether the server's patterns count too.")] = True
    patterns: Patterns = []
    exceptions: Annotated[Patterns, msgspec.Meta(description="What does not count, whatever covers it.")] = []


class DestructiveView(msgspec.Struct):
    """Which actions count as destructive here. `default`: the server's patterns."""

    uses_default: bool
    patterns: list[str]
    exceptions: list[str]
    default: list[str]


class DestructiveAnswer(msgspec.Struct):
    """What a workspace decided."""

    data: DestructiveView


class KnownAction(msgspec.Struct):
    """An action of the log, and what becomes of it. `pattern`: the first that covers it, whatever the exceptions say."""

    action: str
    events_count: Count
    destructive: bool
    was_destructive: Annotated[bool, msgspec.Meta(description="Whether it counts as destructive now.")]
    pattern: str | None


class DestructivePreview(msgspec.Struct):
    """The actions of the newest events, by name. `is_whole` false: there are more, or older ones than `from_sequence`."""

    actions: list[KnownAction]
    from_sequence: int
    is_whole: bool


class DestructivePreviewAnswer(msgspec.Struct):
    """What a decision would mean."""

    data: DestructivePreview


class LinksInput(msgspec.Struct, forbid_unknown_fields=True):
    """A workspace's own templates. null: the server's; empty: no link; a kind that is left out stays as it is."""

    EXAMPLE: ClassVar = {"errors": "https://errors.example.com/issues/?query={request_id}", "trace": None}

    trace: Template | UnsetType | None = UNSET
    logs: Template | UnsetType | None = UNSET
    errors: Template | UnsetType | None = UNSET
    ticket: Template | UnsetType | None = UNSET


class LinkTemplate(msgspec.Struct):
    """A template, and what it comes to. `template`: the workspace's own; null: it has the server's, `default`."""

    template: str | None
    default: str
    placeholders: list[str]
    example: Annotated[str | None, msgspec.Meta(description="The address with made-up values; null without a link.")]


class LinksView(msgspec.Struct):
    """Where links lead: an event's trace, its log lines, its errors; an investigation's ticket."""

    trace: LinkTemplate
    logs: LinkTemplate
    errors: LinkTemplate
    ticket: LinkTemplate


class LinksAnswer(msgspec.Struct):
    """What a workspace decided."""

    data: LinksView


async def get_destructive(call: Call) -> Answer:
    """Which actions count as destructive in this workspace."""
    services = call.services
    display = await services.read(services.store.catalog.displays.of, call.workspace)
    return _told(call, display.destructive)


async def post_destructive(call: Call) -> Answer:
    """Decide which actions count as destructive in this workspace, in old events too: the log itself stays as it is."""
    choice, displays = _choice(call), call.services.store.catalog.displays
    before = (await call.services.read(displays.of, call.workspace)).destructive
    await _decide(call, displays.set_destructive, "destructive_actions", before, choice)
    return _told(call, choice)


async def post_destructive_preview(call: Call) -> Answer:
    """Which of the workspace's actions would count as destructive: those of its newest 2 million events, 500 at most."""
    choice, services = _choice(call), call.services
    now = (await services.shown(call.workspace)).rule
    rule = services.showing.rule_by(choice)
    known = await services.read(services.store.known_actions, call.workspace, most=MOST_ACTIONS)
    actions = [_known(action, count, rule, now) for action, count in known.counts.items()]
    return json_answer(DestructivePreviewAnswer(DestructivePreview(actions, known.from_sequence, known.is_whole)))


async def get_links(call: Call) -> Answer:
    """Where the links of this workspace's events and investigations lead."""
    services = call.services
    display = await services.read(services.store.catalog.displays.of, call.workspace)
    return _linked(call, display.links)


async def post_links(call: Call) -> Answer:
    """Decide where links lead: templates of http or https, in which placeholders stand for an event's values, percent-encoded."""
    displays = call.services.store.catalog.displays
    before = (await call.services.read(displays.of, call.workspace)).links
    choice = _links(call, before)
    await _decide(call, displays.set_links, "links", before, choice)
    return _linked(call, choice)


async def post_links_preview(call: Call) -> Answer:
    """What the templates would come to, without deciding it."""
    services = call.services
    before = (await services.read(services.store.catalog.displays.of, call.workspace)).links
    return _linked(call, _links(call, before))


async def _decide(call: Call, store: Callable[..., None], setting: str, before: C, after: C) -> None:
    """Keep what was decided with the act that tells of it; nothing where it stays as it was."""
    if before == after:
        return
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    workspace = call.workspace
    told = act(
        call, "workspace_changed", resource=("workspace", workspace.id, workspace.name),
        metadata={"setting": setting, "old": old, "new": new},
    )  # fmt: skip
    await call.services.work(store, workspace, after, told)


def _choice(call: Call) -> DestructiveChoice:
    given = body_as(call.body or b"{}", DestructiveInput)
    errors: dict[str, list[str]] = {}
    for name, patterns in (("patterns", given.patterns), ("exceptions", given.exceptions)):
        for number, pattern in enumerate(patterns):
            if not pattern.isprintable() or pattern != pattern.strip():
                errors[f"{name}.{number}"] = [f"{pattern!r} has spaces around it, or characters that cannot be seen."]
    if errors:
        raise invalid(errors)
    return DestructiveChoice(given.uses_default, _once(given.patterns), _once(given.exceptions))


def _once(patterns: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(patterns))


def _told(call: Call, choice: DestructiveChoice) -> Answer:
    default = list(call.services.settings.destructive_actions)
    view = DestructiveView(choice.uses_default, list(choice.patterns), list(choice.exceptions), default)
    return json_answer(DestructiveAnswer(view))


def _known(action: str, count: int, rule: DestructiveRule, now: DestructiveRule) -> KnownAction:
    return KnownAction(action, count, rule.covers(action), now.covers(action), rule.pattern_of(action))


def _links(call: Call, before: LinkChoice) -> LinkChoice:
    given = body_as(call.body or b"{}", LinksInput)
    chosen: dict[str, Any] = {kind: value for kind in PLACEHOLDERS if (value := getattr(given, kind)) is not UNSET}
    errors: dict[str, list[str]] = {}
    for kind, template in chosen.items():
        try:
            check(kind, template or "")
        except ValueError as error:
            errors[kind] = [str(error)]
    if errors:
        raise invalid(errors)
    return msgspec.structs.replace(before, **chosen)


def _linked(call: Call, choice: LinkChoice) -> Answer:
    default = call.services.showing.default.links
    links = default.but(choice)
    views = {kind: _view(kind, getattr(choice, kind), default, links) for kind in PLACEHOLDERS}
    return json_answer(LinksAnswer(LinksView(**views)))


def _view(kind: str, own: str | None, default: Links, links: Links) -> LinkTemplate:
    return LinkTemplate(own, default.template(kind), list(PLACEHOLDERS[kind]), links.filled(kind, EXAMPLE))
