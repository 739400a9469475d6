"""Anchors as an engine keeps them: one under way at a time, finished ones for ever."""

from msgspec.structs import replace
from tests.logs import Log
from tests.store.contract.conftest import NewLog

from immutable.model.workspace import Workspace
from immutable.store.anchor_store import Link, StoredAnchor
from immutable.store.log_store import LogStore


def _anchor(workspace: Workspace, number: int, *, chain: str = "rfc3161:tsa", size: int = 0) -> StoredAnchor:
    return StoredAnchor(
        id=f"anc_{workspace.number}_{chain}_{number}", chain=chain, number=number, status="pending", size=size or number * 10,
        root=bytes([number]) * 32, note=b"note", first_seq=1, first_event_hash=b"f" * 32, last_event_hash=b"l" * 32,
        previous_hash=None, period_start=1, period_end=2, created_at=number * 100,
    )  # fmt: skip


def _confirmed(anchor: StoredAnchor) -> StoredAnchor:
    return replace(
        anchor,
        status="confirmed",
        tx_hash=f"tx of {anchor.id}",
        token=b"t",
        confirmed_at=5,
        attempts=anchor.attempts + 1,
    )


def _add(log: Log, anchor: StoredAnchor) -> StoredAnchor:
    anchors = log.store.anchors
    assert anchors.add(log.workspace, anchor)
    assert anchors.update(log.workspace, _confirmed(anchor))
    return _confirmed(anchor)


def test_one_is_under_way_at_a_time(log: Log) -> None:
    """On each chain; neither its place nor a second unfinished one can be taken."""
    anchors, workspace = log.store.anchors, log.workspace
    first = _anchor(workspace, 1)
    assert anchors.add(workspace, first)
    assert not anchors.add(workspace, replace(first, id="anc_other"))
    assert not anchors.add(workspace, _anchor(workspace, 2))
    assert anchors.add(workspace, _anchor(workspace, 1, chain="eip155:1"))
    under_way = {one.chain for owner, one in anchors.unfinished() if owner == workspace}
    assert under_way == {"eip155:1", "rfc3161:tsa"}
    assert anchors.anchor(workspace, first.id) == first


def test_the_first_to_store_a_step_wins_and_what_is_finished_stays(log: Log) -> None:
    """Who read an older state stores nothing; a confirmed anchor is never changed."""
    anchors, workspace = log.store.anchors, log.workspace
    anchor = _anchor(workspace, 1)
    anchors.add(workspace, anchor)
    tried = replace(anchor, attempts=1, error="away", try_at=7)
    assert anchors.update(workspace, tried)
    assert not anchors.update(workspace, replace(anchor, attempts=1, error="slower"))
    assert anchors.anchor(workspace, anchor.id) == tried
    assert anchors.update(workspace, _confirmed(tried))
    assert not anchors.update(workspace, replace(_confirmed(tried), status="failed", attempts=3))
    assert anchors.anchor(workspace, anchor.id) == _confirmed(tried)
    assert anchors.add(workspace, _anchor(workspace, 2))


def test_they_are_listed_newest_first(log: Log) -> None:
    """Of all chains or one, of all statuses or some, or before a time."""
    anchors, workspace = log.store.anchors, log.workspace
    first, second = _add(log, _anchor(workspace, 1)), _add(log, _anchor(workspace, 2))
    third = _anchor(workspace, 3)
    anchors.add(workspace, third)
    other = _add(log, replace(_anchor(workspace, 1, chain="eip155:1"), created_at=150))
    assert anchors.anchors(workspace, limit=9) == [third, second, other, first]
    assert anchors.anchors(workspace, before=200, limit=1) == [other]
    assert anchors.anchors(workspace, chain="rfc3161:tsa", statuses=["confirmed"], limit=9) == [second, first]
    assert anchors.anchors(workspace, chain="rfc3161:tsa") == [third]
    assert anchors.count(workspace) == 4
    assert anchors.links(workspace, "rfc3161:tsa", 2) == [
        Link(one.size, one.root, one.tx_hash or "", None) for one in (first, second)
    ]


def test_the_oldest_word_from_outside_on_an_event(log: Log) -> None:
    """Of each chain the first confirmed anchor whose tree holds the event."""
    anchors, workspace = log.store.anchors, log.workspace
    first, second = _add(log, _anchor(workspace, 1)), _add(log, _anchor(workspace, 2))
    other = _add(log, _anchor(workspace, 1, chain="eip155:1", size=15))
    anchors.add(workspace, _anchor(workspace, 3))
    assert anchors.covering(workspace, 10) == [other, first]
    assert anchors.covering(workspace, 11) == [other, second]
    assert anchors.covering(workspace, 16) == [second]
    assert anchors.covering(workspace, 21) == []


def test_a_workspace_reads_its_own_and_outsiders_what_they_know(store: LogStore, new_log: NewLog) -> None:
    """Without a workspace an anchor is found by its id or transaction alone."""
    log, other = new_log(), new_log()
    anchor = _add(log, _anchor(log.workspace, 1))
    theirs = _add(other, _anchor(other.workspace, 1))
    anchors = store.anchors
    assert anchors.anchors(other.workspace, limit=9) == [theirs]
    assert anchors.anchor(other.workspace, anchor.id) is None
    assert anchors.covering(other.workspace, 1) == [theirs]
    assert anchors.links(other.workspace, "rfc3161:tsa", 9) == [Link(10, theirs.root, theirs.tx_hash or "", None)]
    assert anchors.everybodys(anchor_id=anchor.id) == (log.workspace, anchor)
    assert anchors.everybodys(tx_hash=theirs.tx_hash) == (other.workspace, theirs)
    assert anchors.everybodys(anchor_id="anc_none") is None
    assert anchors.everybodys(tx_hash="none") is None
