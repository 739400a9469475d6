"""E-mail addresses as members are known by: what is one, and what is not."""

import pytest

from immutable.accounts.email import email_of
from immutable.errors import InvalidEvent


def test_an_address_is_one_however_it_is_typed() -> None:
    """Capitals, spaces around it and the two forms of an accent make no other address."""
    assert email_of(" Ada@Example.COM ") == "ada@example.com"
    assert email_of("jose\u0301@example.com") == email_of("JOS\u00c9@example.com")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@gro\u00df.example", "ada@gross.example"),
        ("\u017fam@example.com", "sam@example.com"),
        ("\ufb01ona@example.com", "fiona@example.com"),
        ("ada\uff0b1@example.com", "ada+1@example.com"),
        ("al\u0131ce@example.com", "alice@example.com"),
    ],
)
def test_addresses_of_two_people_are_never_one(one: str, other: str) -> None:
    """Letters that only look or sort alike stay apart: each of the addresses can be somebody's, and be verified as theirs."""
    assert email_of(one) != email_of(other)


@pytest.mark.parametrize(
    "text", ["a@b\r\nBcc: c@d", "a b@c", "a@b@c", "<a@b>", "a@", "@b", "a\u202e@b", "a" * 250 + "@b.cd", "a,b@c"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Nothing that could end a header, name several people or hide what it says."""
    with pytest.raises(InvalidEvent):
        email_of(text)
