"""Where imported events go: a server, in batches, or the database itself, in large commits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

from immutable import clock
from immutable.cli.database import existing_store
from immutable.cli.event_lines import BadLine, Line
from immutable.cli.sending import MAX_BYTES, MAX_EVENTS, Sender
from immutable.cli.workspaces import chosen
from immutable.log import silence
from immutable.log.append import append_batch
from immutable.model.workspace import Workspace
from immutable.settings import Settings
from immutable.store.log_store import LogStore

Outcome = Literal["stored", "known"] | BadLine


class Destination(Protocol):
    """Takes so many events, and so many bytes, at once."""

    max_events: int
    max_bytes: int

    def store(self, lines: Sequence[Line]) -> list[Outcome]:
        """Store them durably; what became of each. Raises ImmutableError where none of them could be stored."""

    def finish(self) -> None:
        """Do what is left to do when all are stored."""


class ServerDestination:
    """A server."""

    max_events = MAX_EVENTS
    max_bytes = MAX_BYTES

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def store(self, lines: Sequence[Line]) -> list[Outcome]:
        """Send one batch."""
        answers = self._sender.send([line.body for line in lines])
        outcomes: list[Outcome] = []
        for line, answer in zip(lines, answers, strict=True):
            if answer["status"] == "rejected":
                outcomes.append(BadLine(line.number, str(answer.get("message"))))
            else:
                outcomes.append("known" if answer["status"] == "duplicate" else "stored")
        return outcomes

    def finish(self) -> None:
        """The server does the rest."""


class DatabaseDestination:
    """The database itself, locked for us alone."""

    max_events = 5_000
    max_bytes = 64 * 1_048_576

    def __init__(self, store: LogStore, workspace: Workspace, silence: int) -> None:
        store.lock_for_appending()
        self._store = store
        self._workspace = workspace
        self._silence = silence

    def store(self, lines: Sequence[Line]) -> list[Outcome]:
        """Append them in one commit."""
        drafts = [line.draft for line in lines]
        with self._store.append() as transaction:
            receipts = append_batch(transaction, self._workspace, drafts, now=clock.now(), silence=self._silence)
        return ["known" if receipt.is_duplicate else "stored" for receipt in receipts]

    def finish(self) -> None:
        """Build the indexes behind the log, which a server would do beside its work."""
        while self._store.follow():
            pass


@contextmanager
def open_destination(
    url: str | None, key: str | None, workspace: str | None, settings: Settings
) -> Iterator[Destination]:
    """The server at `url`, or without one the database of the settings. Raises StartError or NotFound."""
    if url is not None:
        with Sender(url, key) as sender:
            yield ServerDestination(sender)
    else:
        with existing_store(settings) as store:
            workspace_of = chosen(store.catalog, workspace)
            yield DatabaseDestination(
                store, workspace_of, silence.settle(store.catalog, settings.session_silence_seconds)
            )
