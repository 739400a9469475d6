"""How much a log takes on disk, by what it is for."""

from contextlib import closing

import apsw
import psycopg

from immutable.store.open import is_postgres, path_of

_BEHIND = "^(postings|event_texts.*|progress)$"
"""The tables that only find events and can be made again, with their partitions."""


def sizes(database_url: str) -> dict[str, int]:
    """Bytes of the log and of its indexes."""
    if not is_postgres(database_url):
        file = path_of(database_url)
        index = file.with_name(file.name + ".index")
        for one in (file, index):
            with closing(apsw.Connection(str(one))) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return {"the log": file.stat().st_size, "its indexes": index.stat().st_size}
    sql = (
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relname !~ %(behind)s), 0)::bigint, "
        "coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relname ~ %(behind)s), 0)::bigint "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'immutable' AND c.relkind = 'r'"
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM")
        row = connection.execute(sql, {"behind": _BEHIND}).fetchone()
    assert row is not None
    return {"the log": row[0], "its indexes": row[1]}
