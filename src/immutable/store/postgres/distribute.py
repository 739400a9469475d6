"""The schema as Citus' distributed tables: each workspace's rows in one shard, all its tables side by side.

What is distributed and what stays on the coordinator, and why, is in docs/decisions/0021-citus.md. Nothing here moves a
shard or adds a node: that is done with Citus' own functions (docs/guide/citus.md).
"""

import time
from collections.abc import Callable

from immutable.errors import StartError
from immutable.store.postgres import schema
from immutable.store.postgres.connection import SCHEMA, Connection, Database, run, send, starting, without_password

LOCAL = (
    "schema_version", "meta", "workspaces", "keys", "spendings",
    "members", "memberships", "recovery_codes", "member_sessions", "member_links", "acts",
)  # fmt: skip
"""Tables that stay on the coordinator: small, of no single workspace, or written for many workspaces at once."""

_FIRST = "heads"
"""The table that is distributed first; the others are laid beside it."""
_PARTS = "SELECT %s::regclass AS part UNION SELECT relid FROM pg_partition_tree(%s::regclass)"
"""A table and its partitions; its name, twice."""
_MAKES_MONTHS = "make_period(integer)"

Say = Callable[[str], None]


def distribute(database: Database, *, shards: int, say: Say) -> list[str]:
    """Distribute the tables that are not yet, in one transaction; their names. `say` is told of progress.

    Meanwhile nobody appends: whoever wants to waits, and is answered 503 when that takes too long. In the end every other
    connection of ours is closed, so that all servers notice. `shards` counts only where nothing is distributed yet.
    Raises StartError where Citus is not ready, or the schema is not of this version.
    """
    with starting(database.url), database.connect() as connection:
        shown = without_password(database.url)
        _check_citus(connection, shown)
        if schema.version_of(connection) != schema.VERSION:
            raise StartError(f"The schema at {shown} is not of this version. Run first: immutable db upgrade")
        with connection.transaction():
            schema.lock(connection)
            for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0",
                            "citus.enable_unsafe_triggers = on", "citus.multi_shard_modify_mode = 'sequential'",
                            f"citus.shard_count = {int(shards)}"):  # fmt: skip
                send(connection, f"SET LOCAL {setting}")
            missing = _missing(connection)
            if missing:
                send(connection, f"LOCK TABLE {_FIRST} IN ACCESS EXCLUSIVE MODE")
            for table in missing:
                _distribute(connection, table, say)
            _finish(connection)
        if missing:
            # Whoever is connected believes the tables to be local, and the statements for those are dearer now or refused.
            send(
                connection,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND usename = current_user AND pid <> pg_backend_pid() AND application_name = 'immutable'",
            )
        return missing


def _check_citus(connection: Connection, shown: str) -> None:
    if not run(connection, "SELECT 1 FROM pg_extension WHERE extname = 'citus'", ()):
        is_there = run(connection, "SELECT 1 FROM pg_available_extensions WHERE name = 'citus'", ())
        how = (
            "Run in this database on every node: CREATE EXTENSION citus; then on the coordinator: "
            "SELECT citus_set_coordinator_host('HOST', PORT); SELECT citus_add_node('WORKER', PORT);"
            if is_there
            else "Install Citus on every node, set shared_preload_libraries = 'citus' and restart PostgreSQL."
        )
        raise StartError(f"The database at {shown} has no Citus. {how} See docs/guide/citus.md.")
    if not run(connection, "SELECT 1 WHERE citus_is_coordinator()", ()):
        raise StartError(
            f"{shown} is a worker of a Citus cluster. Run this on its coordinator, and point servers at it."
        )
    if not run(
        connection, "SELECT 1 FROM pg_dist_node WHERE isactive AND shouldhaveshards AND noderole = 'primary'", ()
    ):
        raise StartError(
            f"The Citus cluster at {shown} has no node that takes shards. "
            "Run: SELECT citus_add_node('WORKER', PORT); on the coordinator."
        )


def _missing(connection: Connection) -> list[str]:
    """The tables that are to be distributed and are not, partitions aside, the first one first."""
    rows = run(
        connection,
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') "
        "AND NOT c.relispartition AND c.relname <> ALL(%s) "
        "AND NOT EXISTS (SELECT FROM pg_dist_partition d WHERE d.logicalrelid = c.oid) ORDER BY c.relname <> %s, c.relname",
        (SCHEMA, list(LOCAL), _FIRST),
    )
    return [name for (name,) in rows]


def _distribute(connection: Connection, table: str, say: Say) -> None:
    """Distribute a table, its rows with it, and leave none of them behind on the coordinator."""
    began = time.monotonic()
    name = f"{SCHEMA}.{table}"
    is_empty = not run(connection, f"SELECT 1 FROM {name} LIMIT 1", ())
    if not is_empty:
        sql = f"SELECT pg_size_pretty(sum(pg_total_relation_size(part))) FROM ({_PARTS}) AS parts"
        ((size,),) = run(connection, sql, (name, name))
        say(f"{table}: {size} ...")
    beside = "none" if table == _FIRST else f"{SCHEMA}.{_FIRST}"
    sql = "SELECT create_distributed_table(%s::regclass, 'workspace_number', colocate_with := %s)::text"
    run(connection, sql, (name, beside))
    if not is_empty:
        _empty_local(connection, name)
        say(f"{table}: moved in {time.monotonic() - began:.0f} s")


def _empty_local(connection: Connection, name: str) -> None:
    """Free what was copied from: the coordinator's own tables. What refuses that stays on in all shards meanwhile."""
    partitions = run(connection, f"SELECT part::text FROM ({_PARTS}) AS parts", (name, name))
    for sql in (
        *(f"ALTER TABLE {part} DISABLE TRIGGER USER" for (part,) in partitions),
        f"SELECT truncate_local_data_after_distributing_table('{name}')",
        *(f"ALTER TABLE {part} ENABLE TRIGGER USER" for (part,) in partitions),
    ):
        send(connection, "SET LOCAL citus.enable_ddl_propagation = off")  # which Citus' own function turns on
        send(connection, sql)
    send(connection, "SET LOCAL citus.enable_ddl_propagation = on")


def _finish(connection: Connection) -> None:
    """Let months that are made from now on keep their triggers, and let every process know."""
    for setting in ("citus.enable_unsafe_triggers = on", "citus.multi_shard_modify_mode = 'sequential'"):
        send(connection, f"ALTER FUNCTION {SCHEMA}.{_MAKES_MONTHS} SET {setting}")
    send(connection, "INSERT INTO meta (name, number) VALUES ('distributed', 1) ON CONFLICT DO NOTHING")
