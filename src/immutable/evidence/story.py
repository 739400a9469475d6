"""A case in plain words, by rule: each sentence tells what is in the events that it names, and nothing else."""

import re
from collections.abc import Iterable, Sequence

from immutable.evidence.fact import Fact
from immutable.evidence.words import clock_text, counted, day_text, listed, ranges_text, span_text

MOST_SENTENCES = 300
_PAST = re.compile("[a-z]+ed")


def summary(facts: Sequence[Fact]) -> list[str]:
    """Who, when, where from, and what was destroyed. `facts` in time."""
    if not facts:
        return ["There are no events."]
    first, last = facts[0].occurred_at, facts[-1].occurred_at
    when = (
        f"On {day_text(first)}" if day_text(first) == day_text(last) else f"From {day_text(first)} to {day_text(last)}"
    )
    actors = _distinct(fact.actor for fact in facts)
    within = span_text((last - first) // 1_000)
    sentences = [f"{when}, {listed(actors)} did {counted(len(facts), 'thing')} within {within} ({_events(facts)})."]
    for noun, values in (("place", (fact.place for fact in facts)), ("device", (fact.device for fact in facts))):
        found = _distinct(values)
        if found:
            sentences.append(f"The {noun}{'' if len(found) == 1 else 's'} recorded: {listed(found)}.")
    destructive = [fact for fact in facts if fact.is_destructive]
    if not destructive:
        sentences.append("Nothing that was done counts as destructive.")
        return sentences
    sentences.append(f"{counted(len(destructive), 'action')} counted as destructive ({_events(destructive)}).")
    origins = {(fact.address, fact.device) for fact in facts}
    if len(origins) == 1 and origins != {("", "")} and len(facts) > len(destructive):
        sentences.append("They came from the same address and the same device as everything else.")
    return sentences


def story(facts: Sequence[Fact]) -> list[tuple[str, bool]]:
    """The sentences, each with whether it tells of something destructive. `facts` in time."""
    runs: list[list[Fact]] = []
    for fact in facts:
        if runs and _kind(runs[-1][-1]) == _kind(fact):
            runs[-1].append(fact)
        else:
            runs.append([fact])
    told = runs
    if len(runs) > MOST_SENTENCES:
        told = sorted(runs, key=lambda run: not run[0].is_destructive)[:MOST_SENTENCES]
        told.sort(key=lambda run: (run[0].occurred_at, run[0].seq))
    day = ""
    sentences = []
    for run in told:
        new_day = day_text(run[0].occurred_at)
        sentences.append((_sentence(run, "" if new_day == day else new_day), run[0].is_destructive))
        day = new_day
    if len(told) < len(runs):
        left = len(facts) - sum(map(len, told))
        sentences.append((f"{counted(left, 'more event')}, none of which fits here: see the timeline.", False))
    return sentences


def _kind(fact: Fact) -> tuple[str, ...]:
    return (fact.actor_id, fact.action, fact.resource_type, fact.resource, fact.targets, str(fact.absent))


def _sentence(run: Sequence[Fact], day: str) -> str:
    fact = run[0]
    text = f"{fact.actor} {_deed(fact)}"
    if fact.targets:
        text += f", with {fact.targets}"
    if len(run) > 1:
        text += f", {len(run):,} times until {clock_text(run[-1].occurred_at)}"
    if fact.is_destructive and fact.gap_ms:
        text += f", {span_text(fact.gap_ms)} after the step before"
    when = f"{day}, {clock_text(fact.occurred_at)}" if day else clock_text(fact.occurred_at)
    return f"{when}: {text} ({_events(run)})."


def _deed(fact: Fact) -> str:
    """`moved the document “Q3 Budget Report” to trash`, where the action's name is so made; else it is only named."""
    noun, dot, verb = fact.action.rpartition(".")
    first, *rest = verb.split("_")
    thing = f"the {fact.resource_type or 'thing'} “{fact.resource}”" if fact.resource else ""
    if not dot or not _PAST.fullmatch(first):
        return f"did “{fact.action}”" + (f" on {thing}" if thing else "")
    return " ".join([first, thing or noun.replace("_", " ").replace(".", " "), *rest])


def _events(facts: Sequence[Fact]) -> str:
    return f"event{'' if len(facts) == 1 else 's'} {ranges_text([fact.seq for fact in facts])}"


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
