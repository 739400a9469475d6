"""Details that go unlawfully: taken away beside the erasures, or under a false one."""

from pathlib import Path

import apsw
import pytest
from tests.logs import SILENCE, Log, event, open_log

from immutable.integrity.verify import Break
from immutable.log.system_events import SERVER, system_event
from immutable.model.event import EventDraft, Target
from immutable.model.filters import EventFilter
from immutable.retention.erasure import erase

DETAILS = {"actor_name": "Lisa Wang", "metadata": {"note": "umbrella"}}


def _breaks(path: Path, *statements: str, also: EventDraft | None = None) -> list[Break]:
    """What verification finds in a log of four events, of which the second was erased, after these statements."""
    with open_log(path) as log:
        log.append(*[event(actor_id=f"u{n}", **DETAILS) for n in range(4)])
        erase(log.store, log.workspace, EventFilter(actor_id="u1"), by=SERVER, reason="asked for", silence=SILENCE)
        if also is not None:
            log.append(also)
        assert log.verify().valid or also is not None
        connection = apsw.Connection(str(path))
        for statement in statements:
            connection.execute(statement)
        connection.close()
        return log.verify().breaks


def _gone(seq: int) -> str:
    return f"UPDATE entries SET details = NULL, salt = NULL WHERE id & 0xffffffffff = {seq}"


def test_details_that_no_erasure_names_are_missed(tmp_path: Path) -> None:
    """An erasure covers what it names, and nothing beside it."""
    (one,) = _breaks(tmp_path / "log.db", _gone(3))
    assert (one.sequence, one.type) == (3, "details_mismatch")
    assert "no erasure on the record covers" in one.message


def test_the_erasure_itself_cannot_lose_its_details(tmp_path: Path) -> None:
    """Who erased and why stays, or is missed."""
    (one,) = _breaks(tmp_path / "log.db", _gone(5))
    assert (one.sequence, one.type) == (5, "details_mismatch")


def test_an_erasure_covers_no_event_of_the_servers_own(tmp_path: Path) -> None:
    """Nor can who erased and why be lost under an erasure put in later, which the server would never have made."""
    later = system_event("details_erased", SERVER, targets=[Target("sequences", "5-5")])
    (one,) = _breaks(tmp_path / "log.db", _gone(5), also=later)
    assert (one.sequence, one.kind) == (5, "details_lost")


def test_half_of_the_details_is_missed(tmp_path: Path) -> None:
    """An erasure takes details and salt together; one without the other is damage, even where an erasure covers it."""
    drop = "DROP TRIGGER entries_are_not_edited"
    (one,) = _breaks(tmp_path / "log.db", drop, "UPDATE entries SET salt = zeroblob(16) WHERE id & 0xff = 2")
    assert (one.sequence, one.type) == (2, "details_mismatch")


@pytest.mark.parametrize("named", ["7-9", "6-6", "1-100"])
def test_an_erasure_cannot_name_what_comes_after_it(tmp_path: Path, named: str) -> None:
    """Whoever writes an erasure into the log beforehand covers nothing with it."""
    early = system_event("details_erased", SERVER, targets=[Target("sequences", named)])
    (one,) = _breaks(tmp_path / "log.db", _gone(4), also=early)
    assert one.sequence == 4


def test_what_was_erased_is_not_in_the_files_any_more(tmp_path: Path) -> None:
    """The bytes are overwritten, in the file and in its write-ahead log, not only unlinked."""
    path = tmp_path / "log.db"
    with open_log(path) as log:
        log.append(*[event(actor_id=f"u{n % 2}", **DETAILS) for n in range(200)])
        salts = {entry.seq: entry.salt or b"" for entry in log.entries()}
        _erase_all(log, "u1")
        files = b"".join(Path(f"{path}{suffix}").read_bytes() for suffix in ("", "-wal"))
    assert all((salt in files) == (seq % 2 == 1) for seq, salt in salts.items())


def _erase_all(log: Log, actor: str) -> None:
    erase(log.store, log.workspace, EventFilter(actor_id=actor), by=SERVER, reason="asked for", silence=SILENCE)


def test_the_engine_lets_nothing_else_of_an_entry_change(tmp_path: Path) -> None:
    """Details and salt may go together; whatever else is tried, the engine refuses."""
    path = tmp_path / "log.db"
    with open_log(path) as log:
        log.append(event(**DETAILS))
    connection = apsw.Connection(str(path))
    for change in (
        "details = NULL", "salt = NULL", "details = NULL, salt = NULL, record = x'00'", "details = x'00'",
        "details = NULL, salt = NULL, event_hash = x'00'", "details = NULL, salt = NULL, previous_hash = x'00'",
        "details = NULL, salt = NULL, id = id + 1",
    ):  # fmt: skip
        with pytest.raises(apsw.ConstraintError, match="immutable"):
            connection.execute(f"UPDATE entries SET {change}")
    connection.execute("UPDATE entries SET details = NULL, salt = NULL")
