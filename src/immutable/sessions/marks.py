"""What stands out between two steps of the same actor in a session: another device, another country, an impossible way. Pure.

The rules, each for a step and the one before it by the same actor of which the same is known:

- `device_changed`: the device's name differs (`devices.py`: browser and system, without their versions).
- `impossible_travel`: both addresses have coordinates in the server's geo data, they lie at least 100 km apart, and to get from
  one to the other in that time takes more than 1,000 km/h.
- `country_changed`: one of them has no coordinates, and the countries differ within an hour.

They are hints, not findings: a VPN, a phone that changes networks and wrong geo data look the same. Coordinates are those of the
geo data in use now, not of when the event came.
"""

from collections.abc import Callable, Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Literal

import msgspec

from immutable.integrity.record import decode_details, decode_record
from immutable.sessions.timeline import Step

LEAST_KM = 100
FASTEST_KMH = 1_000
COUNTRY_SECONDS = 3_600
_EARTH_KM = 6_371.0

Coordinates = tuple[float, float]
"""Latitude and longitude in degrees."""


class Mark(msgspec.Struct, frozen=True):
    """What stands out at a step, compared with the event `since_sequence`, so many seconds before it."""

    kind: Literal["device_changed", "impossible_travel", "country_changed"]
    since_sequence: int
    seconds: int
    km: int | None = None


class _Seen(msgspec.Struct, frozen=True):
    seq: int
    at: int
    country: str | None = None
    where: Coordinates | None = None
    device: str | None = None


def marks_of(steps: Sequence[Step], locate: Callable[[str], Coordinates | None]) -> list[list[Mark]]:
    """The marks of each step. `steps` in time; `locate` tells an address's coordinates."""
    devices: dict[str | None, _Seen] = {}
    places: dict[str | None, _Seen] = {}
    marks: list[list[Mark]] = []
    for step in steps:
        record = decode_record(step.entry.record)
        address = None if step.entry.details is None else decode_details(step.entry.details).ip_address
        where = None if address is None else locate(address)
        seen = _Seen(step.entry.seq, step.occurred_at, record.ip_country, where, step.device)
        found: list[Mark] = []
        actor = record.actor.id
        if seen.device is not None:
            before = devices.get(actor)
            if before is not None and before.device != seen.device:
                found.append(Mark("device_changed", before.seq, _seconds(before, seen)))
            devices[actor] = seen
        if seen.country is not None or where is not None:
            before = places.get(actor)
            found += [] if before is None else _travel(before, seen)
            places[actor] = seen
        marks.append(found)
    return marks


def kilometres(one: Coordinates, other: Coordinates) -> float:
    """The distance over the earth's surface, as of a sphere."""
    (lat, lon), (other_lat, other_lon) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def _travel(before: _Seen, seen: _Seen) -> list[Mark]:
    seconds = _seconds(before, seen)
    if before.where is not None and seen.where is not None:
        km = kilometres(before.where, seen.where)
        if km >= LEAST_KM and km * 3_600 > FASTEST_KMH * seconds:
            return [Mark("impossible_travel", before.seq, seconds, round(km))]
    elif before.country and seen.country and before.country != seen.country and seconds <= COUNTRY_SECONDS:
        return [Mark("country_changed", before.seq, seconds)]
    return []


def _seconds(before: _Seen, seen: _Seen) -> int:
    return max(0, (seen.at - before.at) // 1_000_000)
