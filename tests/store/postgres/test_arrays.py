"""Arrays that are sent to PostgreSQL in binary."""

from psycopg import postgres
from psycopg.adapt import AdaptersMap, PyFormat

from immutable.store.postgres import arrays


def test_connections_share_the_classes_that_send_arrays() -> None:
    """A new connection brings no new class: psycopg would keep it for ever, and connections come and go all day."""
    first, second = (AdaptersMap(postgres.adapters) for _ in range(2))
    for adapters in (first, second):
        arrays.register(adapters)
    for kind in (arrays.ByteaArray, arrays.BigintArray, arrays.IntegerArray, arrays.TextArray, arrays.BooleanArray):
        assert first.get_dumper(kind, PyFormat.BINARY) is second.get_dumper(kind, PyFormat.BINARY)
