"""The pages for people: hostile text stays text, in HTML and in PDF, and what the PDF says can be read back."""

import io

import pypdf
import pytest
from tests.evidence.conftest import files

HOSTILE = {
    "actor_id": "user_<b>", "actor_name": "<script>alert(1)</script>\u202egnp.exe \u4f60\u597d \U0001f9e8",
    "action": "<img src=x>.deleted", "user_agent": "<u>" * 300, "session_id": "sess_<b>?#&/../x",
    "resource": {"type": "</table>", "id": "'\"><svg/onload=1>", "name": "x" * 255},
    "metadata": {"</pre><script>": "A" * 9_000}, "targets": [{"type": "</td>", "name": "\u0007**[a](javascript:1)**"}],
}  # fmt: skip


@pytest.fixture
def reports(case):
    """The two reports of a hostile session."""
    assert case.client.send(**HOSTILE).status_code == 202
    made = files(case.pack("/evidence", actor_id="user_<b>"))
    return made["report.html"].decode(), made["report.pdf"]


def test_no_text_becomes_markup(reports):
    """Whatever an event holds is escaped, and what would turn the direction of writing is shown by its number."""
    page, _ = reports
    assert not any(tag in page for tag in ("<script", "<img", "<svg", "<u>", "user_<b>"))
    assert page.count("</table>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩gnp.exe" in page


def test_no_text_breaks_the_pdf(reports):
    """What the font has is there; what it has not is a square; long words are cut into lines."""
    _, paper = reports
    text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper)).pages)
    assert "<script>alert(1)</script>⟨U+202E⟩gnp.exe" in text
    assert "□" in text


def test_the_pdf_tells_the_story(case):
    """Who moved what to the trash, when, in which event, and how to check it."""
    paper = files(case.pack())["report.pdf"]
    text = " ".join("".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper)).pages).split())
    assert "DESTRUCTIVE: 16:53:11: Lisa Wang moved the document “Q3 Budget Report” to trash" in text
    assert "immutable-verify pack" in text
