"""Who has the server do something, as the log is told: the API key, or whoever works directly on the database."""

from immutable.api.endpoint import Call
from immutable.log.system_events import Responsible


def responsible(call: Call) -> Responsible:
    """The key that the request was sent with; only for paths that ask for one."""
    key = call.key
    assert key is not None  # noqa: S101 - the URL table asks for a key
    kind = "api_key" if key.id.startswith("key_") else "operator"
    return Responsible(key.id, kind, key.name or None, call.caller)
