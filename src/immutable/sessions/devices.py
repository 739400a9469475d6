"""A device's name from its user agent: "Chrome on Mac OS X"."""

from functools import lru_cache

import ua_parser


@lru_cache(maxsize=8192)
def device_of(user_agent: str) -> str:
    """Browser (or client) and system, as far as they can be told; "Unknown device" where neither can."""
    found = ua_parser.parse(user_agent)
    browser = found.user_agent.family if found.user_agent else None
    system = found.os.family if found.os else None
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown device"
