"""Anchors on an EVM chain: our contract (`contracts/Anchor.sol`) emits the root, which no one can take back there.

The transaction is signed and stored before it is sent, so that a crash never leaves one that we do not know: it is sent again,
the same bytes, until the chain has it. It counts as confirmed so many blocks deep as the settings say. One key anchors all logs.
"""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import httpx2
import msgspec

from immutable.anchors.anchorer import Evidence, NotAnchored, Unreachable
from immutable.errors import StartError
from immutable.outbound.client import OutboundClient
from immutable.settings import Settings
from immutable.store.anchor_store import StoredAnchor

_ANCHOR = bytes.fromhex("eecdf927")
"""The selector of `anchor(bytes32)`."""
ANCHORED = "0xfde54488b5523b3abf19b99976dd0e2c531fbcd233d0eb682c96c3a18cf6b3c1"
"""The topic of `Anchored(bytes32 indexed merkleRoot, uint256 timestamp)`."""
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}", re.ASCII)
_HEX = re.compile("0x[0-9a-f]*", re.ASCII)
_WORD = re.compile("0x[0-9a-f]{64}", re.ASCII)

Json = dict[str, Any]


class _Log(msgspec.Struct):
    address: str
    topics: list[str]
    data: str


class _Receipt(msgspec.Struct, rename="camel"):
    status: str
    block_number: str
    logs: list[_Log]


class EvmChain:
    """The anchorer of one chain and contract."""

    def __init__(self, settings: Settings, client: OutboundClient) -> None:
        """Raises StartError where the settings, or the extra `evm`, are missing."""
        if settings.anchor_evm_chain_id < 1 or not _ADDRESS.fullmatch(settings.anchor_evm_contract):
            raise StartError(
                "Anchors on a chain need IMMUTABLE_ANCHOR_EVM_CHAIN_ID and IMMUTABLE_ANCHOR_EVM_CONTRACT (0x and 40 hex digits)."
            )
        self.chain = f"eip155:{settings.anchor_evm_chain_id}"
        self._chain_id, self._contract = settings.anchor_evm_chain_id, settings.anchor_evm_contract.lower()
        self._url, self._client = settings.anchor_evm_rpc_url, client
        self._depth, self._explorer = settings.anchor_evm_confirmations, settings.anchor_evm_explorer
        self._address, self._sign = _account(settings.anchor_evm_key)

    def advance(self, anchor: StoredAnchor) -> StoredAnchor:
        """Sign; then send, until it is in a block; then wait until that is deep enough."""
        if anchor.status == "pending" or anchor.token is None:
            return self._signed(anchor)
        receipt = self._receipt(anchor)
        if receipt is None:
            return self._sent(anchor)
        if receipt.status != "0x1":
            return msgspec.structs.replace(anchor, status="failed", error="The transaction was reverted.")
        block = _number(receipt.block_number)
        if _number(self._call("eth_blockNumber")) - block + 1 < self._depth:
            return anchor
        found = self._found(receipt)
        if found.root != anchor.root:
            raise NotAnchored("The transaction anchored another root.")
        return msgspec.structs.replace(anchor, status="confirmed", block_number=block, confirmed_at=found.at)

    def evidence(self, anchor: StoredAnchor) -> Evidence:
        """What the chain says now: the chain of the settings, whichever the node is on."""
        self._check_chain()
        receipt = self._receipt(anchor)
        if receipt is None or receipt.status != "0x1":
            raise NotAnchored("The chain does not know the transaction.")
        return self._found(receipt)

    def explorer_url(self, anchor: StoredAnchor) -> str | None:
        """The explorer of the settings, if any."""
        return self._explorer + anchor.tx_hash if self._explorer and anchor.tx_hash is not None else None

    def _signed(self, anchor: StoredAnchor) -> StoredAnchor:
        self._check_chain()
        data = "0x" + (_ANCHOR + anchor.root).hex()
        tip = _number(self._call("eth_maxPriorityFeePerGas"))
        latest = self._call("eth_getBlockByNumber", "latest", False)
        base = _number(latest.get("baseFeePerGas", "0x0") if isinstance(latest, dict) else None)
        gas = _number(self._call("eth_estimateGas", {"from": self._address, "to": self._contract, "data": data}))
        raw, tx_hash = self._sign(
            {
                "type": 2,
                "chainId": self._chain_id,
                "nonce": _number(self._call("eth_getTransactionCount", self._address, "pending")),
                "to": bytes.fromhex(self._contract[2:]),
                "value": 0,
                "data": data,
                "gas": gas * 5 // 4,
                "maxFeePerGas": 2 * base + tip,
                "maxPriorityFeePerGas": tip,
            }
        )
        return msgspec.structs.replace(anchor, status="submitted", tx_hash=tx_hash, token=raw)

    def _sent(self, anchor: StoredAnchor) -> StoredAnchor:
        """Send the stored transaction, again if need be; sign anew where another one took its number."""
        raw = anchor.token or b""
        try:
            self._call("eth_sendRawTransaction", "0x" + raw.hex())
        except NotAnchored as error:
            if "nonce too low" in error.message.lower() and self._receipt(anchor) is None:
                return msgspec.structs.replace(anchor, status="pending", tx_hash=None, token=None)
            if "already" not in error.message.lower():
                raise
        return anchor

    def _check_chain(self) -> None:
        """The node is on the chain of the settings: on another one somebody else may have our contract's address."""
        chain_id = _number(self._call("eth_chainId"))
        if chain_id != self._chain_id:
            raise NotAnchored(
                f"The node is on chain {chain_id}, and IMMUTABLE_ANCHOR_EVM_CHAIN_ID is {self._chain_id}."
            )

    def _receipt(self, anchor: StoredAnchor) -> _Receipt | None:
        """What came of the anchor's transaction; None where it is in no block."""
        try:
            return msgspec.convert(self._call("eth_getTransactionReceipt", anchor.tx_hash), _Receipt | None)
        except msgspec.ValidationError as error:
            raise NotAnchored(f"The node answered with a receipt that is none: {error}.") from error

    def _found(self, receipt: _Receipt) -> Evidence:
        """The root and time that our contract emitted. Raises NotAnchored."""
        for one in receipt.logs:
            if one.address.lower() == self._contract and len(one.topics) == 2 and one.topics[0] == ANCHORED:
                if _WORD.fullmatch(one.topics[1]) is None:
                    break
                return Evidence(bytes.fromhex(one.topics[1][2:]), _number(one.data) * 1_000_000)
        raise NotAnchored("The transaction did not anchor anything with this contract.")

    def _call(self, method: str, *parameters: object) -> Any:
        """The result of one JSON-RPC call. Raises NotAnchored; the node's address, which may hold a key, is never told."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        try:
            status, content = self._client.post(self._url, body, "application/json")
            answer = json.loads(content)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
            raise Unreachable(f"The node does not answer {method}: {type(error).__name__}.") from error
        if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
            raise Unreachable(f"The node answered {method} with {status} and no result.")
        if answer.get("error"):
            raise NotAnchored(f"The node refused {method}: {str(answer['error'])[:300]}")
        return answer["result"]


def _number(text: object) -> int:
    if not isinstance(text, str) or not _HEX.fullmatch(text) or not 3 <= len(text) <= 66:
        raise NotAnchored("The node answered with something that is no number.")
    return int(text, 16)


def _account(key: str) -> tuple[str, Callable[[Json], tuple[bytes, str]]]:
    """The address of a key, and what signs with it. Raises StartError, which does not show the key."""
    deepest = sys.getrecursionlimit()
    try:
        from eth_account import Account
    except ImportError:
        raise StartError("Anchors on a chain need the extra evm: pip install 'immutable-server[evm]'.") from None
    finally:
        # A library below it raises the limit to 100,000 for the whole process: JSON as deep would then overflow the C stack.
        sys.setrecursionlimit(deepest)
    try:
        account = Account.from_key(key)
    except (ValueError, TypeError):
        account = None
    if account is None:
        raise StartError("IMMUTABLE_ANCHOR_EVM_KEY must be a private key: 64 hex digits.")

    def sign(transaction: Json) -> tuple[bytes, str]:
        signed = account.sign_transaction(transaction)
        return bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex()

    return account.address, sign
