"""Workspaces and keys on PostgreSQL; every process hears of a change by notification, and looks twice a second besides."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import psycopg
import structlog

from immutable import clock
from immutable.model.act import Act
from immutable.model.event import EMPTY_HEAD
from immutable.model.hold import Hold
from immutable.model.retention import Retention
from immutable.model.workspace import ApiKey, Scope, Spending, Workspace
from immutable.store.acts import WaitingActs, keep
from immutable.store.catalog_rows import HOLDS, KEY_COLUMNS, encode_held, hold_of, key_of
from immutable.store.displays import Displays
from immutable.store.investigations import Investigations
from immutable.store.members import Members
from immutable.store.postgres.connection import AWAY, Connection, Database, Read, run, send
from immutable.store.postgres.statements import PostgresStatements, sender
from immutable.store.sign_ins import SignIns

_LOOK_SECONDS = 0.5
_AWAY_SECONDS = 1.0
_SPEND = (
    "INSERT INTO spendings AS s (workspace_number, name, level, per_second, capacity, at) "
    "SELECT u.workspace, u.name, u.capacity - u.amount, u.per_second, u.capacity, clock_timestamp() "
    "FROM unnest(%s::bigint[], %s::text[], %s::float8[], %s::float8[], %s::float8[]) "
    "AS u(workspace, name, amount, per_second, capacity) "
    "ORDER BY u.workspace, u.name "  # in one order everywhere, so that two processes never wait for each other
    "ON CONFLICT (workspace_number, name) DO UPDATE SET level = "
    "least(excluded.capacity, s.level + excluded.per_second * greatest(extract(epoch FROM excluded.at - s.at), 0)) "
    "- (excluded.capacity - excluded.level), per_second = excluded.per_second, capacity = excluded.capacity, "
    "at = greatest(s.at, excluded.at) RETURNING workspace_number, name, level"
)
_GENERATION = "SELECT number FROM meta WHERE name='catalog_generation'"

_log = structlog.get_logger(__name__)


class PostgresCatalog:
    """The catalogue of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._generation = 0
        self._own_changes = 0  # guarded by _counting, as is whoever writes the generation
        self._counting = threading.Lock()
        self._watching: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        statements = PostgresStatements(database, self._change)
        self.members, self.sign_ins, self.acts = Members(statements), SignIns(statements), WaitingActs(statements)
        self.investigations, self.displays = Investigations(statements), Displays(statements)

    def workspaces(self) -> list[Workspace]:
        """All workspaces, by name."""
        rows = self._database.read('SELECT number, id, name FROM workspaces ORDER BY name COLLATE "C"', ())
        return [Workspace(*row) for row in rows]

    def workspace(self, name: str) -> Workspace | None:
        """The workspace of this name."""
        rows = self._database.read("SELECT number, id, name FROM workspaces WHERE name=%s", (name,))
        return Workspace(*rows[0]) if rows else None

    def create_workspace(self, name: str, act: Act | None = None) -> Workspace:
        """The workspace of this name, made if it is new."""
        workspace_id = f"ws_{os.urandom(8).hex()}"
        return self.put_workspace(workspace_id, name, None if act is None else act.about(workspace_id))

    def put_workspace(self, workspace_id: str, name: str, act: Act | None = None) -> Workspace:
        """The workspace of this name, made with this id if it is new."""
        found = self.workspace(name)
        if found is not None:
            return found
        with self._change(act=act) as connection:
            send(
                connection,
                "INSERT INTO workspaces (id, name, created_at) VALUES (%s,%s,%s) ON CONFLICT DO NOTHING",
                (workspace_id, name, clock.now()),
            )
            (row,) = run(connection, "SELECT number, id, name FROM workspaces WHERE name=%s", (name,))
            send(
                connection,
                "INSERT INTO heads VALUES (%s,%s,%s,%s) ON CONFLICT DO NOTHING",
                (row[0], EMPTY_HEAD.seq, EMPTY_HEAD.event_hash, EMPTY_HEAD.created_at),
            )
        return Workspace(*row)

    def allowlist(self, workspace: Workspace) -> tuple[str, ...]:
        """The addresses and ranges from which the workspace's keys may be used."""
        rows = self._database.read("SELECT allowlist FROM workspaces WHERE number=%s", (workspace.number,))
        return tuple(rows[0][0].split()) if rows else ()

    def set_allowlist(self, workspace: Workspace, allowlist: Sequence[str], act: Act | None = None) -> None:
        """Allow these addresses and ranges, and no others."""
        with self._change(act=act) as connection:
            sql = "UPDATE workspaces SET allowlist=%s WHERE number=%s"
            send(connection, sql, (" ".join(allowlist), workspace.number))

    def add_key(
        self,
        workspace: Workspace,
        *,
        name: str,
        digest: bytes,
        hint: str,
        scopes: tuple[Scope, ...],
        act: Act | None = None,
    ) -> ApiKey:
        """Store a key by the digest of its secret."""
        key_id = f"key_{os.urandom(8).hex()}"
        with self._change(act=None if act is None else act.about(key_id)) as connection:
            send(
                connection,
                "INSERT INTO keys VALUES (%s,%s,%s,%s,%s,%s,%s,NULL,NULL)",
                (key_id, workspace.number, name, digest, hint, ",".join(scopes), clock.now()),
            )
        key = self.key(digest)
        assert key is not None  # noqa: S101 - it was just stored
        return key

    def key(self, digest: bytes) -> ApiKey | None:
        """The key with this digest, revoked or not."""
        rows = self._database.read(f"SELECT {KEY_COLUMNS} WHERE k.digest=%s", (digest,))
        return key_of(rows[0]) if rows else None

    def keys(self, workspace: Workspace) -> list[ApiKey]:
        """A workspace's keys, oldest first."""
        rows = self._database.read(
            f'SELECT {KEY_COLUMNS} WHERE w.number=%s ORDER BY k.created_at, k.id COLLATE "C"', (workspace.number,)
        )
        return [key_of(row) for row in rows]

    def key_digests(self, workspace: Workspace) -> list[tuple[ApiKey, bytes]]:
        """A workspace's keys with the digests of their secrets."""
        sql = f'SELECT k.digest, {KEY_COLUMNS} WHERE w.number=%s ORDER BY k.created_at, k.id COLLATE "C"'
        return [(key_of(row), digest) for digest, *row in self._database.read(sql, (workspace.number,))]

    def put_key(self, workspace: Workspace, key: ApiKey, digest: bytes) -> None:
        """Store a copy of another store's key, or bring the copy up to date."""
        with self._change() as connection:
            send(
                connection,
                "INSERT INTO keys VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s) ON CONFLICT (id) DO UPDATE SET "
                "revoked_at = coalesce(keys.revoked_at, excluded.revoked_at)",
                (key.id, workspace.number, key.name, digest, key.hint, ",".join(key.scopes), key.created_at,
                 key.last_used_at, key.revoked_at),
            )  # fmt: skip

    def revoke_key(self, workspace: Workspace, key_id: str, act: Act | None = None) -> bool:
        """Revoke a key for good; False where the workspace has none of this id."""
        with self._change() as connection:
            sql = (
                "UPDATE keys SET revoked_at = coalesce(revoked_at, %s) WHERE id=%s AND workspace_number=%s RETURNING id"
            )
            found = run(connection, sql, (clock.now(), key_id, workspace.number))
            if found and act is not None:
                keep(sender(connection), act)
        return bool(found)

    def put_hold(self, workspace: Workspace, hold: Hold) -> None:
        """Store a hold, or release the stored one where this copy of it is released."""
        values = (workspace.number, hold.id, encode_held(hold.events), hold.reason, hold.created_at, hold.released_at)
        with self._change() as connection:
            send(
                connection,
                "INSERT INTO holds VALUES (%s,%s,%s,%s,%s,%s) ON CONFLICT (workspace_number, id) DO UPDATE SET "
                "released_at = coalesce(holds.released_at, excluded.released_at)",
                values,
            )

    def holds(self, workspace: Workspace) -> list[Hold]:
        """A workspace's holds, oldest first, released ones too."""
        sql = f'{HOLDS} WHERE workspace_number=%s ORDER BY created_at, id COLLATE "C"'
        return [hold_of(row) for row in self._database.read(sql, (workspace.number,))]

    def release_hold(self, workspace: Workspace, hold_id: str, at: int) -> bool:
        """Release a hold for good."""
        sql = "UPDATE holds SET released_at=%s WHERE workspace_number=%s AND id=%s AND released_at IS NULL RETURNING id"
        with self._change() as connection:
            return bool(run(connection, sql, (at, workspace.number, hold_id)))

    def retention(self, workspace: Workspace) -> Retention | None:
        """How long a workspace keeps its events."""
        sql = "SELECT days, archive FROM retention WHERE workspace_number=%s"
        rows = self._database.read(sql, (workspace.number,))
        return Retention(*rows[0]) if rows else None

    def set_retention(self, workspace: Workspace, retention: Retention | None, act: Act | None = None) -> None:
        """Change how long a workspace keeps its events."""
        with self._change(act=act) as connection:
            send(connection, "DELETE FROM retention WHERE workspace_number=%s", (workspace.number,))
            if retention is not None:
                values = (workspace.number, retention.days, retention.archive)
                send(connection, "INSERT INTO retention VALUES (%s,%s,%s)", values)

    def note_key_uses(self, uses: dict[str, int]) -> None:
        """Record when keys were last used: key id to microseconds."""
        # On a pooled connection, because this happens every second; said twice it means the same, so it may be tried again.
        # In one order everywhere, so that two processes never wait for each other.
        self._database.read(
            "UPDATE keys SET last_used_at = greatest(keys.last_used_at, u.at) FROM "
            "(SELECT k.id, u.at FROM unnest(%s::text[], %s::bigint[]) AS u(id, at) JOIN keys k ON k.id = u.id "
            "ORDER BY k.id FOR UPDATE OF k) u WHERE keys.id = u.id RETURNING 1",
            (list(uses), list(uses.values())),
        )

    def spend(self, spendings: Sequence[Spending]) -> Mapping[tuple[int, str], float]:
        """Take tokens from buckets that all processes share; what is left of each."""
        columns = zip(
            *(
                (one.workspace_number, one.name, float(one.amount), float(one.per_second), float(one.capacity))
                for one in spendings
            ),
            strict=True,
        )
        # Tried again after a lost connection it may count twice, which is on the careful side.
        rows = self._database.read(_SPEND, [list(column) for column in columns])
        return {(workspace, name): level for workspace, name, level in rows}

    def forget_spendings(self) -> None:
        """Forget the buckets that are full; one that another process writes just now is left for the next time."""
        sql = (
            "DELETE FROM spendings WHERE (workspace_number, name) IN (SELECT workspace_number, name FROM spendings "
            "WHERE level + per_second * extract(epoch FROM clock_timestamp() - at) >= capacity FOR UPDATE SKIP LOCKED) "
            "RETURNING 1"
        )
        self._database.read(sql, ())

    def generation(self) -> int:
        """A number that changes whenever a key or workspace does; other processes' changes within moments."""
        if self._watching is None:
            self._watch()
        return self._generation

    def first_number(self, name: str, value: int | None) -> int | None:
        """The number first stored under this name."""
        key = "number:" + name
        if value is not None:
            with self._database.transaction() as connection:
                send(connection, "INSERT INTO meta (name, number) VALUES (%s,%s) ON CONFLICT DO NOTHING", (key, value))
        rows = self._database.read("SELECT number FROM meta WHERE name=%s", (key,))
        return rows[0][0] if rows else None

    def note(self, name: str) -> bytes | None:
        """What was last noted under this name."""
        rows = self._database.read("SELECT bytes FROM meta WHERE name=%s", ("note:" + name,))
        return bytes(rows[0][0]) if rows else None

    def put_note(self, name: str, content: bytes) -> None:
        """Note this under a name."""
        sql = "INSERT INTO meta (name, bytes) VALUES (%s,%s) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes"
        with self._database.transaction() as connection:
            send(connection, sql, ("note:" + name, content))

    def secret(self, name: str) -> bytes:
        """32 random bytes under this name, made on first use and kept."""
        key, sql = "secret:" + name, "SELECT bytes FROM meta WHERE name=%s"
        rows = self._database.read(sql, (key,))
        if not rows:
            with self._database.transaction() as connection:
                new = "INSERT INTO meta (name, bytes) VALUES (%s,%s) ON CONFLICT DO NOTHING"
                send(connection, new, (key, os.urandom(32)))
            rows = self._database.read(sql, (key,))
        return bytes(rows[0][0])

    def close(self) -> None:
        """Stop watching, and close the database."""
        self._stopping.set()
        if self._watching is not None:
            self._watching.join()
        self._database.close()

    @contextmanager
    def _change(self, *, counts: bool = True, act: Act | None = None) -> Iterator[Connection]:
        """A transaction that keeps the act; one that counts moves the generation, and tells all processes at the commit."""
        sql = (
            "INSERT INTO meta (name, number) VALUES ('catalog_generation', 1) "
            "ON CONFLICT (name) DO UPDATE SET number = meta.number + 1 RETURNING number"
        )
        generation = None
        with self._database.transaction() as connection:
            yield connection
            if act is not None:
                keep(sender(connection), act)
            if counts:
                ((generation,),) = run(connection, sql, ())
                send(connection, "NOTIFY immutable_catalog")
        if generation is not None:
            with self._counting:
                self._own_changes += 1
                # Not before: a key read meanwhile would be remembered as it was. And not back, where a later one was faster.
                self._generation = max(self._generation, generation)

    def _watch(self) -> None:
        with self._starting:
            if self._watching is None:
                self._look(self._database.read)
                self._watching = threading.Thread(target=self._watch_always, name="catalog", daemon=True)
                self._watching.start()

    def _watch_always(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._database.connect() as connection:
                    send(connection, "LISTEN immutable_catalog")
                    self._watch_over(connection)
            except (*AWAY, psycopg.Error) as error:
                _log.warning("catalog_not_watched", error=str(error).strip())
                self._stopping.wait(_AWAY_SECONDS)

    def _watch_over(self, connection: Connection) -> None:
        while not self._stopping.is_set():
            self._look(partial(run, connection))
            for _ in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                pass

    def _look(self, read: Read) -> None:
        """Take over the number that is in the database, unless this process moved it since it was read.

        Set back to what was read before, what was remembered until then would be believed again: a key that was revoked.
        """
        own = -1
        while own != self._own_changes:
            own = self._own_changes
            rows = read(_GENERATION, ())
            with self._counting:
                if rows and own == self._own_changes:
                    self._generation = rows[0][0]
