"""The rule for what counts as destructive."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immutable.sessions.destructive import DestructiveRule
from immutable.settings import Settings


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("document.deleted", True),
        ("billing.invoice.deleted", True),
        ("DOCUMENT.Deleted", True),
        ("trash.emptied", True),
        ("document.deleted.undone", False),
        ("deleted", False),
        ("trash.emptied2", False),
        ("trashXemptied", False),
        ("billing.anything\nat all", True),
        ("", False),
    ],
)
def test_a_star_stands_for_any_run_of_characters(action: str, expected: bool) -> None:
    """Patterns are matched whole, in any case, and have no other signs than the star."""
    assert DestructiveRule(["*.deleted", "trash.emptied", "billing.*"]).covers(action) is expected


def test_no_patterns_cover_nothing() -> None:
    """An operator may switch the rule off."""
    assert not DestructiveRule([]).covers("document.deleted")
    assert not DestructiveRule([]).covers("")


def test_a_star_alone_covers_everything() -> None:
    """`*` is every action."""
    assert DestructiveRule(["*"]).covers("anything")


def test_a_session_counts_its_destructive_events() -> None:
    """The count is taken from the summary's actions when it is asked for."""
    rule = DestructiveRule(["*.deleted"])
    assert rule.count({"document.deleted": 3, "document.viewed": 5, "user.deleted": 1}) == 4


def test_the_rule_that_ships_covers_ticket_4821() -> None:
    """Moving to the trash and emptying it are the two destructive steps of the ticket."""
    rule = DestructiveRule(Settings().destructive_actions)
    assert rule.covers("document.moved_to_trash")
    assert rule.covers("trash.emptied")
    assert not any(map(rule.covers, ("document.opened", "document.edited", "document.saved", "document.searched")))


def test_exceptions_win() -> None:
    """What an exception covers does not count, whatever covers it besides; which pattern that is can still be told."""
    rule = DestructiveRule(["*.deleted", "billing.*"], ["notification.*", "billing.viewed"])
    assert rule.covers("document.deleted")
    assert not rule.covers("notification.deleted")
    assert not rule.covers("billing.viewed")
    assert rule.pattern_of("notification.deleted") == "*.deleted"
    assert rule.pattern_of("billing.deleted") == "*.deleted"
    assert rule.pattern_of("document.viewed") is None


@given(pattern=st.text("ab.*", max_size=8), action=st.text("ab.", max_size=10))
def test_stars_match_as_the_shell_s_do(pattern: str, action: str) -> None:
    """Whatever the stars stand between, and however many there are."""
    assert DestructiveRule([pattern]).covers(action) is fnmatchcase(action, pattern)


def test_no_pattern_keeps_the_server_busy() -> None:
    """A pattern of a hundred stars is answered: tried every way, it would not be in a lifetime."""
    assert not DestructiveRule(["*a" * 120 + "b"]).covers("a" * 255)
