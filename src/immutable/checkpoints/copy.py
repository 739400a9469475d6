"""Copies what is signed of a log into another database: tree, checkpoints, cosignatures, keys, and whether it is published.

Goes on where it was broken off. Seeds stay sealed: the new server needs the same secret. Events are copied in `log/copy.py`,
after `snapshot` and before `copy_signed`, so that they reach as far as the tree.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from immutable.errors import StartError
from immutable.integrity.tiles import HEIGHT, MAX_LEVEL, WIDTH, Tree, width_at
from immutable.model.workspace import Workspace
from immutable.store.proof_store import Cosignature, ProofStore, StoredCheckpoint, StoredTile, TreeState
from immutable.store.proof_tiles import tile_reader

T = TypeVar("T", StoredCheckpoint, Cosignature)

_STEP = 64 * WIDTH
"""Leaves whose tiles are copied in one transaction: half a megabyte."""
_PAGE = 1_000


class Snapshot(msgspec.Struct, frozen=True):
    """How far the source's tree went at one moment, and when its latest checkpoint had been made."""

    state: TreeState
    signed_at: int


def snapshot(source: ProofStore, workspace: Workspace) -> Snapshot:
    """What is to be copied; the source may go on meanwhile."""
    signed_at, _ = source.last_times(workspace)  # first: the tree is at least as large as what was signed before
    return Snapshot(source.tree(workspace), signed_at)


def copy_signed(source: ProofStore, target: ProofStore, workspace: Workspace, copy: Workspace, taken: Snapshot) -> None:
    """Copy what the target does not hold yet. Raises StartError where the target signed something else, or is in use."""
    for key in source.signing_keys(workspace):
        target.put_signing_key(copy, key)
    _copy_tree(source, target, workspace, copy, taken.state.size)
    made_at, kept_at = target.last_times(copy)
    for page in _pages(lambda at, limit: source.checkpoints_since(workspace, at, limit), made_at):
        # Those that came since belong to events that the next run copies.
        target.put_signed(copy, [one for one in page if one.created_at <= taken.signed_at], [])
        if page[-1].created_at > taken.signed_at:
            break
    for lines in _pages(lambda at, limit: source.cosignatures_since(workspace, at, limit), kept_at):
        target.put_signed(copy, [], lines)
    if source.is_published(workspace) != target.is_published(copy):
        target.set_published(copy, source.is_published(workspace))
    if taken.state.halted != target.tree(copy).halted:
        target.set_halted(copy, taken.state.halted)


def _copy_tree(source: ProofStore, target: ProofStore, workspace: Workspace, copy: Workspace, size: int) -> None:
    """Let the target's tree go on to `size`, in steps; then both have one root."""
    if target.tree(copy).halted is not None:
        target.set_halted(copy, None)
    done = target.tree(copy).size
    while done < size:
        if not target.hold():
            raise StartError("A server runs on the target. Stop it, and copy again.")
        step = min(size, done - done % _STEP + _STEP)
        read = tile_reader(source, workspace)
        places = _grown(done, step)
        try:
            tiles = [StoredTile(level, index, read(level, index, width)) for level, index, width in places]
        except LookupError as error:
            raise StartError(f"{error} It was copied up to there; restore the source from a copy.") from error
        if not target.integrate(copy, (done, step), tiles, None):
            raise StartError("Somebody else works on the target. Stop it, and copy again.")
        done = step
    roots = [Tree(tile_reader(one, its), size).root() for one, its in ((source, workspace), (target, copy))]
    if roots[0] != roots[1]:
        raise StartError(f"The target's tree of {workspace.name} is not the source's. Copy into a new database.")


def _grown(old: int, new: int) -> list[tuple[int, int, int]]:
    """Level, index and width of the tiles that a tree has anew, or wider, once it goes from `old` leaves to `new`."""
    found = []
    for level in range(MAX_LEVEL + 1):
        first, last = old >> HEIGHT * level, new >> HEIGHT * level
        if last == first:
            break
        indexes = range(first // WIDTH, (last - 1) // WIDTH + 1)
        found += [(level, index, width_at(level, index, new)) for index in indexes]
    return found


def _pages(read: Callable[[int, int], Sequence[T]], since: int) -> Iterator[Sequence[T]]:
    """Page after page, oldest first; the last item of a page may be the first of the next."""
    limit = _PAGE
    while page := read(since, limit):
        yield page
        if len(page) < limit:
            return
        if page[-1].created_at == since:
            limit *= 2  # as many as fill a page have one time
        since = page[-1].created_at
