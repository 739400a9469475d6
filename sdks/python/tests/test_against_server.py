"""The SDK against the real server, started on a database of its own; and the client in memory beside it.

What is asked of both answers the same, but for ids, times, hashes, and what takes the server's data: places and devices.
"""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

from getimmutable import AsyncImmutableClient, ImmutableClient, ImmutableError, types
from getimmutable.testing import MemoryClient

pytest.importorskip("immutable", reason="the server is not installed here")

LISA = "user_4f2a8c"
SESSION = "sess_a8f3c2d1"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the server keeps its log."""
    database = tmp_path_factory.mktemp("log") / "immutable.db"
    return {**os.environ, "IMMUTABLE_DATABASE_URL": f"sqlite:///{database}", "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def address(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server listens."""
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "immutable", "serve", "--port", "0"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield _wait_for_address(process, log)
        finally:
            process.terminate()
            process.wait(60)


def _wait_for_address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    for _ in range(1200):
        found = re.search(r"http://[\w.:]+", log.read_text())
        if found:
            return found.group()
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def new_key(environment: dict[str, str]) -> Callable[[str], str]:
    """Makes a key of a workspace."""

    def make(workspace: str) -> str:
        command = [sys.executable, "-m", "immutable", "keys", "create", "--workspace", workspace[:200]]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    return make


@pytest.fixture
def client(address: str, new_key: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[ImmutableClient]:
    """A client of the server, with a log of the test's own."""
    with ImmutableClient(new_key(request.node.name), address, timeout=60.0) as client:
        yield client


@pytest.fixture(params=["server", "memory"])
def log(request: pytest.FixtureRequest) -> ImmutableClient:
    """An empty log: the server's, and the one in memory."""
    if request.param == "memory":
        return MemoryClient()
    client: ImmutableClient = request.getfixturevalue("client")
    return client


@pytest.fixture(scope="module")
def both(address: str, new_key: Callable[[str], str]) -> Iterator[list[ImmutableClient]]:
    """The server's log and the one in memory, with the same story in both, for tests that only read or are refused."""
    with ImmutableClient(new_key("both"), address, timeout=60.0) as client:
        logs = [client, MemoryClient()]
        for log in logs:
            _tell_the_story(log)
        yield logs


def _tell_the_story(client: ImmutableClient) -> None:
    lisa = client.actor(LISA, name="Lisa Wang", type="user").ip_address("203.0.113.7").user_agent("Mozilla/5.0")
    older = client.actor(LISA, name="Lisa Wang", type="user").session("sess_7e4b9f2a")
    older.occurred_at("2026-03-26T08:00:00Z").track("document.viewed", {"type": "document", "id": "doc_2"})
    session = lisa.session(SESSION)
    report = {"type": "document", "id": "doc_8f3a2c1d", "name": "Q3 Budget Report"}
    for clock, action, resource, metadata in [
        ("16:40:02.5", "document.viewed", report, {"location": "recent"}),
        ("16:41:10", "document.edited", report, {"document_id": "doc_8f3a2c1d"}),
        ("16:53:11", "document.moved_to_trash", report, {"location": "Finance Team"}),
        ("16:53:18", "trash.emptied", {"type": "trash"}, {"items": 1}),
        ("16:55:21", "search.performed", "search", {"query": "Q3 Budget"}),
    ]:
        session.occurred_at(f"2026-03-27T{clock}Z").track(action, resource, metadata)
    other = client.actor("user_2", name="Ben").tenant("org_2").target("document", "doc_8f3a2c1d", "Q3 Budget Report")
    other.occurred_at("2026-03-27T17:00:00Z").track("comment.added", "comment")
    other.occurred_at("2026-03-27T17:40:00Z").track("comment.added", "comment")


def test_the_support_engineers_scripts_answer_the_ticket(log: ImmutableClient) -> None:
    """Who did what in the session, in order, by plain subscripts on each event."""
    _tell_the_story(log)
    recent = log.get_events(actor_id=LISA, limit=50)
    assert {event["session_id"] for event in recent["data"]} == {SESSION, "sess_7e4b9f2a"}
    story = log.get_events(session_id=SESSION, limit=100)["data"]
    destructive = [event for event in story if event["action"] in {"document.moved_to_trash", "trash.emptied"}]
    assert [
        (event["occurred_at"], event["resource_name"], event["ip_address"], event["ip_city"], event["metadata"])
        for event in destructive
    ] == [
        ("2026-03-27T16:53:11.000000Z", "Q3 Budget Report", "203.0.113.7", None, {"location": "Finance Team"}),
        ("2026-03-27T16:53:18.000000Z", None, "203.0.113.7", None, {"items": 1}),
    ]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"actor_id": LISA},
        {"action": "document.*"},
        {"action": "document.viewed", "resource": "document"},
        {"resource_id": "doc_8f3a2c1d"},
        {"session_id": SESSION},
        {"session_id": SESSION, "order": "desc"},
        {"tenant_id": "org_2"},
        {"target_type": "document", "target_id": "doc_8f3a2c1d"},
        {"search": "q3 budget"},
        {"search": "FINANCE"},
        {"search": "nothing of the kind"},
        {"from_date": "2000-01-01", "to_date": "2001-01-01"},
        {"from_date": "2000-01-01"},
        {"limit": 2},
    ],
)
def test_the_log_in_memory_finds_what_the_server_finds(both: list[ImmutableClient], filters: Any) -> None:
    """Every filter, the order, and the page."""
    found = []
    for log in both:
        page = log.get_events(**filters)
        found.append(([(event["sequence"], event["action"]) for event in page["data"]], page["pagination"]["has_more"]))
    assert found[0] == found[1]


UNLIKE = {
    "created_at",
    "sessions_checked",
    "scope",
    "checkpoints_checked",
    "integrity",
    "idempotency_key",
    "places",
    "devices",
    "device",
    "ip_country",
    "ip_city",
}


def _alike(value: Any) -> Any:
    """What server and memory have to agree on: all but what is random, the time, or taken from the server's data."""
    if isinstance(value, dict):
        return {name: _alike(part) for name, part in value.items() if name not in UNLIKE}
    if isinstance(value, list):
        return [_alike(one) for one in value]
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", value) if isinstance(value, str) else value


def test_the_log_in_memory_answers_as_the_server(both: list[ImmutableClient]) -> None:
    """Events, sessions, a session's story, a resource's history and the verdict, key for key."""
    answers: list[list[Any]] = []
    for log in both:
        event_id = log.get_events(action="comment.added")["data"][0]["id"]
        calls: list[Any] = [
            log.get_event(event_id),
            log.get_sessions(),
            log.get_sessions(inferred=True),
            log.get_sessions(resource_id="doc_8f3a2c1d"),
            log.get_sessions(actor_id=LISA, action="trash.*", from_date="2026-03-27", to_date="2026-03-27"),
            log.get_session(SESSION),
            log.get_resource_history("document", "doc_8f3a2c1d"),
            log.verify(),
        ]
        answers.append([_alike({"data": call["data"]}) for call in calls])
    for ours, servers in zip(answers[1], answers[0], strict=True):
        assert ours == servers


def test_the_types_name_every_key_of_the_answers(log: ImmutableClient) -> None:
    """A typed dictionary that lacked a key, or had one too many, would mislead the editor."""
    _tell_the_story(log)
    session = log.get_session(SESSION)["data"]
    history = log.get_resource_history("document", "doc_8f3a2c1d")["data"]
    assert set(log.get_events()["data"][0]) == set(get_type_hints(types.Event))
    assert set(log.get_sessions()["data"][0]) == set(get_type_hints(types.Session))
    assert set(session) == set(get_type_hints(types.SessionStory))
    assert set(session["timeline"][0]) == set(get_type_hints(types.Step))
    assert set(history[0]) == set(get_type_hints(types.HistoryEvent))
    assert set(log.verify()["data"]) == set(get_type_hints(types.VerifyData))
    assert set(log.actor("u").track("a")) == set(get_type_hints(types.EventResponse))


def test_the_types_are_those_of_the_api() -> None:
    """Every key of what it answers and takes, and no other."""
    from immutable.api import anchors, event_input, evidence_links, proofs, schemas, viewer
    from immutable.integrity.verify import Break

    same: dict[type, type] = {
        types.EventPayload: event_input.EventInput,
        types.EventResponse: schemas.Receipt,
        types.Event: schemas.Event,
        types.Step: schemas.Step,
        types.Session: schemas.Session,
        types.Pagination: schemas.Pagination,
        types.VerifyData: schemas.Verification,
        types.VerifyBreak: Break,
        types.CheckpointData: proofs.CheckpointView,
        types.CheckpointResult: proofs.LatestAnswer,
        types.CosignatureData: proofs.CosignatureView,
        types.InclusionData: proofs.InclusionView,
        types.ConsistencyData: proofs.ConsistencyView,
        types.SigningKeyData: proofs.SigningKeyView,
        types.ShareLinkData: evidence_links.LinkView,
        types.ViewerTokenResponse: viewer.ViewerToken,
        types.AnchorData: anchors.Anchor,
        types.AnchorDetail: anchors.OneAnchor,
        types.AnchorVerdictData: anchors.AnchorVerdictView,
    }
    for ours, theirs in same.items():
        assert set(get_type_hints(ours)) == {field.encode_name for field in msgspec.structs.fields(theirs)}, ours


VALID = {"actor_id": "u", "action": "a"}
INVALID: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no action": {"actor_id": "u"},
    "empty action": {"actor_id": "u", "action": ""},
    "long action": {"actor_id": "u", "action": "a" * 256},
    "unknown field": {**VALID, "resource_ip": "typo"},
    "many keys": {**VALID, "metadata": {str(n): n for n in range(51)}},
    "large metadata": {**VALID, "metadata": {"a": "x" * 70_000}},
    "metadata no object": {**VALID, "metadata": ["no", "object"]},
    "target without type": {**VALID, "targets": [{"id": "1"}]},
    "version 0": {**VALID, "version": 0},
    "no time": {**VALID, "occurred_at": "yesterday"},
    "no address": {**VALID, "ip_address": "300.1.1.1"},
    "long user agent": {**VALID, "user_agent": "x" * 1025},
    "producer without a number": {**VALID, "producer": {"id": "web-3"}},
    "producer's number 0": {**VALID, "producer": {"id": "web-3", "sequence": 0}},
    "producer without a name": {**VALID, "producer": {"id": "", "sequence": 1}},
    "producer's run too long": {**VALID, "producer": {"id": "web-3", "run": "x" * 65, "sequence": 1}},
    "producer with more": {**VALID, "producer": {"id": "web-3", "sequence": 1, "host": "x"}},
    "long session id": {**VALID, "session_id": "x" * 256},
}


@pytest.mark.parametrize("event", INVALID.values(), ids=INVALID)
def test_an_invalid_event_is_refused_and_its_field_named(both: list[ImmutableClient], event: Any) -> None:
    """By the server, and as well in memory, so that an application's tests find the mistake."""
    fields = []
    for log in both:
        before = log.get_events()["pagination"]["total"]
        with pytest.raises(ImmutableError, match="validation_failed") as caught:
            log.track(event)
        assert caught.value.status_code == 422
        fields.append({name.split(".")[0] for name in caught.value.errors})
        assert log.get_events()["pagination"]["total"] == before
    assert fields[0] & fields[1]


def test_a_batch_keeps_its_valid_events(log: ImmutableClient) -> None:
    """The invalid one is rejected in its place; atomically, all are."""
    good, bad = {"actor_id": "u", "action": "a"}, {"actor_id": "u"}
    answers = log.track_batch([good, bad, {**good, "idempotency_key": "k"}, {**good, "idempotency_key": "k"}])["events"]
    assert [one["status"] for one in answers] == ["queued", "rejected", "queued", "duplicate"]
    assert answers[1]["id"] is None
    assert answers[1]["error"] == "validation_failed"
    assert answers[2]["id"] == answers[3]["id"]
    with pytest.raises(ImmutableError, match="validation_failed"):
        log.track_batch([good, bad], atomic=True)
    with pytest.raises(ImmutableError, match="validation_failed"):
        log.track_batch([])
    assert log.get_events()["pagination"]["total"] == 2


def test_all_pages_give_every_event_once(log: ImmutableClient) -> None:
    """Also while events are appended."""
    for begin in range(0, 240, 80):
        log.track_batch([{"actor_id": "u", "action": "a", "metadata": {"n": n}} for n in range(begin, begin + 80)])
    seen = []
    for event in log.iter_events(action="a", limit=50):
        if len(seen) % 60 == 0:
            log.actor("u").track("a", metadata={"n": "meanwhile"})
        seen.append(event["metadata"] and event["metadata"]["n"])
    assert seen == list(reversed(range(240)))


def test_a_session_of_any_name_is_found(log: ImmutableClient) -> None:
    """The application chooses session ids; slashes and dots in them must not lead elsewhere."""
    for name in ["a/b", "..", ".", "a b?c#d", "é☃", "%2F", "sess_<b>/../x"]:
        log.actor("u").session(name).track("a", {"type": "t", "id": name})
        assert log.get_session(name)["data"]["session_id"] == name
        assert log.get_resource_history("t", name)["pagination"]["total"] == 1


@pytest.mark.parametrize("call", ["get_event", "get_session"])
def test_what_is_not_there_is_not_found(both: list[ImmutableClient], call: str) -> None:
    """404, in the server's words."""
    for log in both:
        with pytest.raises(ImmutableError, match="not_found") as caught:
            getattr(log, call)("no-such-id")
        assert caught.value.status_code == 404


@pytest.mark.parametrize("filters", [{"limit": 0}, {"limit": 101}, {"cursor": "made up"}, {"from_date": "yesterday"}])
def test_a_wrong_parameter_is_refused(both: list[ImmutableClient], filters: Any) -> None:
    """With the status that the contract has for it."""
    for log in both:
        with pytest.raises(ImmutableError) as caught:
            log.get_events(**filters)
        assert caught.value.status_code == (422 if "limit" in filters else 400)


def test_a_wrong_key_is_told(address: str) -> None:
    """As an error with the server's code."""
    with ImmutableClient("imk_wrong", address) as client, pytest.raises(ImmutableError, match="unauthenticated"):
        client.get_events()


def test_threads_and_a_queue_lose_nothing(client: ImmutableClient) -> None:
    """A thousand events through one queue are a thousand contiguous events in a whole chain."""
    with client.queue() as queue:
        threads = [
            threading.Thread(target=lambda m=m: [queue.actor(f"u{m}").track(f"a.{n}") for n in range(250)])
            for m in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert queue.flush(60.0)
    assert queue.counts.sent == 1000
    assert sorted(event["sequence"] for event in client.iter_events()) == list(range(1, 1001))
    verdict = client.verify()["data"]
    assert (verdict["valid"], verdict["events_checked"]) == (True, 1000)


def test_the_async_client_tells_the_same_story(address: str, new_key: Callable[[str], str]) -> None:
    """Fifty events side by side, each stored once, and read back page by page."""
    key = new_key("async")

    async def story() -> list[int]:
        async with AsyncImmutableClient(key, address, timeout=60.0) as client:
            session = client.actor("u").session("s")
            await asyncio.gather(*(session.track("a", metadata={"n": n}) for n in range(50)))
            assert (await client.get_session("s"))["data"]["events_count"] == 50
            return [event["metadata"]["n"] async for event in client.iter_events(limit=20) if event["metadata"]]

    assert sorted(asyncio.run(story())) == list(range(50))
