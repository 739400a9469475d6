"""immutable copy: from either engine into the other, as it is; broken off and run again; refused where it would mix logs."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from tests.people import Person, invited, owner
from tests.postgres import new_database
from tests.waiting import until

from immutable.integrity.proof import check_consistency
from immutable.integrity.record import decode_record
from immutable.integrity.tiles import tiles_of
from immutable.model.hold import HeldEvents, Hold
from immutable.model.investigation import Investigation, Item
from immutable.model.retention import Retention
from immutable.store.anchor_store import StoredAnchor
from immutable.store.open import is_postgres, open_store, path_of
from immutable.store.proof_store import Cosignature
from immutable.store.proof_tiles import tile_reader

EVENTS = "".join(
    f'{{"actor_id": "u{number % 7}", "action": "document.viewed", "metadata": {{"n": {number}}}'
    + (f', "session_id": "s{number % 11}"' if number % 3 else "")
    + (f', "resource": "document", "resource_id": "d{number % 5}"}}\n' if number % 2 else "}\n")
    for number in range(400)
)

ANCHOR = StoredAnchor(
    id="anc_1", chain="rfc3161:tsa", number=1, status="confirmed", size=100, root=b"r" * 32, note=b"note", first_seq=1,
    first_event_hash=b"f" * 32, last_event_hash=b"l" * 32, previous_hash=None, period_start=1, period_end=2, created_at=3,
    tx_hash="tx", confirmed_at=4, token=b"token",
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A source on one engine and a target on the other."""
    pair = [f"sqlite:///{tmp_path}/log.db", new_database()]
    return (pair[0], pair[1]) if request.param == "sqlite" else (pair[1], pair[0])


@pytest.fixture
def source(run: Any, urls: tuple[str, str]) -> str:
    """A database with two workspaces."""
    for workspace in ("one", "two"):
        run("keys", "create", "--workspace", workspace, database_url=urls[0])
        run("import", "-", "--workspace", workspace, stdin=EVENTS, database_url=urls[0])
    return urls[0]


def test_all_of_it_arrives_as_it_was(run: Any, source: str, urls: tuple[str, str]) -> None:
    """Bytes, hashes, workspaces and sessions; and the copy is verified."""
    printed = run("copy", "--from", source, "--to", urls[1]).stdout
    assert printed.count("is whole") == 2
    assert _content(urls[1]) == _content(source)
    for workspace in ("one", "two"):
        ours, theirs = (
            run("sessions", "-w", workspace, "--limit", "500", "--json", database_url=url).stdout
            for url in (source, urls[1])
        )
        assert '"s1"' in ours
        assert _without_cursor(ours) == _without_cursor(theirs)


def test_keys_go_on_working(run: Any, serve: Callable[..., Any], urls: tuple[str, str]) -> None:
    """A key of the source opens the target; one that was revoked does not, also when that came after the first copy."""
    good, bad, late = (run("keys", "create", "--workspace", "w", database_url=urls[0]).stdout.strip() for _ in range(3))
    keys = _keys(urls[0])
    run("keys", "revoke", keys[bad[-4:]], "--workspace", "w", database_url=urls[0])
    run("copy", "--from", urls[0], "--to", urls[1])
    run("keys", "revoke", keys[late[-4:]], "--workspace", "w", database_url=urls[0])
    run("copy", "--from", urls[0], "--to", urls[1])
    server = serve(database_url=urls[1])
    assert server.with_key(good).send().status_code == 202
    assert server.with_key(bad).send().status_code == 401
    assert server.with_key(late).send().status_code == 401


def test_members_come_along(run: Any, serve: Callable[..., Any], urls: tuple[str, str]) -> None:
    """With roles and passwords, but signed out; acts that wait are told by the target's log once."""
    before = serve(database_url=urls[0])
    boss = owner(before)
    person = invited(before, "w", "viewer")
    run("keys", "create", "--workspace", "w", database_url=urls[0])
    for _ in range(2):
        run("copy", "--from", urls[0], "--to", urls[1])
    after = serve(database_url=urls[1])
    moved = [Person(after, one.email, one.workspace) for one in (boss, person)]
    for one, was in zip(moved, (boss, person), strict=True):
        one.http.cookies.set("immutable-session", was.token(), domain="127.0.0.1")
        assert one.get("/account").status_code == 401
        assert one.sign_in().status_code == 200
    assert moved[1].get("/events").status_code == 200
    until(lambda: len(moved[0].get("/events", action="immutable.key_created").json()["data"]) == 1)


def test_a_role_that_was_taken_is_taken_from_the_copy(
    run: Any, serve: Callable[..., Any], urls: tuple[str, str]
) -> None:
    """Whoever was removed or given another role between two runs has no more in the copy than in its source."""
    server = serve(database_url=urls[0])
    owner(server)
    gone, lower = invited(server, "w", "admin"), invited(server, "w", "admin")
    run("copy", "--from", urls[0], "--to", urls[1])
    run("members", "remove", gone.email, "-w", "w", database_url=urls[0])
    run("members", "role", lower.email, "viewer", "-w", "w", database_url=urls[0])
    run("copy", "--from", urls[0], "--to", urls[1])
    after = serve(database_url=urls[1])
    assert Person(after, gone.email).sign_in().status_code == 401
    moved = Person(after, lower.email, "w")
    assert moved.sign_in().status_code == 200
    assert [moved.get(path).status_code for path in ("/events", "/keys")] == [200, 403]


def test_what_must_stay_and_what_may_go_comes_along(run: Any, urls: tuple[str, str]) -> None:
    """Holds and retention of each workspace, as they are at the latest run; the command says what does not come along."""
    with closing(open_store(urls[0])) as store:
        catalog = store.catalog
        one, two = (catalog.create_workspace(name) for name in ("one", "two"))
        catalog.put_hold(one, Hold("hold_1", HeldEvents(session_id="s1"), "Case 7", 1))
        catalog.put_hold(two, Hold("hold_2", HeldEvents(actor_id="u1"), "Case 8", 2))
        catalog.set_retention(one, Retention(365, "archive"))
    printed = run("copy", "--from", urls[0], "--to", urls[1]).stdout
    assert "one keeps 365 days, archives go to archive." in printed
    assert "two keeps" not in printed
    assert "Not copied: who is signed in; " in printed
    assert _kept(urls[1]) == _kept(urls[0])
    assert [(len(holds), kept) for _, holds, kept in _kept(urls[1])] == [(1, Retention(365, "archive")), (1, None)]
    with closing(open_store(urls[0])) as store:
        assert store.catalog.release_hold(one, "hold_1", 3)
        store.catalog.set_retention(one, None)
        store.catalog.set_retention(two, Retention(30, "archive"))
    assert "one keeps" not in run("copy", "--from", urls[0], "--to", urls[1]).stdout
    assert _kept(urls[1]) == _kept(urls[0])


def test_acts_of_others_stay(run: Any, source: str, urls: tuple[str, str]) -> None:
    """Copied alone, a workspace brings only its own acts along, and none of the others'."""
    run("copy", "--from", source, "--to", urls[1], "--workspace", "one")
    with closing(open_store(urls[1])) as store:
        (workspace,) = store.catalog.workspaces()
        acts = store.catalog.acts.oldest(100)
        assert {act.action for act in acts} == {"workspace_created", "key_created"}
        assert {act.workspace_id for act in acts} == {workspace.id}


def test_the_allowlist_comes_along(run: Any, urls: tuple[str, str]) -> None:
    """Whoever could not use a workspace before the move cannot use it after, and its latest list holds."""
    run("keys", "create", "--workspace", "w", database_url=urls[0])
    run("workspaces", "allow", "-w", "w", "10.0.0.0/8", database_url=urls[0])
    run("copy", "--from", urls[0], "--to", urls[1])
    assert "10.0.0.0/8" in run("workspaces", "list", database_url=urls[1]).stdout
    run("workspaces", "disallow", "-w", "w", "--all", database_url=urls[0])
    run("copy", "--from", urls[0], "--to", urls[1])
    assert "anywhere" in run("workspaces", "list", database_url=urls[1]).stdout


def test_investigations_come_along(run: Any, source: str, urls: tuple[str, str]) -> None:
    """With what they hold, to the same workspace; the other one has none."""
    one = Investigation("case_0000000000000001", "4821", "Where is it?", "key_1", 1)
    with closing(open_store(source)) as store:
        workspace = next(one for one in store.catalog.workspaces() if one.name == "one")
        store.catalog.investigations.put(workspace, one)
        store.catalog.investigations.add_item(workspace, one.id, Item("session", "s1", 2))
    run("copy", "--from", urls[0], "--to", urls[1])
    with closing(open_store(urls[1])) as store:
        kept = store.catalog.investigations
        copies = {
            copy.name: kept.page(copy, is_closed=None, before=None, limit=9) for copy in store.catalog.workspaces()
        }
        assert (copies["one"], copies["two"]) == ([one], [])
        workspace = next(copy for copy in store.catalog.workspaces() if copy.name == "one")
        assert kept.items(workspace, one.id) == [Item("session", "s1", 2)]


def test_a_moved_log_goes_on_with_its_tree(run: Any, serve: Callable[..., Any], urls: tuple[str, str]) -> None:
    """All that was signed, dated outside or published arrives, in as many runs as it takes; it signs on from there."""
    secret = "the secret of both servers"
    server = serve(database_url=urls[0], secret=secret)
    client = server.client(workspace="w")
    client.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 100})
    before = _signed(client, 100)
    run("workspaces", "publish", "-w", "w", database_url=urls[0])
    server.process.terminate()
    server.process.wait(120)
    with closing(open_store(urls[0], builds_index=False)) as store:
        workspace = store.catalog.workspace("w")
        assert workspace is not None
        line = Cosignature(100, before["origin"], "a witness", "\u2014 a line", 7)
        store.proofs.add_cosignature(workspace, line)
        for anchor in (ANCHOR, msgspec.structs.replace(ANCHOR, id="anc_2", number=2, status="pending")):
            assert store.anchors.add(workspace, anchor)
    assert "secret" in run("copy", "--from", urls[0], "--to", urls[1], "--no-verify").stderr
    assert _proofs(urls[1]) == _proofs(urls[0])
    assert _anchors(urls[1]) == [ANCHOR]
    server = serve(database_url=urls[0], secret=secret)
    for _ in range(3):
        server.with_key(client.key).post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 100})
    _signed(server.with_key(client.key), 400)
    server.process.terminate()
    server.process.wait(120)
    assert run("copy", "--from", urls[0], "--to", urls[1], secret=secret).stderr == ""
    assert _proofs(urls[1]) == _proofs(urls[0])
    moved = serve(database_url=urls[1], secret=secret).with_key(client.key)
    moved.send()
    after = _signed(moved, 401)
    assert after["origin"] == before["origin"]
    proof = moved.get("/proofs/consistency?from=100").json()["data"]
    hashes = [bytes.fromhex(one) for one in proof["hashes"]]
    roots = [bytes.fromhex(one["root_hash"]) for one in (before, after)]
    check_consistency(100, roots[0], 401, roots[1], hashes)
    assert len(moved.get("/signing-keys").json()["data"]) == 1


def test_what_has_come_since_is_added(run: Any, source: str, urls: tuple[str, str]) -> None:
    """A second run copies only what is new, and a third nothing."""
    run("copy", "--from", source, "--to", urls[1])
    run("import", "-", "--workspace", "two", stdin=EVENTS.replace("document", "folder"), database_url=source)
    run("copy", "--from", source, "--to", urls[1])
    run("copy", "--from", source, "--to", urls[1], "--no-verify")
    assert _content(urls[1]) == _content(source)


def test_it_goes_on_where_it_was_killed(run: Any, source: str, urls: tuple[str, str], tmp_path: Path) -> None:
    """Killed at any moment, over and over: the next run completes it."""
    run("import", "-", "-w", "one", stdin=EVENTS * 40, database_url=source)
    command = [sys.executable, "-m", "immutable", "copy", "--from", source, "--to", urls[1], "--no-verify"]
    for copied in (0, 1, 2_000, 6_000, 12_000):
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while _copied(urls[1]) < copied and process.poll() is None:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
    run("copy", "--from", source, "--to", urls[1])
    assert _content(urls[1]) == _content(source)


def test_another_log_is_not_mixed_in(run: Any, source: str, urls: tuple[str, str]) -> None:
    """A workspace of the same name, a target that went its own way, and the database itself are refused."""
    assert "same database" in run("copy", "--from", source, "--to", source, code=2).stderr
    run("copy", "--from", source, "--to", urls[1], "--no-verify")
    run("import", "-", "--workspace", "one", stdin=EVENTS.replace("document", "folder"), database_url=urls[1])
    assert "no copy of this one" in run("copy", "--from", source, "--to", urls[1], code=2).stderr
    other = new_database()
    run("keys", "create", "--workspace", "one", database_url=other)
    assert "has a workspace one already" in run("copy", "--from", source, "--to", other, code=2).stderr


def test_a_broken_source_is_not_copied_on(run: Any, tmp_path: Path) -> None:
    """An event that was altered ends the copy before it, and the message names it."""
    url = new_database()
    run("keys", "create", "--workspace", "one", database_url=url)
    run("import", "-", "--workspace", "one", stdin=EVENTS, database_url=url)
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE immutable.entries DISABLE TRIGGER USER")
        connection.execute("UPDATE immutable.entries SET salt = '0123456789abcdef' WHERE seq = 42")
    target = f"sqlite:///{tmp_path}/log.db"
    assert "broken at event 42" in run("copy", "--from", url, "--to", target, code=2).stderr


def test_a_source_that_is_not_there(run: Any, tmp_path: Path) -> None:
    """Nothing is made in its place."""
    assert "no database" in run("copy", "--from", f"sqlite:///{tmp_path}/a.db", "--to", new_database(), code=2).stderr


def _content(url: str) -> list[Any]:
    """Every entry of every workspace."""
    with closing(open_store(url, builds_index=False)) as store:
        return [
            (workspace.id, workspace.name, decode_record(entry.record), entry)
            for workspace in store.catalog.workspaces()
            for entry in store.entries(workspace, 1, store.head(workspace).seq)
        ]


def _copied(url: str) -> int:
    """How many events are in a database that may not be there yet; -1 while it has no table for them."""
    counting = "SELECT count(*) FROM"
    try:
        if is_postgres(url):
            with psycopg.connect(url) as connection:
                return int(connection.execute(f"{counting} immutable.entries").fetchall()[0][0])
        with closing(sqlite3.connect(f"file:{path_of(url)}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"{counting} entries").fetchone()[0])
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, sqlite3.OperationalError):
        return -1


def _signed(client: Any, size: int) -> Any:
    """The checkpoint of so many events, once it is there."""
    while (answer := client.get(f"/checkpoints/{size}")).status_code == 404:
        time.sleep(0.05)
    return answer.json()["data"]


def _proofs(url: str) -> list[Any]:
    """All that is signed of workspace w."""
    with closing(open_store(url, builds_index=False)) as store:
        workspace, proofs = store.catalog.workspace("w"), store.proofs
        assert workspace is not None
        checkpoints = proofs.checkpoints(workspace, limit=100)
        size = proofs.tree(workspace).size
        return [
            checkpoints,
            proofs.cosignatures(workspace, [one.size for one in checkpoints]),
            proofs.signing_keys(workspace),
            proofs.is_published(workspace),
            [tile_reader(proofs, workspace)(tile.level, tile.index, tile.width) for tile in tiles_of(size)],
        ]


def _anchors(url: str) -> list[StoredAnchor]:
    """The anchors of workspace w."""
    with closing(open_store(url, builds_index=False)) as store:
        workspace = store.catalog.workspace("w")
        assert workspace is not None
        return store.anchors.anchors(workspace, limit=9)


def _kept(url: str) -> list[tuple[str, list[Hold], Retention | None]]:
    """What each workspace holds, and how long it keeps the rest."""
    with closing(open_store(url, builds_index=False)) as store:
        catalog = store.catalog
        return [(one.name, catalog.holds(one), catalog.retention(one)) for one in catalog.workspaces()]


def _keys(url: str) -> dict[str, str]:
    """The ids of the keys of workspace w by their last four characters."""
    with closing(open_store(url, builds_index=False)) as store:
        workspace = store.catalog.workspace("w")
        assert workspace is not None
        return {key.hint: key.id for key in store.catalog.keys(workspace)}


def _without_cursor(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "cursor" not in line)
