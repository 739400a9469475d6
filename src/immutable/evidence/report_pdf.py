"""report.pdf: the same case on paper. Letters that the font does not have become a square; report.html has them all."""

import logging
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from immutable.evidence.case import Case
from immutable.evidence.how_to_check import STEPS
from immutable.story.fact import Fact
from immutable.story.told import story, summary
from immutable.story.words import clock_text, counted, day_text, span_text, visible

MOST_FACTS = 1_000
"""Events whose timeline is printed; a longer one is in report.html."""

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells the server's log of each letter it leaves out

_FONTS = Path(__file__).parent / "fonts"
_STYLES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_MISSING = "\u25a1"
_RED, _BLACK, _GREY = (179, 20, 27), (0, 0, 0), (110, 110, 110)


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """What both fonts can show."""
    shown = []
    for name in _STYLES.values():
        with TTFont(_FONTS / name) as font:
            shown.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*shown)


class _Paper(FPDF):
    """Pages with a line at their foot."""

    foot = ""

    def footer(self) -> None:
        """The log, and the page's number."""
        self.set_y(-12)
        self.set_font("DejaVu", size=7)
        self.set_text_color(*_GREY)
        self.cell(0, 5, f"{_printable(self.foot)} · page {self.page_no()}", align="C")

    def say(self, text: str, *, size: float = 9, bold: bool = False, colour: tuple[int, int, int] = _BLACK) -> None:
        """A paragraph."""
        self.set_font("DejaVu", "B" if bold else "", size)
        self.set_text_color(*colour)
        printable = _printable(text)
        if self.get_string_width(printable) < self.epw:  # most paragraphs; looking for places to break takes far longer
            self.cell(0, size * 0.5, printable, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            return
        wrap = WrapMode.CHAR if _has_long_word(printable) else WrapMode.WORD
        self.multi_cell(0, size * 0.5, printable, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=wrap)

    def head(self, text: str) -> None:
        """A heading."""
        self.ln(4)
        self.say(text, size=12, bold=True)
        self.ln(1)


def paper(case: Case) -> bytes:
    """The PDF."""
    pdf = _Paper(format="A4")
    pdf.foot = f"Evidence of {case.origin}"
    pdf.set_title("Evidence")
    pdf.set_auto_page_break(True, 18)
    for style, name in _STYLES.items():
        pdf.add_font("DejaVu", style, _FONTS / name)
    pdf.add_page()
    pdf.say("Evidence", size=9, colour=_GREY)
    pdf.say(visible(case.asked), size=15, bold=True)
    pdf.head("In short")
    for sentence in summary(case.facts):
        pdf.say(sentence.cited())
    if len(case.facts) > MOST_FACTS:
        pdf.ln(1)
        left = f"This paper prints the first {MOST_FACTS:,} of {counted(len(case.facts), 'event')}, in time."
        pdf.say(
            f"{left} All of them are in report.html and events.jsonl, beside it in the pack.", bold=True, colour=_RED
        )
    pdf.ln(2)
    made = f"Made {day_text(case.created_at)}, {clock_text(case.created_at)} UTC, of workspace {case.workspace_id}."
    checkpoint = f"Checkpoint of {case.size:,} events by {case.origin}, root {case.root.hex()}."
    pdf.say(f"{made} {checkpoint}", size=8, colour=_GREY)
    pdf.head("The story")
    for sentence in story(case.facts):
        destroys = sentence.is_destructive
        tag = "DESTRUCTIVE: " if destroys else ""
        pdf.say(f"{tag}{sentence.cited()}", bold=destroys, colour=_RED if destroys else _BLACK)
    pdf.head("Timeline")
    for fact in case.facts[:MOST_FACTS]:
        _tell(pdf, fact)
    if len(case.facts) > MOST_FACTS:
        more = counted(len(case.facts) - MOST_FACTS, "more event")
        pdf.say(f"{more} are not printed here: see report.html, or events.jsonl.", bold=True, colour=_RED)
    pdf.head("What this shows, and what it does not")
    for line in case.scope():
        pdf.say(line)
    pdf.say(f"Letters that this file's font does not have are printed as {_MISSING}; report.html has them.")
    pdf.head("How to check it")
    for at, step in enumerate(STEPS, 1):
        pdf.say(f"{at}. {step}")
    pdf.ln(1)
    for key in case.verifier_keys:
        pdf.say(key, size=8)
    buffer = BytesIO()
    pdf.output(buffer)
    return buffer.getvalue()


def _tell(pdf: _Paper, fact: Fact) -> None:
    colour = _RED if fact.is_destructive else _BLACK
    gap = f"  (+{span_text(fact.gap_ms)})" if fact.gap_ms else ""
    tag = "   DESTRUCTIVE" if fact.is_destructive else ""
    when = f"{day_text(fact.occurred_at)}, {clock_text(fact.occurred_at)} UTC{gap}"
    pdf.say(f"{when}   {fact.action}{tag}", bold=True, colour=colour, size=8.5)
    thing = " ".join(part for part in (fact.resource_type, fact.resource) if part)
    parts = [thing, f"with {fact.targets}" if fact.targets else "", f"details {fact.absent}" if fact.absent else ""]
    parts += [f"{fact.actor} ({fact.actor_id})", fact.place, fact.address, fact.device]
    pdf.say(" · ".join(part for part in parts if part), size=8)
    pdf.say(f"event {fact.seq}, {fact.id}, hash {fact.event_hash}", size=6.5, colour=_GREY)
    pdf.ln(1.5)


def _printable(text: str) -> str:
    letters = _letters()
    return "".join(letter if ord(letter) in letters else _MISSING for letter in text)


def _has_long_word(text: str) -> bool:
    return any(len(word) > 60 for word in text.split())
