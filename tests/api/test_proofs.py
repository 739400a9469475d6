"""Checkpoints and proofs over HTTP, checked by what is written here alone; the public tree; a server that dies meanwhile."""

import base64
import hashlib
import signal
from contextlib import closing

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.conftest import serving
from tests.postgres import new_database
from tests.waiting import until

from immutable.store.open import open_store


def _latest(client, size=None):
    """The latest checkpoint, once it covers the log (or `size` events)."""
    wanted = client.length() if size is None else size

    def found():
        answer = client.get("/checkpoints/latest")
        return answer.json()["data"] if answer.status_code == 200 and answer.json()["data"]["size"] >= wanted else None

    return until(found)


def _sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def _root(leaves):
    """RFC 6962 as it is written: split at the largest power of two."""
    if len(leaves) == 1:
        return _sha(b"\0", leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return _sha(b"\1", _root(leaves[:split]), _root(leaves[split:]))


def _hashes(client):
    found, cursor = [], None
    while True:
        answer = client.get("/events", order="asc", limit=100, **({"cursor": cursor} if cursor else {})).json()
        found += [bytes.fromhex(event["integrity"]["event_hash"]) for event in answer["data"]]
        cursor = answer["pagination"]["next_cursor"]
        if cursor is None:
            return found


def _fill(client, count):
    for start in range(0, count, 100):
        events = [{"actor_id": "a", "action": "b"} for _ in range(min(100, count - start))]
        assert client.post("/events/batch", {"events": events}).status_code == 202


def _check_signature(note, verifier_key):
    text, _, signatures = note.rpartition("\n\n")
    name, _, rest = verifier_key.partition("+")
    key = base64.b64decode(rest.partition("+")[2])
    signed = base64.b64decode(signatures.splitlines()[0].split(" ")[2])
    assert signatures.splitlines()[0].split(" ")[1] == name == text.split("\n")[0]
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(signed[4:], (text + "\n").encode())
    return text.split("\n")


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_an_outsider_checks_that_an_event_is_in_what_was_signed(serve, engine):
    """The checkpoint is signed by the key that is shown, its root is that over all events' hashes, and proofs lead there."""
    client = serve(**({} if engine == "sqlite" else {"database_url": new_database()})).client("ingest", "read", "admin")
    _fill(client, 600)
    latest = _latest(client)
    (key,) = client.get("/signing-keys").json()["data"]
    origin, size, root = _check_signature(latest["note"], key["verifier_key"])
    leaves = _hashes(client)
    assert (origin, int(size)) == (latest["origin"], 600)
    assert base64.b64decode(root).hex() == latest["root_hash"] == _root(leaves).hex()
    for sequence in (1, 256, 257, 600):
        proof = client.get(f"/events/{_id_of(client, sequence)}/proof").json()["data"]
        above, place, last = _sha(b"\0", leaves[sequence - 1]), sequence - 1, 599
        for one in map(bytes.fromhex, proof["hashes"]):
            if place % 2 or place == last:
                above = _sha(b"\1", one, above)
                while place % 2 == 0 and place:
                    place, last = place >> 1, last >> 1
            else:
                above = _sha(b"\1", above, one)
            place, last = place >> 1, last >> 1
        assert above.hex() == latest["root_hash"] == proof["checkpoint"]["root_hash"]
    assert client.post("/signing-keys", {"reason": "yearly"}).status_code == 200
    rotated = _latest(client, 601)
    old, new = client.get("/signing-keys").json()["data"]
    _check_signature(rotated["note"], new["verifier_key"])
    _check_signature(client.get("/checkpoints/600").json()["data"]["note"], old["verifier_key"])
    assert client.events(limit=1)[0]["action"] == "immutable.signing_key_rotated"
    consistency = client.get("/proofs/consistency", from_=600, to=601).json()["data"]
    assert (consistency["from_root_hash"], consistency["to_root_hash"]) == (latest["root_hash"], rotated["root_hash"])


def _id_of(client, sequence):
    cursor = None
    while True:
        answer = client.get("/events", order="asc", limit=100, **({"cursor": cursor} if cursor else {})).json()
        for event in answer["data"]:
            if event["sequence"] == sequence:
                return event["id"]
        cursor = answer["pagination"]["next_cursor"]


def test_the_tree_is_public_when_the_operator_says_so(serve):
    """Without a key: the signed note, tiles that lead to its root and bundles of hashes; and nothing beyond."""
    server = serve()
    client = server.client()
    _fill(client, 300)
    _latest(client)
    workspace = server.catalog.workspace(client.workspace)
    outsider = server.with_key("").http
    base = f"{server.url}/log/{workspace.id}"
    assert outsider.get(base + "/checkpoint").status_code == 404
    with _store(server) as store:
        store.proofs.set_published(workspace, True)
    note = outsider.get(base + "/checkpoint")
    assert (note.status_code, note.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert note.text == client.get("/checkpoints/latest").json()["data"]["note"]
    full, partial = outsider.get(base + "/tile/0/000"), outsider.get(base + "/tile/0/001.p/44")
    assert "immutable" in full.headers["cache-control"]
    leaves = _hashes(client)
    assert full.content + partial.content == b"".join(_sha(b"\0", leaf) for leaf in leaves)
    assert outsider.get(base + "/tile/1/000.p/1").content == _root(leaves[:256])
    bundles = outsider.get(base + "/tile/entries/000").content + outsider.get(base + "/tile/entries/001.p/44").content
    assert bundles == b"".join(b"\0\x20" + leaf for leaf in leaves)
    for path in (
        "tile/0/001",
        "tile/0/001.p/45",
        "tile/0/0",
        "tile/2/000",
        "tile/0/002.p/1",
        "tile/x",
        "tile/0/000.p/0",
    ):
        assert outsider.get(f"{base}/{path}").status_code == 404


def _store(server):
    return closing(open_store(server.database_url, builds_index=False))


def test_a_server_killed_at_any_moment_goes_on_with_its_tree(tmp_path):
    """Kill -9 while it integrates, several times: each checkpoint shown stays, and is the beginning of the next."""
    shown = {}
    key = workspace = None
    settings = {"checkpoint_interval_seconds": 0.01}
    for round_number in range(4):
        with _killed(tmp_path, settings) as server:
            client = server.client(workspace="w") if key is None else server.with_key(key, workspace)
            key, workspace = client.key, client.workspace
            for latest in client.get("/checkpoints", limit=100).json()["data"]:
                assert shown.setdefault(latest["size"], latest["root_hash"]) == latest["root_hash"]
            for _ in range(5 + round_number):
                _fill(client, 100)
            if round_number == 0:
                _latest(client, 1)  # one is shown for sure, however late the first was signed
            shown.update(
                {one["size"]: one["root_hash"] for one in client.get("/checkpoints", limit=100).json()["data"]}
            )
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
    with serving(tmp_path, settings) as server:
        client = server.with_key(key, workspace)
        latest = _latest(client)
        leaves = _hashes(client)
        assert latest["root_hash"] == _root(leaves).hex()
        assert shown
        for size, root in shown.items():
            assert _root(leaves[:size]).hex() == root


class _killed:  # noqa: N801 - a context, used as one
    """A server in the folder that is expected to be killed."""

    def __init__(self, folder, settings):
        self._context = serving(folder, settings)

    def __enter__(self):
        return self._context.__enter__()

    def __exit__(self, *_):
        with pytest.raises(AssertionError):  # it says that the process did not stop by itself
            self._context.__exit__(None, None, None)
        return False


def test_one_of_two_processes_signs_and_the_other_takes_over(tmp_path):
    """On PostgreSQL, two servers of one log: no size is signed twice, and when the one that signs is killed the other goes on."""
    url = new_database()
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    settings = {"database_url": url, "checkpoint_interval_seconds": 0.01}
    with _killed(folders[0], settings) as first, serving(folders[1], settings) as second:
        client = first.client(workspace="w")
        other = second.with_key(client.key, "w")
        for _ in range(5):
            _fill(client, 100)
            _fill(other, 100)
        _latest(other)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        _fill(other, 200)
        latest = _latest(other, 1_200)
        assert latest["root_hash"] == _root(_hashes(other)).hex()
        sizes = [one["size"] for one in other.get("/checkpoints", limit=100).json()["data"]]
        assert len(sizes) == len(set(sizes))
