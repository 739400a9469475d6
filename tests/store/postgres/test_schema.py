"""The schema: made once, brought up, refused where it is newer; and what a database that cannot serve is told."""

import subprocess
import sys
import threading
from contextlib import closing

import psycopg
import pytest
from tests.postgres import new_database, server

from immutable.errors import StartError
from immutable.store.postgres import schema
from immutable.store.postgres.connection import Database
from immutable.store.postgres.store import PostgresLogStore


def test_it_is_made_where_there_is_none() -> None:
    """Opening an empty database is enough."""
    url = new_database()
    with closing(PostgresLogStore(url)):
        pass
    assert _version(url) == schema.VERSION


def test_many_that_start_at_once_make_it_once() -> None:
    """Servers that start together on an empty database all start."""
    url = new_database()
    failures: list[Exception] = []

    def start() -> None:
        try:
            PostgresLogStore(url).close()
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_newer_schema_is_refused() -> None:
    """By a server and by `db upgrade`, and it is left as it was."""
    url = new_database()
    PostgresLogStore(url).close()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE immutable.schema_version SET version = version + 1")
    with pytest.raises(StartError, match="newer than"):
        PostgresLogStore(url)
    with closing(Database(url)) as database, pytest.raises(StartError, match="newer than"):
        schema.upgrade(database)
    assert _version(url) == schema.VERSION + 1


def test_an_older_schema_is_not_served() -> None:
    """A server says how to bring it up, and changes nothing by itself."""
    url = new_database()
    PostgresLogStore(url).close()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE immutable.schema_version SET version = version - 1")
    with pytest.raises(StartError, match="immutable db upgrade"):
        PostgresLogStore(url)


def test_upgrade_from_the_command_line() -> None:
    """It says what it did, and nothing the second time."""
    url = new_database()
    assert f"schema version none -> {schema.VERSION}" in _run(url, "db", "upgrade")
    assert "already" in _run(url, "db", "upgrade")
    assert _version(url) == schema.VERSION


def test_another_encoding_is_refused() -> None:
    """Text of any language must fit."""
    with psycopg.connect(server().dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    with pytest.raises(StartError, match="UTF8"):
        PostgresLogStore(server().dsn.replace("/postgres?", "/latin?"))


def test_a_role_without_rights_is_told_what_it_needs() -> None:
    """The message names the grant."""
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE weak LOGIN")
    with pytest.raises(StartError, match="GRANT CREATE ON DATABASE"):
        PostgresLogStore(url.replace("postgres@", "weak@"))


def test_no_server_at_all() -> None:
    """The message names the address, without the password."""
    with pytest.raises(StartError, match=r"127\.0\.0\.1") as caught:
        PostgresLogStore("postgresql://someone:hush@127.0.0.1:1/nowhere")
    assert "hush" not in str(caught.value)


def test_entries_refuse_to_be_changed() -> None:
    """Not by our own mistakes: update, delete and truncate are refused by the database."""
    url = new_database()
    PostgresLogStore(url).close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT immutable.make_period(202611)")
        connection.execute("INSERT INTO immutable.entries VALUES (1, 202611, 1, '', '', '', '', '')")
        for statement in ("UPDATE immutable.entries SET seq = 2", "DELETE FROM immutable.entries",
                          "UPDATE immutable.entries SET period = period + 1, details = NULL, salt = NULL",
                          "TRUNCATE immutable.entries", "TRUNCATE immutable.entries_202611"):  # fmt: skip
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="immutable"):
                connection.execute(statement)


def _version(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT version FROM immutable.schema_version").fetchone()
        assert row is not None
        return int(row[0])


def _run(url: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "immutable", *words],
        env={"IMMUTABLE_DATABASE_URL": url, "COLUMNS": "250", "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
