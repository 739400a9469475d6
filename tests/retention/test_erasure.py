"""Erasing details: what goes, what stays, and what verification says of it, on every engine."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import SILENCE, Log, event
from tests.store.contract.conftest import NewLog

from immutable.integrity.record import decode_details, decode_record
from immutable.log import verify as log_verify
from immutable.log.system_events import Responsible
from immutable.model.filters import EventFilter
from immutable.model.hold import HeldEvents
from immutable.retention.erasure import Erasure, erase
from immutable.retention.holds import place_hold, release_hold

BY = Responsible("key_1", "api_key", "privacy team")
LISA = {"actor_id": "lisa", "actor_name": "Lisa Wang", "ip_address": "192.0.2.7", "ip_country": "US",
        "ip_city": "Portland", "user_agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0",
        "metadata": {"note": "umbrella"}, "resource_type": "document", "resource_id": "d1",
        "resource_name": "Q3 Budget"}  # fmt: skip
TOM = {**LISA, "actor_id": "tom", "actor_name": "Tom Hill", "ip_city": "Salem", "metadata": {"note": "umbrella"}}


def erased(log: Log, **wanted: Any) -> Erasure:
    """Erase what meets these conditions."""
    options = {name: wanted.pop(name) for name in ("most", "after_seq") if name in wanted}
    return erase(log.store, log.workspace, EventFilter(**wanted), by=BY, reason="asked for", silence=SILENCE, **options)


def test_details_go_and_everything_else_stays(log: Log) -> None:
    """Records, hashes and order are as they were; the details are nowhere; verification says how many are erased."""
    log.append(event(**LISA, session_id="s1"), event(**TOM, session_id="s1"), event(**LISA))
    before = log.entries()
    done = erased(log, actor_id="lisa")
    assert (done.erased, done.held, done.is_complete) == (2, 0, True)
    after = log.entries()
    assert [(one.record, one.previous_hash, one.event_hash) for one in after[:3]] == [
        (one.record, one.previous_hash, one.event_hash) for one in before
    ]
    assert [one.details is None and one.salt is None for one in after] == [True, False, True, False]
    verdict = log.verify()
    assert (verdict.breaks, verdict.details_erased) == ([], 2)


def test_the_erasure_is_told_by_the_log(log: Log) -> None:
    """An event names the places, who had it done and why."""
    log.append(event(**LISA), event(**LISA), event(**TOM), event(**LISA))
    (receipt,) = erased(log, actor_id="lisa").receipts
    told = log.entries()[-1]
    record = decode_record(told.record)
    assert (record.action, record.actor.id, record.id) == ("immutable.details_erased", "key_1", receipt.id)
    assert [target.id for target in record.targets] == ["1-2", "4-4"]
    assert told.details is not None
    assert decode_details(told.details).metadata == {"reason": "asked for", "events": 3}


def test_what_was_erased_is_found_no_more(log: Log) -> None:
    """Neither the text index nor the sessions tell what was forgotten; what the record says is found as before."""
    log.append(*[event(**LISA, session_id="s1"), event(**TOM, session_id="s1"), event(**LISA)] * 7)
    log.settle()
    erased(log, actor_id="lisa")
    log.settle()
    assert log.found(search="lisa wang") == []
    assert len(log.found(search="umbrella")) == 7
    assert len(log.found(actor_id="lisa")) == 14
    for session in log.sessions(actor_id="lisa"):
        assert session.actors["lisa"].name is None
        assert [place.city for place in session.places] == ([None, "Salem"] if session.session_id == "s1" else [None])
        assert session.devices == ([] if session.inferred else ["Firefox on Windows"])
        assert session.events_count == (14 if session.session_id == "s1" else 7)
    assert log.verify().breaks == []


def test_a_session_goes_on_after_an_erasure(log: Log) -> None:
    """Events appended afterwards are folded into the summary that was folded again."""
    log.append(event(**LISA, session_id="s1"), event(**LISA))
    erased(log, actor_id="lisa")
    log.append(event(**TOM, session_id="s1"), event(**LISA))
    assert log.verify().breaks == []
    summary = log.store.session(log.workspace, "s1")
    assert summary is not None
    assert (summary.actors["lisa"].name, summary.actors["tom"].name) == (None, "Tom Hill")


def test_erasing_twice_erases_once(log: Log) -> None:
    """What is erased is passed over, and nothing is said about it again."""
    log.append(event(**LISA))
    assert erased(log, actor_id="lisa").erased == 1
    again = erased(log, actor_id="lisa")
    assert (again.erased, again.receipts) == (0, [])
    assert log.store.head(log.workspace).seq == 2


def test_the_account_of_an_erasure_cannot_be_erased(log: Log) -> None:
    """The server's own events keep their details."""
    log.append(event(**LISA))
    erased(log, actor_id="lisa")
    assert erased(log, actor_id="key_1").erased == 0


def test_a_hold_keeps_details(log: Log) -> None:
    """Events under a hold are passed over until it is released, whatever they are asked for by."""
    log.append(event(**LISA, session_id="s1"), event(**LISA, session_id="s2"), event(**LISA))
    hold = place_hold(log.store, log.workspace, HeldEvents(session_id="s1"), by=BY, reason="case 7", silence=SILENCE)
    assert (erased(log, actor_id="lisa").erased, erased(log, actor_id="lisa").held) == (2, 1)
    release_hold(log.store, log.workspace, hold.id, by=BY, reason="settled", silence=SILENCE)
    assert (erased(log, actor_id="lisa").erased, log.verify().details_erased) == (1, 3)
    assert log.verify().breaks == []


@pytest.mark.parametrize(
    "events",
    [HeldEvents(actor_id="lisa"), HeldEvents(resource_type="document", resource_id="d1"), HeldEvents(created_from=0),
     HeldEvents(tenant_id="acme")],
    ids=["actor", "resource", "period", "tenant"],
)  # fmt: skip
def test_a_hold_is_on_an_actor_a_resource_or_a_period(log: Log, events: HeldEvents) -> None:
    """Each kind of hold keeps the events that it names, also those appended after it was placed."""
    place_hold(log.store, log.workspace, events, by=BY, reason="case 7", silence=SILENCE)
    log.append(event(**LISA, tenant_id="acme"))
    assert (erased(log, actor_id="lisa").erased, erased(log, actor_id="lisa").held) == (0, 1)


def test_a_long_erasure_goes_on_where_it_was(log: Log) -> None:
    """Asked to look at so many events at most, it says how far it came, and goes on from there."""
    log.append(*[event(**LISA)] * 25)
    first = erased(log, actor_id="lisa", most=10)
    assert (first.erased, first.is_complete, first.last_seq) == (10, False, 10)
    rest = erased(log, actor_id="lisa", after_seq=first.last_seq)
    assert (rest.erased, rest.is_complete) == (15, True)
    assert (log.verify().breaks, log.verify().details_erased) == ([], 25)


def test_another_workspace_loses_nothing(new_log: NewLog) -> None:
    """An erasure sees one workspace only."""
    one, other = new_log(), new_log()
    for log in (one, other):
        log.append(event(**LISA, session_id="s1"))
    erased(one, actor_id="lisa")
    assert other.entries()[0].details is not None
    assert other.sessions()[0].actors["lisa"].name == "Lisa Wang"


@settings(max_examples=30)
@given(
    drafts=st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, "s1", "s2"]), st.integers(0, 100)), max_size=30
    ),
    choices=st.lists(st.sampled_from([{"actor_id": "a"}, {"session_id": "s1"}, {"actor_id": "b"}]), max_size=3),
)
def test_any_log_is_whole_after_any_erasure(new_log: NewLog, drafts: Any, choices: Any) -> None:
    """Whatever was appended and whatever is erased, in any order, the log verifies and its sessions are right."""
    log = new_log()
    for number, (actor, session, minutes) in enumerate(drafts):
        fields = {**LISA, "actor_id": actor, "session_id": session, "occurred_at": log.now + minutes * 60_000_000}
        log.append(event(**fields))
        if choices and number % 10 == 5:
            erased(log, **choices[0])
    for choice in choices:
        erased(log, **choice)
    log.settle()
    assert log.verify().breaks == []


def test_a_part_of_the_log_verifies_although_the_erasure_lies_behind_it(log: Log) -> None:
    """What covers missing details is found wherever it is in the log."""
    log.append(event(**LISA), event(**LISA), event(**TOM))
    erased(log, actor_id="lisa")
    verdict = log_verify.verify(log.store, log.workspace, 1, 2, silence=SILENCE)
    assert (verdict.breaks, verdict.details_erased) == ([], 2)
