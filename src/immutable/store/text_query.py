"""What a text search looks for and where: actor name, action, resource name and metadata, whatever the case. Pure."""

import msgspec

from immutable.integrity.record import decode_details, decode_record
from immutable.model.event import LogEntry

_encode = msgspec.json.Encoder(order="sorted").encode


def searchable(entry: LogEntry) -> list[str]:
    """The texts of an event that a search looks in: its fields case-folded, metadata as JSON."""
    if not entry.record:
        return []
    record = decode_record(entry.record)
    fields = [record.action]
    if entry.details:
        details = decode_details(entry.details)
        if details.actor_name is not None:
            fields.append(details.actor_name)
        if details.resource_name is not None:
            fields.append(details.resource_name)
        if details.metadata is not None:
            fields.append(_encode(details.metadata).decode())
    return [field.casefold() for field in fields]


class TextQuery:
    """A text to look for, as events hold it: plain in names, escaped in metadata."""

    def __init__(self, text: str) -> None:
        plain = text.casefold()
        escaped = msgspec.json.encode(plain)[1:-1].decode()
        self.forms = (plain,) if plain == escaped else (plain, escaped)

    def matches(self, entry: LogEntry) -> bool:
        """Whether the event holds the text."""
        return any(form in field for field in searchable(entry) for form in self.forms)
