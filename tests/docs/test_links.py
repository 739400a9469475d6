"""The pages lead somewhere: every relative link is a file, every test that a page names is a test."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_to_files(page: Path) -> None:
    """A link without a scheme names a file or folder of the repository."""
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text("utf-8"))
    gone = [link for link in links if not re.match(r"\w+:|/", link) and not (page.parent / link).exists()]
    assert gone == []


def _anchors(page: Path) -> set[str]:
    """What a link behind a `#` may name: the headings, as GitHub makes anchors of them."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one) for one in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", one.strip().lower()).replace(" ", "-") for one in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_into_pages_lead_to_headings(page: Path) -> None:
    """What stands behind the `#` of a link is a heading of the page that it leads to."""
    links = re.findall(r"\]\(([^)\s:#]*)#([^)\s]+)\)", page.read_text("utf-8"))
    gone = [
        f"{file}#{anchor}" for file, anchor in links if anchor not in _anchors(page.parent / file if file else page)
    ]
    assert gone == []


def test_the_tests_that_the_security_pages_name_exist() -> None:
    """`test_…` in a security page is a test's name, or the beginning of one where it ends in `…`."""
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    named = {
        name for page in (ROOT / "docs/security").glob("*.md") for name in re.findall(r"\btest_\w+(?:\.py|…)?", page.read_text())
    }  # fmt: skip
    assert len(named) > 10
    for name in named:
        assert name in files or f"def {name.removesuffix('…')}" in source
