"""A log on every engine, as the stores' contract has them."""

from tests.store.contract.conftest import catalog, log, new_log, store

__all__ = ["catalog", "log", "new_log", "store"]
