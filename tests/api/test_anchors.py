"""Anchors over HTTP and at the command line: a real server, a real authority, and outsiders without a key."""

import base64
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile

import pytest
from tests.anchors.authority import Authority
from tests.anchors.authority import serving as answering
from tests.conftest import serving
from tests.postgres import new_database
from tests.waiting import until

from immutable_verify import note
from immutable_verify.pack import check as check_pack


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A time-stamping authority that answers over HTTP."""
    with answering(Authority(tmp_path_factory.mktemp("authority") / "tsa")) as running:
        yield running


@pytest.fixture
def anchoring(authority):
    """Settings of a server that anchors with it."""
    authority.mood = "good"
    return {
        "anchor_rfc3161_url": authority.url,
        "anchor_rfc3161_certificates": authority.certificates,
        "outbound_private_addresses": "true",
        "anchor_period_seconds": 366 * 86_400,  # what is not asked for must not begin where a test meets midnight
    }


def _wait(ask, is_done):
    def found():
        answer = ask()
        done = answer.status_code < 300 and is_done(answer.json()["data"])
        return [answer.json()["data"]] if done else []

    return until(found)[0]


def _signed(client, size):
    _wait(lambda: client.get("/checkpoints/latest"), lambda found: found["size"] >= size)


def _confirmed(client, anchor_id):
    return _wait(lambda: client.get(f"/anchors/{anchor_id}"), lambda found: found["status"] == "confirmed")


def _anchor(client, admin, size):
    _signed(client, size)
    answer = admin.post("/anchors", {})
    assert answer.status_code == 202, answer.text
    (begun,) = answer.json()["data"]
    return _confirmed(client, begun["id"])


ITEM = {
    "id", "merkle_root", "previous_anchor_hash", "events_count", "period_start", "period_end", "chain", "status", "tx_hash",
    "block_number", "explorer_url", "created_at",
}  # fmt: skip
VERDICT = {
    "anchor_id", "merkle_root", "valid", "chain_valid", "expected", "actual", "events_count", "tx_hash", "explorer_url",
}  # fmt: skip


def test_an_outsider_checks_an_anchor_with_openssl(serve, authority, anchoring):
    """The items of the contract, the chain of anchors, and a time-stamp that openssl accepts over the checkpoint shown."""
    client = serve(**anchoring).client()
    admin = client.server.client("admin", workspace=client.workspace)
    anchors = []
    for size in (1, 2, 3):
        client.send()
        anchors.append(_anchor(client, admin, size))
    for anchor, event in zip(anchors, reversed(client.events()), strict=True):
        assert ITEM | {"first_event_hash", "last_event_hash"} <= set(anchor)
        assert re.fullmatch("anc_[0-9a-f]{32}", anchor["id"])
        assert anchor["first_event_hash"] == anchor["last_event_hash"] == event["integrity"]["event_hash"]
        assert (anchor["events_count"], anchor["tree_size"]) == (1, event["sequence"])
        assert (anchor["block_number"], anchor["explorer_url"]) == (None, None)
        token = base64.b64decode(anchor["time_stamp"])
        assert anchor["tx_hash"] == hashlib.sha256(token).hexdigest()
        text = anchor["checkpoint"].rpartition("\n\n")[0] + "\n"
        assert base64.b64decode(text.split("\n")[2]).hex() == anchor["merkle_root"]
        assert authority.verifies(text.encode(), token)
    before = None
    for anchor in anchors:
        named = before and hashlib.sha256((before["merkle_root"] + before["tx_hash"]).encode()).hexdigest()
        assert anchor["previous_anchor_hash"] == named
        before = anchor
    listed = client.get("/anchors", limit=2).json()
    assert [one["id"] for one in listed["data"]] == [one["id"] for one in reversed(anchors)][:2]
    assert set(listed["data"][0]) >= ITEM
    assert listed["pagination"]["total"] == 3
    rest = client.get("/anchors", cursor=listed["pagination"]["next_cursor"]).json()
    assert ([one["id"] for one in rest["data"]], rest["pagination"]["has_more"]) == ([anchors[0]["id"]], False)
    verdict = client.get(f"/anchors/{anchors[1]['id']}/verify").json()["data"]
    assert set(verdict) >= VERDICT
    assert (verdict["valid"], verdict["chain_valid"], verdict["problems"]) == (True, True, [])
    assert verdict["expected"] == verdict["actual"] == verdict["merkle_root"] == anchors[1]["merkle_root"]
    client.send(session_id="s")  # no anchor covers this one yet
    _signed(client, 4)
    verdict = client.get("/verify").json()["data"]
    assert verdict["valid"]
    assert [("anchored" in one["seals"], one["last_sequence"]) for one in verdict["scope"]] == [(True, 3), (False, 4)]
    pack = client.get("/sessions/s/evidence").content
    with zipfile.ZipFile(io.BytesIO(pack)) as files:
        assert files.read(f"anchors/{anchors[2]['id']}.tsr") == base64.b64decode(anchors[2]["time_stamp"])
    check_pack(pack, [note.parse_key(client.get("/signing-keys").json()["data"][0]["verifier_key"], note.LOG)])
    _anchor(client, admin, client.length())
    assert admin.post("/anchors", {}).status_code == 409  # nothing is new
    assert client.post("/anchors", {}).status_code == 403


def test_everybody_may_look_an_anchor_up_but_not_too_often(serve, anchoring):
    """Without a key: by its transaction, and verified by its id; then 429 with Retry-After."""
    client = serve(**anchoring, public_requests_per_minute=4).client()
    client.send()
    anchor = _anchor(client, client.server.client("admin", workspace=client.workspace), 1)
    outsider = client.server.with_key("")
    found = outsider.get("/public/anchors/lookup", tx_hash=anchor["tx_hash"].upper()).json()["data"]
    assert found == {name: anchor[name] for name in found}
    assert set(found) >= ITEM
    verdict = outsider.get(f"/public/anchors/{anchor['id']}/verify").json()["data"]
    assert (verdict["valid"], verdict["chain_valid"]) == (True, True)
    assert outsider.get("/public/anchors/lookup", tx_hash="none").status_code == 404
    assert outsider.get("/public/anchors/lookup").status_code == 400
    # One more is refused, or one of the next where the machine was so slow that the first count no more.
    asked = (outsider.get(f"/public/anchors/{anchor['id']}/verify") for _ in range(5))
    limited = next(answer for answer in asked if answer.status_code != 200)
    assert (limited.status_code, limited.json()["error"]) == (429, "rate_limited")
    assert int(limited.headers["retry-after"]) >= 1
    assert client.get(f"/anchors/{anchor['id']}").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_server_that_is_killed_goes_on_with_its_anchors(tmp_path, authority, anchoring, engine):
    """Kill -9 while the authority is away: the next process has the anchor confirmed. Each period has its own."""
    settings = {**anchoring, "anchor_period_seconds": 2}
    if engine == "postgres":
        settings["database_url"] = new_database()
    authority.mood = "away"
    killed = serving(tmp_path, settings)
    server = killed.__enter__()
    client = server.client()
    client.send()
    (waiting,) = _wait(lambda: client.get("/anchors"), bool)
    assert waiting["status"] == "pending"
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    with pytest.raises(AssertionError):  # it says that it did not stop by itself
        killed.__exit__(None, None, None)
    authority.mood = "good"
    with serving(tmp_path, settings) as server:
        client = server.with_key(client.key, client.workspace)
        anchor = _confirmed(client, waiting["id"])
        client.send()
        second = _wait(
            lambda: client.get("/anchors"), lambda found: len(found) == 2 and found[0]["status"] == "confirmed"
        )[0]
        text = anchor["merkle_root"] + anchor["tx_hash"]
        assert second["previous_anchor_hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert second["period_start"] == anchor["period_end"]
        counted = 'immutable_anchors_total{status="confirmed"} 2.0'  # a moment after it is shown
        until(lambda: counted in client.http.get(f"{server.url}/metrics").text)


def _command(settings, *words):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IMMUTABLE_")}
    environment |= {f"IMMUTABLE_{name.upper()}": str(value) for name, value in settings.items()} | {"COLUMNS": "200"}
    command = [sys.executable, "-m", "immutable", "anchor", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_command_line_anchors_with_and_without_a_server(tmp_path, authority, anchoring):
    """`anchor now` through a server, then directly on its database; `list`, `verify`, and the files that openssl checks."""
    with serving(tmp_path, anchoring) as server:
        client = server.client()
        client.send()
        _signed(client, 1)
        admin = server.client("admin", "read", workspace=client.workspace)
        remote = {"url": server.url, "api_key": admin.key}
        done = _command(remote, "now", "--json", "--wait", "120")
        assert done.returncode == 0, done.stderr
        (first,) = json.loads(done.stdout)["data"]
        assert first["status"] == "confirmed"
        client.send()
        _signed(client, 2)
    direct = {
        **anchoring, "database_url": server.database_url, "secret": "a secret of the tests alone",
        "checkpoints_folder": tmp_path / "checkpoints",
    }  # fmt: skip
    done = _command(direct, "now", "--wait", "120")
    assert done.returncode == 0, done.stderr
    assert "confirmed on rfc3161:127.0.0.1" in done.stdout
    listed = _command(direct, "list").stdout
    second = re.search("anc_[0-9a-f]{32}", listed)
    assert second is not None
    assert first["id"] in listed
    done = _command(direct, "verify", second[0], "--save", str(tmp_path / "saved"))
    assert (done.returncode, done.stdout[:6]) == (0, "VALID:"), done.stdout + done.stderr
    saved = [(tmp_path / "saved" / f"{second[0]}.{kind}").read_bytes() for kind in ("txt", "tsr")]
    assert authority.verifies(*saved)
    authority.mood = "away"
    done = _command(direct, "now", "--wait", "1")
    assert (done.returncode, "nothing" in done.stderr) == (2, True)
    done = _command({"database_url": server.database_url}, "verify", first["id"])
    assert (done.returncode, "not configured" in done.stdout) == (1, True)
