"""The background verifier: finds what is wrong by itself, tells it once, and raises no false alarm."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.logs import SILENCE, event, small_epochs
from tests.tampering.adversary import HONEST, Attack, Installation, Original
from tests.tampering.databases import SqliteFiles

from immutable.checkpoints.known import outside
from immutable.integrity.record import decode_record
from immutable.log import verify as log_verify
from immutable.log.system_events import SERVER
from immutable.log.verifier import BackgroundVerifier
from immutable.model.filters import EventFilter
from immutable.model.hold import HeldEvents
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.erasure import erase
from immutable.retention.holds import place_hold
from immutable.retention.prune import prune_epoch
from immutable.telemetry import metrics


def verifier(of: Installation, *, pass_seconds: float = 0.0) -> BackgroundVerifier:
    """One that has just been started, and does not rest."""
    return BackgroundVerifier(
        of.store, silence=SILENCE, outside=lambda workspace: outside(of.settings, of.kept, workspace),
        is_holder=lambda: True, is_busy=lambda: False, pass_seconds=pass_seconds, first_rest=0, look_again=0,
    )  # fmt: skip


def go(made: BackgroundVerifier, steps: int = 2) -> None:
    """Let it do so many steps; a pass over a short log takes two, a piece and the end."""
    for _ in range(steps):
        made._rest_until = 0.0
        made.step()


def alarms(of: Installation) -> list[dict[str, object]]:
    """What the log itself tells of failed verifications."""
    return [
        json.loads(entry.details or b"{}")["metadata"]
        for entry in of.log.entries()
        if decode_record(entry.record).action == "immutable.verification_failed"
    ]


def opened(folder: Path) -> Installation:
    """An installation on SQLite."""
    installation = Installation(folder, SqliteFiles(folder / "log.db"))
    installation.open()
    return installation


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    """A log of twelve events."""
    installation = opened(tmp_path / "made")
    installation.append(HONEST)
    yield installation
    installation.close()


def test_a_break_is_told_once(made: Installation) -> None:
    """By an event in the log, however often it is found and however often the server starts; another break is told again."""
    go(verifier(made))
    assert alarms(made) == []
    made.database.edit("UPDATE entries SET salt = randomblob(16) WHERE {seq} = 4")
    running = verifier(made)
    go(running, 6)
    (alarm,) = alarms(made)
    assert alarm["first"]["kind"] == "edited"
    assert alarm["first"]["sequence"] == 4
    assert metrics.VERIFICATION_BROKEN._value.get() == 1
    go(verifier(made), 6)
    assert len(alarms(made)) == 1
    made.database.edit("DELETE FROM entries WHERE {seq} = 7")
    go(verifier(made), 6)
    assert [alarm["first"]["sequence"] for alarm in alarms(made)][:1] == [4]
    assert len(alarms(made)) == 2


def test_many_breaks_are_no_flood(made: Installation) -> None:
    """A log broken everywhere is told of in one event for each look, with the number of breaks."""
    made.database.edit("UPDATE entries SET salt = randomblob(16)")
    go(verifier(made), 8)
    assert [alarm["breaks"] for alarm in alarms(made)] == [len(HONEST)]


def test_a_rewritten_history_is_told(tmp_path: Path) -> None:
    """What only the tree and the checkpoints tell is told as well, and a log that is cut off does not repeat it as it grows."""
    attack = Attack(tmp_path, Original(tmp_path / "original", "sqlite"))
    forged = attack.forge(HONEST[5:11], has_key=False)
    installation = attack.put(forged, keeps=("trees", "tiles", "checkpoints", "signing_keys"))
    go(verifier(installation), 8)
    assert {str(alarm["first"]["kind"]) for alarm in alarms(installation)} <= {
        "rewritten",
        "cut_off",
        "forked",
        "rolled_back",
    }
    count = len(alarms(installation))
    assert count >= 1
    go(verifier(installation), 8)
    assert len(alarms(installation)) == count
    attack.close()


def test_it_goes_on_where_it_was(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restart it neither begins anew nor passes over what it had not seen; a pass that is over rests."""
    monkeypatch.setattr("immutable.log.verifier._PIECE", 5)
    monkeypatch.setattr("immutable.log.verifier._SAVE_SECONDS", 0)
    checked = metrics.VERIFICATION_EVENTS._value.get
    before = checked()
    go(verifier(made, pass_seconds=1e6), 2)
    assert checked() - before == 10
    again = verifier(made, pass_seconds=1e6)
    go(again, 2)
    assert checked() - before == 12
    go(again, 3)
    go(verifier(made, pass_seconds=1e6), 3)
    assert checked() - before == 12


def test_who_does_not_hold_the_lease_does_nothing(made: Installation) -> None:
    """One process at a time goes over the logs."""
    made.database.edit("UPDATE entries SET salt = randomblob(16)")
    idle = verifier(made)
    idle._is_holder = lambda: False
    go(idle, 4)
    assert alarms(made) == []


def test_lawful_changes_raise_no_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erasures, holds, prunings, new events, checkpoints and restarts between any two looks are no break."""
    monkeypatch.setattr("immutable.log.verifier._PIECE", 5)
    monkeypatch.setattr("immutable.log.verifier._SAVE_SECONDS", 0)
    with small_epochs():
        made = opened(tmp_path / "made")
        archives = ArchiveFolder(str(tmp_path / "archives"))
        running = verifier(made)
        for turn in range(8):
            made.append(
                [
                    event(actor_id=f"u{number}", session_id=f"s{turn}", idempotency_key=f"k{turn}.{number}")
                    for number in range(9)
                ]
            )
            go(running, turn % 4)
            erase(
                made.store, made.workspace, EventFilter(actor_id=f"u{turn}"), by=SERVER, reason="asked", silence=SILENCE
            )
            go(running, 1)
            if turn == 3:
                place_hold(
                    made.store, made.workspace, HeldEvents(actor_id="u8"), by=SERVER, reason="a case", silence=SILENCE
                )
            if turn < 3:
                prune_epoch(made.store, made.workspace, archives, by=SERVER, silence=SILENCE)
            go(running, 1)
            if turn % 3 == 2:
                made.close()
                made.open()
                running = verifier(made)
        go(running, 60)
        assert alarms(made) == []
        assert made.store.reader().pruned(made.workspace).seq > 0
        made.close()


def test_a_log_that_is_signed_while_it_is_verified_is_whole(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is appended, taken into the tree and signed between the beginning and the end is no break."""
    check = log_verify.check_tree

    def late(*arguments: Any) -> Any:
        made.append([event(), event()])
        return check(*arguments)

    monkeypatch.setattr(log_verify, "check_tree", late)
    verdict = made.verify()
    assert verdict.valid, verdict.breaks
    assert [(one.last_sequence, one.seals) for one in verdict.scope] == [(len(HONEST), ("signed",))]
