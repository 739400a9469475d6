"""What is built behind the log, a step at a time: the lookup index's epochs are sealed, texts are indexed."""

from collections.abc import Sequence

from immutable.model.workspace import Workspace
from immutable.store.lookup import LookupIndex
from immutable.store.reader import IndexWriter, LogReader
from immutable.store.text_query import searchable

_CHUNK = 1_000
"""Events whose texts one step indexes."""


def build_step(
    index: LookupIndex, reader: LogReader, writer: IndexWriter, workspaces: Sequence[Workspace]
) -> tuple[bool, int]:
    """Seal an epoch and index some texts of each workspace: whether there is more to do, and the events texts lack."""
    sealed = [index.seal(reader, writer, workspace) for workspace in workspaces]
    lag = sum(_index_texts(reader, writer, workspace) for workspace in workspaces)
    return any(sealed) or lag > 0, lag


def _index_texts(reader: LogReader, writer: IndexWriter, workspace: Workspace) -> int:
    """Index the next texts; how many events the index does not hold yet afterwards."""
    progress = reader.progress(workspace)
    indexed = progress[1] if progress else 0
    head = reader.head(workspace).seq
    if indexed >= head:
        return 0
    last = min(indexed + _CHUNK, head)
    texts = [(entry.seq, searchable(entry)) for entry in reader.range(workspace, indexed + 1, last)]
    writer.write_texts(workspace, texts, last)
    return head - last
