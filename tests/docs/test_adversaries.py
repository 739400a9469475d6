"""The list of adversaries is true: each test that it names is there, and each test of adversaries is in it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = (ROOT / "docs/security/adversaries.md").read_text("utf-8")


def _tests_in(*files: Path) -> set[str]:
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)}


def test_every_test_that_is_named_is_there() -> None:
    """A name in the list is a test's, or a file's of tests."""
    tests = _tests_in(*(ROOT / "tests").rglob("test_*.py"))
    files = {file.name for file in (ROOT / "tests/tampering").glob("test_*.py")}
    named = set(re.findall(r"`(test_\w+(?:\.py)?)`", LIST))
    assert len(named) > 20
    assert named <= tests | files


def test_every_attempt_is_in_the_list() -> None:
    """What is tried in the tests of adversaries is told in the list, but for the honest log."""
    tried = _tests_in(ROOT / "tests/tampering/test_adversary.py") - {"test_an_honest_log_is_told_with_its_scope"}
    assert tried <= set(re.findall(r"`(test_\w+)`", LIST))
