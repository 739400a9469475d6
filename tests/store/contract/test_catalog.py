"""The catalogue: workspaces and keys, durable at once and seen by everyone."""

from contextlib import closing
from time import monotonic, sleep

from immutable.model.hold import HeldEvents, Hold
from immutable.store.catalog import Catalog
from immutable.store.log_store import LogStore
from immutable.store.open import open_catalog


def test_a_workspace_is_made_once(catalog: Catalog) -> None:
    """Creating it again gives the one that is there."""
    assert catalog.workspace("new") is None
    made = catalog.create_workspace("new")
    assert catalog.create_workspace("new") == made == catalog.workspace("new")
    assert made in catalog.workspaces()
    assert made.id.startswith("ws_")
    other = catalog.create_workspace("New")
    assert (other.id, other.number) != (made.id, made.number)
    names = [one.name for one in catalog.workspaces()]
    assert names == sorted(names)


def test_a_key_is_found_by_its_digest_until_and_after_it_is_revoked(catalog: Catalog) -> None:
    """A revoked key is still known, and stays revoked since the first time."""
    workspace = catalog.create_workspace("keys")
    key = catalog.add_key(workspace, name="ci", digest=b"d" * 32, hint="abcd", scopes=("ingest", "read"))
    assert catalog.key(b"d" * 32) == key
    assert catalog.key(b"e" * 32) is None
    assert catalog.keys(workspace) == [key]
    assert (key.scopes, key.last_used_at, key.revoked_at) == (("ingest", "read"), None, None)
    assert catalog.revoke_key(workspace, key.id)
    revoked = catalog.key(b"d" * 32)
    assert revoked is not None
    assert revoked.revoked_at is not None
    assert catalog.revoke_key(workspace, key.id)
    assert catalog.key(b"d" * 32) == revoked


def test_a_workspace_cannot_revoke_anothers_key(catalog: Catalog) -> None:
    """A key's id in the wrong workspace is no key's id."""
    one, other = catalog.create_workspace("one"), catalog.create_workspace("other")
    key = catalog.add_key(one, name="k", digest=b"1" * 32, hint="1111", scopes=("read",))
    assert not catalog.revoke_key(other, key.id)
    assert not catalog.revoke_key(one, "key_none")
    assert catalog.key(b"1" * 32) == key
    assert catalog.keys(other) == []


def test_uses_are_noted(catalog: Catalog) -> None:
    """The last use of several keys at once; an id that is gone is passed over."""
    workspace = catalog.create_workspace("uses")
    keys = [
        catalog.add_key(workspace, name=str(n), digest=bytes([n]) * 32, hint="hint", scopes=("read",)) for n in (2, 3)
    ]
    catalog.note_key_uses({keys[0].id: 11, keys[1].id: 12, "key_none": 13})
    assert [one.last_used_at for one in catalog.keys(workspace)] == [11, 12]


def test_the_generation_moves_with_every_change_and_not_with_uses(store: LogStore, catalog: Catalog) -> None:
    """Whoever remembers keys sees from it when to look again, also from another process's changes."""
    workspace = catalog.create_workspace("generation")

    def generation() -> int:
        sleep(0.002)  # one look may serve for a millisecond
        return catalog.generation()

    before = generation()
    key = catalog.add_key(workspace, name="k", digest=b"g" * 32, hint="gggg", scopes=("read",))
    added = generation()
    catalog.note_key_uses({key.id: 1})
    assert generation() == added != before
    with closing(open_catalog(store.url)) as other:
        other.revoke_key(workspace, key.id)
    patience = monotonic() + 60  # an engine of many processes hears of it within moments, not at once
    while generation() == added:
        assert monotonic() < patience


def test_an_allowlist_belongs_to_its_workspace_and_moves_the_generation(catalog: Catalog) -> None:
    """It comes with every key of the workspace, and with no other's."""
    ours, theirs = catalog.create_workspace("ours"), catalog.create_workspace("theirs")
    catalog.add_key(ours, name="k", digest=b"o" * 32, hint="oooo", scopes=("read",))
    catalog.add_key(theirs, name="k", digest=b"t" * 32, hint="tttt", scopes=("read",))
    assert catalog.allowlist(ours) == ()
    before = catalog.generation()
    sleep(0.002)  # one look may serve for a millisecond
    catalog.set_allowlist(ours, ["10.0.0.0/8", "2001:db8::/32"])
    assert catalog.generation() != before
    assert catalog.allowlist(ours) == ("10.0.0.0/8", "2001:db8::/32")
    assert catalog.allowlist(theirs) == ()
    key, other = catalog.key(b"o" * 32), catalog.key(b"t" * 32)
    assert key is not None
    assert other is not None
    assert (key.allowlist, other.allowlist) == (("10.0.0.0/8", "2001:db8::/32"), ())
    catalog.set_allowlist(ours, [])
    assert catalog.keys(ours)[0].allowlist == ()


def test_a_secret_is_made_once(catalog: Catalog) -> None:
    """The same name gives the same 32 bytes, another name others."""
    assert len(catalog.secret("a")) == 32
    assert catalog.secret("a") == catalog.secret("a") != catalog.secret("b")


def test_a_hold_is_kept_and_released_once(catalog: Catalog) -> None:
    """Holds belong to a workspace, come back as they were placed, oldest first, and are released for good."""
    one, other = catalog.create_workspace("holds one"), catalog.create_workspace("holds other")
    first = Hold("hold_b", HeldEvents(actor_id="a", created_from=1), "case 7", 10)
    second = Hold("hold_a", HeldEvents(session_id="s"), "case 8", 20)
    for hold in (second, first):
        catalog.put_hold(one, hold)
    assert (catalog.holds(one), catalog.holds(other)) == ([first, second], [])
    assert not catalog.release_hold(other, "hold_b", 30)
    assert catalog.release_hold(one, "hold_b", 30)
    assert not catalog.release_hold(one, "hold_b", 40)
    catalog.put_hold(one, first)  # a copy that was made before does not undo the release
    assert [hold.released_at for hold in catalog.holds(one)] == [30, None]


def test_a_note_is_the_last_one_under_its_name(catalog: Catalog) -> None:
    """What a follower remembers is replaced, and each name has its own."""
    assert catalog.note("a") is None
    catalog.put_note("a", b"one")
    catalog.put_note("b", b"other")
    catalog.put_note("a", b"\x00two")
    assert (catalog.note("a"), catalog.note("b")) == (b"\x00two", b"other")
