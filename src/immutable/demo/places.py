"""Where the demo's people are: cities, their time zones and their addresses, and a small MMDB file that says so.

The addresses are those of 192.88.99.0/24: once the 6to4 relay anycast prefix, given up by RFC 7526, so that they look
like anybody's and are nobody's. (The documentation ranges would be honester still, but are by definition nowhere.)
"""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import NamedTuple

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]


class City(NamedTuple):
    """A city with its share of the addresses. `utc_offset`: hours, in the last week of March 2026."""

    name: str
    country: str
    utc_offset: int
    network: IPv4Network

    def address(self, host: int) -> str:
        """The city's address number `host`, 0 to 15."""
        return str(self.network[host])


_CITIES = (
    ("Portland", "US", -7), ("Seattle", "US", -7), ("Denver", "US", -6), ("Chicago", "US", -5),
    ("New York", "US", -4), ("Toronto", "CA", -4), ("São Paulo", "BR", -3), ("London", "GB", 0),
    ("Paris", "FR", 1), ("Berlin", "DE", 1), ("Stockholm", "SE", 1), ("Helsinki", "FI", 2),
    ("Bengaluru", "IN", 5), ("Singapore", "SG", 8), ("Tokyo", "JP", 9), ("Sydney", "AU", 11),
)  # fmt: skip
_FIRST = IPv4Address("192.88.99.0")

CITIES = [City(*city, IPv4Network((int(_FIRST) + 16 * index, 28))) for index, city in enumerate(_CITIES)]
PORTLAND = CITIES[0]


def write_mmdb(path: Path) -> None:
    """Write an MMDB file in the layout of GeoIP2 City, for `IMMUTABLE_GEO_MMDB`."""
    writer = MMDBWriter(ip_version=4, database_type="Immutable-Demo-City", description="Cities of the demo's addresses")
    for city in CITIES:
        writer.insert_network(
            IPSet([str(city.network)]),
            {"country": {"iso_code": city.country}, "city": {"names": {"en": city.name}}},
        )
    writer.to_db_file(str(path))
