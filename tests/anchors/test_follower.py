"""Anchors are begun once a period, retried until they are done, and gone on with after a crash."""

import hashlib
import itertools

import pytest
from tests.anchors.authority import Authority
from tests.anchors.conftest import Anchored

from immutable import clock
from immutable.errors import Conflict
from immutable.telemetry import metrics

DAY = 86_400 * 1_000_000


def _at(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    monkeypatch.setattr("immutable.clock.now", lambda: at)


@pytest.fixture(autouse=True)
def _days(monkeypatch: pytest.MonkeyPatch) -> None:
    """A period is a day, and it is noon: a clock of our own, that goes on by a millisecond whenever it is asked."""
    monkeypatch.setattr(Anchored, "period_seconds", 86_400)
    times = itertools.count(clock.now() // DAY * DAY + DAY // 2, 1_000)
    monkeypatch.setattr("immutable.clock.now", lambda: next(times))


def test_a_log_is_anchored_once_a_period(anchored: Anchored, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was signed by midnight is anchored after it; the next day only what is new, and nothing where there is nothing."""
    midnight = clock.now() // DAY * DAY + DAY
    anchored.add(5)
    anchored.step()
    assert anchored.store.anchors.anchors(anchored.workspace) == []
    _at(monkeypatch, midnight + 60_000_000)
    anchored.add(2)
    anchored.step()
    (first,) = anchored.store.anchors.anchors(anchored.workspace, limit=9)
    assert (first.status, first.size, first.first_seq, first.period_end) == ("confirmed", 5, 1, midnight)
    assert first.previous_hash is None
    anchored.step()
    assert anchored.store.anchors.count(anchored.workspace) == 1
    for days in (1, 2):  # on the second nothing is new
        _at(monkeypatch, midnight + days * DAY + 60_000_000)
        anchored.restart()
        anchored.step()
    second, _ = anchored.store.anchors.anchors(anchored.workspace, limit=9)
    assert (second.size, second.first_seq, second.period_start) == (7, 6, midnight)
    text = first.root.hex() + (first.tx_hash or "")
    assert second.previous_hash == hashlib.sha256(text.encode()).digest()


def test_attempts_are_made_less_and_less_often(
    anchored: Anchored, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the authority is away it is asked after 5, 10, 20 seconds; never before that, also not by a new process."""
    now = clock.now()
    anchored.add(1)
    _at(monkeypatch, now + 1_000_000)
    authority.mood, authority.asked = "away", 0
    (begun,) = anchored.anchoring.request(anchored.workspace)
    rests = []
    for _ in range(3):
        anchored.restart()
        assert not anchored.anchoring.step()
        asked = authority.asked
        anchored.restart()
        anchored.anchoring.step()
        assert authority.asked == asked
        rests.append((anchored.stored(begun).try_at - clock.now()) // 1_000_000)
        _at(monkeypatch, anchored.stored(begun).try_at)
    assert (rests, authority.asked) == ([5, 10, 20], 3)


def test_an_anchor_is_given_up_when_the_next_takes_its_place(
    anchored: Anchored, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It failed, says why, and is no link of the chain: the next one covers its events too."""
    midnight = clock.now() // DAY * DAY + DAY
    anchored.add(3)
    authority.mood = "away"
    failed_before = metrics.ANCHORS.labels("failed")._value.get()
    anchor = anchored.anchor()
    _at(monkeypatch, midnight + 1)
    anchored.restart()
    anchored.step()
    assert anchored.stored(anchor).status == "pending"  # nothing is new: it is tried on
    _at(monkeypatch, midnight + 2)
    anchored.add(2)
    authority.mood = "good"
    midnight += DAY
    _at(monkeypatch, midnight + 1)
    anchored.restart()
    anchored.step()
    assert anchored.stored(anchor).status == "failed"
    assert "503" in (anchored.stored(anchor).error or "")
    assert metrics.ANCHORS.labels("failed")._value.get() == failed_before + 1
    (newest,) = anchored.store.anchors.anchors(anchored.workspace)
    assert (newest.status, newest.number, newest.first_seq, newest.previous_hash) == ("confirmed", 2, 1, None)
    assert anchored.verdict(newest).chain_valid


def test_a_crash_at_any_step_loses_nothing(anchored: Anchored, authority: Authority) -> None:
    """Killed after it was begun, and after the stamp was made but not stored: the next process has it confirmed."""
    anchored.add(2)
    (begun,) = anchored.anchoring.request(anchored.workspace)
    anchored.restart()
    anchored.anchorer.advance(begun)  # and the process ends before it could store that
    authority.asked = 0
    anchored.restart()
    anchored.step()
    assert (anchored.stored(begun).status, authority.asked) == ("confirmed", 1)
    assert anchored.verdict(begun).valid


def test_there_must_be_something_new_to_anchor(anchored: Anchored, authority: Authority) -> None:
    """Asked by hand, nothing signed, nothing new and one under way are all said to be so."""
    with pytest.raises(Conflict):
        anchored.anchoring.request(anchored.workspace)
    anchored.add(1)
    authority.mood = "away"
    anchored.anchor()
    anchored.add(1)
    with pytest.raises(Conflict, match=r"being anchored.*503"):
        anchored.anchoring.request(anchored.workspace)
    authority.mood = "good"
    anchored.step()
    assert anchored.anchor().size == 2
    with pytest.raises(Conflict):
        anchored.anchoring.request(anchored.workspace)
