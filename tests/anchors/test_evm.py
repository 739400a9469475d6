"""Anchors on an EVM chain: our contract, as it is compiled here, on a real node."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace
from tests.anchors.conftest import Anchored
from tests.waiting import PATIENCE, until

from immutable.anchors.anchorer import NotAnchored, Unreachable
from immutable.anchors.evm import ANCHORED, EvmChain, _account
from immutable.errors import Overloaded, StartError
from immutable.outbound.client import OutboundClient
from immutable.settings import Settings
from immutable.store.anchor_store import StoredAnchor

CONTRACTS = Path(__file__).parents[2] / "contracts"
KEY = "0x" + "5a" * 32
CHAIN_ID = 31337
CONTRACT = "0x" + "c0" * 20
ANCHOR = StoredAnchor(
    id="anc_1", chain=f"eip155:{CHAIN_ID}", number=1, status="confirmed", size=1, root=bytes(32), note=b"", first_seq=1,
    first_event_hash=bytes(32), last_event_hash=bytes(32), previous_hash=None, period_start=0, period_end=1, created_at=0,
    tx_hash="0x" + "12" * 32,
)  # fmt: skip
RICH = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
"""An account that the node has, with money."""


class Node:
    """A running node."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, *parameters: object) -> Any:
        """The result of a call."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        answer = httpx2.post(self.url, json=body, timeout=PATIENCE).json()
        assert "error" not in answer, answer
        return answer["result"]

    def mine(self, blocks: int) -> None:
        """Put what waits into a block, and more blocks on it."""
        self.call("anvil_mine", hex(blocks))

    def deploy(self) -> str:
        """The address of our contract, deployed from the committed bytes."""
        bytecode = json.loads((CONTRACTS / "Anchor.json").read_text())["bytecode"]
        made = self.call("eth_sendTransaction", {"from": RICH, "data": bytecode, "gas": hex(1_000_000)})
        self.mine(1)
        address: str = self.call("eth_getTransactionReceipt", made)["contractAddress"]
        return address


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A chain of this machine alone, that makes a block only when it is told to."""
    binary = CONTRACTS / "node_modules" / ".bin" / "anvil"
    assert binary.exists(), "make test installs it: npm ci --prefix contracts"
    command = [str(binary), "--port", "0", "--no-mining", "--chain-id", str(CHAIN_ID)]  # it takes a port, and names it
    log = tmp_path_factory.mktemp("node") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        found = until(lambda: re.search(r"Listening on (\S+)\n", log.read_text()), "The node did not start.")
        yield Node(f"http://{found[1]}")
    finally:
        os.killpg(process.pid, 15)
        process.wait()


@pytest.fixture
def chain(settings: Settings, node: Node) -> Settings:
    """Settings that anchor with a new contract on the node, three blocks deep."""
    chain = replace(
        settings, anchor_evm_rpc_url=node.url, anchor_evm_chain_id=CHAIN_ID, anchor_evm_contract=node.deploy(),
        anchor_evm_key=KEY, anchor_evm_confirmations=3, anchor_evm_explorer="https://explorer.example/tx/",
    )  # fmt: skip
    node.call("anvil_setBalance", _account(KEY)[0], hex(10**20))
    return chain


@pytest.fixture
def on_chain(chain: Settings, client: OutboundClient) -> Iterator[Anchored]:
    """A log that is anchored on the chain."""
    made = Anchored(chain, EvmChain(chain, client))
    yield made
    made.store.close()


def test_a_root_is_emitted_by_our_contract(on_chain: Anchored, node: Node) -> None:
    """Signed and stored before it is sent; confirmed three blocks deep; and the chain itself says which root and when."""
    on_chain.add(20)
    anchor = on_chain.anchor()
    assert (anchor.status, anchor.chain) == ("submitted", "eip155:31337")
    node.mine(1)
    on_chain.step()
    assert on_chain.stored(anchor).status == "submitted"
    node.mine(2)
    on_chain.step()
    anchor = on_chain.stored(anchor)
    assert (anchor.status, anchor.time_stamp) == ("confirmed", None)
    receipt = node.call("eth_getTransactionReceipt", anchor.tx_hash)
    assert anchor.block_number == int(receipt["blockNumber"], 16)
    assert receipt["logs"][0]["topics"][1] == "0x" + anchor.root.hex()
    assert on_chain.anchorer.explorer_url(anchor) == f"https://explorer.example/tx/{anchor.tx_hash}"
    verdict = on_chain.verdict(anchor)
    assert (verdict.valid, verdict.chain_valid, verdict.expected) == (True, True, anchor.root)
    assert (
        verdict.anchored_at
        == int(node.call("eth_getBlockByNumber", receipt["blockNumber"], False)["timestamp"], 16) * 10**6
    )


def test_a_crash_between_signing_and_sending_sends_the_same(on_chain: Anchored, node: Node) -> None:
    """The next process sends the stored transaction, and sends it again as often as it likes: one anchor comes of it."""
    on_chain.add(1)
    (begun,) = on_chain.anchoring.request(on_chain.workspace)
    signed = replace(on_chain.anchorer.advance(begun), attempts=1)
    assert on_chain.store.anchors.update(on_chain.workspace, signed)
    on_chain.restart()
    on_chain.step()
    on_chain.step()
    assert on_chain.stored(begun).tx_hash == signed.tx_hash
    node.mine(3)
    on_chain.step()
    assert (on_chain.stored(begun).status, on_chain.stored(begun).tx_hash) == ("confirmed", signed.tx_hash)


def test_a_transaction_whose_number_was_taken_is_signed_anew(on_chain: Anchored, node: Node) -> None:
    """Somebody else used the key: the stored transaction can never be mined, so another is made."""
    on_chain.add(1)
    (begun,) = on_chain.anchoring.request(on_chain.workspace)
    signed = replace(on_chain.anchorer.advance(begun), attempts=1)
    assert on_chain.store.anchors.update(on_chain.workspace, signed)
    other = on_chain.anchorer.advance(replace(begun, root=bytes(32)))
    assert other.token is not None
    node.call("eth_sendRawTransaction", "0x" + other.token.hex())
    node.mine(1)
    on_chain.step()
    again = on_chain.stored(begun)
    assert (again.status, again.tx_hash != signed.tx_hash) == ("submitted", True)
    node.mine(3)
    on_chain.step()
    assert on_chain.stored(begun).status == "confirmed"


def test_what_the_chain_does_not_say_is_not_anchored(on_chain: Anchored, node: Node) -> None:
    """A made-up transaction, and one that anchored another root, are found; a node that is away decides nothing."""
    on_chain.add(1)
    anchor = on_chain.anchor()
    node.mine(3)
    on_chain.step()
    anchor = on_chain.stored(anchor)
    with pytest.raises(NotAnchored, match="does not know"):
        on_chain.anchorer.evidence(replace(anchor, tx_hash="0x" + "12" * 32))
    on_chain.add(1)
    second = on_chain.anchor()
    node.mine(3)
    on_chain.step()
    assert on_chain.anchorer.evidence(replace(anchor, tx_hash=on_chain.stored(second).tx_hash)).root != anchor.root
    away = replace(on_chain.settings, anchor_evm_rpc_url="http://127.0.0.1:1")
    client = OutboundClient(private_addresses=True)
    on_chain.anchorer = EvmChain(away, client)
    with pytest.raises(Unreachable):
        on_chain.anchorer.evidence(anchor)
    with pytest.raises(Overloaded):
        on_chain.verdict(anchor)
    client.close()


def test_a_node_of_another_chain_is_refused(on_chain: Anchored, chain: Settings, client: OutboundClient) -> None:
    """Nothing is signed for it."""
    on_chain.anchorer = EvmChain(replace(chain, anchor_evm_chain_id=1), client)
    on_chain.restart()
    on_chain.add(1)
    anchor = on_chain.anchor()
    assert anchor.status == "pending"
    assert "chain 31337" in (anchor.error or "")


def test_what_another_chain_says_is_no_evidence(
    on_chain: Anchored, chain: Settings, node: Node, client: OutboundClient
) -> None:
    """The same contract's address, transaction and root on a chain that is not the settings' prove nothing."""
    on_chain.add(1)
    anchor = on_chain.anchor()
    node.mine(3)
    on_chain.step()
    elsewhere = EvmChain(replace(chain, anchor_evm_chain_id=1), client)
    with pytest.raises(NotAnchored, match="chain 31337"):
        elsewhere.evidence(on_chain.stored(anchor))


def emitted(address: str, topic: str, root: str, data: str) -> dict[str, object]:
    log = {"address": address, "topics": [topic, root], "data": data}
    return {"status": "0x1", "blockNumber": "0x1", "logs": [log]}


@pytest.mark.parametrize(
    "receipt",
    [
        "text",
        7,
        [],
        {},
        {"status": "0x1", "blockNumber": "0x1", "logs": [7]},
        emitted(CONTRACT, ANCHORED, "0xzz", "0x1"),
        emitted(CONTRACT, ANCHORED, "0x" + "00" * 32, "x"),
        emitted(CONTRACT, "0x12", "0x" + "00" * 32, "0x1"),
        emitted(RICH, ANCHORED, "0x" + "00" * 32, "0x1"),
        {**emitted(CONTRACT, ANCHORED, "0x" + "00" * 32, "0x1"), "status": "0x0"},
    ],
)
def test_a_receipt_that_is_none_is_no_evidence(receipt: object) -> None:
    """Whatever a node answers in the place of a receipt, another contract's or another event's too, is refused in words."""
    answers = {"eth_chainId": hex(CHAIN_ID), "eth_getTransactionReceipt": receipt}

    class Lying(OutboundClient):
        def post(self, url: str, content: bytes, content_type: str) -> tuple[int, bytes]:
            del url, content_type
            return 200, json.dumps({"result": answers[json.loads(content)["method"]]}).encode()

    known = Settings(
        anchor_evm_rpc_url="http://node", anchor_evm_chain_id=CHAIN_ID, anchor_evm_contract=CONTRACT, anchor_evm_key=KEY
    )
    evm = EvmChain(known, Lying())
    with pytest.raises(NotAnchored):
        evm.evidence(ANCHOR)


def test_settings_that_cannot_work_are_refused_at_the_start(chain: Settings, client: OutboundClient) -> None:
    """And the key does not show in what is said of it."""
    for wrong in ({"anchor_evm_contract": "0x12"}, {"anchor_evm_chain_id": 0}):
        with pytest.raises(StartError, match="IMMUTABLE_ANCHOR_EVM"):
            EvmChain(replace(chain, **wrong), client)
    with pytest.raises(StartError, match="IMMUTABLE_ANCHOR_EVM_KEY") as caught:
        EvmChain(replace(chain, anchor_evm_key="hush"), client)
    assert "hush" not in str(caught.value)


def test_the_committed_contract_is_what_its_source_compiles_to(tmp_path: Path) -> None:
    """The command that made it makes the very same file."""
    subprocess.run(["node", "build.js", str(tmp_path / "built.json")], cwd=CONTRACTS, check=True)
    assert (tmp_path / "built.json").read_bytes() == (CONTRACTS / "Anchor.json").read_bytes()


def test_what_signs_leaves_the_depth_of_json_bounded() -> None:
    """A library below it lifts the interpreter's limit; one hostile body of brackets would then end the server."""
    program = (
        "import sys, msgspec; from immutable.anchors.evm import _account; _account(sys.argv[1])\n"
        "try: msgspec.json.decode(b'[' * 200_000)\n"
        "except RecursionError: sys.exit(7)"
    )
    assert subprocess.run([sys.executable, "-c", program, KEY], check=False).returncode == 7
