"""Several servers over one PostgreSQL: one log, one set of keys, and one port with --workers."""

import os
import re
import signal
import subprocess
import sys

import httpx2
import pytest
from tests.people import Person, invited, owner
from tests.postgres import new_database
from tests.waiting import PATIENCE, until


@pytest.fixture
def pair(serve):
    """Two servers on one database."""
    url = new_database()
    return serve(database_url=url), serve(database_url=url)


def test_they_append_to_one_chain(pair):
    """Each event takes the next place, whichever server takes it, and is read at once through the other."""
    one = pair[0].client("ingest", "read")
    other = pair[1].with_key(one.key)
    for number in range(20):
        sender, reader = (one, other) if number % 2 else (other, one)
        receipt = sender.send(session_id="s", metadata={"number": number}).json()
        assert receipt["sequence"] == number + 1
        assert reader.get("/events/" + receipt["id"]).json()["data"]["metadata"] == {"number": number}
    assert one.get("/sessions/s").json()["data"]["events_count"] == 20
    assert one.get("/verify").json()["data"]["valid"] is True


def test_an_idempotency_key_holds_across_them(pair):
    """The event sent again to the other server is answered with the first one's receipt."""
    one = pair[0].client("ingest", "read")
    other = pair[1].with_key(one.key)
    first = one.send(idempotency_key="once").json()
    again = other.send(idempotency_key="once").json()
    assert again["id"] == first["id"]
    assert one.length() == 1


def test_a_key_is_revoked_everywhere(pair):
    """Within two seconds no server takes it any more."""
    one = pair[0].client("ingest", "read")
    other = pair[1].with_key(one.key)
    assert one.send().status_code == other.send().status_code == 202
    (key,) = pair[0].catalog.keys(pair[0].catalog.workspace(one.workspace))
    pair[0].catalog.revoke_key(pair[0].catalog.workspace(one.workspace), key.id)
    until(lambda: {one.send().status_code, other.send().status_code} == {401})


def test_a_member_is_signed_out_everywhere(pair):
    """A session begun at one server counts at the other, and ends there too when the member is removed."""
    boss, person = owner(pair[0]), invited(pair[0], "several", "admin")
    elsewhere = Person(pair[1], person.email, "several")
    elsewhere.http.cookies.set("immutable-session", person.token(), domain="127.0.0.1")
    assert elsewhere.get("/events").status_code == person.get("/events").status_code == 200
    boss.workspace = "several"
    member_id = person.get("/account").json()["data"]["id"]
    assert boss.post(f"/members/{member_id}/remove").status_code == 200
    until(lambda: {elsewhere.get("/events").status_code, person.get("/events").status_code} == {401})


def test_workers_share_a_port_and_are_counted_together(tmp_path):
    """All answer on one port; any of them tells the metrics of all; they stop with the first process."""
    url = new_database()
    command = [sys.executable, "-m", "immutable"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IMMUTABLE_")}
    environment["IMMUTABLE_DATABASE_URL"] = url
    key = subprocess.run(
        [*command, "keys", "create", "--workspace", "w"], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            [*command, "serve", "--port", "0", "--workers", "3"], env=environment, stdout=subprocess.PIPE, stderr=log,
            text=True, cwd=tmp_path,
        ) as process,
    ):  # fmt: skip
        try:
            line = process.stdout.readline()
            assert "3 workers" in line
            base = re.search(r"http://\S+", line)[0]
            headers = {"authorization": f"Bearer {key}"}
            for number in range(60):
                answer = httpx2.post(
                    base + "/api/v1/events", headers=headers, json={"actor_id": "a", "action": "b"}, timeout=PATIENCE
                )
                assert answer.json()["sequence"] == number + 1
            until(lambda: set(accepted := _accepted(base)) == {*"012"} and sum(accepted.values()) == 60)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in (0, -signal.SIGTERM)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(base + "/healthz", timeout=PATIENCE)


def test_workers_need_postgresql(tmp_path):
    """On SQLite the message says what to do."""
    environment = {**os.environ, "IMMUTABLE_DATABASE_URL": f"sqlite:///{tmp_path}/log.db"}
    done = subprocess.run(
        [sys.executable, "-m", "immutable", "serve", "--workers", "2"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "use PostgreSQL" in done.stderr


def _accepted(base):
    """How many events each worker has answered, of those that the metrics name; each leaves its own every other second."""
    metrics = httpx2.get(base + "/metrics", timeout=PATIENCE).text
    found = re.findall(r'^immutable_events_total\{status="queued",worker="(\d)"\} (\S+)$', metrics, re.MULTILINE)
    return {worker: float(count) for worker, count in found}
