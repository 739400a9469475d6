"""A case in plain words, by rule: each sentence tells what is in the events that it names, and nothing else."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo

import msgspec

from immutable.story.fact import Fact
from immutable.story.words import clock_text, counted, day_text, listed, ranges_text, span_text

MOST_SENTENCES = 300
_PAST = re.compile("[a-z]+ed")


class Sentence(msgspec.Struct, frozen=True):
    """What is told, without the period at its end, and the facts that it rests on: none where it tells of all or nothing."""

    text: str
    facts: Sequence[Fact] = ()
    is_destructive: bool = False

    def cited(self) -> str:
        """The sentence whole, naming its events by their numbers."""
        return f"{self.text} ({events_text(self.facts)})." if self.facts else f"{self.text}."


def summary(facts: Sequence[Fact], zone: tzinfo = UTC) -> list[Sentence]:
    """Who, when, where from, and what was destroyed. `facts` in time."""
    if not facts:
        return [Sentence("There are no events")]
    first, last = facts[0].occurred_at, facts[-1].occurred_at
    days = [day_text(at, zone) for at in (first, last)]
    when = f"On {days[0]}" if days[0] == days[1] else f"From {days[0]} to {days[1]}"
    named = {fact.actor_id for fact in facts if fact.actor != fact.actor_id}
    # Where only some of somebody's details are shown, the bare id is nobody else.
    actors = distinct(fact.actor for fact in facts if fact.actor != fact.actor_id or fact.actor_id not in named)
    within = span_text((last - first) // 1_000)
    told = [Sentence(f"{when}, {listed(actors)} did {counted(len(facts), 'thing')} within {within}", facts)]
    for noun, values in (("place", (fact.place for fact in facts)), ("device", (fact.device for fact in facts))):
        found = distinct(values)
        if found:
            told.append(Sentence(f"The {noun}{'' if len(found) == 1 else 's'} recorded: {listed(found)}"))
    destructive = [fact for fact in facts if fact.is_destructive]
    if not destructive:
        return [*told, Sentence("Nothing that was done counts as destructive")]
    told.append(
        Sentence(f"{counted(len(destructive), 'action')} counted as destructive", destructive, is_destructive=True)
    )
    origins = {(fact.address, fact.device) for fact in facts}
    if len(origins) == 1 and origins != {("", "")} and len(facts) > len(destructive):
        told.append(Sentence("They came from the same address and the same device as everything else"))
    return told


def story(facts: Sequence[Fact], zone: tzinfo = UTC) -> list[Sentence]:
    """A sentence for each thing that was done; what was done again and again is told once. `facts` in time."""
    all_runs = runs(facts)
    told = all_runs
    if len(all_runs) > MOST_SENTENCES:
        told = sorted(all_runs, key=lambda run: not run[0].is_destructive)[:MOST_SENTENCES]
        told.sort(key=lambda run: (run[0].occurred_at, run[0].seq))
    day = ""
    sentences = []
    for run in told:
        new_day = day_text(run[0].occurred_at, zone)
        text = _sentence(run, "" if new_day == day else new_day, zone)
        sentences.append(Sentence(text, run, run[0].is_destructive))
        day = new_day
    if len(told) < len(all_runs):
        left = len(facts) - sum(map(len, told))
        sentences.append(Sentence(f"{counted(left, 'more event')}, none of which fits here: see the timeline"))
    return sentences


def runs(facts: Sequence[Fact]) -> list[list[Fact]]:
    """The facts, with those together that tell the same one after the other."""
    found: list[list[Fact]] = []
    for fact in facts:
        if found and _kind(found[-1][-1]) == _kind(fact):
            found[-1].append(fact)
        else:
            found.append([fact])
    return found


def deed(fact: Fact) -> str:
    """`moved the document “Q3 Budget Report” to trash`, where the action's name is so made; else it is only named."""
    noun, dot, verb = fact.action.rpartition(".")
    first, *rest = verb.split("_")
    thing = f"the {fact.resource_type or 'thing'} “{fact.resource}”" if fact.resource else ""
    if not dot or not _PAST.fullmatch(first):
        text = f"did “{fact.action}”" + (f" on {thing}" if thing else "")
    else:
        text = " ".join([first, thing or noun.replace("_", " ").replace(".", " "), *rest])
    return f"{text}, with {fact.targets}" if fact.targets else text


def events_text(facts: Sequence[Fact]) -> str:
    """Events 5-9, 12."""
    return f"event{'' if len(facts) == 1 else 's'} {ranges_text([fact.seq for fact in facts])}"


def distinct(values: Iterable[str]) -> list[str]:
    """Those that say something, each once, in their order."""
    return list(dict.fromkeys(value for value in values if value))


def _kind(fact: Fact) -> tuple[str, ...]:
    return (fact.actor_id, fact.action, fact.resource_type, fact.resource, fact.targets, str(fact.absent))


def _sentence(run: Sequence[Fact], day: str, zone: tzinfo) -> str:
    fact = run[0]
    text = f"{fact.actor} {deed(fact)}"
    if len(run) > 1:
        text += f", {len(run):,} times until {clock_text(run[-1].occurred_at, zone)}"
    if fact.is_destructive and fact.gap_ms:
        text += f", {span_text(fact.gap_ms)} after the step before"
    at = clock_text(fact.occurred_at, zone)
    return f"{day}, {at}: {text}" if day else f"{at}: {text}"
