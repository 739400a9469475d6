"""Holds a log against what was signed of it: the tree's roots against checkpoints, and these against keys and witnesses.

A chain that was hashed anew from some event on is whole in itself. What it cannot be is what was signed before. Whoever has
the signing key too can sign anew; then only what is known outside the database tells (`Outside`, and docs/security).
"""

from collections.abc import Callable, Sequence

import msgspec
from pyroaring import BitMap64

from immutable.integrity.checkpoint import Checkpoint, parse_checkpoint
from immutable.integrity.erasure import ranges_of
from immutable.integrity.merkle import leaf_hash, node_hash
from immutable.integrity.note import NoteError, Verifier, open_note, split_note
from immutable.integrity.scope import Outside, Seal
from immutable.integrity.succession import Origins, Rollback, is_signed
from immutable.integrity.tiles import WIDTH, Tree
from immutable.integrity.verify import Break, Kind
from immutable.model.workspace import Workspace
from immutable.store.check_leaves import wrong_tiles
from immutable.store.proof_store import ProofStore, StoredCheckpoint
from immutable.store.proof_tiles import tile_reader
from immutable.store.reader import VerificationReader

_LATEST = 100
"""Checkpoints that are looked at, newest first."""
_BATCH = 16_384


class TreeFindings(msgspec.Struct):
    """What came of it: breaks, through which event each seal holds, and which rollbacks were accepted."""

    breaks: list[Break]
    through: dict[Seal, int]
    rollbacks: list[Rollback] = []
    checkpoints: int = 0
    """How many of the log's own were looked at."""


class TreeCheck:
    """One workspace's log against its tree. Right also while events are appended and signed: see the order of reading."""

    def __init__(
        self,
        trees: ProofStore,
        reader: VerificationReader,
        workspace: Workspace,
        compared: int,
        outside: Outside,
        origins: Origins,
    ) -> None:
        """`compared`: the size of the tree that the leaves were compared with. `origins`: read after the log and its keys."""
        self._trees = trees
        self._workspace = workspace
        self._compared = compared
        self._signed = trees.checkpoints(workspace, limit=_LATEST)
        # Each after what it is never behind.
        self._size = trees.tree(workspace).size
        self._length = reader.head(workspace).seq
        self._pruned = reader.pruned(workspace).seq
        self._outside = outside
        self._origins = origins
        self._keys = trees.signing_keys(workspace)
        self._tree = tile_reader(trees, workspace)
        self._breaks: list[Break] = []

    def run(self, span: tuple[int, int], changed: BitMap64, wrong: BitMap64) -> TreeFindings:
        """Compare all. `changed` and `wrong`: what `changed_events` told of the events of `span`."""
        signed = [one for one in self._signed if self._is_of_now(one.origin)]
        genuine = [one for one in signed if self._is_genuine(one)]
        longest = max([self._size, *(one.size for one in genuine)])
        if longest > self._length:
            text = f"The log was signed, or ready to be, as far as event {longest:,}, but it ends at {self._length:,}."
            self._say(self._length + 1, "cut_off", text)
        latest = max((one for one in genuine if one.size <= self._length), key=lambda one: one.size, default=None)
        through: dict[Seal, int] = {}
        if latest is not None:
            through = {"signed": latest.size, "witnessed": self._witnessed(genuine) or self._witnessed_before(genuine)}
        through["anchored"] = self._outside.anchored_through
        holds_from = self._compare(latest, span, changed, wrong)
        if holds_from is not None:
            through = {seal: min(size, holds_from - 1) for seal, size in through.items()}
        self._check_origins()
        for note in self._outside.notes:
            if self._is_forked(note, is_rewritten=holds_from is not None):
                through = {}
        through = {seal: min(size, self._length) for seal, size in through.items()}
        return TreeFindings(self._breaks, through, self._origins.rollbacks, len(signed))

    def _compare(
        self, latest: StoredCheckpoint | None, span: tuple[int, int], changed: BitMap64, wrong: BitMap64
    ) -> int | None:
        """Hold the events against the tree, and the tree against the latest checkpoint; from where on it is another log."""
        fits = latest is None or self._root(latest.size) == latest.root
        in_tree = min(span[1], self._compared)
        whole = not wrong and not wrong_tiles(self._trees, self._workspace, self._size, 1, span)
        if span[0] == self._pruned + 1:  # of what was pruned, the tree is all there is
            whole = whole and not wrong_tiles(self._trees, self._workspace, self._size, 0, (1, self._pruned))
        if fits and whole and not changed:
            return None
        reach = changed.max() if changed else 0
        if latest is not None and reach <= latest.size and self._root_of_log(latest.size) == latest.root:
            text = "The log is as it was signed, but the tree over it was changed or damaged."
            self._say(changed.min() if changed else 0, "tree_damaged", text)
            return None
        parts = [] if whole else [self._parts_from(latest, wrong)]
        if changed:
            for first, last in ranges_of(changed):
                if last == in_tree and (last > first or last == self._compared):
                    text = f"The log was rewritten from event {first:,} on: it is not what the tree was made of."
                    self._say(first, "rewritten", text)
                else:
                    self._say(first, "edited", f"{_events(first, last)} not what the tree was made of.")
            parts.append(changed.min())
        elif whole and latest is not None:
            parts.append(self._rewritten(latest, self._root))
        return min(parts)

    def _parts_from(self, latest: StoredCheckpoint | None, wrong: BitMap64) -> int:
        """From where on nothing vouches for the events, where tiles are damaged: the tree over them tells nothing."""
        root = None if latest is None else self._root_of_log(latest.size)
        if latest is not None and root not in {None, latest.root}:
            return self._rewritten(latest, self._root_of_log)
        begin = wrong.min() * WIDTH + 1 if wrong else 1
        self._say(begin, "tree_damaged", "Tiles of the tree are damaged or missing: they do not lead to its root.")
        return begin if latest is None or root is None else max(begin, latest.size + 1)

    def _rewritten(self, latest: StoredCheckpoint, root_of: Callable[[int], bytes | None]) -> int:
        """Say from where on it is another log than the one that was signed. `root_of`: of its first events."""
        after, before = self._bisect(latest, root_of)
        where = f"event {after:,}" if after == before else f"an event between {after:,} and {before:,}"
        text = f"The log was rewritten from {where} on: its tree is not the one that was signed."
        self._say(after, "rewritten", text, latest.root, root_of(latest.size))
        return after

    def _bisect(self, latest: StoredCheckpoint, root_of: Callable[[int], bytes | None]) -> tuple[int, int]:
        """The first and the last event from which on it may be another log: right after the last checkpoint that fits."""
        fits, differs = 0, latest
        low, high = 0, latest.created_at
        while low < high:
            middle = (low + high) // 2
            found = next(iter(self._trees.checkpoints(self._workspace, before=middle + 1)), None)
            if found is None or not self._is_of_now(found.origin) or root_of(found.size) == found.root:
                fits, low = fits if found is None else max(fits, found.size), middle + 1
            else:
                differs, high = found, min(middle, found.created_at)
        return fits + 1, max(differs.size, fits + 1)

    def _is_forked(self, note: bytes, *, is_rewritten: bool) -> bool:
        """Whether a checkpoint that was kept elsewhere is not of this log; says so."""
        try:
            known = parse_checkpoint(split_note(note)[0])
        except NoteError:
            return False
        if self._origins.ended(note):
            return False  # an operator with the key that signed it has ended this origin, on the record
        if known.size > self._length:
            self._say(self._length + 1, "rolled_back", self._rolled_back(known))
            return False
        root = self._root(known.size)
        if root != known.root:  # the tree may be short or damaged; the events themselves decide
            root = self._root_of_log(known.size)
        if root == known.root or is_rewritten:
            return root != known.root
        mine = any(is_signed(note, [Verifier(key.name, key.public)]) for key in self._keys)
        whose = "by a key of this log" if mine else "by a key that the database does not name"
        text = (
            f"A checkpoint of {known.size:,} events that was kept elsewhere, signed {whose}, is not of this log: there are two "
            f"histories, which part at event {known.size:,} or before."
        )
        self._say(known.size, "forked", text, known.root, root)
        return True

    def _rolled_back(self, known: Checkpoint) -> str:
        return (
            f"A checkpoint of {known.size:,} events is known elsewhere, but the log ends at {self._length:,}: it is an old "
            "copy, or its end was cut off with all that told of it."
        )

    def _is_genuine(self, stored: StoredCheckpoint) -> bool:
        """Whether a key of the log signed just this; says so where not."""
        try:
            verifiers = [Verifier(key.name, key.public) for key in self._keys if key.name == stored.origin]
            checkpoint = parse_checkpoint(open_note(stored.note, verifiers).text)
            if (checkpoint.origin, checkpoint.size, checkpoint.root) == (stored.origin, stored.size, stored.root):
                return True
            why = "Its row says something else than its note."
        except NoteError as error:
            why = str(error)
        self._say(stored.size, "forged_checkpoint", f"The checkpoint of {stored.size:,} events is not genuine: {why}")
        return False

    def _witnessed(self, genuine: Sequence[StoredCheckpoint]) -> int:
        """The largest of these checkpoints that a witness signed."""
        notes = {(one.size, one.origin): one.note for one in genuine}
        largest = 0
        for one in self._trees.cosignatures(self._workspace, [checkpoint.size for checkpoint in genuine]):
            note = notes.get((one.size, one.origin))
            for witness in self._outside.witnesses:
                if note is None or one.witness != f"{witness.name}+{witness.key_id.hex()}":
                    continue
                if is_signed(note + f"{one.line}\n".encode(), [witness]):
                    largest = max(largest, one.size)
                else:
                    text = f"What the witness {witness.name} signed is not the checkpoint of {one.size:,} events that is here."
                    self._say(one.size, "forged_checkpoint", text)
        return largest

    def _witnessed_before(self, newer: Sequence[StoredCheckpoint]) -> int:
        """Where no witness signed any of the newest: the largest of all others that one signed."""
        names = [f"{witness.name}+{witness.key_id.hex()}" for witness in self._outside.witnesses]
        below = min(one.size for one in newer)
        while names and (lines := self._trees.cosigned(self._workspace, names, below=below, limit=_LATEST)):
            sizes = dict.fromkeys(one.size for one in lines)
            older = [one for size in sizes for one in self._trees.checkpoints(self._workspace, size=size, limit=9)]
            genuine = [one for one in older if self._is_of_now(one.origin) and self._is_genuine(one)]
            if found := self._witnessed(genuine):
                return found
            below = lines[-1].size
        return 0

    def _is_of_now(self, origin: str) -> bool:
        return self._origins.now in {None, origin}

    def _check_origins(self) -> None:
        """Every name that signs must follow from the one before by what that one's key signed, over this very log."""
        for name in self._origins.unfounded:
            text = f"A key signs this log as {name}, but no accepted rollback on the record leads to that name."
            self._say(0, "forged_origin", text)
        for one in self._origins.successions:
            if one.root not in {self._root(one.size), self._root_of_log(one.size)}:
                text = (
                    f"The rollback that event {one.sequence:,} accepts was to {one.size:,} other events than are here."
                )
                self._say(one.sequence, "forged_origin", text, one.root, self._root(one.size))

    def _root(self, size: int) -> bytes | None:
        """The root of the tree at a size; None where it has none."""
        if size > self._size:
            return None
        try:
            return Tree(self._tree, size).root()
        except LookupError:
            return None

    def _root_of_log(self, size: int) -> bytes | None:
        """The root over the events themselves, where it must be known without the tree; leaves of pruned ones are the tree's."""
        if size > self._length:
            return None
        roots: list[tuple[int, bytes]] = []  # complete subtrees from left to right: how many leaves, and the hash
        at = 0
        while at < size:
            last = min(at + _BATCH, size, self._pruned if at < self._pruned else size)
            leaves = self._leaves(at + 1, last)
            if len(leaves) != last - at:
                return None
            for leaf in leaves:
                count, found = 1, leaf
                while roots and roots[-1][0] == count:
                    count, found = count * 2, node_hash(roots.pop()[1], found)
                roots.append((count, found))
            at = last
        found = roots.pop()[1]
        while roots:
            found = node_hash(roots.pop()[1], found)
        return found

    def _leaves(self, first: int, last: int) -> list[bytes]:
        if first > self._pruned:
            return [leaf_hash(one) for one in self._trees.event_hashes(self._workspace, first, last)]
        try:
            tree = Tree(self._tree, self._size)
            return [tree.leaf(index) for index in range(first - 1, last)]
        except (LookupError, IndexError):
            return []

    def _say(
        self, sequence: int, kind: Kind, text: str, expected: bytes | None = None, found: bytes | None = None
    ) -> None:
        self._breaks.append(
            Break(
                event_id=None,
                sequence=sequence,
                type="checkpoint_mismatch",
                kind=kind,
                expected_hash=None if expected is None else expected.hex(),
                actual_hash=None if found is None else found.hex(),
                message=text,
            )
        )


def _events(first: int, last: int) -> str:
    return f"Event {first:,} is" if first == last else f"Events {first:,} to {last:,} are"
