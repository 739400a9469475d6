"""Which way a text is found: in order while it is common, by trigrams once it is not; and nothing is lost where the ways meet."""

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from tests.logs import Log, event
from tests.postgres import new_database

from immutable.store.postgres import text
from immutable.store.postgres.store import PostgresLogStore
from immutable.store.text_query import TextQuery

EVENTS = 400
SPELLINGS = {"everywhere": range(1, EVENTS + 1), "lately": range(201, EVENTS + 1), "long ago": range(1, 201),
             "now and then": range(1, EVENTS + 1, 7), "once": [77], "never": []}  # fmt: skip


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    """A log, all of it indexed, in which some words are common, some rare, and some common in one half only."""
    with closing(PostgresLogStore(new_database())) as store:
        log = Log(store)
        log.append(
            *[
                event(actor_name=", ".join(word for word, places in SPELLINGS.items() if place in places))
                for place in range(1, EVENTS + 1)
            ]
        )
        log.settle()
        yield log


@pytest.fixture(autouse=True)
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is bounded, small enough for this log to reach each bound."""
    for name, value in {"_FIRST_LOOK": 16, "_LONGEST_LOOK": 64, "_PIECE": 32, "_NEXT_PIECE": 48}.items():
        monkeypatch.setattr(text, name, value)


def _ways(log: Log, word: str, *, ascending: bool, count: int | None = None) -> tuple[list[int], list[str]]:
    """The places found, and the way of each statement that was sent for them."""
    sent: list[str] = []

    def read(sql: str, values: Sequence[object], *, prepare: bool | None = None) -> list[tuple[int]]:
        sent.append("trigrams" if "seq + 0" in sql else "in order")
        return log.store.database.read(sql, values, prepare=prepare)  # type: ignore[attr-defined,no-any-return]

    found = text.candidates(read, log.workspace, TextQuery(word), 1, EVENTS, ascending=ascending)
    places = list(found) if count is None else [place for place, _ in zip(found, range(count), strict=False)]
    return places, sent


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("word", SPELLINGS)
def test_each_place_is_found_once_and_in_order(log: Log, word: str, ascending: bool) -> None:
    """However common the text is, and wherever it stops being so."""
    expected = list(SPELLINGS[word])
    assert _ways(log, word, ascending=ascending)[0] == (expected if ascending else expected[::-1])


def test_a_common_text_never_needs_all_its_matches(log: Log) -> None:
    """A page of it is found by looking at the newest events alone."""
    assert _ways(log, "everywhere", ascending=False, count=10) == (list(range(400, 390, -1)), ["in order"])


@pytest.mark.parametrize("word", ["once", "never", "long ago"])
def test_a_text_that_is_rare_at_first_is_left_to_the_trigrams(log: Log, word: str) -> None:
    """After one short look."""
    assert _ways(log, word, ascending=False, count=1)[1] == ["in order", "trigrams"]


def test_a_text_that_becomes_rare_is_left_to_the_trigrams(log: Log) -> None:
    """The looks in order end where it does, not at the beginning of the log."""
    places, ways = _ways(log, "lately", ascending=False)
    assert len(places) == 200
    assert ways[-1] == "trigrams"
    assert ways.count("trigrams") == 1


@pytest.mark.parametrize(
    ("word", "against", "other_way"), [("everywhere", "enable_indexscan", "text_idx"), ("once", "enable_sort", "Merge")]
)
def test_the_planner_has_no_other_way(log: Log, word: str, against: str, other_way: str) -> None:
    """Even where it is told to avoid the one that is meant: no look asks the trigrams, and nothing rare is read in order."""
    plans: list[str] = []
    with log.store.database.connect() as connection:  # type: ignore[attr-defined]
        connection.execute(f"SET {against} = off")

        def read(sql: str, values: Sequence[object], *, prepare: bool | None = None) -> list[tuple[int]]:
            plans.append(str(connection.execute("EXPLAIN " + sql, values, prepare=False).fetchall()))
            rows: list[tuple[int]] = connection.execute(sql, values, prepare=prepare).fetchall()
            return rows

        next(text.candidates(read, log.workspace, TextQuery(word), 1, EVENTS, ascending=False))
    assert other_way not in plans[-1]
