"""Country and city of an address, from the country data that ships or the operator's own MMDB file."""

import ipaddress
from functools import lru_cache
from pathlib import Path

import maxminddb
import msgspec

from immutable.errors import StartError

_SHIPPED = Path(__file__).parent / "country.mmdb"


class Location(msgspec.Struct, frozen=True, gc=False):
    """An address in its normal form, and where it is as far as the data tells."""

    address: str
    country: str | None = None
    city: str | None = None
    coordinates: tuple[float, float] | None = None
    """Latitude and longitude, where the data has them."""


class Locator:
    """Looks addresses up; results are remembered, because users come back."""

    def __init__(self, mmdb: str = "") -> None:
        """Open `mmdb`, or the country data that ships. Raises StartError where the file cannot be read."""
        path = Path(mmdb) if mmdb else _SHIPPED
        try:
            self._reader = maxminddb.open_database(str(path), maxminddb.MODE_MEMORY)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise StartError(f"IMMUTABLE_GEO_MMDB: the file {path} cannot be read as MMDB: {error}.") from error
        self.locate = lru_cache(maxsize=65_536)(self._locate)

    def coordinates(self, address: str) -> tuple[float, float] | None:
        """Latitude and longitude of an address, where the data has them; None also where the text is no address."""
        try:
            return self.locate(address).coordinates
        except ValueError:
            return None

    def _locate(self, address: str) -> Location:
        """The location of an IPv4 or IPv6 address. Raises ValueError where the text is none."""
        parsed = ipaddress.ip_address(address.strip())
        if isinstance(parsed, ipaddress.IPv6Address):
            if parsed.scope_id is not None:
                raise ValueError("An address with a zone is local to one machine.")
            parsed = parsed.ipv4_mapped or parsed
        if not parsed.is_global:
            return Location(str(parsed))
        try:
            found = self._reader.get(parsed)
        except (
            ValueError,
            maxminddb.InvalidDatabaseError,
        ):  # an IPv6 address in a data set of IPv4, or a broken record
            found = None
        return Location(str(parsed), _country(found), _city(found), _coordinates(found))


def _country(found: object) -> str | None:
    """Both layouts in use: `country_code` flat, and `country.iso_code` as GeoIP2 has it."""
    if not isinstance(found, dict):
        return None
    code = found.get("country_code")
    if code is None:
        code = _inner(found, "country", "iso_code")
    return code[:255] if isinstance(code, str) and code else None


def _city(found: object) -> str | None:
    if not isinstance(found, dict):
        return None
    city = found.get("city")
    if isinstance(city, dict):
        city = _inner(city, "names", "en")
    return city[:255] if isinstance(city, str) and city else None


def _coordinates(found: object) -> tuple[float, float] | None:
    """As GeoIP2 and DB-IP have them, or flat; only what lies on the earth."""
    if not isinstance(found, dict):
        return None
    latitude, longitude = (found.get(name, _inner(found, "location", name)) for name in ("latitude", "longitude"))
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    return (float(latitude), float(longitude)) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _inner(found: dict[str, object], outer: str, inner: str) -> object:
    value = found.get(outer)
    return value.get(inner) if isinstance(value, dict) else None
