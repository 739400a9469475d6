"""`immutable import` and `immutable export`: events in and out as JSON lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from immutable import demo
from immutable.cli.event_lines import wire_form

MADE_BY_THE_SERVER = ("id", "sequence", "created_at", "integrity", "ip_country", "ip_city")
FULL = {
    "actor_id": "ann", "actor_name": "Ann", "actor_type": "user", "action": "document.renamed", "action_category": "write",
    "resource": {"type": "document", "id": "d1", "name": "Plan"},
    "targets": [{"type": "folder", "id": "f1", "name": "Team", "metadata": {"depth": 2}}, {"type": "tag"}],
    "metadata": {"page": "editor", "nested": {"a": [1, 2.5, None]}}, "tenant_id": "t1", "session_id": "s1",
    "occurred_at": "2026-03-27T09:53:11.5-07:00", "ip_address": "192.88.99.7", "user_agent": "curl/8", "version": 3,
    "changes": {"name": {"old": "Plan", "new": "Plan B"}}, "on_behalf_of": {"id": "bob", "name": "Bob", "type": "user"},
    "trace_id": "tr", "request_id": "rq",
}  # fmt: skip
GOOD = json.dumps({"actor_id": "ann", "action": "document.viewed", "ip_address": "192.88.99.7"})
BAD_LINES = ["not json", "[1]", '{"actor_id":"ann"}', '{"actor_id":"ann","action":"x","colour":"red"}']


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _said(event: dict[str, Any]) -> dict[str, Any]:
    """What the client said of an event, without what the server made of it."""
    return {name: value for name, value in event.items() if name not in MADE_BY_THE_SERVER}


@pytest.fixture(params=["server", "database"])
def fresh(request: pytest.FixtureRequest, database: dict[str, str], server: Any) -> dict[str, str]:
    """An empty workspace to import into, through a server or directly."""
    if request.param == "database":
        return database
    return {"url": server.url, "api_key": server.client().key}


def test_an_export_is_the_whole_log_oldest_first(run: Any, log: Any) -> None:
    """Without a filter every event is written as the API answers it, in the order of the log."""
    events = _lines(run("export", **log.variables).stdout)
    assert [event["sequence"] for event in events] == list(range(1, log.client.length() + 1))
    assert events[-1] == log.client.events(limit=1)[0]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--session", "sess_a8f3c2d1"), 8),
        (("--actor", "user_4f2a8c"), 19),
        (("--actor", "user_4f2a8c", "--action", "document.*", "--tenant", "org_cascadia"), 16),
        (("--resource", "trash"), 1),
        (("--resource-id", "doc_52c7e09b"), 2),
        (("--target-type", "document", "--target-id", "doc_8f3a2c1d"), 1),
        (("--search", "q3 budget", "--limit", "3"), 3),
        (("--to", "2020-01-01"), 0),
        (("--from", "2020-01-01", "--limit", "130"), 130),
    ],
)
def test_an_export_takes_the_apis_filters(run: Any, log: Any, options: tuple[str, ...], count: int) -> None:
    """Each filter narrows the export."""
    assert len(_lines(run("export", *options, **log.variables).stdout)) == count


def test_what_export_writes_import_takes(run: Any, log: Any, fresh: dict[str, str], tmp_path: Path) -> None:
    """There and back: all that the clients said is the same, and what the server makes is made anew."""
    run("export", "--output", "events.jsonl", **log.variables)
    exported = (tmp_path / "events.jsonl").read_text("utf-8")
    finished = run("import", "events.jsonl", **fresh)
    assert finished.stdout == f"{len(exported.splitlines())} events stored, 0 there already, 0 rejected.\n"
    again = run("export", **fresh).stdout
    before, after = _lines(exported), _lines(again)
    for first, second in zip(before, after, strict=True):
        assert first["id"] != second["id"]
        if first["idempotency_key"] is None:
            first["idempotency_key"] = second["idempotency_key"]
        if first["ip_address"] is None:
            first["ip_address"] = second["ip_address"]
        assert _said(first) == _said(second)
    run("verify", **fresh)


def test_every_field_survives(run: Any, fresh: dict[str, str]) -> None:
    """An event with all fields comes out as it went in, and goes in again."""
    run("import", "-", stdin=json.dumps(FULL), **fresh)
    (event,) = _lines(run("export", **fresh).stdout)
    sent = wire_form(event)
    assert sent.pop("idempotency_key").startswith("import:1:")
    assert sent.pop("occurred_at") == "2026-03-27T16:53:11.500000Z"
    targets = [*FULL["targets"][:1], {"type": "tag", "id": None, "name": None, "metadata": None}]
    assert sent == {**{name: value for name, value in FULL.items() if name != "occurred_at"}, "targets": targets}


def test_a_repeated_import_adds_nothing(run: Any, fresh: dict[str, str], tmp_path: Path) -> None:
    """The same file again is recognised line by line, though its lines carry no idempotency keys and some are alike."""
    lines = [{**event, "idempotency_key": None} for event in demo.events(150)]
    text = "".join(json.dumps(event) + "\n" for event in [*lines, lines[0], lines[0]])
    (tmp_path / "events.jsonl").write_text(text, "utf-8")
    count = len(lines) + 2
    assert run("import", "events.jsonl", **fresh).stdout == f"{count} events stored, 0 there already, 0 rejected.\n"
    assert run("import", "events.jsonl", **fresh).stdout == f"0 events stored, {count} there already, 0 rejected.\n"
    assert len(run("export", **fresh).stdout.splitlines()) == count


def test_bad_lines_are_named_and_the_others_kept(run: Any, fresh: dict[str, str]) -> None:
    """Exit code 1, each bad line with its number and why; mended in its place, only it is added."""
    lines = [GOOD, BAD_LINES[0], "", GOOD, *BAD_LINES[1:]]
    finished = run("import", "-", stdin="\n".join(lines), code=1, **fresh)
    assert finished.stdout == "2 events stored, 0 there already, 4 rejected.\n"
    told = finished.stderr.splitlines()
    assert [line.split(":")[0] for line in told] == ["line 2", "line 5", "line 6", "line 7"]
    assert "action: This field is required." in told[2]
    assert "colour: There is no such field." in told[3]
    lines[1] = GOOD
    assert run("import", "-", stdin="\n".join(lines[:4]), **fresh).stdout.startswith("1 event stored, 2 there already")


def test_strict_stores_nothing_where_a_line_is_bad(run: Any, fresh: dict[str, str]) -> None:
    """The whole file is checked first."""
    finished = run("import", "--strict", "-", stdin="\n".join([GOOD, *BAD_LINES, GOOD]), code=1, **fresh)
    assert "Nothing was stored" in finished.stdout
    assert [line.split(":")[0] for line in finished.stderr.splitlines()] == ["line 2", "line 3", "line 4", "line 5"]
    assert run("export", **fresh).stdout == ""
    assert run("import", "--strict", "-", stdin=GOOD, **fresh).stdout.startswith("1 event stored")


@pytest.mark.parametrize(
    "line",
    [
        '{"actor_id":"a","action":"x","metadata":' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"actor_id":"a","action":"x","metadata":{"n":123456789012345678901234567890}}',
        '{"actor_id":"a","action":"\\ud800"}',
        '{"actor_id":"a","action":"a\\u0000b"}',
        '{"integrity":{},"actor":{"id":"a"},"action":7}',
        '{"integrity":{},"actor":{"id":"a","colour":"red"},"action":"x"}',
        '{"integrity":{},"actor":{},"action":"x","resource":"text","targets":7}',
        "NaN",
        "",
    ],
)
def test_hostile_lines_are_no_traceback(run: Any, database: dict[str, str], line: str) -> None:
    """Whatever stands in a line, the command goes on to the next, and says which one was bad if it was."""
    finished = run("import", "-", stdin=f"{line}\n{GOOD}\n{line[:7]}\n", code=1 if line else 0, **database)
    assert finished.stdout.split()[0] in {"1", "2"}


def test_importing_directly_is_refused_while_a_server_appends(run: Any, filled: tuple[Any, Any]) -> None:
    """One process appends to a SQLite log; the message says what to do."""
    finished = run("import", "-", stdin=GOOD, code=2, database_url=f"sqlite:///{filled[0].database}")
    assert "already serves" in finished.stderr
    assert "--url" in finished.stderr


def test_an_export_that_fails_leaves_no_file(run: Any, log: Any, tmp_path: Path) -> None:
    """A file has its name only when all of it is there."""
    finished = run("export", "--output", "out.jsonl", "--action", "a*b", code=2, **log.variables)
    assert "action takes *" in finished.stderr
    assert list(tmp_path.glob("out*")) == []
    assert "cannot be written" in run("export", "--output", "no/such/folder", code=2, **log.variables).stderr


def test_search_is_complete_right_after_a_direct_import(
    read_json: Callable[..., Any], run: Any, database: dict[str, str]
) -> None:
    """What was imported is found at once."""
    run("import", "-", stdin="".join(json.dumps(event) + "\n" for event in demo.events(2_000)), **database)
    answer = read_json("sessions", "--search", "hiring plan 2026", **database)
    assert [session["session_id"] for session in answer["data"]] == ["sess_7e4b9f2a"]
