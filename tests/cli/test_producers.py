"""`immutable producers`."""

from typing import Any

import pytest
from tests.waiting import until

from immutable.cli.producers import missing_of
from immutable.model.producer import MAX_RANGES


@pytest.fixture(scope="module")
def numbered(serve_module: Any) -> dict[str, str]:
    """How to reach a log with a run that lacks every other number, more often than is kept, and one that lacks nothing."""
    server = serve_module()
    client = server.client(workspace="producers")
    web = [{"id": "web-3", "run": "r1", "sequence": number} for number in range(1, 2 * MAX_RANGES + 40, 2)]
    numbers = [*web, {"id": "cron", "sequence": 1}]
    for start in range(0, len(numbers), 100):
        events = [{"actor_id": "u", "action": "a.b", "producer": one} for one in numbers[start : start + 100]]
        assert client.post("/events/batch", {"events": events}).status_code == 202
    until(lambda: sum(run["received"] for run in client.get("/producers").json()["data"]) == len(numbers))
    return {"url": server.url, "api_key": client.key}


def test_missing_numbers_are_told_and_the_exit_code_says_so(run: Any, numbered: dict[str, str]) -> None:
    """A row for each run; 1 where a number is missing, for whatever watches over it."""
    printed = run("producers", code=1, **numbered).stdout
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert any(line.startswith("web-3 r1 1 to 439 220 events 20 older ones") for line in lines), printed
    assert any(line.startswith("cron 1 to 1 1 event none") for line in lines), printed


def test_without_numbers_nothing_is_missing(run: Any, tmp_path: Any, serve_module: Any) -> None:
    """A log whose senders do not number is no trouble."""
    server = serve_module()
    client = server.client(workspace="none")
    assert "No events with a producer's number" in run("producers", url=server.url, api_key=client.key).stdout


def test_gaps_are_told_in_words() -> None:
    """The first few by their numbers, and how many more."""
    gaps = [{"from": 41, "to": 43}, *({"from": n, "to": n} for n in range(50, 60))]
    run = {"gaps": gaps, "gaps_forgotten": 0}
    assert missing_of(run) == "41 to 43, 50, 51, 52, 53, 6 more gaps"
    assert missing_of({"gaps": [], "gaps_forgotten": 0}) == ""
