"""Addresses and ranges: what is read, what lies in what, and whose neighbours count as one."""

import pytest

from immutable.model.network import is_allowed, neighbourhood, network_of


@pytest.mark.parametrize(
    ("address", "allowlist", "allowed"),
    [
        ("203.0.113.7", (), True),
        (None, (), True),
        (None, ("10.0.0.0/8",), False),
        ("10.1.2.3", ("10.0.0.0/8",), True),
        ("11.1.2.3", ("10.0.0.0/8",), False),
        ("::ffff:10.1.2.3", ("10.0.0.0/8",), True),
        ("10.1.2.3", ("::ffff:10.0.0.0/104",), True),
        ("2001:db8::1", ("10.0.0.0/8", "2001:db8::/32"), True),
        ("2001:db9::1", ("10.0.0.0/8", "2001:db8::/32"), False),
        ("10.1.2.3", ("::/0",), False),
        ("203.0.113.7", ("203.0.113.7",), True),
        ("203.0.113.8", ("203.0.113.7",), False),
        ("not an address", ("0.0.0.0/0", "::/0"), False),
    ],
)
def test_what_is_allowed(address, allowlist, allowed):
    """An empty list allows all; another only what lies in one of its ranges, IPv4 in IPv6's clothes too."""
    assert is_allowed(address, allowlist) == allowed


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "example.com", "10.0.0", "::1/129"])
def test_what_is_no_range(text):
    """It is refused, not guessed at."""
    with pytest.raises(ValueError, match="does not appear"):
        network_of(text)


def test_neighbours():
    """An IPv4 address stands for itself, an IPv6 address for its /64."""
    assert neighbourhood("203.0.113.7") == neighbourhood("::ffff:203.0.113.7") == "203.0.113.7"
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("2001:db8:1:2:ffff::9") != neighbourhood("2001:db8:1:3::1")
