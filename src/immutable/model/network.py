"""Addresses of callers and ranges of them: read from text, and compared. An IPv4 address in IPv6's clothes counts as IPv4."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED_BITS = 96


def network_of(text: str) -> Network:
    """The range that an address or CIDR range names. Raises ValueError."""
    network = ipaddress.ip_network(text.strip(), strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network


def address_of(text: str) -> Address:
    """The address that a text is. Raises ValueError."""
    address = ipaddress.ip_address(text)
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address


def is_in(text: str, networks: Sequence[Network]) -> bool:
    """Whether the address lies in one of the ranges; what is no address lies in none."""
    try:
        address = address_of(text)
    except ValueError:
        return False
    return any(address in network for network in networks)


@lru_cache(maxsize=4096)
def is_allowed(address: str | None, allowlist: tuple[str, ...]) -> bool:
    """Whether a caller may come from this address; an empty list allows all, also callers without an address."""
    return not allowlist or (address is not None and is_in(address, [network_of(text) for text in allowlist]))


@lru_cache(maxsize=4096)
def neighbourhood(text: str) -> str:
    """What one caller can be taken to hold: an IPv4 address, or the /64 of an IPv6 address, of which everyone has one."""
    try:
        address = address_of(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)
