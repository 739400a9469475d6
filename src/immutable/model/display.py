"""What a workspace decides about how its log is shown: which actions count as destructive, and where links lead."""

import msgspec


class DestructiveChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which actions count as destructive, by patterns. As it is made, a workspace has what the server's setting says."""

    uses_default: bool = True
    """Whether the server's patterns count too."""
    patterns: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    """What does not count, whatever covers it."""


class LinkChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A workspace's own templates. None: the server's; empty: no link of the kind."""

    trace: str | None = None
    logs: str | None = None
    errors: str | None = None
    ticket: str | None = None


class Display(msgspec.Struct, frozen=True):
    """All that a workspace decides."""

    destructive: DestructiveChoice
    links: LinkChoice


DEFAULT_DISPLAY = Display(DestructiveChoice(), LinkChoice())
