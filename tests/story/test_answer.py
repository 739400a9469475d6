"""The draft of the answer to the customer: made from the events alone, a line for each thing, each with its events."""

from zoneinfo import ZoneInfo

from immutable.demo import ticket_4821
from immutable.integrity import chain
from immutable.model.event import EMPTY_HEAD, EventDraft
from immutable.sessions.destructive import DestructiveRule
from immutable.story.answer import MOST_STEPS, draft, lost_in
from immutable.story.fact import fact_of, in_time

RULE = DestructiveRule(("*.deleted",))
START = 1_774_600_391_000_000
PORTLAND = ZoneInfo(ticket_4821.ZONE)
FROM = {"ip_address": "192.88.99.7", "ip_city": "Portland", "ip_country": "US", "user_agent": "curl/8"}


def facts_of(*drafts):
    """The facts of a log of these events."""
    placed, _ = chain.extend(EMPTY_HEAD, "ws_1", list(drafts), START)
    return in_time([fact_of(one.entry, None, RULE) for one in placed])


def event(second, action, actor="usr_1", name="Ann Lee", **fields):
    at = START + second * 1_000_000
    plan = {"resource_type": "document", "resource_id": "d1", "resource_name": "Plan"}
    return EventDraft(actor, action, actor_name=name, occurred_at=at, **{**plan, **FROM, **fields})


def lines_of(facts, history=()):
    return [line.text for line in draft("sess_1", facts, history, PORTLAND)]


def test_it_tells_who_when_where_and_what_was_destroyed():
    """In the customer's zone, with the place in the interface, and with the evidence last."""
    facts = facts_of(
        event(0, "document.edited"),
        event(9, "document.deleted", metadata={"page": "folder_view", "section": "menu"}),
        event(20, "search.performed", metadata={"query": "Plan", "results": 0}),
    )
    others = facts_of(event(0, "document.viewed", "usr_2", "Bob"), event(1, "document.viewed", "usr_2", "Bob"))
    lines = lines_of(facts, others)
    assert lines[0] == "Hello Ann,"
    assert lines[2] == (
        "we looked at what happened to Plan in your session of 27 March 2026. Times are those of America/Los_Angeles."
    )
    assert "  01:33:20  deleted the document “Plan” (folder view, menu), 9 s later" in lines
    assert "  01:33:31  performed the document “Plan” for “Plan”, 0 results" in lines
    assert (
        "The destructive step came from your account, session sess_1, address 192.88.99.7 in Portland, US, with curl, "
        "like all 3 steps of the session." in lines
    )
    assert "Others who touched Plan: 1 person, 2 times, none of them destructive." in lines
    assert lines[-1].startswith("  event 2, ")
    assert lines[-1].endswith(f"hash {facts[1].event_hash[:16]}…")


def test_each_line_about_events_names_them():
    """So that every claim can be followed to what was stored."""
    facts = facts_of(event(0, "document.edited"), event(1, "document.edited"), event(9, "document.deleted"))
    told = [line for line in draft("s", facts, [], PORTLAND) if line.text.startswith("  0")]
    cited = {line.text.split()[0]: [fact.seq for fact in line.facts] for line in told}
    assert cited == {"01:33:11": [1, 2], "01:33:20": [3]}


def test_of_a_long_session_the_steps_around_what_was_destroyed_are_told():
    """And how many there were before, between and after."""
    steps = [event(n, f"page{n}.viewed") for n in range(60)]
    facts = facts_of(*steps[:40], event(40, "document.deleted"), *steps[41:])
    told = [line for line in lines_of(facts) if line.startswith("  ")]
    assert told[0] == "  … 38 steps before"
    assert told[1:6][2] == "  01:33:51  deleted the document “Plan”, 1 s later"
    assert told[6] == "  … 17 steps after"
    assert len(told) < MOST_STEPS


def test_without_anything_destructive_it_says_so():
    """And leaves the rest to a person."""
    facts = facts_of(event(0, "document.viewed"))
    assert lost_in(facts) is None
    assert "Nothing that was done in this session removes anything." in lines_of(facts)
    assert any(line.startswith("[To add by support:") for line in lines_of(facts))


def test_a_strangers_words_cannot_steer_the_answer():
    """Marks that turn the direction of writing are shown by their numbers, long texts are cut."""
    facts = facts_of(
        event(
            0,
            "document.deleted",
            name="Ann\u202eeeL",
            resource_name="x" * 400,
            metadata={"query": "\u202e" + "y" * 400},
        )
    )
    text = "\n".join(lines_of(facts))
    assert "\u202e" not in text
    assert max(map(len, text.split("\n"))) < 700
