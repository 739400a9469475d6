"""The places to anchor that the settings name: the only place that picks a kind."""

from collections.abc import Mapping
from pathlib import Path

from immutable.anchors.anchorer import Anchorer
from immutable.anchors.evm import EvmChain
from immutable.anchors.rfc3161 import TimestampAuthority
from immutable.outbound.client import OutboundClient
from immutable.settings import Settings


def anchorers_of(settings: Settings) -> Mapping[str, Anchorer]:
    """The anchorers by the name of their chain, each with a connection of its own; none where none is set. Raises StartError."""
    made: list[Anchorer] = []
    if settings.anchor_rfc3161_url:
        certificates = Path(settings.anchor_rfc3161_certificates)
        made.append(TimestampAuthority(settings.anchor_rfc3161_url, certificates, _client(settings)))
    if settings.anchor_evm_rpc_url:
        made.append(EvmChain(settings, _client(settings)))
    return {one.chain: one for one in made}


def _client(settings: Settings) -> OutboundClient:
    return OutboundClient(private_addresses=settings.outbound_private_addresses)
