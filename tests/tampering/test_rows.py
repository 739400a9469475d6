"""Rows put in, taken out, exchanged, doubled, copied from elsewhere, or cut off at the end: verification finds it."""

import pytest
from tests.tampering.conftest import BASE, EVENTS, Victim, fill

LAST = f"WHERE id = {BASE + EVENTS}"
COLUMNS = "record, details, salt, previous_hash, event_hash"


def copy(source: int, target: int) -> str:
    """Copy the row of one place (of any workspace) to another."""
    return f"INSERT INTO entries SELECT {target}, {COLUMNS} FROM entries WHERE id = {source}"


def swap(table: str, columns: list[str], one: str, other: str) -> str:
    """Exchange what two rows hold."""
    names = ", ".join(columns)
    return (
        f"CREATE TEMP TABLE one AS SELECT {names} FROM {table} WHERE {one}; "
        f"UPDATE {table} SET ({names}) = (SELECT {names} FROM {table} WHERE {other}) WHERE {one}; "
        f"UPDATE {table} SET ({names}) = (SELECT {names} FROM one) WHERE {other}; DROP TABLE one"
    )


@pytest.mark.parametrize("place", range(1, EVENTS))
def test_a_deleted_event_is_missed(victim: Victim, place: int) -> None:
    """Every event but the last: the one after it is named, or the first of what is missing."""
    victim.edit(f"DELETE FROM entries WHERE id = {BASE + place}")
    breaks = [one for one in victim.breaks() if one.type == "chain_break"]
    assert {place, place + 1} & {one.sequence for one in breaks}
    assert any("missing" in one.message for one in breaks)


def test_several_deleted_events_are_missed(victim: Victim) -> None:
    """A hole over the border of an epoch, and a whole epoch."""
    victim.edit(f"DELETE FROM entries WHERE id BETWEEN {BASE + 7} AND {BASE + 18}")
    messages = " ".join(one.message for one in victim.breaks() if one.type == "chain_break")
    assert "Events 7 to 8 are missing" in messages
    assert "Events 9 to 16 are missing" in messages
    assert "Events 17 to 18 are missing" in messages


def test_every_event_deleted_is_missed(victim: Victim) -> None:
    """The head still tells how many there were."""
    victim.edit(f"DELETE FROM entries WHERE id > {BASE} AND id < {2 * BASE}")
    assert any(one.type == "chain_break" for one in victim.breaks())


@pytest.mark.parametrize("cut", [1, 3, 10, EVENTS])
def test_a_cut_off_end_is_missed(victim: Victim, cut: int) -> None:
    """The head says where the log ended."""
    victim.edit(f"DELETE FROM entries WHERE id > {BASE + EVENTS - cut} AND id < {2 * BASE}")
    breaks = [one for one in victim.breaks() if one.type == "chain_break"]
    assert breaks[-1].sequence >= EVENTS - cut
    assert "missing" in breaks[-1].message


@pytest.mark.parametrize("cut", [1, 3, 10])
def test_a_cut_off_end_is_missed_though_the_head_was_moved_back(victim: Victim, cut: int) -> None:
    """Sessions still tell of events behind the new end, and one that is missing is named."""
    victim.edit(f"DELETE FROM entries WHERE id > {BASE + EVENTS - cut} AND id < {2 * BASE}")
    move_head_back(victim, EVENTS - cut)
    breaks = victim.breaks()
    assert any(one.sequence > EVENTS - cut and "the log ends at" in one.message for one in breaks)


def move_head_back(victim: Victim, place: int) -> None:
    """Make an earlier event the head, with its right hash and time."""
    entry = victim.log.entries()[place - 1]
    created = victim.edit(f"SELECT created_at - (seq - {place}) * 1000000 FROM heads WHERE workspace_number = 1")
    victim.edit(
        "UPDATE heads SET seq = ?, event_hash = ?, created_at = ? WHERE workspace_number = 1",
        place, entry.event_hash, created[0][0],
    )  # fmt: skip


@pytest.mark.parametrize("place", [1, 4, 8, 9, EVENTS - 1])
def test_two_exchanged_events_are_found(victim: Victim, place: int) -> None:
    """Neighbours, also over the border of an epoch: both are named."""
    victim.edit(swap("entries", COLUMNS.split(", "), f"id = {BASE + place}", f"id = {BASE + place + 1}"))
    breaks = [one for one in victim.breaks() if one.type == "chain_break"]
    assert {place, place + 1} <= {one.sequence for one in breaks}
    assert {victim.ids[place - 1], victim.ids[place]} <= {one.event_id for one in breaks}


def test_exchanged_details_are_found(victim: Victim) -> None:
    """Details with their salt belong to one record only."""
    victim.edit(swap("entries", ["details", "salt"], f"id = {BASE + 4}", f"id = {BASE + 5}"))
    assert [(one.sequence, one.type) for one in victim.breaks()] == [(4, "details_mismatch"), (5, "details_mismatch")]


def test_a_doubled_event_at_the_end_is_found(victim: Victim) -> None:
    """A row behind the head lies outside the log, and is named with the id it claims."""
    victim.edit(copy(BASE + 5, BASE + EVENTS + 1))
    (one,) = victim.breaks()
    assert (one.sequence, one.type, one.event_id) == (EVENTS + 1, "chain_break", victim.ids[4])


def test_a_doubled_event_at_the_end_is_found_though_the_head_was_moved(victim: Victim) -> None:
    """With the head moved on to it, it is not what its place says."""
    victim.edit(copy(BASE + EVENTS, BASE + EVENTS + 1))
    victim.edit(f"UPDATE heads SET seq = {EVENTS + 1} WHERE workspace_number = 1")
    assert EVENTS + 1 in {one.sequence for one in victim.breaks() if one.type == "chain_break"}


@pytest.mark.parametrize("place", [1, 2, 8, 9, EVENTS])
def test_an_event_put_in_is_found(victim: Victim, place: int) -> None:
    """Those behind it moved up by one to make room: everything from there on is out of place."""
    for moved in range(EVENTS, place - 1, -1):
        victim.edit(f"UPDATE entries SET id = {BASE + moved + 1} WHERE id = {BASE + moved}")
    victim.edit(copy(2 * BASE + place, BASE + place))
    assert place in victim.broken_places()


@pytest.mark.parametrize("place", [1, 5, EVENTS + 1])
def test_an_event_of_another_workspace_is_found(victim: Victim, place: int) -> None:
    """Over one of ours or behind our last, it stays another's: the record names its workspace."""
    victim.edit(f"DELETE FROM entries WHERE id = {BASE * 2 + place}")
    victim.edit(copy(BASE + min(place, EVENTS), BASE * 2 + place))
    workspace = victim.log.store.catalog.workspace("other")
    assert workspace is not None
    victim.log.workspace = workspace
    assert place in {one.sequence for one in victim.breaks() if one.type == "chain_break"}


def test_the_whole_log_of_another_workspace_is_found(victim: Victim) -> None:
    """A chain that is whole in itself, with its head, but was hashed for another workspace."""
    victim.edit(f"DELETE FROM entries WHERE id > {BASE} AND id < {2 * BASE}")
    victim.edit(f"INSERT INTO entries SELECT id - {BASE}, {COLUMNS} FROM entries WHERE id > {2 * BASE}")
    victim.edit(
        "UPDATE heads SET (seq, event_hash, created_at) = "
        "(SELECT seq, event_hash, created_at FROM heads WHERE workspace_number = 2) WHERE workspace_number = 1"
    )
    assert {1, EVENTS} <= {one.sequence for one in victim.breaks() if one.type == "chain_break"}


def test_two_workspaces_exchanged_are_found_in_both(victim: Victim) -> None:
    """Each log under the other's number."""
    victim.edit(
        f"UPDATE entries SET id = -id; UPDATE entries SET id = -id + CASE WHEN -id < {2 * BASE} THEN {BASE} ELSE -{BASE} END;"
        "UPDATE heads SET workspace_number = -workspace_number; UPDATE heads SET workspace_number = 3 + workspace_number"
    )
    assert {1, EVENTS} <= victim.broken_places()


def test_the_head_row_is_missed(victim: Victim) -> None:
    """Without it, the events lie outside the log."""
    victim.edit("DELETE FROM heads WHERE workspace_number = 1")
    assert {1, 2, 3} <= victim.broken_places()


S2 = "workspace_number = 1 AND session_id = 's2'"
AU1 = "workspace_number = 1 AND epoch = 1 AND term = 'au1'"
FORGE_SESSION = (
    "INSERT INTO sessions SELECT id + 500, workspace_number, 'forged', inferred, tenant_id, sorted_at, summary "
    f"FROM sessions WHERE {S2}"
)
FORGE_TERM = f"INSERT INTO idx.postings SELECT 1, {{}}, 'aforged', places FROM idx.postings WHERE {AU1}"
FORGE_EPOCH = (
    "INSERT INTO idx.postings SELECT 1, epoch, term || 'x', places FROM idx.postings WHERE workspace_number = 2"
)
TAKE_ACTOR = f"DELETE FROM session_actors WHERE actor_id = 'u2' AND session = (SELECT id FROM sessions WHERE {S2})"

DERIVED = {
    "a key taken out": ("DELETE FROM idempotency WHERE workspace_number = 1 AND key = 'k8'", {8}),
    "a key made up": ("INSERT INTO idempotency VALUES (1, 'forged', 5)", {5}),
    "a key for an event to come": ("INSERT INTO idempotency VALUES (1, 'forged', 500)", {500}),
    "two keys exchanged": (
        swap("idempotency", ["seq"], "workspace_number = 1 AND key = 'k8'", "workspace_number = 1 AND key = 'k12'"),
        {8, 12},
    ),
    "a session taken out": ("DELETE FROM sessions WHERE workspace_number = 1 AND session_id = 's2'", {26}),
    "a session made up": (FORGE_SESSION, {0}),
    "two sessions' summaries exchanged": (
        swap("sessions", ["summary"], "workspace_number = 1 AND session_id = 's2'", "workspace_number = 1 AND session_id = 's4'"),
        {22, 26},
    ),
    "all sessions taken out": ("DELETE FROM sessions WHERE workspace_number = 1", {22, 26}),
    "an actor taken out": (TAKE_ACTOR, {26}),
    "an actor made up": (f"INSERT INTO session_actors VALUES (1, 'forged', 0, {BASE + 1})", {0}),
    "a resource taken out": (f"DELETE FROM session_resources WHERE session = {BASE + 1} AND resource LIKE 'doc%'", {25}),
    "a resource made up": (f"INSERT INTO session_resources VALUES ({BASE + 1}, 'forged')", {25}),
    "a resource of no session": (f"INSERT INTO session_resources VALUES ({BASE + 700}, 'forged')", {0}),
    "a latest session taken out": ("DELETE FROM inferred_sessions WHERE workspace_number = 1 AND actor_id = 'u1'", {25}),
    "a latest session made up": (f"INSERT INTO inferred_sessions VALUES (1, 'forged', {BASE + 1})", {0}),
    "two latest sessions exchanged": (
        swap("inferred_sessions", ["session"], "workspace_number = 1 AND actor_id = 'u1'",
             "workspace_number = 1 AND actor_id = 'u2'"), {23, 25},
    ),
    "a term taken out": ("DELETE FROM idx.postings WHERE workspace_number = 1 AND epoch = 1 AND term = 'au1'", {10, 13, 16}),
    "a term made up": (FORGE_TERM.format(1), {10, 13, 16}),
    "a term ahead of its epoch": (FORGE_TERM.format(3), {25}),
    "two terms exchanged": (
        swap("idx.postings", ["places"], "workspace_number = 1 AND epoch = 1 AND term = 'au1'",
             "workspace_number = 1 AND epoch = 1 AND term = 'au2'"), {10, 11, 13, 14, 16},
    ),
    "terms of another workspace": (FORGE_EPOCH, {1, 10}),
    "the progress taken out": ("DELETE FROM idx.progress WHERE workspace_number = 1", {1}),
    "a text taken out": (f"DELETE FROM idx.text_index WHERE rowid = {BASE + 7}", {7}),
    "the first text taken out": (f"DELETE FROM idx.text_index WHERE rowid = {BASE + 1}", {1}),
    "a text ahead of its time": (f"INSERT INTO idx.text_index (rowid, text) VALUES ({BASE + EVENTS}, 'x')", {EVENTS}),
    "a text at no event": (f"INSERT INTO idx.text_index (rowid, text) VALUES ({BASE}, 'x')", {0}),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "places"), DERIVED.values(), ids=DERIVED)
def test_rows_that_find_events_are_held_against_the_log(victim: Victim, sql: str, places: set[int]) -> None:
    """Keys, sessions and indexes: taken out, made up or exchanged, with the place where there is one."""
    victim.edit(sql)
    breaks = victim.breaks()
    assert places <= {one.sequence for one in breaks}
    assert {one.type for one in breaks} == {"index_mismatch"}


def test_a_lost_dictionary_is_the_shipped_one_again(victim: Victim) -> None:
    """Without its own copy a database is read with the dictionary that ships, and verification says whether that fits."""
    victim.edit("DELETE FROM meta WHERE name = 'zstd_dictionary'")
    victim.restart()
    assert victim.verify().valid


def test_other_workspaces_stay_whole(victim: Victim) -> None:
    """Tampering with one workspace breaks nobody else's verdict."""
    victim.edit(f"DELETE FROM entries WHERE id > {BASE + 5} AND id < {2 * BASE}")
    victim.edit("DELETE FROM sessions WHERE workspace_number = 1")
    assert not victim.verify().valid
    workspace = victim.log.store.catalog.workspace("other")
    assert workspace is not None
    victim.log.workspace = workspace
    assert victim.verify().valid


def test_a_log_rewritten_whole_is_not_found_without_a_witness(victim: Victim) -> None:
    """What docs/security/tampering.md says that the chain alone cannot show: a shorter log, consistent in every table.

    The receipts that clients keep show it: the hash that was given out for the last event is not in the log.
    """
    ids = victim.ids
    kept = victim.log.entries()[:20]
    for table in ("heads", "idempotency", "sessions", "session_actors", "inferred_sessions"):
        victim.edit(f"DELETE FROM {table} WHERE workspace_number = 1")
    victim.edit(f"DELETE FROM session_resources WHERE session BETWEEN {BASE} AND {2 * BASE}")
    victim.edit(f"DELETE FROM entries WHERE id > {BASE} AND id < {2 * BASE}")
    for table in ("postings", "progress"):
        victim.edit(f"DELETE FROM idx.{table} WHERE workspace_number = 1")
    victim.edit(f"DELETE FROM idx.text_index WHERE rowid BETWEEN {BASE} AND {2 * BASE}")
    victim.restart()
    fill(victim.log)
    assert victim.verify().valid
    assert kept[0].event_hash != victim.log.entries()[0].event_hash
    assert all(victim.log.store.entry(victim.log.workspace, identifier) is None for identifier in ids)
