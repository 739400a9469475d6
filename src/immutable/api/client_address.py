"""Whose address a request comes from: the peer's, or what a trusted proxy says."""

from collections.abc import Sequence

from starlette.types import Scope

from immutable.model.network import Network, address_of, is_in


def client_address(scope: Scope, trusted: Sequence[Network]) -> str | None:
    """The client's address as text; None where there is none (a Unix socket).

    `X-Forwarded-For` is believed only from a trusted peer, and read from its end: the first address there that is not
    itself a trusted proxy is the client, so that what a client writes into the header changes nothing.
    """
    peer = scope.get("client")
    if not peer:
        return None
    address: str = peer[0]
    if not trusted or not is_in(address, trusted):
        return address
    forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for part in reversed(",".join(forwarded).split(",")):
        candidate = part.strip()
        if not candidate:
            continue
        try:
            address_of(candidate)
        except ValueError:
            return address
        address = candidate
        if not is_in(candidate, trusted):
            break
    return address
