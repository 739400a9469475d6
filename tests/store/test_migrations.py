"""Every released schema, filled, is brought up to this version's: the same tables as new ones, and the log in them whole.

`tools/write_schema_snapshot.py` writes a snapshot per release. A migration that was released is never edited: a test here
fails when it is, because a log brought up differs from a new one then.
"""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.logs import SILENCE, Log, event
from tests.postgres import new_database

from immutable.errors import StartError
from immutable.log.append import append_batch
from immutable.log.verify import verify
from immutable.store.log_store import LogStore
from immutable.store.postgres import schema
from immutable.store.postgres.connection import Database
from immutable.store.postgres.periods import drop_period
from immutable.store.postgres.store import PostgresLogStore
from immutable.store.sqlite.store import SqliteLogStore

FOLDER = Path(__file__).parent / "schemas"
POSTGRES = sorted(FOLDER.glob("postgres_*.sql"))
SQLITE = sorted(FOLDER.glob("sqlite_*.sql"))
CATALOGUE = """
SELECT 'column', c.relname, a.attname, concat(format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, a.attidentity,
  pg_get_expr(d.adbin, d.adrelid), c.reloptions, c.relpersistence, pg_get_partkeydef(c.oid)),
  row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
WHERE c.relnamespace = 'immutable'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'index', c.relname, i.relname, pg_get_indexdef(i.oid), 0
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = 'immutable'::regnamespace AND NOT c.relispartition
UNION ALL SELECT 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid), 0
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = 'immutable'::regnamespace AND NOT c.relispartition
UNION ALL SELECT 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid), 0
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'immutable'::regnamespace AND NOT c.relispartition AND NOT t.tgisinternal
UNION ALL SELECT 'function', '', proname, pg_get_functiondef(oid), 0 FROM pg_proc WHERE pronamespace = 'immutable'::regnamespace
ORDER BY 1, 2, 3"""


@pytest.mark.parametrize("snapshot", POSTGRES, ids=lambda path: path.stem)
def test_postgres_comes_up_from_a_release(snapshot: Path) -> None:
    """To the same catalogue as a new database's, with the log whole, and it goes on."""
    url = _restored(snapshot)
    with closing(Database(url)) as database:
        before, after = schema.upgrade(database)
    assert (before, after) == (int(snapshot.stem.split("_")[1]), schema.VERSION)
    fresh = new_database()
    PostgresLogStore(fresh).close()
    assert _catalogue(url) == _catalogue(fresh)
    with closing(PostgresLogStore(url)) as store:
        _goes_on(store)


@pytest.mark.parametrize("snapshot", SQLITE, ids=lambda path: path.stem)
def test_sqlite_comes_up_from_a_release(snapshot: Path, tmp_path: Path) -> None:
    """By being opened: to the same tables as a new file's, with the log whole, and it goes on."""
    old, fresh = tmp_path / "old.db", tmp_path / "fresh.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(snapshot.read_text("utf-8"))
    with closing(SqliteLogStore(old)) as store:
        _goes_on(store)
    SqliteLogStore(fresh).close()
    assert _sqlite_catalogue(old) == _sqlite_catalogue(fresh)


def test_there_are_snapshots() -> None:
    """Of both engines."""
    assert POSTGRES
    assert SQLITE


def test_a_newer_sqlite_file_is_refused(tmp_path: Path) -> None:
    """And left as it was."""
    path = tmp_path / "log.db"
    SqliteLogStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0] + 1
        connection.execute(f"PRAGMA user_version={version}")
    with pytest.raises(StartError, match="newer than"):
        SqliteLogStore(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == version


def test_a_new_schema_is_made_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a process that ends half-way nothing is left; of several that come at once, each finds it made."""
    url = new_database()
    steps = schema.scripts()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "scripts", lambda: [*steps[:3], FOLDER / "0004_that_is_not_there.sql"])
        with pytest.raises(FileNotFoundError):
            PostgresLogStore(url)
    with closing(Database(url)) as database, database.connect() as connection:
        assert schema.version_of(connection) is None
    with ThreadPoolExecutor(3) as pool:
        for store in pool.map(PostgresLogStore, [url] * 3):
            store.close()


def test_a_log_from_before_the_months_is_month_0() -> None:
    """It stays where it is, is read there, and is dropped like any month once it was pruned and swept."""
    url = _restored(FOLDER / "postgres_0007.sql")
    with closing(Database(url)) as database:
        schema.upgrade(database)
    with closing(PostgresLogStore(url)) as store:
        (workspace,) = store.catalog.workspaces()
        assert [entry.seq for entry in store.entries(workspace, 1, 99)] == [*range(1, 21)]
        _goes_on(store)
        held = store.database.read("SELECT period, min(seq), max(seq) FROM entries GROUP BY 1 ORDER BY 1", ())
        assert held == [(0, 1, 20), (202603, 21, 21)]
        with store.database.connect() as connection:
            assert not drop_period(connection, 0)
            connection.execute("INSERT INTO pruned VALUES (%s, 20, '', 0)", (workspace.number,))
            while store.sweep(workspace, 20):
                pass
            assert drop_period(connection, 0)
        assert [entry.seq for entry in store.entries(workspace, 1, 99)] == [21]


def test_a_server_from_before_the_months_cannot_append() -> None:
    """Its statement fails whole, so that nothing is acknowledged; what it reads is there."""
    url = _restored(FOLDER / "postgres_0007.sql")
    with closing(Database(url)) as database:
        schema.upgrade(database)
    with psycopg.connect(url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.DatatypeMismatch):
            connection.execute(
                "INSERT INTO immutable.entries SELECT * FROM unnest('{1}'::int[], '{21}'::bigint[], '{a}'::bytea[], "
                "'{a}'::bytea[], '{a}'::bytea[], '{a}'::bytea[], '{a}'::bytea[])"
            )
        assert connection.execute("SELECT count(*) FROM immutable.entries").fetchone() == (20,)


def test_it_is_upgraded_while_a_server_appends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that cannot have its table gives way, so that appending goes on, and is made once the table is free."""
    step = tmp_path / f"{schema.VERSION + 1:04}_note.sql"
    step.write_text(
        "ALTER TABLE heads ADD COLUMN note TEXT; CREATE TABLE notes (workspace_number INTEGER PRIMARY KEY);"
    )
    url = new_database()
    with closing(PostgresLogStore(url)) as store, closing(Database(url)) as database:
        log = Log(store, "log")
        log.append(event())
        monkeypatch.setattr(schema, "scripts", lambda: [step])
        monkeypatch.setattr(schema, "_LOCK_MS", 100)
        upgrading = threading.Thread(target=schema.upgrade, args=(database,))
        with psycopg.connect(url) as reading:  # somebody reads for long
            reading.execute("SELECT * FROM immutable.heads").fetchall()
            upgrading.start()
            for _ in range(20):
                log.append(event())
                time.sleep(0.05)
            assert upgrading.is_alive()
            assert not _has_notes(url)
        while upgrading.is_alive():
            log.append(event())
        upgrading.join()
        assert _has_notes(url)
        log.append(event())
        assert log.verify().breaks == []


def _goes_on(store: LogStore) -> None:
    (workspace,) = store.catalog.workspaces()
    held = store.head(workspace).seq
    assert held == 20
    with store.append() as transaction:
        append_batch(transaction, workspace, [event(session_id="s1")], now=1, silence=SILENCE)
    while store.follow():
        pass
    verdict = verify(store, workspace, 1, 1 << 40, silence=SILENCE)
    assert (verdict.breaks, verdict.events_checked) == ([], held + 1)


def _restored(snapshot: Path) -> str:
    url = new_database()
    with psycopg.connect(url) as connection:
        connection.execute(snapshot.read_text("utf-8"))  # type: ignore[arg-type]
    return url


def _catalogue(url: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(CATALOGUE).fetchall()


def _sqlite_catalogue(path: Path) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2").fetchall()
        return [*rows, connection.execute("PRAGMA user_version").fetchone()]


def _has_notes(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return bool(connection.execute("SELECT FROM pg_tables WHERE tablename = 'notes'").fetchall())
