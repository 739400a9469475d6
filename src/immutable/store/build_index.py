"""What is built behind the log, a step at a time: epochs of the lookup index are sealed, texts are indexed, erasures followed."""

from collections.abc import Sequence

from immutable.integrity import erasure
from immutable.integrity.verify import readable
from immutable.model.workspace import Workspace
from immutable.store import lookup
from immutable.store.follow_producers import ProducerFollower
from immutable.store.lookup import EPOCH, LookupIndex
from immutable.store.reader import IndexWriter, LogReader
from immutable.store.terms import ACTION
from immutable.store.text_query import searchable
from immutable.telemetry import metrics

_CHUNK = 1_000
"""Events whose texts one step indexes."""
_ERASURE_TERM = ACTION + erasure.ACTION


class IndexBuilder:
    """Builds the indexes of one store. Not for several threads."""

    def __init__(self, index: LookupIndex) -> None:
        self._index = index
        self._producers = ProducerFollower()
        self._looked: dict[int, int] = {}
        """Through which event each workspace was searched for erasures."""
        self._built: dict[int, int] = {}
        """Through which event everything is built of each workspace."""

    def step(self, reader: LogReader, writer: IndexWriter, workspaces: Sequence[Workspace]) -> tuple[bool, int]:
        """Seal an epoch and index some texts of each workspace: whether there is more to do, and the events texts lack."""
        heads = reader.heads()
        more, lag = False, 0
        for workspace in workspaces:
            head = heads.get(workspace.number, 0)
            if self._built.get(workspace.number) == head:
                continue  # thousands of workspaces, of which few are written to, cost one question a turn
            left, lacking = self._step(reader, writer, workspace, head)
            lag += lacking
            if left:
                more = True
            else:
                self._built[workspace.number] = head
        metrics.PRODUCER_GAPS.set(self._producers.open_gaps)
        return more, lag

    def _step(self, reader: LogReader, writer: IndexWriter, workspace: Workspace, head: int) -> tuple[bool, int]:
        sealed = self._index.seal(reader, writer, workspace)
        self._follow_erasures(reader, writer, workspace, head)
        lag = _index_texts(reader, writer, workspace, head)
        more_numbers = self._producers.step(reader, writer, workspace, head)
        return sealed or more_numbers or lag > 0, lag

    def _follow_erasures(self, reader: LogReader, writer: IndexWriter, workspace: Workspace, head: int) -> None:
        """Index the texts of erased events once more, without what was forgotten."""
        looked = self._looked.get(workspace.number)
        if head in (looked, 0):
            return
        followed = reader.erasures_followed(workspace)
        first = max(followed, looked or 0) + 1
        places = self._index.places(reader, workspace, [_ERASURE_TERM], None, first, head) if first <= head else {}
        for entry in reader.places(workspace, lookup.walk(places, ascending=True, after_seq=None)):
            progress = reader.progress(workspace)
            indexed = progress[1] if progress else 0
            record = readable(entry.record)
            for first_seq, last_seq in erasure.erased_by(record) if record is not None else []:
                erased = reader.range(workspace, first_seq, min(last_seq, indexed))
                texts = [(one.seq, searchable(one)) for one in erased]
                writer.rewrite_texts(workspace, texts, entry.seq - 1)  # a crash in between begins the erasure again
            writer.rewrite_texts(workspace, [], entry.seq)
        self._looked[workspace.number] = head
        if head - followed >= EPOCH:
            writer.rewrite_texts(workspace, [], head)


def _index_texts(reader: LogReader, writer: IndexWriter, workspace: Workspace, head: int) -> int:
    """Index the next texts; how many events the index does not hold yet afterwards."""
    progress = reader.progress(workspace)
    indexed = progress[1] if progress else 0
    if indexed >= head:
        return 0
    last = min(indexed + _CHUNK, head)
    texts = [(entry.seq, searchable(entry)) for entry in reader.range(workspace, indexed + 1, last)]
    writer.write_texts(workspace, texts, last)
    return head - last
