"""Devices told from user agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immutable.sessions.devices import device_of

KNOWN = {
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 "
    "Safari/537.36": "Chrome on Mac OS X",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:123.0) Gecko/20100101 Firefox/123.0": "Firefox on Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 "
    "Mobile/15E148 Safari/604.1": "Mobile Safari on iOS",
    "python-requests/2.31.0": "Python Requests",
    "Mozilla/5.0 (X11; Linux x86_64)": "Linux",
    "": "Unknown device",
    "nothing that anyone knows": "Unknown device",
}


@pytest.mark.parametrize(("user_agent", "device"), KNOWN.items(), ids=KNOWN.values())
def test_a_device_is_named_by_browser_and_system(user_agent: str, device: str) -> None:
    """Browser and system where both can be told, one of them where not, and a plain word where neither."""
    assert device_of(user_agent) == device


@given(st.text(max_size=200))
def test_any_user_agent_has_some_device(user_agent: str) -> None:
    """Whatever a client sends, there is a name, and no error."""
    assert device_of(user_agent)
