"""`immutable timeline`."""

import re
from collections.abc import Callable
from typing import Any

SESSION = "sess_a8f3c2d1"


def test_a_session_reads_as_a_story(run: Any, log: Any) -> None:
    """Each step in order: the clock in the asked zone, the time since the step before, action, resource and place."""
    printed = run("timeline", SESSION, "--zone", "America/Los_Angeles", **log.variables).stdout
    steps = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines() if re.match(r" \d\d:\d\d:\d\d ", line)]
    document = "Q3 Budget Report (doc_8f3a2c1d)"
    assert steps == [
        ["09:41:07", "document.viewed", document, "Portland, US"],
        ["09:43:32", "+2 min 25 s", "document.edited", document, "Portland, US"],
        ["09:48:19", "+4 min 47 s", "document.edited", document, "Portland, US"],
        ["09:51:40", "+3 min 21 s", "document.saved", document, "Portland, US"],
        ["09:52:36", "+56 s", "folder.opened", "Finance Team (folder_finance)", "Portland, US"],
        ["09:53:11", "+35 s", "✖ document.moved_to_trash", document, "Portland, US"],
        ["09:53:18", "+7 s", "✖ trash.emptied", "Trash (trash_4f2a8c)", "Portland, US"],
        ["09:55:21", "+2 min 3 s", "document.searched", "Portland, US"],
    ]


def test_the_header_says_who_when_where_and_how_much(run: Any, log: Any) -> None:
    """The facts of the whole session come first."""
    header = run("timeline", SESSION, "--zone", "America/Los_Angeles", **log.variables).stdout.splitlines()[:6]
    assert [line.strip("│╭╮╰╯─ ") for line in header[:5]] == [
        "Session sess_a8f3c2d1",
        "Lisa Wang (user_4f2a8c) · tenant org_cascadia",
        "Fri 27 Mar 2026, 09:41:07 to 09:55:21 (America/Los_Angeles) · lasted 14 min 14 s",
        "Portland, US · from 192.88.99.7 · Chrome on Mac OS X",
        "8 events · 3 resources · 2 destructive",
    ]


def test_destructive_steps_are_marked_in_words_too(run: Any, log: Any) -> None:
    """Where there is no colour, the two steps that destroyed something can still be told."""
    lines = run("timeline", SESSION, **log.variables).stdout.splitlines()
    marked = [index for index, line in enumerate(lines) if "DESTRUCTIVE" in line]
    assert [lines[index - 1].split("✖ ")[1].split()[0] for index in marked] == [
        "document.moved_to_trash",
        "trash.emptied",
    ]
    assert "section: context_menu" in lines[marked[0]]


def test_json_is_the_apis_answer(read_json: Callable[..., Any], log: Any) -> None:
    """Other programs get the summary and the timeline as the API answers them."""
    assert (
        read_json("timeline", SESSION, **log.variables)["data"] == log.client.get(f"/sessions/{SESSION}").json()["data"]
    )


def test_what_events_say_cannot_move_the_terminal(run: Any, log: Any) -> None:
    """Escape sequences, line ends and text direction in names are shown as codes, and markup as it is."""
    printed = run("timeline", "sess/hostile 1", **log.variables).stdout
    assert "\\x1b[2Jgone" in printed
    assert "[red]not red[/]" in printed
    assert "\\u202eevil" in printed
    assert "two\\nlines" in printed
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", printed)


def test_long_silence_is_drawn_and_days_are_announced(run: Any, database: dict[str, str]) -> None:
    """A gap of hours stands out, and a session past midnight says which day it is."""
    times = ("2026-05-01T22:00:00Z", "2026-05-01T22:04:59Z", "2026-05-02T01:05:00Z")
    lines = "".join(f'{{"actor_id":"a","action":"x","session_id":"s","occurred_at":"{time}"}}\n' for time in times)
    run("import", "-", stdin=lines, **database)
    printed = run("timeline", "s", **database).stdout
    body = [" ".join(line.split()) for line in printed.split("╯")[1].splitlines() if line.strip()]
    assert body == [
        "22:00:00 x", "22:04:59 +4 min 59 s x",
        "Sat 2 May 2026", "⋮ ⋮ 3 h of silence", "01:05:00 +3 h x",
    ]  # fmt: skip
    assert "Fri 1 May 2026, 22:00:00 to Sat 2 May 2026, 01:05:00 (UTC)" in printed


def test_a_session_of_many_pages_is_told_whole(
    read_json: Callable[..., Any], run: Any, database: dict[str, str]
) -> None:
    """A session longer than one answer of the API is read to its end."""
    lines = "".join(f'{{"actor_id":"a","action":"x.n{number}","session_id":"s"}}\n' for number in range(2_100))
    run("import", "-", stdin=lines, **database)
    steps = read_json("timeline", "s", **database)["data"]["timeline"]
    assert [step["action"] for step in steps] == [f"x.n{number}" for number in range(2_100)]


def test_several_actors_are_told_apart(run: Any, database: dict[str, str]) -> None:
    """Where more than one person acts in a session, each step says who."""
    lines = "".join(f'{{"actor_id":"{actor}","action":"x","session_id":"s"}}\n' for actor in ("ann", "bob"))
    run("import", "-", stdin=lines, **database)
    printed = run("timeline", "s", **database).stdout
    assert re.search(r"x +ann", printed)
    assert re.search(r"x +bob", printed)


def test_an_unknown_session_is_told(run: Any, log: Any) -> None:
    """One sentence on stderr, nothing on stdout, and exit code 2."""
    finished = run("timeline", "sess_none", code=2, **log.variables)
    assert finished.stdout == ""
    assert finished.stderr == "immutable: There is no session of this id in this workspace.\n"
