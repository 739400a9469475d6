"""The key that lets an event be sent again without being stored twice."""

import os
import time
from collections.abc import Mapping
from typing import Any


def new_key() -> str:
    """A UUID of version 7 (RFC 9562 section 5.7): it begins with the time, so that the server's index stays dense."""
    value = int.from_bytes((time.time_ns() // 1_000_000).to_bytes(6) + os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def with_key(event: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the event that surely has an idempotency key: its own, or a new one."""
    return {**event, "idempotency_key": event.get("idempotency_key") or new_key()}
