"""Lists of what was signed, anchored or shared: read page after page, and printed as JSON where that is asked for."""

from immutable.cli.screen import print_json
from immutable.cli.source import Json, open_source


def read_list(path: str, limit: int, where: tuple[str | None, str | None, str | None], *, as_json: bool) -> list[Json]:
    """The first `limit` items, for a table; none where they were printed as JSON. `where`: url, key and workspace."""
    with open_source(*where) as source:
        found = [one for page in source.pages(path, {}, limit=limit) for one in page["data"]]
    if as_json:
        print_json({"data": found})
        return []
    return found


def minute(time: str) -> str:
    """A time of the API to the minute, for a table."""
    return time[:16].replace("T", " ")
