"""Each column of each table that holds events or finds them, edited: verification finds it."""

import json
from typing import Any

import msgspec
import pytest
import zstandard
from _pytest.mark import ParameterSet
from tests.tampering.conftest import BASE, EVENTS, Victim

from immutable.integrity.record import decode_record
from immutable.model.session import SessionSummary

Places = set[int]

EVENT_7 = f"WHERE id = {BASE + 7}"
SESSION = "(SELECT id FROM sessions WHERE workspace_number=1 AND session_id='s2')"
INFERRED = "(SELECT session FROM inferred_sessions WHERE workspace_number=1 AND actor_id='u1')"
POSTING = "WHERE workspace_number=1 AND epoch=1 AND term='au1'"
OTHER_PLACES = "SELECT places FROM idx.postings WHERE workspace_number=1 AND epoch=1 AND term='au2'"

EDITS: dict[str, list[tuple[str, Places]]] = {
    "entries.id": [
        (f"UPDATE entries SET id = {BASE + 900} {EVENT_7}", {8, 900}),
        (f"UPDATE entries SET id = {2 * BASE + 900} {EVENT_7}", {8}),
        (f"UPDATE entries SET id = 5 {EVENT_7}", {8}),
        (f"UPDATE entries SET id = {BASE} {EVENT_7}", {0, 8}),
    ],
    "entries.record": [
        (f"UPDATE entries SET record = (SELECT record FROM entries WHERE id={BASE + 8}) {EVENT_7}", {7}),
        (f"UPDATE entries SET record = randomblob(50) {EVENT_7}", {7}),
        (f"UPDATE entries SET record = x'' {EVENT_7}", {7}),
        (f"UPDATE entries SET record = (SELECT details FROM entries {EVENT_7}) {EVENT_7}", {7}),
        (f"UPDATE entries SET record = randomblob(50) WHERE id = {BASE + EVENTS}", {EVENTS}),
    ],
    "entries.details": [
        (f"UPDATE entries SET details = (SELECT details FROM entries WHERE id={BASE + 8}) {EVENT_7}", {7}),
        (f"UPDATE entries SET details = NULL {EVENT_7}", {7}),
        (f"UPDATE entries SET details = randomblob(9) {EVENT_7}", {7}),
    ],
    "entries.salt": [
        (f"UPDATE entries SET salt = randomblob(16) {EVENT_7}", {7}),
        (f"UPDATE entries SET salt = NULL {EVENT_7}", {7}),
        (f"UPDATE entries SET salt = NULL, details = NULL {EVENT_7}", {7}),
    ],
    "entries.previous_hash": [
        (f"UPDATE entries SET previous_hash = randomblob(32) {EVENT_7}", {7}),
        (f"UPDATE entries SET previous_hash = x'' {EVENT_7}", {7}),
    ],
    "entries.event_hash": [
        (f"UPDATE entries SET event_hash = randomblob(32) {EVENT_7}", {7, 8}),
        (f"UPDATE entries SET event_hash = randomblob(32) WHERE id = {BASE + EVENTS}", {EVENTS}),
        (f"UPDATE entries SET event_hash = x'' {EVENT_7}", {7, 8}),
    ],
    "heads.workspace_number": [("UPDATE heads SET workspace_number = 9 WHERE workspace_number = 1", {1, 2})],
    "heads.seq": [
        ("UPDATE heads SET seq = seq - 1 WHERE workspace_number = 1", {EVENTS}),
        ("UPDATE heads SET seq = seq + 1 WHERE workspace_number = 1", {EVENTS + 1}),
        ("UPDATE heads SET seq = 0 WHERE workspace_number = 1", {1, 2}),
        ("UPDATE heads SET seq = -1 WHERE workspace_number = 1", {1, 2}),
    ],
    "heads.event_hash": [("UPDATE heads SET event_hash = randomblob(32) WHERE workspace_number = 1", {EVENTS})],
    "heads.created_at": [("UPDATE heads SET created_at = created_at + 1 WHERE workspace_number = 1", {EVENTS})],
    "idempotency.workspace_number": [
        ("UPDATE idempotency SET workspace_number = 9 WHERE workspace_number = 1 AND key = 'k8'", {8})
    ],
    "idempotency.key": [("UPDATE idempotency SET key = 'K8' WHERE workspace_number = 1 AND key = 'k8'", {8})],
    "idempotency.seq": [("UPDATE idempotency SET seq = 7 WHERE workspace_number = 1 AND key = 'k8'", {8})],
    "sessions.id": [(f"UPDATE sessions SET id = id + 900 WHERE id = {SESSION}", {26})],
    "sessions.workspace_number": [
        (f"UPDATE sessions SET workspace_number = 9 WHERE id = {SESSION}", {26}),
    ],
    "sessions.session_id": [(f"UPDATE sessions SET session_id = 'forged' WHERE id = {SESSION}", {26})],
    "sessions.inferred": [
        (f"UPDATE sessions SET inferred = 1 WHERE id = {SESSION}", {26}),
        (f"UPDATE sessions SET inferred = 0 WHERE id = {INFERRED}", {25}),
        (f"UPDATE sessions SET inferred = 2 WHERE id = {SESSION}", {26}),
    ],
    "sessions.tenant_id": [
        (f"UPDATE sessions SET tenant_id = 'forged' WHERE id = {SESSION}", {26}),
        (f"UPDATE sessions SET tenant_id = NULL WHERE id = {SESSION}", {26}),
    ],
    "sessions.sorted_at": [(f"UPDATE sessions SET sorted_at = sorted_at + 1 WHERE id = {SESSION}", {26})],
    "sessions.summary": [
        (f"UPDATE sessions SET summary = randomblob(50) WHERE id = {SESSION}", {26}),
        (f"UPDATE sessions SET summary = (SELECT summary FROM sessions WHERE id = {INFERRED}) WHERE id = {SESSION}", {26}),
    ],
    "session_actors.workspace_number": [
        (f"UPDATE session_actors SET workspace_number = 2 WHERE session = {SESSION} AND actor_id = 'u2'", {26})
    ],
    "session_actors.actor_id": [
        (f"UPDATE session_actors SET actor_id = 'forged' WHERE session = {SESSION} AND actor_id = 'u2'", {26})
    ],
    "session_actors.sorted_at": [
        (f"UPDATE session_actors SET sorted_at = 0 WHERE session = {SESSION} AND actor_id = 'u2'", {26})
    ],
    "session_actors.session": [
        (f"UPDATE session_actors SET session = {INFERRED} WHERE session = {SESSION} AND actor_id = 'u2'", {26})
    ],
    "session_resources.session": [
        (f"UPDATE session_resources SET session = 77 WHERE session = {SESSION} AND resource LIKE 'doc%'", {26})
    ],
    "session_resources.resource": [
        (f"UPDATE session_resources SET resource = 'forged' WHERE session = {SESSION} AND resource LIKE 'folder%'", {26})
    ],
    "inferred_sessions.workspace_number": [
        ("UPDATE inferred_sessions SET workspace_number = 9 WHERE workspace_number = 1 AND actor_id = 'u1'", {25})
    ],
    "inferred_sessions.actor_id": [
        ("UPDATE inferred_sessions SET actor_id = 'forged' WHERE workspace_number = 1 AND actor_id = 'u1'", {25})
    ],
    "inferred_sessions.session": [
        (f"UPDATE inferred_sessions SET session = {SESSION} WHERE workspace_number = 1 AND actor_id = 'u1'", {25}),
        ("UPDATE inferred_sessions SET session = 77 WHERE workspace_number = 1 AND actor_id = 'u1'", {25}),
    ],
    "postings.workspace_number": [
        (f"UPDATE idx.postings SET workspace_number = 9 {POSTING}", {10, 13, 16}),
    ],
    "postings.epoch": [
        (f"UPDATE idx.postings SET epoch = 9 {POSTING}", {10, 13, 16, 73}),
        (f"UPDATE idx.postings SET epoch = -1 {POSTING}", {10, 13, 16}),
    ],
    "postings.term": [(f"UPDATE idx.postings SET term = 'aforged' {POSTING}", {10, 13, 16})],
    "postings.places": [
        (f"UPDATE idx.postings SET places = ({OTHER_PLACES}) {POSTING}", {10, 11, 13, 14, 16}),
        (f"UPDATE idx.postings SET places = x'00' {POSTING}", {10, 13, 16}),
        (f"UPDATE idx.postings SET places = x'' {POSTING}", {10, 13, 16}),
    ],
    "progress.workspace_number": [("UPDATE idx.progress SET workspace_number = 9 WHERE workspace_number = 1", {1})],
    "progress.sealed_epochs": [
        ("UPDATE idx.progress SET sealed_epochs = sealed_epochs + 1 WHERE workspace_number = 1", {25, 26, 27}),
        ("UPDATE idx.progress SET sealed_epochs = sealed_epochs - 1 WHERE workspace_number = 1", {17}),
        ("UPDATE idx.progress SET sealed_epochs = -9 WHERE workspace_number = 1", {1}),
        ("UPDATE idx.progress SET sealed_epochs = 9999 WHERE workspace_number = 1", {25, 26, 27}),
    ],
    "progress.text_seq": [
        ("UPDATE idx.progress SET text_seq = text_seq + 1 WHERE workspace_number = 1", {27}),
        ("UPDATE idx.progress SET text_seq = text_seq - 1 WHERE workspace_number = 1", {26}),
        ("UPDATE idx.progress SET text_seq = -5 WHERE workspace_number = 1", {0, 1}),
        ("UPDATE idx.progress SET text_seq = 9999 WHERE workspace_number = 1", {27}),
    ],
    "text_index_docsize.id": [("UPDATE idx.text_index_docsize SET id = id + 900 WHERE id = " + str(BASE + 7), {7, 907})],
}  # fmt: skip
"""Column to edits of it, each with the places that verification must name at least."""

READ_AT_START: dict[str, list[tuple[str, Places]]] = {
    "workspaces.number": [
        ("UPDATE workspaces SET number = number + 7", {1}),
        ("UPDATE workspaces SET number = 3 - number + 90; UPDATE workspaces SET number = number - 90", {1, 2, EVENTS}),
    ],
    "workspaces.id": [("UPDATE workspaces SET id = 'ws_forged' WHERE number = 1", {1, 2, EVENTS})],
    "meta.value": [
        ("UPDATE meta SET value = randomblob(24000) WHERE name = 'zstd_dictionary'", {1, 2}),
        ("UPDATE meta SET value = x'' WHERE name = 'zstd_dictionary'", {1, 2}),
    ],
}
"""The same for what a server reads only when it starts."""

REBUILT = ("postings", "progress", "text_index_docsize")
"""Tables of the index file, which a restart may make again."""

NOT_EVENTS = {
    "workspaces.name": "what people call a workspace; records hold its id",
    "workspaces.created_at": "no event's time",
    "workspaces.allowlist": "from where one may ask; no event is found by it",
    "workspaces.destructive": "which actions are shown as destructive; no event is found by it, changes are acts on the record",
    "workspaces.links": "where links beside events lead; no event is found by it, and changes are acts on the record",
    "meta.name": "renaming the dictionary is losing it: see test_rows.py",
    "keys": "who may ask; no event is found by it",
    **dict.fromkeys(
        ("members", "memberships", "recovery_codes", "member_sessions", "member_links"),
        "who may ask, signed in; no event is found by it",
    ),
    "investigations": "no event is found by it, and what was done to each is told by events",
    "investigation_items": "what was gathered; each addition and removal is told by an event",
    "acts": "administrative acts on their way into the log: docs/security/tampering.md says what removing one does",
    "holds": "what may not be erased; no event is found by it, and each hold is told by an event",
    "pruned": "where the log begins: see test_pruning.py",
    "retention": "how long events are to be kept; what was pruned is told by events",
    "erasures_followed": "how far the text index has forgotten what was erased; it is followed again from the log",
    "workspaces.published": "who may read the tree; no event is found by it",
    "trees": "how far the tree goes: see test_adversary.py",
    "tiles": "hashes of hashes: see test_adversary.py",
    "checkpoints": "signed notes: see test_adversary.py",
    "cosignatures": "signed by witnesses: see test_adversary.py",
    "producer_runs": "which numbers of each sender came; folded from the records, and to be folded again",
    "producers_followed": "how far that was followed",
    "anchors": "what outsiders dated, which an anchor's own verification checks; no event is found by it",
    "signing_keys": "what signs checkpoints; no event is found by it",
    "text_index": "a virtual table over the text_index_ tables",
    "text_terms": "a view of the text index's vocabulary",
    "text_index_data": "trigrams only propose candidates: docs/security/tampering.md says what hiding one does",
    "text_index_idx": "as text_index_data",
    "text_index_docsize.sz": "lengths of texts, for ranking, which we do not use",
    "text_index_docsize.origin": "as text_index_data",
    "text_index_config": "the index's own settings",
}
"""Columns, or whole tables, that hold no event and find none for certain, with the reason."""


def test_every_column_is_covered(victim: Victim) -> None:
    """A new table or column needs a tampering test, or a reason why not."""
    columns = {
        f"{table}.{column}"
        for schema in ("main", "idx")
        for (table,) in victim.edit(f"SELECT name FROM {schema}.sqlite_schema WHERE type IN ('table', 'view')")
        if not table.startswith("sqlite_")
        for (column,) in victim.edit("SELECT name FROM pragma_table_info(?, ?)", table, schema)
    }
    tested = {*EDITS, *READ_AT_START}
    excused = {one for one in columns if one in NOT_EVENTS or one.split(".")[0] in NOT_EVENTS}
    assert excused.isdisjoint(tested)
    assert columns == excused | tested


def test_an_untouched_log_is_whole(victim: Victim) -> None:
    """Without an edit nothing is found, so that what the other tests find is the edit."""
    verdict = victim.verify()
    assert (verdict.breaks, verdict.events_checked, verdict.sessions_checked) == ([], EVENTS, True)


def cases(edits: dict[str, list[tuple[str, Places]]]) -> list[ParameterSet]:
    """Each edit as a test of its own."""
    return [
        pytest.param(*edit, id=f"{column} {number}")
        for column, some in edits.items()
        for number, edit in enumerate(some)
    ]


@pytest.mark.parametrize(("sql", "places"), cases(EDITS))
def test_an_edited_column_is_found(victim: Victim, sql: str, places: Places) -> None:
    """Verification in a running server names the place."""
    victim.edit(sql)
    assert places <= victim.broken_places()


@pytest.mark.parametrize(
    ("sql", "places"),
    cases({column: some for column, some in EDITS.items() if column.split(".")[0] not in REBUILT} | READ_AT_START),
)
def test_an_edited_column_is_found_after_a_restart(victim: Victim, sql: str, places: Places) -> None:
    """So does a server that starts on the edited file: opening repairs nothing that was done to the log."""
    victim.edit(sql)
    victim.restart()
    assert places <= victim.broken_places()


@pytest.mark.parametrize(
    ("sql", "places"), cases({column: some for column, some in EDITS.items() if column.split(".")[0] in REBUILT})
)
def test_an_edited_index_is_found_or_made_again(victim: Victim, sql: str, places: Places) -> None:
    """After a restart an edited index either still does not verify, or is right again."""
    answers = [victim.log.found(actor_id="u1"), victim.log.found(search="name 1")]
    victim.edit(sql)
    victim.restart()
    if victim.verify().valid:
        assert [victim.log.found(actor_id="u1"), victim.log.found(search="name 1")] == answers
    else:
        assert places & victim.broken_places()


@pytest.mark.parametrize("field", SessionSummary.__struct_fields__)
def test_every_field_of_a_summary_is_compared(victim: Victim, field: str) -> None:
    """No part of what a list of sessions shows can be edited unseen."""
    ((text,),) = victim.edit(f"SELECT summary FROM sessions WHERE id = {SESSION}")
    summary = msgspec.json.decode(text, type=SessionSummary)
    was = getattr(summary, field)
    forged: Any
    if field == "actors":
        forged = {**was, "u2": msgspec.structs.replace(was["u2"], name="Forged")}
    elif isinstance(was, bool):
        forged = not was
    elif isinstance(was, int):
        forged = was + 1
    elif isinstance(was, dict):
        forged = {**was, "forged": 1}
    elif isinstance(was, list):
        forged = was[1:]
    else:
        forged = "forged"
    victim.edit(
        f"UPDATE sessions SET summary = ? WHERE id = {SESSION}",
        msgspec.json.encode(msgspec.structs.replace(summary, **{field: forged})),
    )
    assert any("s2" in one.message or "forged" in one.message for one in victim.breaks())


@pytest.mark.parametrize("column", ["record", "details"])
def test_a_careful_forger_is_found(victim: Victim, column: str) -> None:
    """Bytes that are compressed as ours are, and are good JSON that differs in one word, still do not hash."""
    codec = victim.log.store.codec
    entry = victim.log.entries()[6]
    text = entry.record if column == "record" else entry.details or b""
    forged = text.replace(b"doc.viewed", b"doc.erased").replace(b"Name 1", b"Name 2")
    assert forged != text
    assert json.loads(forged)
    victim.edit(f"UPDATE entries SET {column} = ? {EVENT_7}", codec.compress([forged])[0])
    assert victim.log.entries()[6] != entry
    (one,) = [one for one in victim.breaks() if one.type != "index_mismatch"]
    assert one.event_id == decode_record(entry.record).id == victim.ids[6]
    assert (one.sequence, one.type) == (7, "hash_mismatch" if column == "record" else "details_mismatch")
    assert one.expected_hash != one.actual_hash


def test_the_same_bytes_compressed_otherwise_are_no_break(victim: Victim) -> None:
    """What is proved is the event, not the way in which the file packs it."""
    entry = victim.log.entries()[6]
    packed = zstandard.ZstdCompressor(level=19).compress(entry.record)
    victim.edit(f"UPDATE entries SET record = ? {EVENT_7}", packed)
    assert victim.log.entries()[6] == entry
    assert victim.verify().valid
