"""The story in plain words: by rule, from what the events hold, each sentence naming its events."""

from immutable.integrity import chain
from immutable.model.event import EMPTY_HEAD, EventDraft, Target
from immutable.sessions.destructive import DestructiveRule
from immutable.story.fact import fact_of, in_time
from immutable.story.told import MOST_SENTENCES, story, summary

RULE = DestructiveRule(("*.deleted",))
START = 1_774_600_391_000_000


def facts_of(*drafts, absent=None):
    """The facts of a log of these events, a second apart."""
    placed, _ = chain.extend(EMPTY_HEAD, "ws_1", list(drafts), START)
    return in_time([fact_of(one.entry, absent, RULE) for one in placed])


def draft(second, action, name="Ann", **fields):
    return EventDraft("usr_1", action, actor_name=name, occurred_at=START + second * 1_000_000, **fields)


def test_each_sentence_tells_one_thing_and_names_its_events():
    """Verbs are read from actions; runs are told once; what destroys says how soon it came."""
    document = {"resource_type": "document", "resource_id": "d1", "resource_name": "Plan"}
    facts = facts_of(
        draft(0, "document.edited", **document),
        draft(3, "document.edited", **document),
        draft(10, "document.deleted", **document, targets=(Target("folder", "f1", "Finance"),)),
        draft(11, "login", **document),
    )
    assert [(sentence.cited(), sentence.is_destructive) for sentence in story(facts)] == [
        ("27 March 2026, 08:33:11: Ann edited the document “Plan”, 2 times until 08:33:14 (events 1-2).", False),
        ("08:33:21: Ann deleted the document “Plan”, with folder Finance, 7 s after the step before (event 3).", True),
        ("08:33:22: Ann did “login” on the document “Plan” (event 4).", False),
    ]
    assert summary(facts)[0].cited() == "On 27 March 2026, Ann did 4 things within 11 s (events 1-4)."
    assert summary(facts)[1].cited() == "1 action counted as destructive (event 3)."


def test_what_is_withheld_is_not_told():
    """Without details the story knows ids only."""
    facts = facts_of(
        draft(0, "document.viewed", resource_type="document", resource_id="d1", resource_name="Plan"), absent="withheld"
    )
    assert story(facts)[0].cited() == "27 March 2026, 08:33:11: usr_1 viewed the document “d1” (event 1)."


def test_an_actor_of_whom_some_details_are_withheld_is_one_actor():
    """Whose name is known from one event is not told a second time by the id alone."""
    shown, kept_back = draft(0, "document.viewed"), draft(1, "document.edited", name=None)
    assert (
        summary(facts_of(shown, kept_back))[0].cited() == "On 27 March 2026, Ann did 2 things within 1 s (events 1-2)."
    )


def test_a_long_story_keeps_what_destroyed():
    """Of more steps than fit, the destructive ones stay, in time, and how many are left out is said."""
    steps = [draft(n, f"a{n}.viewed") for n in range(MOST_SENTENCES + 5)]
    facts = facts_of(*steps, draft(999, "b.deleted"))
    told = story(facts)
    assert [sentence.is_destructive for sentence in told[-2:]] == [True, False]
    assert told[-1].cited() == "6 more events, none of which fits here: see the timeline."
