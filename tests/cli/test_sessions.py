"""`immutable sessions`."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from immutable.cli.moments import zone_of
from immutable.cli.sessions import show_sessions

LISA = ("sess_a8f3c2d1", "sess_7e4b9f2a", "sess_1c6d8e3f")


def test_an_actors_sessions_are_listed_newest_first(run: Any, log: Any) -> None:
    """One line for each: the whole id, who, when, how long, how much, from where, with what, and how destructive."""
    lines = run(
        "sessions", "--actor", "user_4f2a8c", "--zone", "America/Los_Angeles", **log.variables
    ).stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("sess_")] == list(LISA)
    newest = " ".join(next(line for line in lines if line.startswith(LISA[0])).split())
    assert newest == (
        "sess_a8f3c2d1 Lisa Wang (user_4f2a8c) Fri 27 Mar 2026 09:41:07 14 min 14 s 8 Portland, US Chrome on Mac OS X 2"
    )
    assert "3 of 3, newest first; times in America/Los_Angeles" in lines[-1]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--actor", "user_4f2a8c", "--action", "trash.emptied"), LISA[:1]),
        (("--actor", "user_4f2a8c", "--action", "document.*"), LISA),
        (("--actor", "user_4f2a8c", "--from", "2026-03-26"), LISA[:2]),
        (("--actor", "user_4f2a8c", "--to", "2026-03-26"), LISA[1:]),
        (("--actor", "user_4f2a8c", "--tenant", "org_cascadia"), LISA),
        (("--actor", "user_4f2a8c", "--resource", "doc_52c7e09b"), LISA[1:2]),
        (("--actor", "user_4f2a8c", "--search", "hiring plan"), LISA[1:2]),
        (("--actor", "user_4f2a8c", "--given", "--limit", "2"), LISA[:2]),
        (("--actor", "user_4f2a8c", "--inferred"), ()),
        (("--actor", "nobody"), ()),
    ],
)
def test_filters_are_the_apis(
    read_json: Callable[..., Any], log: Any, options: tuple[str, ...], found: tuple[str, ...]
) -> None:
    """Each filter narrows the list as the API's own does."""
    answer = read_json("sessions", *options, **log.variables)
    assert tuple(session["session_id"] for session in answer["data"]) == found


def test_json_is_the_apis_answer(read_json: Callable[..., Any], log: Any) -> None:
    """Other programs get what the API answers, whatever the command reads."""
    assert (
        read_json("sessions", "--limit", "7", **log.variables)["data"]
        == log.client.get("/sessions", limit=7).json()["data"]
    )


def test_a_limit_beyond_one_page_reads_on(read_json: Callable[..., Any], run: Any, database: dict[str, str]) -> None:
    """The list is as long as asked for, not as the API's pages are."""
    lines = "".join(f'{{"actor_id":"a","action":"x","session_id":"s{number}"}}\n' for number in range(150))
    run("import", "-", stdin=lines, **database)
    assert len(read_json("sessions", "--limit", "130", **database)["data"]) == 130
    assert "150 of 150" in run("sessions", "--limit", "1000", **database).stdout


def test_no_session_matches(run: Any, log: Any) -> None:
    """An empty list says so."""
    assert run("sessions", "--actor", "nobody", **log.variables).stdout == "No session matches.\n"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
def test_ids_are_whole_at_every_width(log: Any, width: int) -> None:
    """A narrow terminal gets another layout, never half an id."""
    out = StringIO()
    answer = log.client.get("/sessions", limit=50).json()
    console = Console(file=out, width=width, force_terminal=True, color_system=None, markup=False)
    show_sessions(console, answer, zone_of("UTC"))
    printed = "".join(out.getvalue().split("\n"))
    ids = [session["session_id"] for session in answer["data"] if session["session_id"] != "sess/hostile 1"]
    assert any(session["inferred"] for session in answer["data"])
    assert [one for one in ids if one not in printed] == []
