"""How long an actor must be silent for an inferred session to end: settled once for a log, when the first server opens it.

The sessions of a log are folded from it with this rule, and verification folds them again; with another rule it would
come to other sessions and call an untouched log altered.
"""

from immutable.errors import StartError
from immutable.store.catalog import Catalog

NAME = "session_silence_seconds"
"""Under which number of the catalogue the rule is kept."""


def settle(catalog: Catalog, wanted: int) -> int:
    """Keep `wanted` (seconds) for good; in microseconds. Raises StartError where the log was begun with another."""
    settled = catalog.first_number(NAME, wanted)
    if settled != wanted:
        raise StartError(
            f"IMMUTABLE_SESSION_SILENCE_SECONDS is {wanted}, but the inferred sessions of this log are made with {settled}, "
            "and a log keeps its rule. Set it back; another rule needs a new database."
        )
    return wanted * 1_000_000


def settled(catalog: Catalog, default: int) -> int:
    """The rule of this log for those who only read it, in microseconds; `default` (seconds) where none was kept yet."""
    return (catalog.first_number(NAME, None) or default) * 1_000_000
