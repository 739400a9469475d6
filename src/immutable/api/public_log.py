"""The tree of a workspace as everybody may read it (C2SP tlog-tiles), where the operator has switched that on; no key.

What is shown are hashes: no event is disclosed. Nothing is shown beyond the latest checkpoint.
"""

from immutable.api.answer import Answer
from immutable.api.endpoint import Call
from immutable.checkpoints.proofs import checkpoint_of
from immutable.errors import NotFound
from immutable.integrity.tiles import WIDTH, encode_bundle, parse_path, width_at
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.proof_store import ProofStore
from immutable.store.proof_tiles import tile_reader

_EVERYBODY = (b"access-control-allow-origin", b"*")
_FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")
_NOT_AT_ALL = (b"cache-control", b"no-cache")
_NOTHING = "There is nothing at this path."


async def get_public_checkpoint(call: Call) -> Answer:
    """The latest checkpoint as a signed note, with what witnesses signed of it."""
    services = call.services

    def read() -> bytes:
        return checkpoint_of(services.store, _published(services.store.proofs, call), None).note

    note = await services.read(read)
    return Answer(200, note, [_EVERYBODY, _NOT_AT_ALL], b"text/plain; charset=utf-8")


async def get_public_tile(call: Call) -> Answer:
    """A tile of hashes, or a bundle of entries, which are the events' hashes."""
    services = call.services

    def read() -> bytes:
        workspace = _published(services.store.proofs, call)
        return _tile(services.store, workspace, "tile/" + call.path["path"])

    content = await services.read(read)
    return Answer(200, content, [_EVERYBODY, _FOR_EVER], b"application/octet-stream")


def _published(proofs: ProofStore, call: Call) -> Workspace:
    workspace = proofs.published(call.path["workspace_id"])
    if workspace is None:
        raise NotFound(_NOTHING)
    return workspace


def _tile(store: LogStore, workspace: Workspace, path: str) -> bytes:
    try:
        tile, is_bundle = parse_path(path)
    except ValueError:
        raise NotFound(_NOTHING) from None
    proofs = store.proofs
    signed = checkpoint_of(store, workspace, None).stored.size
    if not 1 <= tile.width <= width_at(tile.level, tile.index, signed):
        raise NotFound(_NOTHING)
    if not is_bundle:
        return tile_reader(proofs, workspace)(tile.level, tile.index, tile.width)
    first = tile.index * WIDTH + 1
    entries = proofs.event_hashes(workspace, first, first + tile.width - 1)
    if len(entries) != tile.width:
        raise NotFound("Events of this bundle were pruned; the tiles of hashes are still here.")
    return encode_bundle(entries)
