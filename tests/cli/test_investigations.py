"""`immutable investigations`: a case from the ticket to the pack, of a server and directly on a database."""

import httpx2
import pytest

from immutable_verify import note, pack

TICKET = "sess_a8f3c2d1"
EVIL = "\x1b[2Jgone [red]not red[/] \u202eevil"


@pytest.fixture
def where(filled):
    """A key that may do all."""
    server, _ = filled
    return {"url": server.url, "api_key": server.client("admin", workspace="ticket").key}


def test_a_case_is_gathered_and_handed_over(run, read_json, filled, where, tmp_path):
    """Opened, filled with a session, a resource's events and a note, shown, proved, shared, closed and reopened."""
    server, _ = filled
    case = read_json("investigations", "create", "4821", EVIL, **where)["data"]["id"]
    run("investigations", "add", case, code=2, **where)
    said = run("investigations", "add", case, "--session", TICKET, "--note", "Lisa did it.", **where).stdout
    assert "Added 1 item and a note: it holds 1 item." in said
    whole = read_json("investigations", "add", case, "--resource", "document", "doc_h", "--session", TICKET, **where)
    kinds = [one["kind"] for one in whole["data"]["items"]]
    event = next(one["id"] for one in whole["data"]["items"] if one["kind"] == "event")
    assert (kinds.count("session"), kinds.count("event")) == (1, 4)
    again = run("investigations", "add", case, "--event", event, **where).stdout
    assert "Added 0 items: it holds 5 items." in again

    shown = run("investigations", "show", case, "--zone", "America/Los_Angeles", **where).stdout
    for text in ("ticket 4821", TICKET, "Lisa Wang", "2 destructive", "note added", "Lisa did it.", "document.viewed"):
        assert text in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]not red[/]" in shown

    out = tmp_path / "case.zip"
    run("investigations", "evidence", case, "-o", out, "--notes", **where)
    told = server.with_key(where["api_key"]).get("/signing-keys").json()["data"]
    assert pack.check(out.read_bytes(), [note.parse_key(one["verifier_key"], note.LOG) for one in told]).trusted
    lines = run("investigations", "share", case, "--ttl", "600", **where).stdout.splitlines()
    (link,) = [line for line in lines if line.startswith("http")]
    assert httpx2.get(link).status_code == 200

    run("investigations", "close", case, **where)
    said = run("investigations", "add", case, "--note", "late", code=2, **where).stderr
    assert "is closed" in said
    assert case in run("investigations", "list", "--closed", **where).stdout
    assert case not in run("investigations", "list", "--open", **where).stdout
    run("investigations", "reopen", case, **where)
    assert [one["id"] for one in read_json("investigations", "list", "--limit", "1", **where)["data"]] == [case]


def test_what_cannot_be_done_is_said(run, filled, where):
    """In the server's words: no such case, no such session, a key that may only read; or ours: a resource without events."""
    server, _ = filled
    assert "no investigation" in run("investigations", "show", "case_none", code=2, **where).stderr.lower()
    case = run("investigations", "create", "7", "T", **where).stdout.split()[0]
    run("investigations", "add", case, "--session", "nobody", code=2, **where)
    assert (
        "no event of this resource"
        in run("investigations", "add", case, "--resource", "a", "b", code=2, **where).stderr
    )
    reader = {"url": server.url, "api_key": server.client("read", workspace="ticket").key}
    assert "scopes read and ingest" in run("investigations", "create", "8", "T", code=2, **reader).stderr


def test_it_works_without_a_server(run, database):
    """Directly on the database, by whoever may open it."""
    run("import", "-", stdin='{"actor_id": "a", "action": "document.viewed", "session_id": "s1"}', **database)
    case = run("investigations", "create", "1", "Alone", **database).stdout.split()[0]
    run("investigations", "add", case, "--session", "s1", "--note", "seen", **database)
    shown = run("investigations", "show", case, **database).stdout
    assert "session s1" in shown
    assert "immutable.investigation_note_added" in run("export", **database).stdout
