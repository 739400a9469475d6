"""API keys at a running server: scopes, revocation, last use, and what is stored of them."""

import subprocess
import sys
import time
from contextlib import closing

import psycopg
import pytest

from immutable.accounts.api_key import KeyRing, create_key
from immutable.store.open import is_postgres, open_catalog, path_of

EVENT = {"actor_id": "a", "action": "b"}


@pytest.mark.parametrize(
    ("scopes", "may_append", "may_read"),
    [
        (("ingest",), True, False),
        (("read",), False, True),
        (("ingest", "read"), True, True),
        (("admin",), True, True),
    ],
)
def test_scopes(server, scopes, may_append, may_read):
    """A key may do what its scopes say, and is told which scope it lacks."""
    api = server.client(*scopes)
    for answer, may, scope in (
        (api.post("/events", EVENT), may_append, "ingest"),
        (api.post("/events/batch", {"events": [EVENT]}), may_append, "ingest"),
        (api.get("/events"), may_read, "read"),
        (api.get("/sessions"), may_read, "read"),
        (api.get("/sessions/x"), may_read, "read"),
        (api.get("/verify"), may_read, "read"),
        (api.get("/resources/a/b/history"), may_read, "read"),
    ):
        assert (answer.status_code != 403) == may
        if not may:
            assert answer.json()["error"] == "forbidden"
            assert scope in answer.json()["message"]


def cli(server, *arguments):
    """Run a command in a process of its own, on the server's database."""
    command = [sys.executable, "-m", "immutable", *arguments]
    environment = {"IMMUTABLE_DATABASE_URL": server.database_url, "COLUMNS": "250"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_made_by_another_process(server):
    """A key that another process makes works at once."""
    key = cli(server, "keys", "create", "--workspace", "from-the-outside").strip()
    assert key.startswith("imk_")
    assert server.with_key(key).post("/events", EVENT).status_code == 202


def test_revoked_by_another_process(server):
    """A key that another process revokes is refused at the very next request, for good."""
    api = server.client(workspace="revoked")
    assert api.get("/events").status_code == 200
    (key,) = server.catalog.keys(server.catalog.workspace("revoked"))
    cli(server, "keys", "revoke", key.id, "--workspace", "revoked")
    for _ in range(3):
        answer = api.get("/events")
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthenticated")
    assert server.client(workspace="revoked").get("/events").status_code == 200


def test_revoked_between_two_requests_of_one_connection(server):
    """The second request on a connection that was good is refused once the key is revoked."""
    api = server.client()
    assert api.post("/events", EVENT).status_code == 202
    workspace = server.catalog.workspace(api.workspace)
    assert server.catalog.revoke_key(workspace, server.catalog.keys(workspace)[0].id)
    time.sleep(0.002)  # the server looks at most once a millisecond
    assert api.post("/events", EVENT).status_code == 401


def test_last_use_is_recorded(server):
    """When a key was last used is known a moment later; a refused use of another scope is none."""
    api = server.client("read")
    workspace = server.catalog.workspace(api.workspace)
    assert server.catalog.keys(workspace)[0].last_used_at is None
    before = time.time() * 1e6
    api.get("/events")
    deadline = time.monotonic() + 60
    while (used := server.catalog.keys(workspace)[0].last_used_at) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert before <= used <= time.time() * 1e6


def test_a_use_that_comes_while_uses_are_recorded_is_not_lost(tmp_path):
    """Not even in the moment between looking for where uses are kept and writing there."""
    with closing(open_catalog(f"sqlite:///{tmp_path / 'log.db'}")) as catalog:
        ring, workspace = KeyRing(catalog), catalog.create_workspace("w")
        secret, _ = create_key(catalog, workspace, "test", ("read",))

        class Uses(dict):
            def __setitem__(self, key, value):
                ring.flush_uses()
                super().__setitem__(key, value)

        ring._uses = Uses()
        ring.authenticate(secret, "read", None)
        ring.flush_uses()
        assert catalog.keys(workspace)[0].last_used_at is not None


def test_secret_is_not_stored(server):
    """The database holds neither the key nor its random part."""
    api = server.client()
    api.post("/events", EVENT)
    for content in _stored(server.database_url):
        assert api.key.encode() not in content
        assert api.key.removeprefix("imk_").encode() not in content


def test_keys_are_random(server):
    """Keys have 256 random bits and never repeat."""
    keys = {server.client(workspace="many").key for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key) == len("imk_") + 43 for key in keys)


def _stored(database_url):
    """All that a database holds: the bytes of its files, or of its tables."""
    if not is_postgres(database_url):
        file = path_of(database_url)
        return [file.with_name(file.name + suffix).read_bytes() for suffix in ("", "-wal")]
    with psycopg.connect(database_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'immutable'").fetchall()
        assert ("keys",) in tables
        connection.execute("SET bytea_output = 'escape'")
        contents = []
        for (table,) in tables:
            with connection.cursor().copy(f"COPY (SELECT * FROM immutable.{table}) TO STDOUT") as copy:
                contents.append(b"".join(copy))
        return contents
