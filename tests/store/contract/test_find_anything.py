"""A search that is told no field: ids, names, texts and addresses, on every engine, before the indexes are built and after."""

from collections.abc import Callable

import pytest
from tests.logs import Log, event

from immutable.model.event import Target
from immutable.model.found import Found
from immutable.store import find_anything

REPORT = {"resource_type": "document", "resource_id": "doc_8f3a", "resource_name": "Q3 Budget Report"}


@pytest.fixture(scope="module", params=[False, True], ids=["not indexed", "indexed"])
def filled(request: pytest.FixtureRequest, new_log: Callable[[], Log]) -> Log:
    """Lisa and Marcus, each with a session, among forty others."""
    log = new_log()
    lisa = {"actor_id": "user_4f2a", "actor_name": "Lisa Wang", "session_id": "sess_a8f3", "ip_address": "67.170.12.84"}
    log.append(event(**lisa, action="document.edited", metadata={"reason": "quarterly close"}, **REPORT))
    log.append(event(**lisa, action="trash.emptied", targets=(Target("document", "doc_8f3a", "Q3 Budget Report"),)))
    log.append(event(actor_id="user_4e99", actor_name="Marcus Okafor", session_id="sess_0d1e", **REPORT))
    log.append(event(actor_id="job_1", actor_name="Nightly", resource_type="report", resource_id="user_4f2a"))
    for number in range(40):
        log.append(event(actor_id=f"other_{number:02}", actor_name="Somebody", session_id=f"sess_other_{number}"))
    if request.param:
        log.settle()
    return log


def look(log: Log, *phrases: str, limit: int = 5) -> Found:
    """What the phrases find."""
    return log.store.look_for(log.workspace, phrases, limit=limit)


def test_ids_are_found_by_how_they_begin(filled: Log) -> None:
    """An actor's, a session's and a resource's, the resource also as a mere target; each with its newest name and its count."""
    found = look(filled, "user_4")
    assert {(one.id, one.name, one.events_count) for one in found.actors} == {
        ("user_4f2a", "Lisa Wang", 2), ("user_4e99", "Marcus Okafor", 1),
    }  # fmt: skip
    assert [(one.type, one.id) for one in found.resources] == [("report", "user_4f2a")]
    assert {"sess_a8f3", "sess_0d1e"} <= {one.summary.session_id for one in found.sessions}
    (document,) = look(filled, "doc_8f").resources
    assert (document.type, document.id, document.name, document.events_count) == (
        "document", "doc_8f3a", "Q3 Budget Report", 3,
    )  # fmt: skip
    assert look(filled, "sess_a8f").sessions[0].summary.session_id == "sess_a8f3"
    assert look(filled, "4f2a").actors == []


def test_names_and_metadata_are_found_in_any_case(filled: Log) -> None:
    """A name leads to who or what carries it, any text to the sessions in which it was said."""
    assert [one.id for one in look(filled, "lisa").actors] == ["user_4f2a"]
    assert [one.id for one in look(filled, "BUDGET").resources] == ["doc_8f3a"]
    quarterly = look(filled, "Quarterly")
    assert [one.summary.session_id for one in quarterly.sessions] == ["sess_a8f3"]
    assert (quarterly.actors, quarterly.resources) == ([], [])


def test_who_and_what_together_lead_to_where_they_met(filled: Log) -> None:
    """The session in which the named person touched the named thing comes first, above newer ones of either."""
    found = look(filled, "Lisa Wang", "Q3 Budget Report")
    assert (found.sessions[0].summary.session_id, set(found.sessions[0].matched)) == (
        "sess_a8f3", {"Lisa Wang", "Q3 Budget Report"},
    )  # fmt: skip


def test_an_address_leads_to_who_came_from_there(filled: Log) -> None:
    """The whole address; no part of one, and no text that only looks like it."""
    found = look(filled, "67.170.12.84")
    assert [one.id for one in found.actors] == ["user_4f2a"]
    assert [one.summary.session_id for one in found.sessions] == ["sess_a8f3"]
    assert look(filled, "67.170.12.8").actors == []


def test_an_inferred_session_is_found_by_its_id(filled: Log) -> None:
    """And by its actor."""
    inferred = filled.sessions(actor_id="job_1")[0].session_id
    assert look(filled, inferred).sessions[0].summary.session_id == inferred
    assert look(filled, "Nightly").sessions[0].summary.session_id == inferred


def test_it_says_how_far_it_looked(filled: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bounded says down to which event it went; what went through the whole log says so."""
    assert all(one.whole for one in look(filled, "user_4f2a").looked)
    monkeypatch.setattr(find_anything, "MOST_MATCHES", 3)
    monkeypatch.setattr(find_anything, "MOST_ADDRESSED", 5)
    monkeypatch.setattr(find_anything, "MOST_EPOCHS", 2)
    texts = next(one for one in look(filled, "somebody").looked if one.what == "texts")
    assert (texts.from_sequence, texts.whole) == (42, False)
    addresses = next(one for one in look(filled, "67.170.12.84").looked if one.what == "addresses")
    assert (addresses.from_sequence, addresses.whole) == (40, False)
    ids = next(one for one in look(filled, "user_").looked if one.what == "ids")
    assert (ids.from_sequence, ids.whole) == (33, False)
    assert look(filled, "user_4f").actors == []


def test_no_more_than_asked_for(filled: Log) -> None:
    """Each kind keeps to the limit."""
    found = look(filled, "other_", "Somebody", limit=3)
    assert (len(found.actors), len(found.sessions)) == (3, 3)


def test_an_empty_log_holds_nothing(log: Log) -> None:
    """No phrase finds anything there."""
    assert look(log, "user_4f2a") == Found([], [], [], [])
