"""/investigations: gathered under a ticket, on the record, handed over as one pack."""

import io
import json
import zipfile

import httpx2
import pytest
from tests.people import invited
from tests.waiting import PATIENCE

CASE = {"ticket": "#4821 / a", "title": "Where did the report go?"}


@pytest.fixture(scope="module")
def running(serve_module):
    """A server that links to a ticket system."""
    return serve_module(ticket_link="https://tickets.example.com/{ticket}")


@pytest.fixture
def api(running):
    """A workspace of its own with two sessions of two events, by somebody who may do all."""
    client = running.client("ingest", "read", "admin")
    for n in range(4):
        sent = client.send(
            session_id=f"s/{n % 2}", action="document.viewed", resource={"type": "document", "id": f"d{n}"}
        )
        assert sent.status_code == 202
    return client


def opened(api):
    """A new investigation."""
    answer = api.post("/investigations", CASE)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def change(api, one, what, content=None, status=200):
    """A change of it, and what is answered."""
    answer = api.post(f"/investigations/{one['id']}/{what}", content or {})
    assert answer.status_code == status, answer.text
    return answer.json().get("data")


def packed(answer):
    """The sequence numbers that a pack shows, and what its manifest says was asked for."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        lines = archive.read("events.jsonl").splitlines()
        asked = json.loads(archive.read("manifest.json"))["asked"]
    return [json.loads(json.loads(line)["record"])["seq"] for line in lines], asked


def test_what_is_gathered_is_shown_with_its_facts(api):
    """Sessions and events, the ticket's address, and who did what."""
    one = opened(api)
    assert (one["ticket_url"], one["closed_at"]) == ("https://tickets.example.com/%234821%20%2F%20a", None)
    event = api.events(limit=100, order="asc")[1]
    change(api, one, "items", {"session_id": "s/0"})
    shown = change(api, one, "items", {"event_id": event["id"].upper()})
    assert [(item["kind"], item["id"]) for item in shown["items"]] == [("session", "s/0"), ("event", event["id"])]
    assert shown["items"][0]["session"]["events_count"] == 2
    assert shown["items"][1]["event"] == event
    assert [(told["what"], told["item"] and told["item"]["id"]) for told in shown["history"]] == [
        ("item_added", event["id"]), ("item_added", "s/0"), ("opened", None),
    ]  # fmt: skip
    assert api.get(f"/investigations/{one['id']}").json()["data"] == shown


def test_a_note_is_an_event_of_the_log(api):
    """Which proves who wrote it; nothing of it goes to the administrative log, and the log verifies."""
    one = opened(api)
    note = change(api, one, "notes", {"text": "<b>Lisa</b> emptied the trash."})["history"][0]
    event = api.get(f"/events/{note['event_id']}").json()["data"]
    assert (event["action"], event["metadata"]) == (
        "immutable.investigation_note_added", {"note": "<b>Lisa</b> emptied the trash."},
    )  # fmt: skip
    assert (note["note"], note["by"], note["by"]["type"]) == (event["metadata"]["note"], event["actor"], "api_key")
    assert api.get("/verify").json()["data"]["valid"] is True


def test_history_is_the_servers_own(api):
    """What a client sends about the same resource is no part of it."""
    one = opened(api)
    api.send(action="investigation_note_added", resource={"type": "investigation", "id": one["id"]})
    assert [told["what"] for told in change(api, one, "notes", {"text": "n"})["history"]] == ["note_added", "opened"]


def test_the_pack_holds_each_event_once(api):
    """In the order of the log; the notes only where they are asked for."""
    one = opened(api)
    first, second = api.events(limit=2, order="asc", action="document.viewed")
    for item in ({"session_id": "s/0"}, {"event_id": second["id"]}, {"event_id": first["id"]}):
        change(api, one, "items", item)
    path = f"/investigations/{one['id']}/evidence"
    held = "investigation of ticket #4821 / a: 1 session and 2 events"
    answer = api.get(path)
    assert 'filename="evidence-ticket-4821-a.zip"' in answer.headers["content-disposition"]
    assert packed(answer) == ([1, 2, 3], held)
    seqs, asked = packed(api.get(path, notes="true"))
    assert (seqs, asked) == ([1, 2, 3, 5, 6, 7, 8], held + ", with its notes and history")


def test_a_share_link_shows_what_was_gathered_then(api):
    """Not what is added later; and no notes unless they are shared too."""
    one = opened(api)
    change(api, one, "items", {"session_id": "s/0"})
    change(api, one, "notes", {"text": "between us"})
    links = [
        api.post("/evidence/links", {"investigation_id": one["id"], "notes": notes}).json()["data"]["path"]
        for notes in (False, True)
    ]
    change(api, one, "items", {"session_id": "s/1"})
    pages = [httpx2.get(api.server.url + link, timeout=PATIENCE).text for link in links]
    assert ["between us" in page for page in pages] == [False, True]
    assert packed(httpx2.get(f"{api.server.url}{links[0]}/pack", timeout=PATIENCE))[0] == [1, 3]


def test_what_is_closed_takes_nothing_more(api):
    """Until it is reopened; the list can be asked for either kind."""
    one, other = opened(api), opened(api)
    assert change(api, one, "close")["closed_at"] is not None
    for what, content in (("close", {}), ("notes", {"text": "n"}), ("items", {"session_id": "s/0"})):
        change(api, one, what, content, status=409)
    listed = {state: api.get("/investigations", closed=state).json()["data"] for state in ("true", "false")}
    assert [[kept["id"] for kept in found] for found in listed.values()] == [[one["id"]], [other["id"]]]
    assert change(api, one, "reopen")["closed_at"] is None
    change(api, one, "reopen", status=409)
    first = api.get("/investigations", limit=1).json()
    second = api.get("/investigations", limit=1, cursor=first["pagination"]["next_cursor"]).json()
    assert [kept["id"] for page in (first, second) for kept in page["data"]] == [other["id"], one["id"]]
    assert second["pagination"] == {"has_more": False, "next_cursor": None}


def test_what_is_wrong_is_said(api):
    """And leaves nothing in the log."""
    one, event = opened(api), api.events(limit=1)[0]["id"]
    change(api, one, "items", {"session_id": "s/0"})
    length = api.length()
    for content, status in (
        ({"session_id": "s/0"}, 409), ({"session_id": "none"}, 404), ({"event_id": "none"}, 404), ({}, 422),
        ({"session_id": "s/0", "event_id": event}, 422),
    ):  # fmt: skip
        change(api, one, "items", content, status)
    change(api, one, "items/remove", {"event_id": event}, 404)
    change(api, {"id": "case_none"}, "notes", {"text": "n"}, 404)
    assert api.get(f"/investigations/{opened(api)['id']}/evidence").status_code == 409
    assert api.length() == length + 1  # the second was opened
    assert change(api, one, "items/remove", {"session_id": "s/0"})["items"] == []


def test_who_may_only_read_changes_nothing(api):
    """A reader's key and a viewer are refused, with what it takes; a member is let in and named."""
    one = opened(api)
    workspace = api.workspace
    reader = api.server.client("read", workspace=workspace)
    for who in (reader, invited(api.server, workspace, "viewer")):
        assert who.get(f"/investigations/{one['id']}").status_code == 200
        for path, content in (("/investigations", CASE), (f"/investigations/{one['id']}/notes", {"text": "n"})):
            assert who.post(path, content).status_code == 403
    member = invited(api.server, workspace, "member")
    assert change(member, one, "notes", {"text": "n"})["history"][0]["by"]["type"] == "member"
