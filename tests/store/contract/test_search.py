"""Text search: complete and right, whatever is indexed already, and whatever signs the text has."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import Log, event, free_forms, texts
from tests.store.contract.plain import NAMES, NEEDLES, filled_log, matching

from immutable.model.filters import EventFilter
from immutable.store import find

FIELDS: list[dict[str, Any]] = [
    {"actor_name": "Zoë Report"},
    {"action": "report.viewed"},
    {"resource_name": "Q3 Budget REPORT"},
    {"metadata": {"where": {"page": ["the report list"]}}},
    {"metadata": {"report": 1}},
]


@given(st.data())
@settings(max_examples=100)
def test_any_search_finds_what_a_loop_finds(new_log: Callable[[], Log], data: st.DataObject) -> None:
    """Alone and with other conditions, in both orders, and page by page."""
    log = new_log()
    events = filled_log(log, data)
    for needle in data.draw(st.lists(st.sampled_from(NEEDLES), min_size=3, max_size=8)):
        wanted = EventFilter(search=needle, actor_id=data.draw(st.none() | st.sampled_from(NAMES)))
        expected = [one.seq for one in matching(events, wanted)]
        ascending = data.draw(st.booleans())
        page = log.store.find(log.workspace, wanted, ascending=ascending, after_seq=None, limit=1_000)
        assert [entry.seq for entry in page.entries] == (expected if ascending else expected[::-1])
        assert (page.total, page.total_is_exact) == (len(expected), True)


@given(texts, texts, st.data())
@settings(max_examples=60)
def test_any_part_of_a_text_finds_it(
    new_log: Callable[[], Log], actor_name: str, action: str, data: st.DataObject
) -> None:
    """Every stretch of a name or action, in upper case or not, finds its event, before it is indexed and after."""
    log = new_log()
    log.append(event(actor_name=actor_name, action=action))
    text = data.draw(st.sampled_from([actor_name, action]))
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    for needle in (part, part.casefold()):
        assert log.found(search=needle) == [1]
    log.settle()
    for needle in (part, part.casefold()):
        assert log.found(search=needle) == [1]


@given(free_forms)
@settings(max_examples=40)
def test_every_key_of_metadata_is_found(new_log: Callable[[], Log], metadata: dict[str, Any]) -> None:
    """Also keys with quotes, backslashes and control characters, which JSON escapes."""
    log = new_log()
    log.append(event(metadata=metadata))
    for _ in range(2):
        for key in metadata:
            assert log.found(search=key) == [1]
        log.settle()


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("fields", FIELDS, ids=str)
def test_the_four_fields_are_searched_in_any_case(log: Log, fields: dict[str, Any], indexed: bool) -> None:
    """Actor name, action, resource name, and metadata with its keys, however deep."""
    log.append(event(action="a.b"), event(**{"action": "a.b", **fields}), event(action="a.b"))
    if indexed:
        log.settle()
    for needle in ("report", "REPORT", "RePo", "rt", "R"):
        assert log.found(search=needle) == [2]


@pytest.mark.parametrize("indexed", [False, True])
def test_nothing_else_is_searched(log: Log, indexed: bool) -> None:
    """Ids, names of targets, addresses and user agents do not answer a search."""
    log.append(
        event(
            actor_id="report",
            resource_id="report",
            resource_type="report",
            tenant_id="report",
            session_id="report",
            user_agent="report",
            ip_city="report",
            changes={"report": {"old": 1, "new": 2}},
            idempotency_key="report",
        )
    )
    if indexed:
        log.settle()
    assert log.found(search="report") == []


@pytest.mark.parametrize("indexed", [False, True])
def test_signs_of_query_languages_mean_themselves(log: Log, indexed: bool) -> None:
    """Percent, underscore, star, quotes and operators are text like any other."""
    names = ["100% sure", "a_b", "a*b", 'the "big" one', "back\\slash", "this OR that", "NEAR(x)", "col:umn", "-minus"]
    log.append(*[event(actor_name=name) for name in names])
    if indexed:
        log.settle()
    for seq, name in enumerate(names, 1):
        assert log.found(search=name) == [seq]
    assert log.found(search="a%b") == []
    assert log.found(search="%") == [1]
    assert log.found(search="_") == [2]
    assert log.found(search="*") == [3]
    assert log.found(search='"') == [4]
    assert log.found(search="\\") == [5]
    assert log.found(search="this OR nothing") == []


@pytest.mark.parametrize("indexed", [False, True])
def test_a_text_is_found_within_one_field_only(log: Log, indexed: bool) -> None:
    """No search reaches from one field into the next, whatever stands between them in the index."""
    log.append(event(actor_name="name", resource_name="thing", action="act"))
    if indexed:
        log.settle()
    for needle in ("actname", "act name", "name\x1f\x1fthing", "\x1f", "e\x1f", "\x1f\x1fname"):
        assert log.found(search=needle) == []


@pytest.mark.parametrize("indexed", [False, True])
def test_a_very_long_text_is_searched_like_a_short_one(log: Log, indexed: bool) -> None:
    """Thousands of characters, found as a whole and not with one of them changed."""
    name = "".join(chr(0x4E00 + number * 7) for number in range(2_000))
    log.append(event(actor_name=name))
    if indexed:
        log.settle()
    assert log.found(search=name) == [1]
    assert log.found(search=name[:-1] + "x") == []


@pytest.mark.parametrize("needle", ["\u16a0", "\u16a0\u16a1", "\u16a0\u16a1\u16a2", "\u16a0 and more"])
def test_what_was_never_written_is_not_found(log: Log, needle: str) -> None:
    """Signs that the index has never met find nothing, however few they are."""
    log.append(event())
    log.settle()
    assert log.found(search=needle) == []


def test_an_answer_is_complete_half_indexed(log: Log) -> None:
    """Indexed events and those that came later answer together, in order."""
    log.append(*[event(actor_name=f"find me {number % 2}") for number in range(10)])
    log.settle()
    log.append(*[event(actor_name=f"find me {number % 2}") for number in range(10)])
    assert log.found(search="find me 1") == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert log.found(search="find me 1", ascending=False, limit=7) == [20, 18, 16, 14, 12, 10, 8]
    page = log.find(search="find me 1", ascending=False, after_seq=12, limit=2)
    assert ([entry.seq for entry in page.entries], page.has_more, page.total) == ([10, 8], True, 10)


def test_counting_stops_at_a_bound_and_says_so(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the total is the bound, marked as not exact; pages go on past it."""
    monkeypatch.setattr(find, "COUNT_LIMIT", 5)
    log.append(*[event()] * 6, event(actor_id="usr_2"))
    page = log.find(search="viewed", limit=3)
    assert (page.total, page.total_is_exact) == (5, False)
    page = log.find(search="viewed", after_seq=5, limit=3)
    assert ([entry.seq for entry in page.entries], page.total, page.total_is_exact) == ([6, 7], 5, False)
    page = log.find(search="viewed", actor_id="usr_2")
    assert (page.total, page.total_is_exact) == (1, True)


@pytest.mark.parametrize("few", [0, 1_000])
def test_few_and_many_other_matches_give_the_same(log: Log, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Whether the other conditions narrow the text's matches or the other way round."""
    monkeypatch.setattr(find, "_FEW", few)
    log.append(*[event(actor_id=f"usr_{number % 3}", actor_name=f"Name {number % 2}") for number in range(30)])
    log.settle()
    log.append(*[event(actor_id=f"usr_{number % 3}", actor_name=f"Name {number % 2}") for number in range(6)])
    expected = [seq for seq in range(1, 37) if (seq - 1) % 6 == 1]
    assert log.found(search="name 1", actor_id="usr_1") == expected
    page = log.find(search="name 1", actor_id="usr_1", ascending=False, after_seq=expected[-2], limit=2)
    assert [entry.seq for entry in page.entries] == expected[-3:-5:-1]
    assert page.total == len(expected)
