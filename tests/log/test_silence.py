"""A log keeps the rule by which its inferred sessions are made."""

from pathlib import Path

import pytest

from immutable.errors import StartError
from immutable.log import silence
from immutable.store.open import open_catalog


def test_the_first_rule_is_kept(tmp_path: Path) -> None:
    """The same setting goes on; another one is refused, with what holds; readers are told what holds."""
    catalog = open_catalog(f"sqlite:///{tmp_path}/log.db")
    assert silence.settled(catalog, 1800) == 1_800_000_000
    assert silence.settle(catalog, 600) == 600_000_000
    again = open_catalog(f"sqlite:///{tmp_path}/log.db")
    assert silence.settle(again, 600) == 600_000_000
    assert silence.settled(again, 1800) == 600_000_000
    with pytest.raises(StartError, match="made with 600"):
        silence.settle(again, 1800)
