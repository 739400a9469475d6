"""The months by which the two big tables are partitioned: what a read of places needs of them, made ahead, and dropped.

A workspace's events go from month to month and never back, because `created_at` does (`integrity/chain.py`). What may go
is decided elsewhere (`retention/`): a month is dropped when all of it was pruned.
"""

from bisect import bisect_right
from collections.abc import Sequence

from psycopg import errors

from immutable import clock
from immutable.store.postgres.connection import Connection, run, send

_AHEAD = 3
"""Months made beforehand. One that is missing all the same is made by the append that needs it."""
_LOCK_MS = 2_000
"""How long dropping waits for those who read; meanwhile nobody else may begin to."""
WAIT_FOR_MAKERS = "SELECT pg_advisory_xact_lock(7306367)"
"""Takes the lock under which `make_period` makes a month, before one is entered.

Whoever makes one holds it until other backends are told of the partition; the table is in their catalogue a moment before.
"""

IN_PERIODS = (
    "period BETWEEN coalesce((SELECT max(p.period) FROM periods p WHERE p.workspace_number=%s AND p.first_seq <= %s), 0) "
    "AND coalesce((SELECT max(p.period) FROM periods p WHERE p.workspace_number=%s AND p.first_seq <= %s), 0)"
)
"""The condition that a row is in the months of some places, so that PostgreSQL looks into no other partition.

Its values: the workspace's number and the first place, then the number again and the last place.
"""


MISPLACED = (
    "WITH months AS (SELECT period, first_seq, min(first_seq) OVER (ORDER BY period ROWS BETWEEN 1 FOLLOWING AND "
    "UNBOUNDED FOLLOWING) AS after_seq FROM periods WHERE workspace_number=%s) SELECT held.seq FROM ("
    "SELECT seq, period FROM entries WHERE workspace_number=%s AND seq BETWEEN %s AND %s UNION ALL "
    "SELECT seq, period FROM event_texts WHERE workspace_number=%s AND seq BETWEEN %s AND %s) AS held "
    "WHERE NOT EXISTS (SELECT 1 FROM months WHERE months.period = held.period AND held.seq >= first_seq "
    "AND held.seq < coalesce(after_seq, 9223372036854775807)) "
    "ORDER BY 1 LIMIT 10"
)
"""Places of a range whose row lies in another month than the one in which a read of that place looks.

Its values: the workspace's number, and then twice the number, the first place and the last.
"""


def period_of(created_at: str) -> int:
    """The month of a time as records hold it, in UTC: 202611."""
    return int(created_at[:4] + created_at[5:7])


def periods_of(connection: Connection, workspace_number: int, seqs: Sequence[int]) -> list[int]:
    """The month of each of these places of a log."""
    sql = "SELECT first_seq, period FROM periods WHERE workspace_number=%s ORDER BY first_seq, period"
    rows = run(connection, sql, (workspace_number,))
    firsts = [first for first, _ in rows]
    return [rows[place - 1][1] if (place := bisect_right(firsts, seq)) else 0 for seq in seqs]


def make_ahead(connection: Connection, now: int) -> None:
    """Make the partitions of this month and the next ones. `now` in microseconds."""
    period = period_of(clock.to_text(now))
    for _ in range(_AHEAD + 1):
        send(connection, "SELECT make_period(%s::integer)", (period,))
        period = _after(period)


def drop_period(connection: Connection, period: int) -> bool:
    """Drop a month of all workspaces, with its texts; False, and nothing is changed, where that cannot be done now.

    It cannot where a log ends in the month, where an event of it was not pruned on the record or not swept yet (with what
    leads to it: `prune.py`), nor while others read for so long that it does not get in between.
    """
    kept = (
        "SELECT 1 FROM periods p LEFT JOIN pruned ON pruned.workspace_number = p.workspace_number WHERE p.period=%s "
        "AND coalesce((SELECT min(later.first_seq) - 1 FROM periods later WHERE later.workspace_number = p.workspace_number "
        "AND later.period > p.period), 9223372036854775807) > coalesce(pruned.seq, 0) LIMIT 1"
    )
    period = int(period)  # a name cannot be a parameter
    try:
        if run(connection, kept, (period,)) or run(connection, f"SELECT 1 FROM entries_{period} LIMIT 1", ()):
            return False
        with connection.transaction():
            send(connection, f"SET LOCAL lock_timeout = {_LOCK_MS}")
            # Whoever was appending has committed then: a log may have come into the month since it was asked about.
            send(connection, "LOCK TABLE ONLY entries, ONLY event_texts IN ACCESS EXCLUSIVE MODE")
            if run(connection, kept, (period,)):
                return False
            send(connection, f"DROP TABLE entries_{period}, event_texts_{period}")
            send(connection, "DELETE FROM periods WHERE period=%s", (period,))
    except (errors.LockNotAvailable, errors.DeadlockDetected, errors.QueryCanceled, errors.UndefinedTable):
        return False
    return True


def drop_pruned(connection: Connection, now: int) -> None:
    """Drop every month before this one that nobody keeps an event of."""
    sql = "SELECT substr(tablename, 9) FROM pg_tables WHERE schemaname='immutable' AND tablename ~ '^entries_[0-9]+$'"
    for period in sorted(int(digits) for (digits,) in run(connection, sql, ())):
        if period < period_of(clock.to_text(now)):
            drop_period(connection, period)


def _after(period: int) -> int:
    return period + 1 if period % 100 < 12 else period + 89
