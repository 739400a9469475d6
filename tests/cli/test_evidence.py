"""`immutable evidence`: packs from a server and directly from a database, whole or not at all."""

import httpx2
import pytest

from immutable_verify import note, pack

TICKET = "sess_a8f3c2d1"


@pytest.mark.parametrize(
    "arguments",
    [
        ("session", TICKET),
        ("resource", "document", "doc_8f3a2c1d", "--withhold", "others:user_4f2a8c"),
        ("events", "--actor", "user_4f2a8c", "--search", "Q3 Budget"),
    ],
)
def test_a_pack_of_a_server_verifies(run, filled, tmp_path, arguments):
    """The file is there whole, and the verifier takes it."""
    server, client = filled
    out = tmp_path / "case.zip"
    said = run("evidence", *arguments, "--output", out, url=server.url, api_key=client.key).stdout
    assert "immutable-verify pack case.zip" in said
    keys = [note.parse_key(one["verifier_key"], note.LOG) for one in client.get("/signing-keys").json()["data"]]
    assert pack.check(out.read_bytes(), keys).trusted


def test_a_pack_can_be_made_without_a_server(run, tmp_path):
    """Directly on the database: the checkpoint is made by the command itself, and the log tells of the pack."""
    database = {"database_url": f"sqlite:///{tmp_path}/own.db"}
    run("keys", "create", "--workspace", "own", **database)
    line = '{"actor_id": "a", "action": "document.viewed", "session_id": "s1"}'
    run("import", "-", stdin=line, **database)
    run("evidence", "session", "s1", "-o", "case.zip", **database)
    assert not pack.check((tmp_path / "case.zip").read_bytes(), []).trusted
    assert "immutable.evidence_exported" in run("export", **database).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("session", TICKET, "--withhold", "all"),
        ("resource", "document", "doc_8f3a2c1d"),
        ("events", "--actor", "user_4f2a8c"),
    ],
)
def test_a_case_is_shared_and_taken_back(run, read_json, filled, arguments):
    """The link works without a key, is listed with what it shows, and shows nothing once it is revoked."""
    server, client = filled
    admin = server.client("admin", workspace="ticket")
    where = {"url": server.url, "api_key": admin.key}
    lines = run("evidence", "share", *arguments, "--ttl", "600", **where).stdout.splitlines()
    (link,) = [line for line in lines if line.startswith("http")]
    assert httpx2.get(link).status_code == 200
    newest = read_json("evidence", "links", "--limit", "1", **where)["data"][0]
    assert newest["asked"] in " ".join(lines)
    assert newest["id"] in run("evidence", "links", **where).stdout
    run("evidence", "revoke", newest["id"], "--reason", "done", **where)
    assert httpx2.get(link).status_code == 410
    run("evidence", "share", "events", code=2, **where)
    del client


def test_nothing_is_written_where_nothing_can_be_proved(run, filled, tmp_path):
    """An unknown session is told in the server's words, and leaves no file."""
    server, client = filled
    out = tmp_path / "case.zip"
    said = run("evidence", "session", "nobody", "-o", out, code=2, url=server.url, api_key=client.key).stderr
    assert ("no session of this id" in said, out.exists()) == (True, False)
