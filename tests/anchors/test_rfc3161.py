"""Anchors by a real time-stamping authority: what it signed is kept and checked, and what is not good is refused."""

import hashlib

import pytest
from msgspec.structs import replace
from tests.anchors.authority import Authority
from tests.anchors.conftest import Anchored

from immutable.anchors.anchorer import NotAnchored
from immutable.anchors.der import sorted_certificates
from immutable.anchors.rfc3161 import TimestampAuthority
from immutable.errors import StartError
from immutable.integrity.note import split_note
from immutable.outbound.client import OutboundClient, OutboundRefused


def test_a_checkpoint_is_stamped_and_openssl_says_so_too(anchored: Anchored, authority: Authority) -> None:
    """The text of the signed checkpoint is what is stamped; the transaction is the hash of the response as it was received."""
    anchored.add(300)
    anchor = anchored.anchor()
    assert (anchor.status, anchor.size, anchor.chain) == ("confirmed", 300, "rfc3161:" + authority.url.split("/")[2])
    assert anchor.time_stamp is not None
    assert anchor.tx_hash == hashlib.sha256(anchor.time_stamp).hexdigest()
    text = split_note(anchor.note)[0].encode()
    assert authority.verifies(text, anchor.time_stamp)
    assert not authority.verifies(text + b"\n", anchor.time_stamp)
    verdict = anchored.verdict(anchor)
    assert (verdict.valid, verdict.chain_valid, verdict.problems) == (True, True, [])
    assert verdict.expected == verdict.actual == anchor.root
    assert verdict.anchored_at == anchor.confirmed_at


def test_certificates_in_any_order_are_read(anchored: Anchored) -> None:
    """OpenSSL writes the certificates as they come; sorting them changes nothing else of the response."""
    anchored.add(1)
    token = anchored.anchor().token
    assert token is not None
    assert sorted_certificates(token) != token, "the authority's certificates happened to be in order"
    assert sorted(sorted_certificates(token)) == sorted(token)
    assert sorted_certificates(sorted_certificates(token)) == sorted_certificates(token)


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        ("replays", "[Nn]once"),
        ("stamps_other", "not good"),
        ("tampers", "not good"),
        ("refuses", "refused"),
        ("away", "answered 503"),
    ],
)
def test_a_bad_answer_is_refused_and_asked_for_again(
    anchored: Anchored, authority: Authority, mood: str, why: str
) -> None:
    """Replayed, over something else, with a bit of the signature turned, refused, or none: tried again until it is good."""
    anchored.add(1)
    anchored.anchor()
    anchored.add(1)
    authority.mood = mood
    anchor = anchored.anchor()
    assert anchor.status == "pending"
    assert anchor.error is not None
    with pytest.raises(NotAnchored, match=why):
        anchored.anchorer.advance(anchor)
    authority.mood = "good"
    anchored.step()
    assert (anchored.stored(anchor).status, anchored.stored(anchor).error) == ("confirmed", None)


def test_a_token_that_was_exchanged_is_found(anchored: Anchored) -> None:
    """Another good time-stamp does not stand for this checkpoint, nor this one for another text."""
    anchored.add(2)
    first = anchored.anchor()
    anchored.add(2)
    second = anchored.anchor()
    with pytest.raises(NotAnchored, match="hash was recorded"):
        anchored.anchorer.evidence(replace(second, token=first.token))
    with pytest.raises(NotAnchored, match="not good"):
        anchored.anchorer.evidence(replace(second, token=first.token, tx_hash=first.tx_hash))
    for cut in (b"", b"0", first.token[:100] if first.token else b"", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80\x00\x00"):
        with pytest.raises(NotAnchored):
            anchored.anchorer.evidence(replace(first, token=cut, tx_hash=hashlib.sha256(cut).hexdigest()))


def test_a_stamp_over_another_kind_of_hash_is_refused(anchored: Anchored, authority: Authority) -> None:
    """A good time-stamp of the same text by SHA-512 is not what was asked for, nor what a pack's verifier reads."""
    anchored.add(1)
    anchor = anchored.anchor()
    (authority.folder / "text").write_bytes(split_note(anchor.note)[0].encode())
    authority.openssl("ts", "-query", "-data", "text", "-sha512", "-cert", "-out", "long.tsq")
    token = authority.stamp((authority.folder / "long.tsq").read_bytes())
    exchanged = replace(anchor, token=token, tx_hash=hashlib.sha256(token).hexdigest())
    with pytest.raises(NotAnchored, match="SHA-256"):
        anchored.anchorer.evidence(exchanged)


def test_another_authority_is_not_trusted(
    anchored: Anchored, authority: Authority, client: OutboundClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A good time-stamp of an authority whose root is not among the settings' certificates is no time-stamp."""
    other = Authority(tmp_path_factory.mktemp("other") / "tsa")
    anchored.anchorer = TimestampAuthority(authority.url, other.certificates, client)
    anchored.restart()
    anchored.add(1)
    anchor = anchored.anchor()
    assert anchor.status == "pending"
    assert "not good" in (anchor.error or "")


def test_private_addresses_are_asked_only_where_the_operator_allows_it(
    anchored: Anchored, authority: Authority
) -> None:
    """An authority on this machine is refused unless it is meant."""
    client = OutboundClient()
    anchored.anchorer = TimestampAuthority(authority.url, authority.certificates, client)
    anchored.restart()
    anchored.add(1)
    anchor = anchored.anchor()
    client.close()
    assert "private address" in (anchor.error or "")
    with pytest.raises(OutboundRefused):
        anchored.anchorer.advance(anchor)


def test_settings_that_cannot_work_are_refused_at_the_start(authority: Authority, client: OutboundClient) -> None:
    """The message names the setting, and shows no password."""
    with pytest.raises(StartError, match="IMMUTABLE_ANCHOR_RFC3161_CERTIFICATES"):
        TimestampAuthority(authority.url, authority.folder / "none.pem", client)
    with pytest.raises(StartError, match="IMMUTABLE_ANCHOR_RFC3161_URL") as caught:
        TimestampAuthority("https://me:hush@tsa.example", authority.certificates, client)
    assert "hush" not in str(caught.value)
