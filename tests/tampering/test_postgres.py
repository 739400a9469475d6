"""Tampering with a log in PostgreSQL, a test per column: verification finds each edit of what holds or finds an event."""

import itertools
from collections.abc import Callable, Iterator

import psycopg
import pytest
from tests.logs import Log, small_epochs
from tests.postgres import new_database
from tests.tampering.conftest import EVENTS, fill
from tests.tampering.databases import copy_database

from immutable.store.postgres.store import PostgresLogStore

LOG = "workspace_number = 1"
SESSION = f"{LOG} AND session_id = 's2'"
ROW = f"{LOG} AND session = (SELECT number FROM sessions WHERE {SESSION})"
POSTING = f"{LOG} AND epoch = 1 AND term = 'au1'"

EDITS = {
    "entries.workspace_number": f"UPDATE entries SET workspace_number = 9 WHERE {LOG} AND seq = 7",
    "entries.period": f"SELECT make_period(203001); UPDATE entries SET period = 203001 WHERE {LOG} AND seq = 7",
    "entries.seq": f"UPDATE entries SET seq = 900 WHERE {LOG} AND seq = 7",
    "entries.record": f"UPDATE entries SET record = 'forged' WHERE {LOG} AND seq = 7",
    "entries.details": f"UPDATE entries SET details = NULL WHERE {LOG} AND seq = 7",
    "entries.salt": f"UPDATE entries SET salt = '0123456789abcdef' WHERE {LOG} AND seq = 7",
    "entries.previous_hash": f"UPDATE entries SET previous_hash = 'forged' WHERE {LOG} AND seq = 7",
    "entries.event_hash": f"UPDATE entries SET event_hash = 'forged' WHERE {LOG} AND seq = 7",
    "heads.workspace_number": f"UPDATE heads SET workspace_number = 9 WHERE {LOG}",
    "heads.seq": f"UPDATE heads SET seq = seq - 1 WHERE {LOG}",
    "heads.event_hash": f"UPDATE heads SET event_hash = 'forged' WHERE {LOG}",
    "heads.created_at": f"UPDATE heads SET created_at = created_at + 1 WHERE {LOG}",
    "idempotency.workspace_number": f"UPDATE idempotency SET workspace_number = 9 WHERE {LOG} AND key = 'k8'",
    "idempotency.key": f"UPDATE idempotency SET key = 'K8' WHERE {LOG} AND key = 'k8'",
    "idempotency.seq": f"UPDATE idempotency SET seq = 7 WHERE {LOG} AND key = 'k8'",
    "sessions.workspace_number": f"UPDATE sessions SET workspace_number = 9 WHERE {SESSION}",
    "sessions.number": f"UPDATE sessions SET number = number + 900 WHERE {SESSION}",
    "sessions.session_id": f"UPDATE sessions SET session_id = 'forged' WHERE {SESSION}",
    "sessions.inferred": f"UPDATE sessions SET inferred = NOT inferred WHERE {SESSION}",
    "sessions.tenant_id": f"UPDATE sessions SET tenant_id = 'forged' WHERE {SESSION}",
    "sessions.sorted_at": f"UPDATE sessions SET sorted_at = sorted_at + 1 WHERE {SESSION}",
    "sessions.summary": f"UPDATE sessions SET summary = 'forged' WHERE {SESSION}",
    "session_actors.workspace_number": f"UPDATE session_actors SET workspace_number = 9 WHERE {ROW}",
    "session_actors.actor_id": f"UPDATE session_actors SET actor_id = 'forged' WHERE {ROW} AND actor_id = 'u2'",
    "session_actors.sorted_at": f"UPDATE session_actors SET sorted_at = 0 WHERE {ROW}",
    "session_actors.session": f"UPDATE session_actors SET session = 77 WHERE {ROW}",
    "session_resources.workspace_number": f"UPDATE session_resources SET workspace_number = 9 WHERE {ROW}",
    "session_resources.session": f"UPDATE session_resources SET session = 77 WHERE {ROW}",
    "session_resources.resource": f"UPDATE session_resources SET resource = resource || 'forged' WHERE {ROW}",
    "inferred_sessions.workspace_number": f"UPDATE inferred_sessions SET workspace_number = 9 WHERE {LOG} AND actor_id = 'u1'",
    "inferred_sessions.actor_id": f"UPDATE inferred_sessions SET actor_id = 'forged' WHERE {LOG} AND actor_id = 'u1'",
    "inferred_sessions.session": f"UPDATE inferred_sessions SET session = 77 WHERE {LOG} AND actor_id = 'u1'",
    "postings.workspace_number": f"UPDATE postings SET workspace_number = 9 WHERE {POSTING}",
    "postings.epoch": f"UPDATE postings SET epoch = 9 WHERE {POSTING}",
    "postings.term": f"UPDATE postings SET term = 'aforged' WHERE {POSTING}",
    "postings.places": f"UPDATE postings SET places = 'forged' WHERE {POSTING}",
    "progress.workspace_number": f"UPDATE progress SET workspace_number = 9 WHERE {LOG}",
    "progress.sealed_epochs": f"UPDATE progress SET sealed_epochs = sealed_epochs + 1 WHERE {LOG}",
    "progress.text_seq": f"UPDATE progress SET text_seq = text_seq + 1 WHERE {LOG}",
    "event_texts.workspace_number": f"UPDATE event_texts SET workspace_number = 9 WHERE {LOG} AND seq = 7",
    "event_texts.seq": f"UPDATE event_texts SET seq = 907 WHERE {LOG} AND seq = 7",
    "event_texts.period": f"SELECT make_period(203001); UPDATE event_texts SET period = 203001 WHERE {LOG} AND seq = 7",
    "periods.workspace_number": f"UPDATE periods SET workspace_number = 9 WHERE {LOG}",
    "periods.period": f"UPDATE periods SET period = period + 1 WHERE {LOG}",
    "periods.first_seq": f"UPDATE periods SET first_seq = first_seq + 1000 WHERE {LOG}",
    "workspaces.id": "UPDATE workspaces SET id = 'ws_forged' WHERE number = 1",
}
ROWS = {
    "an entry removed": f"DELETE FROM entries WHERE {LOG} AND seq = 7",
    "the last entry removed, and the head set back": f"DELETE FROM entries WHERE {LOG} AND seq = {EVENTS}; "
    f"UPDATE heads SET (seq, event_hash) = (SELECT seq, event_hash FROM entries WHERE {LOG} AND seq = {EVENTS - 1}) WHERE {LOG}",
    "all entries removed": f"DELETE FROM entries WHERE {LOG}",
    "two entries exchanged": f"UPDATE entries SET seq = 15 - seq + 100 WHERE {LOG} AND seq IN (7, 8); "
    f"UPDATE entries SET seq = seq - 100 WHERE {LOG} AND seq > 100",
    "an entry copied from another workspace": "UPDATE entries SET record = "
    f"(SELECT record FROM entries WHERE workspace_number = 2 AND seq = 7) WHERE {LOG} AND seq = 7",
    "a key removed": f"DELETE FROM idempotency WHERE {LOG} AND key = 'k8'",
    "a session removed": f"DELETE FROM sessions WHERE {SESSION}",
    "a session made up": f"INSERT INTO sessions SELECT 1, 900, 'made up', false, NULL, 0, summary FROM sessions WHERE {SESSION}",
    "a posting removed": f"DELETE FROM postings WHERE {POSTING}",
    "a text removed": f"DELETE FROM event_texts WHERE {LOG} AND seq = 7",
}
NOT_EVENTS = {
    "workspaces.number": "an identity; its rows are found under the number",
    "workspaces.name": "what people call a workspace; records hold its id",
    "workspaces.created_at": "no event's time",
    "workspaces.allowlist": "from where one may ask; no event is found by it",
    "workspaces.destructive": "which actions are shown as destructive; no event is found by it, changes are acts on the record",
    "workspaces.links": "where links beside events lead; no event is found by it, and changes are acts on the record",
    "workspaces.published": "who may read the tree; no event is found by it",
    "trees": "how far the tree goes: see test_adversary.py",
    "tiles": "hashes of hashes: see test_adversary.py",
    "checkpoints": "signed notes: see test_adversary.py",
    "cosignatures": "signed by witnesses: see test_adversary.py",
    "producer_runs": "which numbers of each sender came; folded from the records, and to be folded again",
    "producers_followed": "how far that was followed",
    "anchors": "what outsiders dated, which an anchor's own verification checks; no event is found by it",
    "signing_keys": "what signs checkpoints; no event is found by it",
    "event_texts.text": "it only proposes candidates: docs/security/tampering.md says what hiding one does",
    "holds": "what may not be erased; no event is found by it, and each hold is told by an event",
    "pruned": "where the log begins: see test_pruning.py",
    "retention": "how long events are to be kept; what was pruned is told by events",
    "erasures_followed": "how far the text index has forgotten what was erased; it is followed again from the log",
    "keys": "who may ask; no event is found by it",
    **dict.fromkeys(
        ("members", "memberships", "recovery_codes", "member_sessions", "member_links"),
        "who may ask, signed in; no event is found by it",
    ),
    "investigations": "no event is found by it, and what was done to each is told by events",
    "investigation_items": "what was gathered; each addition and removal is told by an event",
    "acts": "administrative acts on their way into the log: docs/security/tampering.md says what removing one does",
    "spendings": "how much of a rate limit is used",
    "meta": "the dictionary, without which nothing can be read, and settings",
    "schema_version": "which migrations have run",
}


@pytest.fixture(scope="module")
def copies() -> Iterator[Callable[[], str]]:
    """Makes databases that hold the same log of two workspaces."""
    original = new_database()
    with small_epochs():
        store = PostgresLogStore(original)
        log = Log(store, "log")
        fill(log)
        fill(Log(store, "other"))
        log.settle()
        store.close()
        name = original.split("/")[3].split("?")[0]
        numbers = itertools.count(1)

        def copy() -> str:
            to = f"{name}_{next(numbers)}"
            with psycopg.connect(original.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
                copy_database(connection, name, to)
            return original.replace(f"/{name}?", f"/{to}?")

        yield copy


def test_an_untouched_log_is_whole(copies: Callable[[], str]) -> None:
    """So that what the other tests find is the edit."""
    verdict = _verify(copies())
    assert (verdict.breaks, verdict.events_checked, verdict.sessions_checked) == ([], EVENTS, True)


@pytest.mark.parametrize("edit", [*EDITS.values(), *ROWS.values()], ids=[*EDITS, *ROWS])
def test_an_edit_is_found(copies: Callable[[], str], edit: str) -> None:
    """By whoever opens the database after it."""
    url = copies()
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = immutable, public")
        connection.execute("ALTER TABLE entries DISABLE TRIGGER USER")
        for statement in edit.split("; "):
            assert connection.execute(statement).rowcount > 0
    assert _verify(url).breaks


def test_every_column_is_covered(copies: Callable[[], str]) -> None:
    """A new table or column needs a tampering test, or a reason why not."""
    with psycopg.connect(copies()) as connection:
        columns = connection.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns "
            "WHERE table_schema = 'immutable' AND table_name !~ '_[0-9]{6}$'"  # partitions
        ).fetchall()
    uncovered = {column for (column,) in columns if column not in EDITS and column not in NOT_EVENTS}
    assert {column for column in uncovered if column.split(".")[0] not in NOT_EVENTS} == set()


def _verify(url: str):
    store = PostgresLogStore(url)
    try:
        log = Log(store, "log")
        return log.verify()
    finally:
        store.close()
