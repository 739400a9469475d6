"""Logs of which a part was archived, and what is in the archives."""

import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from tests.logs import MINUTE, SILENCE, Log, event

from immutable.integrity import erasure, pruning
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.record import decode_details, decode_record
from immutable.integrity.tiles import extend
from immutable.log.system_events import SERVER, Responsible
from immutable.model.erasure import Erasure
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.retention import prune as prune_module
from immutable.retention.archive import (
    DETAILS_NAME,
    ONE_FILE,
    ONE_FILE_NAME,
    RECORDS_NAME,
    Written,
    header_of,
    read_archive,
)
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.archives import archives_of, base_name
from immutable.retention.erasure import erase
from immutable.retention.prune import Pruned, prune_epoch
from immutable.retention.verify_archives import ArchiveVerdict, OnRecord, judge, nothing_on_record, read_whole
from immutable.store.proof_store import StoredTile
from immutable.store.proof_tiles import tile_reader

BY = Responsible("key_1", "api_key", "privacy team")
EPOCH = 8


def fill(log: Log, count: int) -> None:
    """Events of three actors in turn, u0 to u2, a minute apart, in sessions of ten."""
    for number in range(count):
        log.append(
            event(actor_id=f"u{number % 3}", actor_name=f"Name {number}", session_id=f"s{number // 10}",
                  metadata={"word": f"w{number}"})
        )  # fmt: skip
        log.now += MINUTE


def archive(log: Log, folder: Path, epochs: int = 1) -> list[Pruned]:
    """Prune the oldest epochs into a folder."""
    pruned = []
    for _ in range(epochs):
        log.settle()
        pruned.append(prune_epoch(log.store, log.workspace, ArchiveFolder(str(folder)), by=SERVER, silence=SILENCE))
    return pruned


def erased(log: Log, **wanted: Any) -> Erasure:
    """Erase what meets these conditions, wherever it is."""
    options = {name: wanted.pop(name) for name in ("most", "after_seq") if name in wanted}
    return erase(log.store, log.workspace, EventFilter(**wanted), by=BY, reason="asked for", silence=SILENCE, **options)


def files_of(log: Log, folder: Path, first: int = 1) -> tuple[Path, Path]:
    """The two files of the archive that begins with an event."""
    base = folder / base_name(log.workspace, first, first + EPOCH - 1)
    return Path(f"{base}{RECORDS_NAME}"), Path(f"{base}{DETAILS_NAME}")


def archived(log: Log, folder: Path) -> list[LogEntry]:
    """All events in the archives of a log."""
    entries: list[LogEntry] = []
    for one in archives_of(log.store, log.workspace):
        records, details = files_of(log, folder, one.first)
        with records.open("rb") as file, details.open("rb") as other:
            entries += read_archive(file, other)
    return entries


def with_details(entries: list[LogEntry]) -> dict[str, list[int]]:
    """The places whose details are there, by actor; without the server's own events."""
    found: dict[str, list[int]] = {}
    for entry in entries:
        record = decode_record(entry.record)
        if entry.details is not None and not record.action.startswith("immutable."):
            found.setdefault(str(record.actor.id), []).append(entry.seq)
    return found


def told_places(log: Log) -> list[int]:
    """The places that the log says it erased, as often as it says so."""
    places = []
    for entry in log.find(action=erasure.ACTION).entries:
        for first, last in erasure.erased_by(decode_record(entry.record)):
            places += range(first, last + 1)
    return sorted(places)


def verdicts(
    log: Log, folder: Path, *, knows_log: bool = True, only: Sequence[int] = (), known: OnRecord | None = None
) -> list[ArchiveVerdict]:
    """What is to be said of all archives of a log, or of those that begin with these events, held against the log."""
    known = known or nothing_on_record()
    found = []
    for one in archives_of(log.store, log.workspace):
        if only and one.first not in only:
            continue
        old = Path(folder, f"{base_name(log.workspace, one.first, one.last)}{ONE_FILE_NAME}")
        records, details = files_of(log, folder, one.first)
        if old.exists():
            with old.open("rb") as file:
                found.append(read_whole(old.name, file, None, known))
        else:
            with records.open("rb") as file, details.open("rb") as other:
                found.append(read_whole(records.name, file, other, known))
    known.knows_log = knows_log
    for entry in log.find(action="immutable.*").entries if knows_log else ():
        record = decode_record(entry.record)
        metadata = decode_details(entry.details or b"{}").metadata
        known.add(record, pruning.archive_told(record.action, record.targets, metadata))
    return judge(found, known)


def repack(file: Path, change: Any) -> None:
    """Write a packed file anew, its lines changed."""
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    file.write_bytes(gzip.compress(b"".join(change(lines))))


def integrate(log: Log) -> None:
    """Take all events into the log's tree, as the checkpoints' follower does."""
    proofs, workspace = log.store.proofs, log.workspace
    size, head = proofs.tree(workspace).size, log.store.head(workspace).seq
    leaves = [leaf_hash(one) for one in proofs.event_hashes(workspace, size + 1, head)]
    tiles = extend(tile_reader(proofs, workspace), size, leaves)
    stored = [StoredTile(tile.level, tile.index, hashes) for tile, hashes in tiles]
    assert size == head or proofs.integrate(workspace, (size, head), stored, None)


@contextmanager
def of_format_1() -> Iterator[None]:
    """Archives are written as they were before there were two files."""

    def write(store: Any, workspace: Any, folder: Any, before: Any, last: Any, checkpoint: Any) -> Pruned:
        header = header_of(workspace, before, last, checkpoint)
        header.format = ONE_FILE
        lines: list[Any] = [{name: getattr(header, name) for name in header.__struct_fields__}]
        for entry in store.entries(workspace, before.seq + 1, last.seq):
            details, salt = entry.details and entry.details.decode(), entry.salt and entry.salt.hex()
            lines.append(
                {"seq": entry.seq, "record": entry.record.decode(), "details": details, "salt": salt,
                 "event_hash": entry.event_hash.hex()}
            )  # fmt: skip
        text = "".join(json.dumps(one, separators=(",", ":"), ensure_ascii=False) + "\n" for one in lines)
        packed = gzip.compress(text.encode(), mtime=0)
        written = Written(hashlib.sha256(packed).hexdigest(), len(packed))
        name = base_name(workspace, before.seq + 1, last.seq) + ONE_FILE_NAME
        folder.keep(name, io.BytesIO(packed), written.sha256)
        return Pruned(before.seq + 1, last.seq, name, folder.url, written, Written("", 0))

    with mock.patch.object(prune_module, "_archive", write):
        yield
