"""The one HTTP client that leaves this host: it speaks only to addresses that it has looked at, and follows nobody elsewhere.

A name is resolved once, every address it has is checked, and the connection goes to one of these, so that a name cannot point
elsewhere between the check and the connection (DNS rebinding). Redirects are not followed; answers are bounded.
"""

import ipaddress
import socket
from collections.abc import Mapping

import httpx2

from immutable.errors import ImmutableError

_TIMEOUT = httpx2.Timeout(10, connect=5)
_MOST_BYTES = 1 << 20


class OutboundRefused(ImmutableError):
    """The address is not one that we speak to."""


class OutboundClient:
    """Asks others. Not for several threads."""

    def __init__(self, *, private_addresses: bool = False) -> None:
        """`private_addresses`: whether it may go to private, loopback and link-local addresses too."""
        self._private = private_addresses
        self._client = httpx2.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    def post(self, url: str, content: bytes, content_type: str) -> tuple[int, bytes]:
        """The status and body of the answer. Raises OutboundRefused, or httpx2.HTTPError where nobody answers."""
        return self.ask("POST", url, content, content_type, {})

    def ask(
        self, method: str, url: str, content: bytes, content_type: str, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """The same with another method, and with more headers."""
        asked = httpx2.URL(url)
        if asked.scheme not in {"http", "https"} or not asked.host:
            raise OutboundRefused("Only http and https addresses can be asked.")
        port = asked.port or (443 if asked.scheme == "https" else 80)
        address = self._address(asked.host, port)
        host = f"[{asked.host}]" if ":" in asked.host else asked.host
        own = {"host": host if asked.port is None else f"{host}:{asked.port}", "content-type": content_type}
        request = self._client.build_request(
            method, asked.copy_with(host=address), content=content, headers={**headers, **own},
            extensions={"sni_hostname": asked.host},
        )  # fmt: skip
        answer = self._client.send(request, stream=True)
        try:
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    raise OutboundRefused("The answer is too long.")
        finally:
            answer.close()
        return answer.status_code, body

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _address(self, host: str, port: int) -> str:
        """The address to speak to: none of the name's addresses may be one that is refused."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise OutboundRefused(f"{host} is not found: {error}.") from error
        addresses = [str(one[4][0]) for one in found]
        for one in addresses:
            if not self._private and not _is_public(one):
                raise OutboundRefused(
                    f"{host} is at the private address {one}. Set IMMUTABLE_OUTBOUND_PRIVATE_ADDRESSES=true if that is meant."
                )
        return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (mapped is None or mapped.is_global)
