"""Before anything is signed: a log that does not continue what was signed is halted, said so, and never forked quietly."""

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import psycopg
import pytest
from tests.checkpoints.conftest import Tree
from tests.logs import SILENCE, event

from immutable.checkpoints.rollback import accept_rollback
from immutable.errors import Conflict
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.note import Signer, sign, split_note
from immutable.integrity.scope import Outside
from immutable.log.system_events import SERVER
from immutable.store.open import is_postgres, path_of


def _tamper(tree: Tree, *statements: str) -> None:
    """Run statements with all the rights of an intruder; `{seq}` finds an entry."""
    if is_postgres(tree.settings.database_url):
        with psycopg.connect(tree.settings.database_url) as connection:
            connection.execute("SET search_path = immutable, public")
            connection.execute("ALTER TABLE entries DISABLE TRIGGER USER")
            connection.execute("ALTER TABLE checkpoints DISABLE TRIGGER USER")
            for sql in statements:
                connection.execute(sql.replace("randomblob(32)", "sha256('x'::bytea)").replace("entries.seq", "seq"))
        return
    database = apsw.Connection(str(path_of(tree.settings.database_url)))
    for name in ("entries_are_not_edited", "entries_are_not_deleted", "checkpoints_are_not_deleted"):
        database.execute(f"DROP TRIGGER IF EXISTS {name}")
    for sql in statements:
        database.execute(sql.replace("entries.seq", "(id & 1099511627775)"))
    database.close()


def _fill(tree: Tree, count: int = 5) -> None:
    tree.log.append(*[event() for _ in range(count)])
    tree.settle()


def _signed(tree: Tree) -> list[int]:
    return [one.size for one in tree.proofs.checkpoints(tree.workspace, limit=99)]


CUT = (
    "DELETE FROM entries WHERE entries.seq > 3",
    "UPDATE heads SET seq = 3, event_hash = (SELECT event_hash FROM entries WHERE entries.seq = 3)",
)


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (CUT, "cut off or set back"),
        (("UPDATE entries SET event_hash = randomblob(32) WHERE entries.seq = 5",), "was rewritten"),
        (("DELETE FROM tiles",), "was rewritten"),
        (("UPDATE tiles SET hashes = randomblob(32) WHERE level = 0",), "was rewritten"),
        (("UPDATE trees SET size = 4",), "does not lead to the root"),
        (("DELETE FROM entries WHERE entries.seq = 6",), "Events are missing"),
    ],
    ids=["cut off", "rewritten", "tiles lost", "tiles edited", "tree set back", "event missing"],
)
@pytest.mark.parametrize("restarts", [False, True])
def test_a_log_that_does_not_go_on_from_what_was_signed_is_halted(
    tree: Tree, statements: tuple[str, ...], says: str, restarts: bool
) -> None:
    """Nothing more is signed, also not for what is appended after it, and the tree says why."""
    _fill(tree)
    if says == "Events are missing":
        tree.log.append(event(), event())
    _tamper(tree, *statements)
    if "does not lead" in says or restarts:
        tree.start()
    tree.settle()
    if tree.proofs.tree(tree.workspace).halted is None:
        tree.log.append(event())
        tree.settle()
    halted = tree.proofs.tree(tree.workspace).halted
    assert halted is not None
    assert says in halted
    assert _signed(tree) == [5]
    tree.start()
    tree.settle()
    assert _signed(tree) == [5]


@pytest.fixture
def restore(tree: Tree) -> Callable[[], None]:
    """Put the database back to what it was when this was made, with all that the database knows."""
    _fill(tree, 3)
    if is_postgres(tree.settings.database_url):
        url = tree.settings.database_url
        name = url.split("/")[3].split("?")[0]
        admin = url.replace(f"/{name}?", "/postgres?")

        def recreate(of: str, to: str) -> None:
            tree.store.close()
            with psycopg.connect(admin, autocommit=True) as connection:
                # A template has no connections; those that were just closed may take a moment to end.
                end = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(end, (of,))
                connection.execute(f"DROP DATABASE IF EXISTS {to} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {to} TEMPLATE {of} STRATEGY FILE_COPY")
            tree.__init__(tree.settings)  # type: ignore[misc]

        recreate(name, name + "_copy")
        return lambda: recreate(name + "_copy", name)
    path = path_of(tree.settings.database_url)
    copy = Path(f"{path}.copy")
    tree.store.database.writer().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
    shutil.copy(path, copy)

    def put_back() -> None:
        tree.store.database.reader().close()  # type: ignore[attr-defined]
        tree.store.close()
        for suffix in ("-wal", "-shm", ".index"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copy(copy, path)
        tree.__init__(tree.settings)  # type: ignore[misc]

    return put_back


def test_an_older_copy_is_noticed_before_anything_is_appended(tree: Tree, restore: Callable[[], None]) -> None:
    """The restored database is whole in itself; the checkpoint kept beside the secret knows that the log went further."""
    _fill(tree, 4)
    restore()
    assert tree.store.head(tree.workspace).seq == 3
    tree.settle()
    halted = tree.proofs.tree(tree.workspace).halted
    assert halted is not None
    assert "ends at event 3, and a checkpoint of 7 was signed" in halted
    assert _signed(tree) == [3]


@pytest.mark.parametrize("more", [4, 9])
def test_an_older_copy_that_went_on_is_a_fork_and_is_not_signed(
    tree: Tree, restore: Callable[[], None], more: int
) -> None:
    """Other events at the places that were signed: nothing of the fork is signed, however long it grew."""
    _fill(tree, 4)
    restore()
    tree.log.append(*[event(action="another.story") for _ in range(more)])
    tree.settle()
    halted = tree.proofs.tree(tree.workspace).halted
    assert halted is not None
    assert "went on differently" in halted
    assert _signed(tree) == [3]


def test_an_operator_lets_a_restored_log_go_on_under_a_new_origin(tree: Tree, restore: Callable[[], None]) -> None:
    """The log says who decided it, and what had been signed before; the next checkpoint is of the new origin."""
    with pytest.raises(Conflict):
        accept_rollback(tree.store, tree.keys, tree.kept, tree.workspace, by=SERVER, reason="r", silence=SILENCE)
    _fill(tree, 4)
    kept = tree.kept.read(tree.workspace.id)
    assert kept is not None
    before = parse_checkpoint(split_note(kept)[0])
    restore()
    tree.settle()
    key = accept_rollback(
        tree.store, tree.keys, tree.kept, tree.workspace, by=SERVER, reason="restored", silence=SILENCE
    )
    tree.start()
    tree.settle()
    assert tree.proofs.tree(tree.workspace).halted is None
    (latest,) = tree.proofs.checkpoints(tree.workspace)
    assert (latest.origin, latest.size) == (key.name, 4)
    assert latest.origin == before.origin + "/2"
    told = tree.log.entries()[-1]
    assert b"immutable.rollback_accepted" in told.record
    assert told.details is not None
    assert before.root.hex().encode() in told.details
    verdict = tree.log.verify(outside=Outside((kept,)))  # that checkpoint's own key ended its origin
    assert (verdict.valid, [one.seals for one in verdict.scope]) == (True, [("signed",)])
    assert [(one.events_kept, one.origin) for one in verdict.rollbacks] == [(3, key.name)]
    # another key of the same name cannot end what this one signed
    stranger = sign(split_note(kept)[0], [Signer(before.origin, b"7" * 32)]).encode()
    assert [one.kind for one in tree.log.verify(outside=Outside((stranger,))).breaks] == ["rolled_back"]
    _fill(tree, 1)
    assert _signed(tree)[0] == 5


def test_a_restored_log_can_be_accepted_before_a_server_looked(tree: Tree, restore: Callable[[], None]) -> None:
    """Right after the restore nobody has halted the log yet; what the kept checkpoint shows is enough to decide on."""
    _fill(tree, 4)
    restore()
    assert tree.proofs.tree(tree.workspace).halted is None
    key = accept_rollback(tree.store, tree.keys, tree.kept, tree.workspace, by=SERVER, reason="r", silence=SILENCE)
    tree.start()
    tree.settle()
    assert tree.proofs.tree(tree.workspace).halted is None
    assert [one.origin for one in tree.proofs.checkpoints(tree.workspace)] == [key.name]
    assert tree.log.verify().valid


def test_a_rewritten_log_cannot_be_accepted(tree: Tree) -> None:
    """Only a shorter log can be gone on with, not one whose signed events are others."""
    _fill(tree)
    _tamper(tree, "UPDATE entries SET event_hash = randomblob(32) WHERE entries.seq = 5")
    tree.log.append(event())
    tree.settle()
    with pytest.raises(Conflict, match="rewritten"):
        accept_rollback(tree.store, tree.keys, tree.kept, tree.workspace, by=SERVER, reason="r", silence=SILENCE)


def test_a_key_that_the_restored_database_does_not_know_is_not_passed_over(
    tree: Tree, restore: Callable[[], None]
) -> None:
    """What was signed after a rotation can be ended by nobody who has the older copy alone: the operator is told what to do."""
    tree.keys.make(tree.workspace, 3)
    _fill(tree, 4)
    restore()
    tree.settle()
    with pytest.raises(Conflict, match="move the log's file out"):
        accept_rollback(tree.store, tree.keys, tree.kept, tree.workspace, by=SERVER, reason="r", silence=SILENCE)
