"""Our HTTP stack with an empty store: every key is good, every event is decoded, acknowledged at once and forgotten.

python -m benchmarks.empty_store PORT
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from immutable import server, settings
from immutable.accounts.api_key import KeyRing
from immutable.log.appender import Appender
from immutable.model.event import EventDraft, Receipt
from immutable.model.workspace import ApiKey, Scope, Workspace

_WORKSPACE = Workspace(1, "ws_0000000000000000", "empty")
_KEY = ApiKey("key_0000000000000000", _WORKSPACE, "", "", ("ingest", "read"), 0, None, None)
_RECEIPT = Receipt("00000000-0000-7000-8000-000000000000", 1, bytes(32), is_duplicate=False)


def _submit(
    self: Appender,  # noqa: ARG001 - takes the method's place
    workspace: Workspace,  # noqa: ARG001
    drafts: Sequence[EventDraft],
    size: int,  # noqa: ARG001
) -> asyncio.Future[list[Receipt]]:
    future: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
    future.set_result([_RECEIPT] * len(drafts))
    return future


def _remembered(self: KeyRing, secret: str, scope: Scope, address: str | None) -> ApiKey:  # noqa: ARG001 - see below
    return _KEY


def main() -> None:
    """Serve."""
    Appender.submit = _submit  # type: ignore[method-assign]
    # Each takes a method's place.
    KeyRing.remembered = _remembered  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as directory:
        database = f"sqlite:///{Path(directory) / 'empty.db'}"
        server.run(settings.load({"IMMUTABLE_DATABASE_URL": database, "IMMUTABLE_PORT": sys.argv[1]}))


if __name__ == "__main__":
    main()
