"""Links to the operator's own tools: an event's trace, its log lines, its errors, an investigation's ticket.

The templates are the server's settings or a workspace's own; what is put into them came with an event or a ticket, and may be
anything. It is percent-encoded, it cannot reach the host, and a value that browsers take for a step in the path makes no link.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from immutable.errors import StartError
from immutable.model.display import LinkChoice
from immutable.settings import Settings

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OF_EVENT = ("trace_id", "session_id", "request_id", "actor_id", "tenant_id", "resource_id", "event_id")
PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    "trace": _OF_EVENT,
    "logs": _OF_EVENT,
    "errors": _OF_EVENT,
    "ticket": ("ticket",),
}
"""What each kind of link takes from an event, or from an investigation."""

EXAMPLE: Mapping[str, str] = {
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "session_id": "sess_a8f3c2d1",
    "request_id": "req_5d20",
    "actor_id": "user 4f2a/8c",
    "tenant_id": "acme",
    "resource_id": "doc_8f3a2c1d",
    "event_id": "0195d6f2-6a4b-7c31-8f3a-2c1d5e7b9a04",
    "ticket": "SUP-4821",
}
"""Values to show what a template comes to; one of them needs encoding."""

MOST_CHARACTERS = 2_000
_SETTINGS = {"trace": "trace_link", "logs": "log_link", "errors": "error_link", "ticket": "ticket_link"}
_STEPS_IN_A_PATH = (".", "..")


class Links:
    """Checked templates, by kind."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        """Raises ValueError, whose text says what is wrong, for a template that makes no safe address."""
        for kind, template in templates.items():
            check(kind, template)
        self._templates = templates

    def of(self, event: Mapping[str, Any]) -> dict[str, str | None]:
        """The links of an event, as `render` has it."""
        values = {**event, "event_id": event.get("id")}
        return {kind: self.filled(kind, values) for kind in ("trace", "logs", "errors")}

    def of_ticket(self, ticket: str) -> str | None:
        """Where a ticket can be read."""
        return self.filled("ticket", {"ticket": ticket})

    def filled(self, kind: str, values: Mapping[str, Any]) -> str | None:
        """The address that a template comes to; None without a template, or where a value is missing."""
        template = self._templates.get(kind, "")
        found = [values.get(name) for name in _PLACEHOLDER.findall(template)]
        if not template or not all(found) or any(value in _STEPS_IN_A_PATH for value in found):
            return None
        address = _PLACEHOLDER.sub(lambda match: quote(values[match[1]] or "", safe="", errors="replace"), template)
        path = urlsplit(address).path.lower().replace("%2e", ".")
        return None if any(step in _STEPS_IN_A_PATH for step in path.split("/")) else address

    def template(self, kind: str) -> str:
        """A kind's template; empty where there is none."""
        return self._templates.get(kind, "")

    def but(self, own: LinkChoice) -> "Links":
        """The same with a workspace's own templates."""
        chosen = {kind: getattr(own, kind) for kind in PLACEHOLDERS}
        return Links({kind: self.template(kind) if one is None else one for kind, one in chosen.items()})


def links_of(settings: Settings) -> Links:
    """The server's templates. Raises StartError where one makes no safe address."""
    for kind, name in _SETTINGS.items():
        try:
            check(kind, getattr(settings, name))
        except ValueError as error:
            raise StartError(f"IMMUTABLE_{name.upper()}: {error}") from None
    return Links({kind: getattr(settings, name) for kind, name in _SETTINGS.items()})


def check(kind: str, template: str) -> None:
    """Whether a template makes safe addresses only. Raises ValueError with what is wrong."""
    if not template:
        return
    if len(template) > MOST_CHARACTERS:
        raise ValueError(f"The address is longer than {MOST_CHARACTERS:,} characters.")
    try:
        address = urlsplit(template)
        host, _ = address.hostname, address.port
    except ValueError as error:
        raise ValueError(f"This is no address: {error}.") from None
    if not re.match(r"https?://", template) or not host:
        raise ValueError("The address has to begin with https:// or http:// and a host.")
    if re.search(r"[\s\\]", template) or not template.isprintable():
        raise ValueError("The address must hold no space, no backslash and nothing that cannot be seen.")
    if "@" in address.netloc:
        raise ValueError("The address must name no user before the host.")
    if "{" in address.netloc:
        raise ValueError("No value may choose the host; put the placeholder behind it, after a slash.")
    names = _PLACEHOLDER.findall(template)
    known = PLACEHOLDERS[kind]
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ValueError(f"There is no {{{unknown[:40]}}} here; there are: {_listed(known)}.")
    if re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        raise ValueError("A brace { or } belongs to no placeholder.")
    if not names:
        raise ValueError(f"The address has to name one or more of {_listed(known)}.")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
