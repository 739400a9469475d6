"""What a place to anchor promises: somebody outside our control who dates a checkpoint. One module beside this for each kind."""

from typing import Protocol

import msgspec

from immutable.errors import ImmutableError
from immutable.store.anchor_store import StoredAnchor


class NotAnchored(ImmutableError):
    """It could not be anchored, or what was anchored is not what it should be; the message says why."""


class Unreachable(NotAnchored):
    """The outside does not answer now: neither good nor bad."""


class Evidence(msgspec.Struct, frozen=True):
    """What the outside says that it has anchored: a root, and when (microseconds)."""

    root: bytes
    at: int


class Anchorer(Protocol):
    """One place to anchor. Not for several threads.

    A step that fails, or whose end this process does not live to see, is taken again from the anchor as it was stored; nothing is
    lost by it but, with an authority, a time-stamp that nobody kept.
    """

    chain: str
    """Names the place: `rfc3161:<authority>` or `eip155:<chain id>`."""

    def advance(self, anchor: StoredAnchor) -> StoredAnchor:
        """Take the next step; what became of the anchor, which the caller stores before the step after it.

        Raises NotAnchored, or OutboundRefused, where it must be tried again.
        """

    def evidence(self, anchor: StoredAnchor) -> Evidence:
        """What a confirmed anchor's outside says, checked anew. Raises NotAnchored where it says something else, or nothing."""

    def explorer_url(self, anchor: StoredAnchor) -> str | None:
        """Where people may look at the anchor."""
