"""Links to the operator's own tools: an event's trace, the logs of its session or request, an investigation's ticket.

The templates are the operator's settings; what is put into them came with an event or a ticket, and may be anything. It is
percent-encoded, it cannot reach the host, and a value that browsers take for a step in the path makes no link.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from immutable.errors import StartError

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_VALUES = ("trace_id", "session_id", "request_id")
_STEPS_IN_A_PATH = (".", "..")


class Links:
    """The templates `trace_link`, `log_link` and `ticket_link`, checked."""

    def __init__(self, trace_link: str, log_link: str, ticket_link: str = "") -> None:
        """Raises StartError for a template that is no http or https address, or that names something else."""
        self._trace = _checked("IMMUTABLE_TRACE_LINK", trace_link)
        self._log = _checked("IMMUTABLE_LOG_LINK", log_link)
        self._ticket = _checked("IMMUTABLE_TICKET_LINK", ticket_link, ("ticket",))

    def of(self, event: Mapping[str, Any]) -> dict[str, str | None]:
        """The links of an event, as `render` has it."""
        return {"trace": _filled(self._trace, event), "logs": _filled(self._log, event)}

    def of_ticket(self, ticket: str) -> str | None:
        """Where a ticket can be read."""
        return _filled(self._ticket, {"ticket": ticket})


def _checked(setting: str, template: str, values: tuple[str, ...] = _VALUES) -> str:
    if not template:
        return ""
    try:
        address = urlsplit(template)
        host = address.hostname
    except ValueError as error:
        raise StartError(f"{setting}: {error}.") from error
    if address.scheme not in ("http", "https") or not host or re.search(r"[\s\x00-\x1f\\]", template):
        raise StartError(f"{setting} has to be an address that begins with https:// or http:// and has no spaces.")
    if "{" in address.netloc:
        raise StartError(f"{setting}: no value may choose the host; put the placeholder behind it.")
    names = _PLACEHOLDER.findall(template)
    if not names or not set(names) <= set(values) or re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        raise StartError(f"{setting} has to name one or more of {', '.join(f'{{{name}}}' for name in values)}.")
    return template


def _filled(template: str, values: Mapping[str, Any]) -> str | None:
    """The address; None where a value is missing."""
    found = [values.get(name) for name in _PLACEHOLDER.findall(template)]
    if not template or not all(found) or any(value in _STEPS_IN_A_PATH for value in found):
        return None
    return _PLACEHOLDER.sub(lambda match: quote(values[match[1]] or "", safe="", errors="replace"), template)
