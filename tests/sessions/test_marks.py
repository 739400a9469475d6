"""What stands out between two steps: another device, another country, an impossible way."""

from typing import Any

import pytest
from tests.logs import MINUTE, START, event

from immutable.integrity import chain
from immutable.model.event import EMPTY_HEAD
from immutable.sessions.destructive import DestructiveRule
from immutable.sessions.marks import Mark, kilometres, marks_of
from immutable.sessions.timeline import timeline

PORTLAND, LEEDS = (45.5, -122.7), (53.8, -1.5)
WHERE = {"1.1.1.1": PORTLAND, "2.2.2.2": LEEDS, "3.3.3.3": (45.6, -122.6)}
CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36"


def marks(*steps: dict[str, Any]) -> list[list[Mark]]:
    """The marks of steps a minute apart, unless they say when."""
    drafts = [event(**{"occurred_at": START + number * MINUTE, **fields}) for number, fields in enumerate(steps)]
    placed, _ = chain.extend(EMPTY_HEAD, "ws_1", drafts, START)
    found = timeline([one.entry for one in placed], started_at=START, previous_at=None, rule=DestructiveRule(()))
    return marks_of(found, WHERE.get)


def test_another_device_is_marked_against_the_actors_step_before() -> None:
    """Steps without a device are passed over, others' devices do not count, a new version of a browser is the same device."""
    assert marks(
        {"user_agent": CHROME}, {}, {"actor_id": "other", "user_agent": "curl/8"},
        {"user_agent": CHROME.replace("134", "135")}, {"user_agent": "curl/8"},
    ) == [[], [], [], [], [Mark("device_changed", 4, 60)]]  # fmt: skip


def test_faster_than_any_aeroplane_is_impossible() -> None:
    """From Portland to Leeds in a minute; not within the same town, and not in ten hours."""
    km = round(kilometres(PORTLAND, LEEDS))
    assert 7_500 < km < 7_900
    assert marks({"ip_address": "1.1.1.1"}, {"ip_address": "3.3.3.3"}, {"ip_address": "1.1.1.1"}) == [[], [], []]
    assert marks({"ip_address": "1.1.1.1"}, {"ip_address": "2.2.2.2"}) == [[], [Mark("impossible_travel", 1, 60, km)]]
    later = START + 600 * MINUTE
    assert marks({"ip_address": "1.1.1.1"}, {"ip_address": "2.2.2.2", "occurred_at": later}) == [[], []]


@pytest.mark.parametrize(("minutes", "is_marked"), [(59, True), (61, False)])
def test_without_coordinates_another_country_within_an_hour_is_marked(minutes: int, is_marked: bool) -> None:
    """Which the data that ships can tell."""
    found = marks(
        {"ip_country": "US", "ip_address": "1.1.1.1"},
        {"ip_country": "GB", "occurred_at": START + minutes * MINUTE},
    )
    assert found[1] == ([Mark("country_changed", 1, minutes * 60)] if is_marked else [])
