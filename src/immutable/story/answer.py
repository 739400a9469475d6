"""A draft of the answer to the customer, made from a session's events; nothing in it is known beforehand.

A person reads it before it is sent: what only that person can know stands in brackets.
"""

from collections.abc import Sequence
from datetime import tzinfo

from immutable.story.fact import Fact
from immutable.story.told import Sentence, deed, runs
from immutable.story.words import clock_text, counted, day_text, span_text, visible

MOST_STEPS = 14
"""Steps that the answer lists; of more, those around what was destroyed."""


def lost_in(facts: Sequence[Fact]) -> Fact | None:
    """The first fact by which something was destroyed."""
    return next((fact for fact in facts if fact.is_destructive), None)


def draft(session_id: str, facts: Sequence[Fact], history: Sequence[Fact], zone: tzinfo) -> list[Sentence]:
    """The draft, a line each; empty ones part its paragraphs. Times are shown in `zone`.

    `facts` of the session, in time; `history`: all that happened to the resource of `lost_in(facts)`.
    """
    if not facts:
        return []
    lost = lost_in(facts)
    about = lost or facts[0]
    what = f"what happened to {_name(lost)} in your session" if lost else "your session"
    day = day_text(facts[0].occurred_at, zone)
    lines = [
        Sentence(f"Hello {about.actor.split()[0] if about.actor else 'there'},"),
        Sentence(""),
        Sentence(f"we looked at {what} of {day}. Times are those of {zone}."),
        Sentence(""),
        *_steps(facts, zone),
        Sentence(""),
    ]
    if lost is None:
        lines.append(Sentence("Nothing that was done in this session removes anything."))
    else:
        destructive = [fact for fact in facts if fact.is_destructive]
        lines += [_who_and_where(session_id, facts, destructive), _others(history, lost)]
    asks = "whether a copy from before these steps can be restored" if lost else "what happens next"
    evidence = [fact for fact in facts if fact.is_destructive] or [facts[0], *facts[1:][-1:]]
    return [
        *lines,
        Sentence(""),
        Sentence(f"[To add by support: {asks}.]"),
        Sentence(""),
        Sentence("Evidence, in a chain of hashes that anyone can verify:"),
        *(
            Sentence(f"  event {fact.seq:,}, {fact.id}, hash {fact.event_hash[:16]}…", [fact], fact.is_destructive)
            for fact in evidence
        ),
    ]


def _steps(facts: Sequence[Fact], zone: tzinfo) -> list[Sentence]:
    """The steps that count: all, or the destructive ones and their neighbours."""
    all_runs = runs(facts)
    near = {
        neighbour for at, run in enumerate(all_runs) if run[0].is_destructive for neighbour in range(at - 2, at + 3)
    }
    chosen = range(len(all_runs)) if len(all_runs) <= MOST_STEPS else sorted(near or range(MOST_STEPS))[:MOST_STEPS]
    lines: list[Sentence] = []
    before = -1
    for at in (one for one in chosen if 0 <= one < len(all_runs)):
        if at > before + 1:
            where = "before" if before < 0 else "between"
            lines.append(Sentence(f"  … {counted(sum(map(len, all_runs[before + 1 : at])), 'step')} {where}"))
        run = all_runs[at]
        times = f", {len(run):,} times" if len(run) > 1 else ""
        text = f"  {clock_text(run[0].occurred_at, zone)}  {deed(run[0])}{_said(run[0])}{times}"
        lines.append(Sentence(text, run, run[0].is_destructive))
        before = at
    if before + 1 < len(all_runs):
        lines.append(Sentence(f"  … {counted(sum(map(len, all_runs[before + 1 :])), 'step')} after"))
    return lines


def _said(fact: Fact) -> str:
    """What the usual metadata adds: where in the interface, what was searched for; and how soon something was destroyed."""
    text = ""
    if "query" in fact.metadata:
        results = visible(str(fact.metadata.get("results", "unknown")), 20)
        text = f" for “{visible(str(fact.metadata['query']), 120)}”, {results} results"
    where = [_words(fact.metadata[name]) for name in ("page", "section") if name in fact.metadata]
    if where:
        text += f" ({', '.join(where)})"
    if fact.is_destructive and fact.gap_ms:
        text += f", {span_text(fact.gap_ms)} later"
    return text


def _who_and_where(session_id: str, facts: Sequence[Fact], destructive: Sequence[Fact]) -> Sentence:
    """Whether what was destroyed came from the same address and device as all the rest."""
    origins = {_origin(fact) for fact in destructive}
    everything = {_origin(fact) for fact in facts}
    what = "The destructive step came" if len(destructive) == 1 else f"The {len(destructive)} destructive steps came"
    same = f", like all {len(facts):,} steps of the session" if origins == everything and len(facts) > 1 else ""
    text = f"{what} from your account, session {visible(session_id)}, {' and '.join(sorted(origins))}{same}."
    return Sentence(text, destructive, is_destructive=True)


def _origin(fact: Fact) -> str:
    where = f"address {fact.address or 'unknown'} in {fact.place or 'a place unknown'}"
    return f"{where}, with {fact.device or 'a device unknown'}"


def _others(history: Sequence[Fact], lost: Fact) -> Sentence:
    others = [fact for fact in history if fact.actor_id != lost.actor_id]
    if not others:
        return Sentence(f"Nobody else touched {_name(lost)}.")
    people = len({fact.actor_id for fact in others})
    who = "1 person" if people == 1 else f"{people:,} people"
    harmful = sum(fact.is_destructive for fact in others)
    return Sentence(
        f"Others who touched {_name(lost)}: {who}, {counted(len(others), 'time')}, {harmful or 'none'} of them destructive.",
        others,
    )


def _name(fact: Fact) -> str:
    return fact.resource or fact.resource_type or "something"


def _words(name: object) -> str:
    return visible(str(name), 60).replace(".", " ").replace("_", " ")
