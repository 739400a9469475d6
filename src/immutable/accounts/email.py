"""E-mail addresses as members are known by: one way of writing each."""

import re
import unicodedata

from immutable.errors import InvalidEvent

_MOST = 254
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[^@\s<>\"(),:;\\\[\]]+\.?[^@\s<>\"(),:;\\\[\]]*")


def email_of(text: str, field: str = "email") -> str:
    """An address in lower case and one normal form, so that nobody is two members. Raises InvalidEvent.

    No more is done to it: what folds further makes one address of two people's (gross.de of groß.de, both of which exist).
    """
    found = unicodedata.normalize("NFC", text.strip()).lower()
    if len(found) > _MOST or not _ADDRESS.fullmatch(found) or not found.isprintable():
        raise InvalidEvent(f"{field}: This is no e-mail address.", {field: ["This is no e-mail address."]})
    return found
