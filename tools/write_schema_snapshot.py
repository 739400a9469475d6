"""Writes the schema of this version, filled with a small log, to tests/store/schemas: once per release, then never again.

    .venv/bin/python tools/write_schema_snapshot.py

`tests/store/test_migrations.py` brings each of these up to the version under test.
"""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.logs import Log, event  # noqa: E402
from tests.postgres import new_database  # noqa: E402

from immutable.store.log_store import LogStore  # noqa: E402
from immutable.store.postgres import schema  # noqa: E402
from immutable.store.postgres.store import PostgresLogStore  # noqa: E402
from immutable.store.sqlite.store import SqliteLogStore  # noqa: E402

EVENTS = 20


def main() -> None:
    """Write both engines' snapshots."""
    folder = ROOT / "tests" / "store" / "schemas"
    folder.mkdir(exist_ok=True)
    for engine, (version, text) in {"postgres": _postgres(), "sqlite": _sqlite()}.items():
        path = folder / f"{engine}_{version:04}.sql"
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _fill(store: LogStore) -> None:
    log = Log(store, "log")
    for number in range(EVENTS):
        fields = {"session_id": f"s{number % 3}"} if number % 2 else {}
        log.append(event(actor_id=f"u{number % 4}", idempotency_key=f"k{number}", metadata={"n": number}, **fields))
    log.settle()


def _sqlite() -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        with closing(SqliteLogStore(path)) as store:
            _fill(store)
        with closing(sqlite3.connect(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            lines = [*connection.iterdump(), f"PRAGMA user_version={version};"]
    return version, "\n".join(lines) + "\n"


def _postgres() -> tuple[int, str]:
    url = new_database()
    with closing(PostgresLogStore(url)) as store:
        _fill(store)
    lines = [
        "CREATE SCHEMA immutable;",
        "SET search_path = immutable, public;",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm;",
        "CREATE EXTENSION IF NOT EXISTS btree_gin;",
        "CREATE TABLE immutable.schema_version (version INTEGER NOT NULL);",
        *(script.read_text("utf-8") for script in schema.scripts()),
    ]
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = immutable, public")
        periods = connection.execute("SELECT DISTINCT period FROM periods ORDER BY 1").fetchall()
        lines += [f"SELECT make_period({period});" for (period,) in periods]
        tables = connection.execute(
            "SELECT c.relname, (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
            "WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) FROM pg_class c "
            "WHERE c.relnamespace = 'immutable'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
        ).fetchall()
        # A workspace comes before the keys that refer to it.
        for table, columns in sorted(tables, key=lambda row: row[0] != "workspaces"):
            for row in connection.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608 - our own tables
                values = sql.SQL(", ").join(sql.Literal(value) for value in row).as_string(connection)
                lines.append(f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values});")  # noqa: S608
    return schema.VERSION, "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
