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
