"""Makes an evidence pack (docs/specs/evidence-pack.md): from a scope to one file, which is never whole in memory.

The entries are read once, checked as a verifier will check them, and written to temporary files that have no name. So a server
gives out no pack that does not verify; what it finds wrong, it says. What is bounded, and waits, is the caller's choice.
"""

import hashlib
import tempfile
from collections.abc import Callable, Container, Sequence
from contextlib import ExitStack
from typing import IO

import msgspec

from immutable import clock
from immutable.checkpoints.keys import SigningKeys, verifier_of
from immutable.checkpoints.proofs import ShownCheckpoint
from immutable.errors import Conflict, InvalidEvent, NotFound
from immutable.evidence import how_to_check, report_html
from immutable.evidence.case import Case
from immutable.evidence.scope import Scope, entries_of
from immutable.evidence.withholding import Withholding
from immutable.evidence.writing import IN_MEMORY, Writing
from immutable.integrity import chain, erasure, pack
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.proof import ProofError, check_inclusion, consistency_proof, inclusion_proof
from immutable.integrity.record import decode_record, details_digest
from immutable.integrity.tiles import Tree
from immutable.log.origins import origins_of
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.sessions.destructive import DestructiveRule
from immutable.store.log_store import LogStore
from immutable.store.proof_tiles import tile_reader
from immutable.story.fact import Fact, fact_of, in_time

ERASED, WITHHELD = "erased", "withheld"


class Anchor(msgspec.Struct, frozen=True):
    """An anchored checkpoint: its note, and the time-stamp response over the note's text, if there is one."""

    name: str
    size: int
    note: bytes
    token: bytes | None = None


class Made(msgspec.Struct):
    """A finished pack. Whoever takes the file closes it."""

    file: IO[bytes]
    size: int
    digest: bytes
    """SHA-256 of `manifest.json`, which names the hash of everything else."""
    checkpoint_size: int
    counts: dict[str, int]


class Bounds(msgspec.Struct, frozen=True):
    """What one pack may hold."""

    events: int
    bytes: int


class Packer:
    """Makes packs of one store's logs."""

    def __init__(
        self,
        store: LogStore,
        keys: SigningKeys,
        covering: Callable[[Workspace, int], ShownCheckpoint],
        *,
        rule: Callable[[Workspace], DestructiveRule],
        bounds: Bounds,
        witnesses: Sequence[str] = (),
        anchors: Callable[[Workspace], Sequence[Anchor]] = lambda _: (),
    ) -> None:
        """`covering` gives a checkpoint that covers a place; `anchors` those to put into a pack; `witnesses`: verifier keys.

        `rule` gives a workspace's rule of what is destructive.
        """
        self._store, self._keys, self._covering = store, keys, covering
        self._rule, self._bounds, self._witnesses, self._anchors = rule, bounds, witnesses, anchors

    def make(self, workspace: Workspace, scope: Scope) -> Made:
        """The pack of a scope. Raises NotFound, InvalidEvent where it is too much, Conflict, Overloaded."""
        with ExitStack() as stack:
            writing = Writing(stack)
            shown = writing.file("events.jsonl")
            facts, leaves, absent = self._write_events(workspace, scope, shown)
            erasures = self._erasures(workspace, [seq for seq, why in absent.items() if why == ERASED], set(leaves))
            if erasures:
                withholding = Withholding(scope.withhold)
                file = writing.file("erasures.jsonl")
                for entry in erasures:
                    leaves[entry.seq] = entry.event_hash
                    file.write(pack.event_line(entry, WITHHELD if withholding.covers(entry) else None))
            checkpoint = self._covering(workspace, max(leaves))
            signer = self._keys.signer(workspace, checkpoint.stored.size)
            writing.add("checkpoint", checkpoint.note)
            successions = origins_of(self._store, workspace).successions
            if successions:
                file = writing.file("origins.jsonl")
                for entry in self._store.places(workspace, [one.sequence for one in successions]):
                    leaves[entry.seq] = entry.event_hash
                    file.write(pack.event_line(entry, WITHHELD))
            anchors = self._anchors(workspace)
            sizes = [*(one.size for one in anchors), *(one.size for one in successions)]
            writing.add("proofs.json", self._proofs(workspace, checkpoint, leaves, sizes))
            names = {checkpoint.stored.origin, *(one.origin for one in successions)}
            writing.add("keys.json", self._key_file(workspace, names))
            for anchor in anchors:
                writing.add(f"anchors/{anchor.name}.checkpoint", anchor.note)
                if anchor.token is not None:
                    writing.add(f"anchors/{anchor.name}.tsr", anchor.token)
            case = self._case(workspace, scope, checkpoint, facts, anchors)
            html = writing.file("report.html")
            for piece in report_html.page(case):
                html.write(piece.encode())
            from immutable.evidence import report_pdf  # a fifth of every command's start, and few write packs

            writing.add("report.pdf", report_pdf.paper(case))
            writing.add("HOW-TO-CHECK.txt", how_to_check.text_file(case))
            counts = {"events": len(facts), "erased": len(case.erased), "withheld": len(case.withheld)}
            manifest = {
                "workspace_id": workspace.id,
                "origin": checkpoint.stored.origin,
                "created_at": clock.to_text(case.created_at),
                "asked": scope.asked(),
                "counts": counts,
                "pruned_through": case.pruned_through,
            }
            content, note = pack.signed_manifest(manifest, writing.parts(), [signer])
            writing.add(pack.MANIFEST, content)
            writing.add(pack.MANIFEST_NOTE, note)
            file, size = writing.archive()
            return Made(file, size, hashlib.sha256(content).digest(), checkpoint.stored.size, counts)

    def show(self, workspace: Workspace, scope: Scope) -> Case:
        """What a pack of the scope would tell people, without making it. Raises as `make` does."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as nowhere:
            facts, leaves, absent = self._write_events(workspace, scope, nowhere)
        del absent
        checkpoint = self._covering(workspace, max(leaves))
        return self._case(workspace, scope, checkpoint, facts, self._anchors(workspace))

    def _write_events(
        self, workspace: Workspace, scope: Scope, file: IO[bytes]
    ) -> tuple[list[Fact], dict[int, bytes], dict[int, str]]:
        """Write the events; their facts in time, their hashes by place, and why details are absent, by place."""
        facts: list[Fact] = []
        leaves: dict[int, bytes] = {}
        absent: dict[int, str] = {}
        withholding, rule = Withholding(scope.withhold), self._rule(workspace)
        for entry in entries_of(self._store, workspace, scope):
            _check(entry, workspace)
            is_withheld = withholding.covers(entry)
            why = ERASED if entry.details is None else WITHHELD if is_withheld else None
            if why is not None:
                absent[entry.seq] = why
            leaves[entry.seq] = entry.event_hash
            facts.append(fact_of(entry, why, rule))
            file.write(pack.event_line(entry, why))
            if len(facts) > self._bounds.events or file.tell() > self._bounds.bytes:
                raise _too_much(self._bounds)
        if not facts:
            raise NotFound("No event of this workspace is what you ask evidence of.")
        for chosen in withholding.unmet():
            why = f"Event {chosen}, whose details you want withheld, is not among what you ask evidence of."
            raise InvalidEvent(why, {"withhold": [why]})
        return in_time(facts), leaves, absent

    def _erasures(self, workspace: Workspace, erased: list[int], shown: set[int]) -> list[LogEntry]:
        """The events that say that these details were erased, but for those that are shown anyway. Raises Conflict."""
        left = set(erased)
        found: list[LogEntry] = []
        after: int | None = None
        while left:
            page = self._store.find(
                workspace, EventFilter(action=erasure.ACTION), ascending=True, after_seq=after, limit=1_000
            )
            for entry in page.entries:
                ranges = erasure.erased_by(decode_record(entry.record))
                covered = {seq for seq in left if any(first <= seq <= last for first, last in ranges)}
                if covered and entry.seq not in shown:
                    _check(entry, workspace)
                    found.append(entry)
                left -= covered
            if not page.has_more:
                break
            after = page.entries[-1].seq
        if left:
            raise Conflict(
                f"The details of event {min(left):,} are gone, and no erasure on the record says so: no pack of it would "
                "verify. Run `immutable verify`."
            )
        return found

    def _proofs(
        self, workspace: Workspace, checkpoint: ShownCheckpoint, leaves: dict[int, bytes], sizes: Sequence[int]
    ) -> bytes:
        """`proofs.json`; `sizes`: of the trees that must be shown to be of one history with the checkpoint's."""
        size, root = checkpoint.stored.size, checkpoint.stored.root
        read = tile_reader(self._store.proofs, workspace)
        tree = Tree(read, size)
        inclusion = {}
        try:
            for seq, event_hash in leaves.items():
                inclusion[seq] = inclusion_proof(tree, seq - 1)
                check_inclusion(leaf_hash(event_hash), seq - 1, size, inclusion[seq], root)
            consistency = {}
            for old, new in {(min(one, size), max(one, size)) for one in sizes if one not in {0, size}}:
                consistency[old, new] = consistency_proof(Tree(read, new), old)
        except (ProofError, LookupError) as error:
            raise Conflict(
                f"The log no longer leads to what was signed ({error}): no pack of it would verify. Run `immutable verify`."
            ) from error
        return pack.proofs(size, inclusion, consistency)

    def _key_file(self, workspace: Workspace, names: Container[str]) -> bytes:
        keys: list[dict[str, str | None]] = []
        for key in self._store.proofs.signing_keys(workspace):
            if key.name not in names:
                continue
            until = None if key.retired_at is None else clock.to_text(key.retired_at)
            since = clock.to_text(key.created_at)
            keys.append({"key": str(verifier_of(key)), "kind": "log", "from": since, "until": until})
        keys += [{"key": key, "kind": "witness", "from": None, "until": None} for key in self._witnesses]
        return msgspec.json.encode({"keys": keys})

    def _case(
        self,
        workspace: Workspace,
        scope: Scope,
        checkpoint: ShownCheckpoint,
        facts: list[Fact],
        anchors: Sequence[Anchor],
    ) -> Case:
        keys = self._store.proofs.signing_keys(workspace)
        return Case(
            asked=scope.asked(),
            workspace_id=workspace.id,
            origin=checkpoint.stored.origin,
            created_at=clock.now(),
            size=checkpoint.stored.size,
            root=checkpoint.stored.root,
            verifier_keys=[str(verifier_of(key)) for key in keys if key.name == checkpoint.stored.origin],
            witnesses=sorted({one.witness for one in checkpoint.cosignatures}),
            anchors=sum(1 for anchor in anchors if anchor.token is not None),
            facts=facts,
            erased=[fact.seq for fact in facts if fact.absent == ERASED],
            withheld=[fact.seq for fact in facts if fact.absent == WITHHELD],
            pruned_through=self._store.reader().pruned(workspace).seq,
        )


def _check(entry: LogEntry, workspace: Workspace) -> None:
    """The entry is what its hashes say. Raises Conflict."""
    record = decode_record(entry.record)
    is_sound = (
        chain.event_hash(entry.previous_hash, entry.record) == entry.event_hash
        and (record.seq, record.workspace_id) == (entry.seq, workspace.id)
        and (
            entry.details is None
            or entry.salt is None
            or details_digest(entry.salt, entry.details) == record.details_digest
        )
    )
    if not is_sound:
        raise Conflict(
            f"Event {entry.seq:,} was altered in the database: no pack of it would verify. Run `immutable verify`."
        )


def _too_much(bounds: Bounds) -> InvalidEvent:
    most = f"{bounds.events:,} events, {bounds.bytes:,} bytes"
    why = f"This is more than one pack holds ({most}). Ask for a part: from, to, actor_id."
    return InvalidEvent(why, {"": [why]})
