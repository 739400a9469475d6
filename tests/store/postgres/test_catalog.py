"""How the catalogue hears of changes: its own at once, those of other processes by notification."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from tests.postgres import new_database

from immutable.store.postgres.store import PostgresLogStore


def test_what_was_read_before_a_change_does_not_set_the_generation_back() -> None:
    """Else what was remembered until then, a key that was just revoked, would be believed until the next notification."""
    with closing(PostgresLogStore(new_database())) as store:
        catalog = store.catalog
        workspace = catalog.create_workspace("w")
        key = catalog.add_key(workspace, name="k", digest=b"g" * 32, hint="gggg", scopes=("read",))
        before, revoked = catalog.generation(), []

        def read(sql: str, values: Sequence[object], *, prepare: bool | None = None) -> list[Any]:
            rows = store.database.read(sql, values, prepare=prepare)
            if not revoked:
                revoked.append(catalog.revoke_key(workspace, key.id))
            return rows

        catalog._look(read)
        assert revoked == [True]
        assert catalog.generation() > before
