"""`immutable history`."""

from collections.abc import Callable
from typing import Any

from immutable.demo import ticket_4821


def test_all_that_happened_to_a_resource_is_told_across_sessions(run: Any, log: Any) -> None:
    """Every event on the document, whoever did it, oldest first, with its session."""
    printed = run("history", "document", "doc_8f3a2c1d", "--zone", "America/Los_Angeles", **log.variables).stdout
    assert "document doc_8f3a2c1d · Q3 Budget Report · 21 of 21 events" in printed
    assert "by 4 actors" in printed
    days = [printed.index(day) for day in ("Wed 25 Mar 2026", "Thu 26 Mar 2026", "Fri 27 Mar 2026")]
    assert days == sorted(days)
    line = next(line for line in printed.splitlines() if "09:39:58" in line)
    expected = "09:39:58 document.downloaded Priya Raman (user_c81d3e) sess_e27f81b6 New York, US"
    assert " ".join(line.split()) == expected


def test_what_only_touched_the_resource_says_what_it_was_about(run: Any, log: Any) -> None:
    """The emptied trash held the document: the step is in its history, and names the trash."""
    lines = run("history", "document", "doc_8f3a2c1d", **log.variables).stdout.splitlines()
    emptied = next(index for index, line in enumerate(lines) if "trash.emptied" in line)
    assert "DESTRUCTIVE · on trash: Trash (trash_4f2a8c)" in lines[emptied + 1]


def test_json_holds_every_event_of_it(read_json: Callable[..., Any], log: Any) -> None:
    """Other programs get all events that touched it, as resource or as target."""
    answer = read_json("history", "document", "doc_8f3a2c1d", **log.variables)
    expected = [
        event["action"]
        for event in ticket_4821.events()
        if event.get("resource_id") == "doc_8f3a2c1d" or "targets" in event
    ]
    assert [event["action"] for event in answer["data"]] == expected


def test_a_limit_takes_the_oldest(read_json: Callable[..., Any], log: Any) -> None:
    """--limit cuts at the end."""
    answer = read_json("history", "document", "doc_8f3a2c1d", "--limit", "2", **log.variables)
    assert [event["action"] for event in answer["data"]] == ["document.created", "document.edited"]


def test_nothing_happened(run: Any, log: Any) -> None:
    """A resource that nobody touched is no error."""
    assert run("history", "document", "none", **log.variables).stdout == "Nothing happened to document none\n"
