"""Parts of events and sessions in words: who, what, where, and what else is known. From the API's JSON to text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from immutable.cli.screen import harmless, joined, styled

_MAX_DETAILS = 600
"""Characters of metadata shown with a step; --json shows all of it."""


def named_thing(name: object, identifier: object, kind: object = None) -> Text:
    """`Q3 Budget Report (doc_8f3a2c1d)`; what is unknown is left out, and without name and id the type stands in."""
    if name is not None and identifier is not None and name != identifier:
        return styled(name, "bold") + Text(" ") + styled(f"({identifier})", "dim")
    known = name if name is not None else identifier
    return styled(known, "bold") if known is not None else styled("" if kind is None else kind)


def resource_of(event: Mapping[str, Any]) -> Text:
    """What the action was done to."""
    resource = event["resource"]
    return named_thing(resource["name"], resource["id"], resource["type"])


def actor_of(event: Mapping[str, Any]) -> Text:
    """Who did it."""
    return named_thing(event["actor"]["name"], event["actor"]["id"])


def place_of(event: Mapping[str, Any]) -> str:
    """`Portland, US`, as far as it is known."""
    return place_text(event["ip_city"], event["ip_country"])


def place_text(city: str | None, country: str | None) -> str:
    """City and country, as far as they are known."""
    return harmless(", ".join(part for part in (city, country) if part))


def listed(items: Sequence[object], shown: int = 3) -> str:
    """The first few, and how many more."""
    texts = [harmless(item) for item in items[:shown]]
    more = len(items) - shown
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def counted(number: int, noun: str) -> str:
    """1 event, 2 events, 12,345 events."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def details_of(event: Mapping[str, Any], *, known: tuple[str, str] | None = None) -> Text | None:
    """What else is useful for the story: metadata, changes, targets, in whose name. None where there is nothing.

    `known`: type and id of a target that the reader knows of.
    """
    parts: list[Text | str | None] = [
        _labelled(name, Text(harmless(_value(value)))) for name, value in (event["metadata"] or {}).items()
    ]
    parts += [
        _labelled(name, Text(f"{harmless(_value(change['old']))} → {harmless(_value(change['new']))}"))
        for name, change in (event["changes"] or {}).items()
    ]
    parts += [
        _labelled(f"also {target['type']}", named_thing(target["name"], target["id"]))
        for target in event["targets"]
        if (target["type"], target["id"]) != known
    ]
    behalf = event["on_behalf_of"]
    if behalf is not None:
        parts.append(_labelled("in the name of", named_thing(behalf["name"], behalf["id"])))
    if event["integrity"]["details_erased"]:
        parts.append(styled("details erased", "dim"))
    if not parts:
        return None
    text = joined(*parts)
    if len(text) > _MAX_DETAILS:
        text = text[:_MAX_DETAILS] + styled(" … (all of it: --json)", "dim")
    return text


def _labelled(label: object, value: Text) -> Text:
    return styled(f"{label}: ", "cyan") + value


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
