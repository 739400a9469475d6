"""How long a workspace keeps its events, and where they go."""

import msgspec


class Retention(msgspec.Struct, frozen=True):
    """Events older than `days` are archived at `archive` (a folder or an s3:// URL) and then pruned."""

    days: int
    archive: str
