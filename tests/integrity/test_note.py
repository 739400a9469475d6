"""Signed notes, keys and cosignatures, against the examples of the specifications and against whoever alters them."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immutable.integrity.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from immutable.integrity.note import (
    COSIGNATURE,
    NoteError,
    Signer,
    Verifier,
    open_note,
    parse_signer,
    parse_verifier,
    sign,
    signature_line,
    split_note,
)

LOG = Signer("example.com/log", bytes(range(32)))
WITNESS = Signer("witness.example/w1", bytes(range(1, 33)), COSIGNATURE)
TEXT = "example.com/log\n3\n" + base64.b64encode(bytes(32)).decode() + "\n"
# From golang.org/x/mod/sumdb/note and C2SP signed-note: a note that others signed.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
BEHIND_THE_SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def test_a_note_that_others_signed_verifies() -> None:
    """The example of Go's own implementation, with its key."""
    verifier = parse_verifier(PETER)
    opened = open_note(PETER_NOTE.encode(), [verifier])
    assert [one.verifier.name for one in opened.signatures] == ["PeterNeumann"]
    assert str(verifier) == PETER


def test_the_checkpoint_of_the_specification_is_read() -> None:
    """Its text is a checkpoint, and writes back as it was."""
    text, lines = split_note(BEHIND_THE_SOFA.encode())
    checkpoint = parse_checkpoint(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert format_checkpoint(checkpoint) == text
    assert lines[0][1][:2] == ("example.com/behind-the-sofa", bytes.fromhex("033de0ae"))


def test_what_we_sign_verifies_and_keys_read_back() -> None:
    """A note with a log's signature and a witness's cosignature, which has a time."""
    note = sign(TEXT, [LOG]) + signature_line(WITNESS, TEXT, 1_679_315_147) + "\n"
    opened = open_note(note.encode(), [LOG.verifier, WITNESS.verifier])
    assert opened.text == TEXT
    assert [(one.verifier.name, one.at) for one in opened.signatures] == [
        ("example.com/log", None),
        ("witness.example/w1", 1_679_315_147),
    ]
    for signer in (LOG, WITNESS):
        assert parse_signer(signer.exported()) == signer
        assert parse_verifier(str(signer.verifier)) == signer.verifier


def test_a_signing_key_does_not_show() -> None:
    """Whoever logs a signer logs its name."""
    assert repr(LOG) == str(LOG) == "Signer('example.com/log')"


def test_unknown_signatures_are_passed_over_and_known_ones_must_be_right() -> None:
    """A note that no known key signed is refused, and one with a wrong signature of a known key as well."""
    note = sign(TEXT, [LOG])
    with pytest.raises(NoteError, match="No known key"):
        open_note(note.encode(), [WITNESS.verifier])
    stranger = Signer("stranger", bytes(32))
    assert len(open_note((note + signature_line(stranger, TEXT) + "\n").encode(), [LOG.verifier]).signatures) == 1
    other = sign(TEXT.replace("\n3\n", "\n4\n"), [LOG]).rpartition("\n\n")[2]
    with pytest.raises(NoteError, match="altered"):
        open_note((TEXT + "\n" + other).encode(), [LOG.verifier])


def test_a_key_under_another_name_is_another_key() -> None:
    """The key's id covers name and kind."""
    note = sign(TEXT, [LOG])
    for verifier in (
        Verifier("other", LOG.verifier.public_key),
        Verifier(LOG.name, LOG.verifier.public_key, COSIGNATURE),
    ):
        with pytest.raises(NoteError, match="No known key"):
            open_note(note.encode(), [verifier])


@settings(max_examples=300)
@given(st.data())
def test_no_single_byte_of_a_note_can_be_altered(data: st.DataObject) -> None:
    """Whatever byte is set to whatever other value, the note is refused, or its one known signature is gone."""
    note = sign(TEXT, [LOG]).encode()
    at = data.draw(st.integers(0, len(note) - 1))
    altered = note[:at] + bytes([data.draw(st.integers(0, 255).filter(lambda one: one != note[at]))]) + note[at + 1 :]
    with pytest.raises(NoteError):
        open_note(altered, [LOG.verifier])


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_nothing_that_is_no_note_gets_further_than_an_error(content: bytes) -> None:
    """Any bytes at all, alone and with a signature's beginning behind them."""
    for whole in (content, content + b"\n\n\xe2\x80\x94 a ", TEXT.encode() + b"\n" + content + b"\n"):
        with pytest.raises(NoteError):
            open_note(whole, [LOG.verifier])


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000", "name+00000000+AAAA", PETER[:-1], PETER.replace("c74f20a3", "c74f20a4"), PETER + "=",
     PETER.replace("PeterNeumann", "Peter Neumann"), "PRIVATE+KEY+" + PETER, PETER.replace("+ARpc", "+BRpc")],
)  # fmt: skip
def test_a_key_that_is_none_is_refused(text: str) -> None:
    """A verifier key is checked against its own id, and a signing key is not taken for one."""
    with pytest.raises(NoteError):
        parse_verifier(text)
    with pytest.raises(NoteError):
        parse_signer(text)


@pytest.mark.parametrize(
    "text",
    ["", "o\n1\n", "o\n1\nAAAA\n", "o\n01\nROOT\n", "o\n-1\nROOT\n", "o\n1\nROOT", "\n1\nROOT\n", "o\n1\nROOT\n\n",
     "o\n9223372036854775808\nROOT\n", "o\n99999999999999999999999\nROOT\n", "o\n\u0661\nROOT\n", "o\n1\nROOT=\n"],
)  # fmt: skip
def test_a_checkpoint_that_is_none_is_refused(text: str) -> None:
    """Sizes and roots have one way to be written."""
    with pytest.raises(NoteError):
        parse_checkpoint(text.replace("ROOT", base64.b64encode(bytes(32)).decode()))


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_any_checkpoint_reads_back(size: int, root: bytes) -> None:
    """Whatever its size and root."""
    checkpoint = Checkpoint("immutable.local/ws_1", size, root)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_a_note_is_bounded() -> None:
    """More than 64 signatures or 64 KiB are not even looked at."""
    line = signature_line(LOG, TEXT) + "\n"
    assert len(open_note((TEXT + "\n" + line * 64).encode(), [LOG.verifier]).signatures) == 1
    for note in (TEXT + "\n" + line * 65, "x" * 65_536 + "\n\n" + line):
        with pytest.raises(NoteError, match="64"):
            open_note(note.encode(), [LOG.verifier])
