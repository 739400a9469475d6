"""report.html: the case as a page that opens offline, asks no host for anything and runs no script.

Every text is escaped where it is put in (`_text`), and the page's own policy forbids everything but its one style sheet.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from immutable.evidence.case import Case
from immutable.evidence.how_to_check import STEPS
from immutable.story.fact import Fact
from immutable.story.told import story, summary
from immutable.story.words import clock_text, day_text, span_text, visible

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:62rem;padding:1.5rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.2em 0}h2{font-size:1.15rem;margin:2em 0 .5em}
.muted,.facts dt{color:GrayText}.mono{font-family:ui-monospace,monospace;font-size:.86em}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1em}.facts dd{margin:0}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.4em .6em;border-bottom:1px solid #8884}
td.time{white-space:nowrap}tr.destructive{background:#d3222214}li.destructive{font-weight:600}
.tag{background:#b3141b;color:#fff;border-radius:3px;padding:0 .4em;font-size:.78em;font-weight:700;white-space:nowrap}
.absent{font-style:italic}pre{white-space:pre-wrap;margin:.3em 0;font-size:.82em}
header a.pack{display:inline-block;padding:.5em 1em;border:1px solid;border-radius:6px;font-weight:600}
@media screen and (max-width:40rem){thead{display:none}tbody,tr,td,th{display:block}
td{border:0;padding:.1em 0}tr{border-bottom:1px solid #8884;padding:.4em 0}}
@media print{details{display:none}tr{break-inside:avoid}}
"""

POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)
"""The page's Content-Security-Policy; a server that shows the page sends it too."""


def page(case: Case, *, pack_address: str | None = None) -> Iterator[str]:
    """The page, piece by piece. `pack_address`: where the pack can be had, if it is not beside the page."""
    title = f"Evidence: {visible(case.asked)}"
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
    )
    yield f"<header><p class=muted>Evidence pack</p><h1>{_text(case.asked)}</h1>"
    if pack_address is not None:
        yield f'<p><a class="pack" href="{escape(pack_address)}" download>Download the pack, to check it yourself</a></p>'
    yield "</header>"
    yield f"<h2>In short</h2>{_paragraphs([sentence.cited() for sentence in summary(case.facts)])}"
    yield _about(case)
    yield "<h2>The story</h2><ol>"
    for sentence in story(case.facts):
        mark = ' class="destructive"' if sentence.is_destructive else ""
        yield f"<li{mark}>{escape(sentence.cited())}{' ' + _TAG if sentence.is_destructive else ''}</li>"
    yield "</ol><h2>Timeline</h2><table><thead><tr><th>UTC<th>What<th>Who and where<th>Event</tr></thead><tbody>"
    day = ""
    for fact in case.facts:
        new_day = day_text(fact.occurred_at)
        if new_day != day:
            yield f'<tr><th colspan="4">{escape(new_day)}</tr>'
        day = new_day
        yield _row(fact)
    yield "</tbody></table>"
    yield f"<h2>What this shows, and what it does not</h2>{_paragraphs(case.scope())}"
    yield f"<h2>How to check it</h2><ol>{''.join(f'<li>{escape(step)}</li>' for step in STEPS)}</ol>"
    yield "<p>The log's keys, as this pack tells them:</p>"
    yield "".join(f'<p class="mono">{_text(key)}</p>' for key in case.verifier_keys)
    yield "</body></html>\n"


_TAG = '<span class="tag">DESTRUCTIVE</span>'


def _about(case: Case) -> str:
    rows = {
        "Log": case.origin,
        "Workspace": case.workspace_id,
        "Made": f"{day_text(case.created_at)}, {clock_text(case.created_at)} UTC",
        "Checkpoint": f"{case.size:,} events, root {case.root.hex()}",
    }
    return (
        '<dl class="facts">' + "".join(f"<dt>{name}<dd>{_text(value, 2_000)}" for name, value in rows.items()) + "</dl>"
    )


def _row(fact: Fact) -> str:
    what = f"<strong>{escape(fact.action)}</strong>" + (f" {_TAG}" if fact.is_destructive else "")
    if fact.resource_type or fact.resource:
        what += f"<br>{escape(fact.resource_type)} <bdi>{escape(fact.resource)}</bdi>"
    if fact.targets:
        what += f'<br><span class="muted">with <bdi>{escape(fact.targets)}</bdi></span>'
    if fact.absent is not None:
        what += f'<br><span class="absent">Details {fact.absent}</span>'
    if fact.free_text:
        what += f"<details><summary>Details</summary><pre><bdi>{escape(fact.free_text)}</bdi></pre></details>"
    where = " · ".join(part for part in (fact.place, fact.address, fact.device) if part)
    gap = f'<br><span class="muted">+{span_text(fact.gap_ms)}</span>' if fact.gap_ms else ""
    mark = ' class="destructive"' if fact.is_destructive else ""
    return (
        f'<tr{mark} id="event-{fact.seq}"><td class="time">{clock_text(fact.occurred_at)}{gap}<td>{what}'
        f'<td><bdi>{escape(fact.actor)}</bdi><br><span class="muted">{escape(fact.actor_id)}<br>{escape(where)}</span>'
        f'<td>{fact.seq:,}<br><span class="mono muted">{fact.event_hash[:16]}…</span></tr>\n'
    )


def _paragraphs(sentences: list[str]) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _text(text: str, most: int = 300) -> str:
    return f"<bdi>{escape(visible(text, most))}</bdi>"
