"""The end user's address: the one that the connection comes from, or what a proxy that is trusted says."""

import ipaddress
from collections.abc import Sequence

UNIX = "unix"
"""Stands among the trusted proxies for one that connects over a Unix socket, and so has no address."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """The proxies whose `X-Forwarded-For` is believed. Without any, the header is not read."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        """Addresses, CIDR ranges, and "unix". Raises ValueError for anything else."""
        if isinstance(proxies, str):
            raise ValueError("trusted_proxies is a list of addresses and CIDR ranges")  # noqa: TRY004 - a wrong value
        self._trusts_unix = UNIX in proxies
        self._networks: list[Network] = [ipaddress.ip_network(one, strict=False) for one in proxies if one != UNIX]

    def client_of(self, peer: str | None, forwarded_for: str | None) -> str | None:
        """The client's address; None where it cannot be known.

        The header is read from its end: the first address there that is no trusted proxy is the client, so that what a
        client writes into the header changes nothing.
        """
        address = _address_of(peer or "")
        if not (self._trusts_unix if address is None else self._has(address)):
            return None if address is None else str(address)
        for part in reversed((forwarded_for or "").split(",")):
            candidate = _address_of(part.strip())
            if candidate is None:
                if part.strip():
                    break
                continue
            address = candidate
            if not self._has(candidate):
                break
        return None if address is None else str(address)

    def _has(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return any(address in network for network in self._networks)


def _address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address in IPv6's clothes counts as IPv4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address
