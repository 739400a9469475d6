"""Country and city of an address."""

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from immutable.errors import StartError
from immutable.geo.locate import Location, Locator


@pytest.fixture(scope="module")
def shipped():
    """The data that ships."""
    return Locator()


def made(path: Path, networks: dict[str, object], version: int = 6) -> Locator:
    """A locator over a data set of these networks."""
    writer = MMDBWriter(ip_version=version, ipv4_compatible=version == 6, database_type="Test")
    for network, facts in networks.items():
        writer.insert_network(IPSet([network]), facts)
    writer.to_db_file(str(path))
    return Locator(str(path))


@pytest.mark.parametrize(
    ("address", "country"),
    [("8.8.8.8", "US"), ("2001:4860:4860::8888", "US"), ("193.0.6.139", "NL"), ("133.11.93.0", "JP")],
)
def test_shipped_data_knows_countries(shipped, address, country):
    """The data that ships tells countries, for both kinds of addresses, and no cities."""
    assert shipped.locate(address) == Location(address, country, None)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "127.0.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "255.255.255.255", "203.0.113.7",
     "::1", "::", "fe80::1", "fd00::1", "2001:db8::1", "ff02::1"],
)  # fmt: skip
def test_private_addresses_have_no_place(shipped, address):
    """An address that is not on the public internet has no country, and is no error."""
    assert shipped.locate(address) == Location(address)


@pytest.mark.parametrize(
    ("text", "address"),
    [("2001:4860:4860:0:0:0:0:8888", "2001:4860:4860::8888"), ("::FFFF:8.8.8.8", "8.8.8.8"), (" 8.8.8.8 ", "8.8.8.8")],
)
def test_addresses_are_kept_in_their_normal_form(shipped, text, address):
    """One address has one spelling in the log."""
    assert shipped.locate(text).address == address


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "010.1.1.1", "1.2.3.4/8", "fe80::1%eth0", "::g", "٣.1.1.1"],
)
def test_what_is_no_address(shipped, text):
    """Anything else is refused."""
    with pytest.raises(ValueError, match="address"):
        shipped.locate(text)


def test_city_data_of_both_layouts(tmp_path):
    """An operator's data may have GeoIP2's layout or the flat one."""
    locator = made(
        tmp_path / "cities.mmdb",
        {
            "81.2.69.0/24": {"country": {"iso_code": "GB"}, "city": {"names": {"en": "Leeds", "fr": "Lids"}}},
            "67.170.0.0/16": {"country_code": "US", "city": "Portland"},
            "2a00:1450::/32": {"country": {"iso_code": "IE"}},
        },
    )
    assert locator.locate("81.2.69.160") == Location("81.2.69.160", "GB", "Leeds")
    assert locator.locate("67.170.12.84") == Location("67.170.12.84", "US", "Portland")
    assert locator.locate("2a00:1450::1") == Location("2a00:1450::1", "IE", None)
    assert locator.locate("9.9.9.9") == Location("9.9.9.9", None, None)


@pytest.mark.parametrize(
    "facts",
    ["text", 5, [], {}, {"country": "x"}, {"country": {"iso_code": 5}}, {"country_code": ""}, {"city": {"names": []}}],
)
def test_records_of_another_shape(tmp_path, facts):
    """A record that is laid out otherwise tells nothing, and is no error."""
    locator = made(tmp_path / "odd.mmdb", {"9.9.9.0/24": facts})
    assert locator.locate("9.9.9.9") == Location("9.9.9.9")


def test_ipv6_address_in_data_of_ipv4(tmp_path):
    """Data for IPv4 alone knows nothing of an IPv6 address."""
    locator = made(tmp_path / "four.mmdb", {"9.9.9.0/24": {"country_code": "CH"}}, version=4)
    assert locator.locate("2001:4860:4860::8888") == Location("2001:4860:4860::8888")
    assert locator.locate("9.9.9.9").country == "CH"


def test_very_long_names_are_cut(tmp_path):
    """A name from the data never outgrows its field."""
    locator = made(tmp_path / "long.mmdb", {"9.9.9.0/24": {"country_code": "C" * 300, "city": "x" * 300}})
    assert locator.locate("9.9.9.9") == Location("9.9.9.9", "C" * 255, "x" * 255)


@pytest.mark.parametrize("content", [None, b"", b"not an mmdb file" * 100])
def test_file_that_cannot_be_read(tmp_path, content):
    """A setting that names a missing or broken file stops the start, with the setting's name."""
    path = tmp_path / "broken.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StartError, match="IMMUTABLE_GEO_MMDB"):
        Locator(str(path))
