"""The cases that all SDKs share (`sdks/conformance`), run by the blocking and by the asyncio client.

What a case holds is said in `sdks/conformance/README.md`.
"""

import asyncio
import contextlib
import io
import itertools
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from getimmutable import (
    AsyncImmutableClient,
    ImmutableClient,
    ImmutableError,
    QueueSettings,
    RetryPolicy,
    proofs,
    session_hash,
)
from getimmutable.transport import Destination

CONFORMANCE = Path(__file__).parents[2] / "conformance"
PYTHON_NAMES = {"from": "from_date", "to": "to_date"}
KNOWN = {
    "name",
    "says",
    "options",
    "server",
    "calls",
    "answers",
    "requests",
    "spool",
    "spool_after",
    "stats",
    "given_up",
}
Case = dict[str, Any]


def _cases() -> list[Any]:
    files = sorted(CONFORMANCE.glob("*.json"))
    read = [(file.stem, json.loads(file.read_text("utf-8"))) for file in files]
    return [
        pytest.param(case, id=f"{stem}/{case['name']}") for stem, content in read for case in content.get("cases", [])
    ]


class _Blocking:
    """The blocking client behind the names that the cases use."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.client = ImmutableClient(*arguments, **options)

    def call(self, name: str, args: dict[str, Any]) -> Any:
        result = getattr(self.client, name)(**args)
        return list(result) if name.startswith("iter_") else result

    def finish(self, result: Any) -> Any:
        return result

    def close(self) -> None:
        self.client.close()


class _Asyncio:
    """The asyncio client, each call in the same event loop."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.loop = asyncio.Runner()
        self.client = AsyncImmutableClient(*arguments, **options)

    def call(self, name: str, args: dict[str, Any]) -> Any:
        async def go() -> Any:
            result = getattr(self.client, name)(**args)
            return [item async for item in result] if name.startswith("iter_") else await result

        return self.loop.run(go())

    def finish(self, result: Any) -> Any:
        async def go() -> Any:
            return await result

        return self.loop.run(go())

    def close(self) -> None:
        self.loop.run(self.client.aclose())
        self.loop.close()


@pytest.fixture
def open_client(server: Any, spool: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[type, Case], Any]]:
    """Makes the client that a case asks for."""
    given_up: list[Any] = request.getfixturevalue("given_up")
    with contextlib.ExitStack() as stack:

        def make(kind: type, case: Case) -> Any:
            given = case.get("options", {})
            url = (
                server.url
                if case.get("server") != "down"
                else f"http://127.0.0.1:{stack.enter_context(_closed_port())}"
            )
            retry = RetryPolicy(given.get("retries", 3), 0.01, longest_delay_seconds=0.05, total_seconds=120.0)
            timeout = given.get("timeout_ms", 60_000) / 1000
            options: dict[str, Any] = {"retry": retry, "producer": given.get("producer")}
            if given.get("spool"):
                options |= {"spool_dir": spool, "spool_max_bytes": given.get("spool_max_bytes")}
            if "session_secret" in given:
                options["session_secret"] = given["session_secret"]
            options["on_give_up"] = lambda events, error: given_up.append((events, error))
            client = kind("imk_conformance", url + given.get("base_url_suffix", ""), timeout, **options)
            client.retry = retry
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Where a case's spool is."""
    return tmp_path / "spool"


@pytest.fixture
def given_up() -> list[Any]:
    """What was given up: events and the error."""
    return []


@contextlib.contextmanager
def _closed_port() -> Iterator[int]:
    """A port on which nobody listens, nor can anybody who asks for a free one: it is bound."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def patient(server: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Case], None]:
    """Gives the time of a case in which an answer hangs to that try, and a minute to all others."""

    def prepare(case: Case) -> None:
        hangs = [answer.get("connection") == "hang" for answer in case["answers"]]
        call, tries = Destination.call, itertools.count()

        def timed(self: Destination, request: Any, content: bytes | None) -> dict[str, Any]:
            number = next(tries)
            _wait_for(
                lambda: len(server.requests) == number
            )  # those before may have been given up, but not be read yet
            return {**call(self, request, content), "timeout": self.timeout_seconds if hangs[number] else 60.0}

        if any(hangs):
            monkeypatch.setattr(Destination, "call", timed)

    return prepare


def _script(server: Any, answers: list[Case]) -> list[float]:
    arrived: list[float] = []

    def acting(answer: Case) -> Callable[[Any, Any], None]:
        ends = server.hold()

        def act(handler: Any, _: Any) -> None:
            arrived.append(time.monotonic())
            if answer.get("connection") == "hang":
                ends.wait()
            if "connection" in answer:
                if answer["connection"] == "break":
                    handler.wfile.write(b'HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{"id": ')
                handler.close_connection = True
                return
            content = answer["text"] if "text" in answer else json.dumps(answer["body"])
            handler.answer(answer["status"], content.encode(), answer.get("headers", {}))

        return act

    server._script.extend(acting(answer) for answer in answers)
    return arrived


@pytest.mark.parametrize("kind", [_Blocking, _Asyncio])
@pytest.mark.parametrize("case", _cases())
def test_case(
    case: Case, kind: type, server: Any, open_client: Any, spool: Path, given_up: list[Any], patient: Any
) -> None:
    """What the user calls, what goes over the wire, what comes back or is raised: as the case says."""
    assert case.keys() <= KNOWN
    for name, lines in case.get("spool", {}).items():
        spool.mkdir(exist_ok=True)
        (spool / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    arrived = _script(server, case["answers"])
    patient(case)
    client = open_client(kind, case)
    for call in case["calls"]:
        _check_call(client, call)
    _wait_for(lambda: len(server.requests) >= len(case["requests"]))
    if "spool_after" in case:
        _check_spool(case["spool_after"], spool)
    if "stats" in case:
        wanted = case["stats"]
        _wait_for(lambda: all(getattr(client.client.stats, name) == value for name, value in wanted.items()))
        assert {name: getattr(client.client.stats, name) for name in wanted} == wanted
    if "given_up" in case:
        _wait_for(lambda: bool(given_up))
        assert _differences(case["given_up"], [event for events, _ in given_up for event in events]) == []
    for number, (wanted, got) in enumerate(zip_longest(case["requests"], server.requests), start=1):
        assert wanted is not None, f"request {number} is one too many: {got}"
        assert got is not None, f"request {number} was not sent: {wanted}"
        _check_request(wanted, got, server.requests)
        if "at_least_ms_later" in wanted:
            assert arrived[number - 1] - arrived[number - 2] >= wanted["at_least_ms_later"] / 1000


def _wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 60.0
    while not happened() and time.monotonic() < until:
        time.sleep(0.01)


def _check_spool(wanted: list[Any], spool: Path) -> None:
    _wait_for(lambda: len(list(spool.iterdir())) == len(wanted))
    files = sorted(spool.iterdir())
    assert all(re.fullmatch(r"\d{13}-[0-9A-Za-z]+\.jsonl", file.name) for file in files)
    lines = [[json.loads(line) for line in file.read_text().splitlines()] for file in files]
    assert _differences(wanted, lines) == []


def _check_call(client: Any, call: Case) -> None:
    if call["call"] == "session_hash":
        assert client.client.session_hash(call["args"]["session_id"]) == call["returns"]
        return
    if "error" not in call:
        assert _differences(call.get("returns"), _perform(client, call)) == []
        return
    wanted = call["error"]
    with pytest.raises(ValueError if wanted.get("kind") == "argument" else ImmutableError) as caught:
        _perform(client, call)
    for name, attribute in {
        "status": "status_code",
        "retry_after": "retry_after",
        "errors": "errors",
        "message": "message",
    }.items():
        if name in wanted:
            assert getattr(caught.value, attribute) == wanted[name]
    if "text" in wanted:
        assert str(caught.value) == wanted["text"]


def _perform(client: Any, call: Case) -> Any:
    if call["call"] == "builder":
        return _build(client, call["steps"])
    if call["call"] == "track_in_background":
        return _in_background(client, call["args"]["events"])
    args = {PYTHON_NAMES.get(name, name): value for name, value in call["args"].items()}
    if call["call"].endswith("_evidence"):
        return _downloaded(client, call["call"], args)
    if "event" in args:
        args["payload"] = args.pop("event")
    return client.call(call["call"], args)


def _downloaded(client: Any, name: str, args: dict[str, Any]) -> str:
    """Into what is open, so that nothing is written where it fails; what is left of a file, another test looks at."""
    pack = io.BytesIO()
    assert client.call(name, {**args, "file": pack}) == len(pack.getvalue())
    return pack.getvalue().decode()


def _in_background(client: Any, events: list[Any]) -> Any:
    """Through a queue, until their fate is known."""
    queue = client.client.queue(settings=QueueSettings(linger_seconds=600.0, retry=client.retry))
    for event in events:
        queue.track(event)
    queue.flush(60.0)


def _build(client: Any, steps: list[Case]) -> Any:
    builder, result = None, None
    for step in steps:
        ((name, value),) = step.items()
        if name == "actor":
            builder = client.client.actor(value["id"], name=value.get("name"), type=value.get("type"))
        elif name == "track":
            result = client.finish(builder.track(value["action"], value.get("resource"), value.get("metadata")))
        elif name in {"target", "on_behalf_of"}:
            getattr(builder, name)(**value)
        else:
            getattr(builder, name)(value)
    return result


def _check_request(wanted: Case, got: Any, requests: list[Any]) -> None:

    assert (got.method, got.path) == (wanted["method"], wanted["path"])
    assert got.query == wanted.get("query", {})
    for name, value in wanted.get("headers", {}).items():
        assert got.headers[name] == value
    if "body" in wanted:
        assert _differences(wanted["body"], got.body, is_exact=wanted.get("exact", False)) == []
    if "same_body_as" in wanted:
        assert got.body == requests[wanted["same_body_as"] - 1].body
    if "other_keys_than" in wanted:
        assert got.body["idempotency_key"] != requests[wanted["other_keys_than"] - 1].body["idempotency_key"]


def _differences(wanted: Any, got: Any, *, is_exact: bool = False, where: str = "$") -> list[str]:
    """Where `got` is not what `wanted` says; the rules are in the README of the cases."""
    if isinstance(wanted, dict) and "$any" in wanted:
        kinds: dict[str, type] = {"string": str, "integer": int}
        fits = isinstance(got, kinds[wanted["$any"]]) and got not in {"", True, False}
        return [] if fits else [f"{where}: {got!r} is no {wanted['$any']}"]
    if isinstance(wanted, dict) and "$in" in wanted:
        return [] if got in wanted["$in"] else [f"{where}: {got!r} is not one of {wanted['$in']}"]
    if isinstance(wanted, dict) and isinstance(got, dict):
        more = sorted(name for name in got.keys() - wanted.keys() if got[name] is not None) if is_exact else []
        return [f"{where}.{name} is too much" for name in more] + [
            found
            for name, part in wanted.items()
            for found in _differences(part, got.get(name), is_exact=is_exact, where=f"{where}.{name}")
        ]
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        pairs = enumerate(zip(wanted, got, strict=True))
        return [
            found
            for place, (part, one) in pairs
            for found in _differences(part, one, is_exact=is_exact, where=f"{where}[{place}]")
        ]
    return [] if type(wanted) is type(got) and wanted == got else [f"{where}: {got!r} is not {wanted!r}"]


@pytest.mark.parametrize("vector", json.loads((CONFORMANCE / "session-hash.json").read_text("utf-8"))["vectors"])
def test_session_hash(vector: dict[str, str]) -> None:
    """The same hash of a session id in all languages."""
    assert session_hash(vector["id"], vector["secret"]) == vector["hash"]


def _checkpoint(one: Case) -> proofs.Checkpoint:
    return proofs.Checkpoint(one["origin"], one["size"], bytes.fromhex(one["root"]))


def _check_proof(one: Case) -> None:
    match one["check"]:
        case "leaf":
            assert proofs.leaf_hash(bytes.fromhex(one["data"])).hex() == one["hash"]
        case "node":
            assert proofs.node_hash(bytes.fromhex(one["left"]), bytes.fromhex(one["right"])).hex() == one["hash"]
        case "inclusion":
            proofs.check_inclusion_answer(one, one["event_hash"], _checkpoint(one["checkpoint"]))
        case "consistency":
            proofs.check_consistency_answer(one, _checkpoint(one["old"]), _checkpoint(one["new"]))
        case "checkpoint":
            assert proofs.verify_checkpoint(one["note"], one["key"]) == _checkpoint(one["checkpoint"])
        case unknown:
            pytest.fail(f"what is a {unknown}?")


@pytest.mark.parametrize(
    "vector", json.loads((CONFORMANCE / "proofs.json").read_text("utf-8"))["vectors"], ids=lambda one: one["name"]
)
def test_proof(vector: Case) -> None:
    """What holds is accepted, what is broken is refused, alike in all languages."""
    with pytest.raises(proofs.ProofError) if vector.get("refused") else contextlib.nullcontext():
        _check_proof(vector)
