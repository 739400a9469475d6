"""The published examples of the record format: current, and right by the words of the specification alone."""

import hashlib
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "conformance" / "records.jsonl"
VECTORS: list[dict[str, Any]] = [json.loads(line) for line in PUBLISHED.read_text("utf-8").splitlines()]


def test_the_published_examples_are_what_the_code_makes() -> None:
    """`tools/write_conformance.py` would write the file as it is: neither the format nor the examples have drifted."""
    write = runpy.run_path(str(ROOT / "tools" / "write_conformance.py"))
    assert PUBLISHED.read_text("utf-8") == write["text"]()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["event"]["actor_id"]))
def test_an_outsider_comes_to_the_same_hashes(vector: dict[str, Any]) -> None:
    """SHA-256 and a JSON parser, used as the specification says, give the digest and the hash."""
    record = json.loads(vector["record"])
    salted = bytes.fromhex(vector["salt"]) + vector["details"].encode()
    assert hashlib.sha256(salted).hexdigest() == record["details_digest"] == vector["details_digest"]
    chained = b"immutable:event:v1\n" + bytes.fromhex(vector["previous_hash"]) + vector["record"].encode()
    assert hashlib.sha256(chained).hexdigest() == vector["event_hash"]
    assert (record["v"], record["workspace_id"], record["seq"]) == (1, vector["workspace_id"], vector["seq"])
    assert (record["id"], record["created_at"]) == (vector["id"], vector["created_at"])
    milliseconds = int(record["id"].replace("-", "")[:12], 16)
    microseconds = int(record["id"].replace("-", "")[13:16], 16)
    assert record["created_at"] == f"2026-03-27T09:53:11.{(milliseconds % 1000) * 1000 + microseconds:06d}Z"


def test_the_examples_are_one_chain() -> None:
    """Each example follows the one before."""
    hashes = ["00" * 32] + [vector["event_hash"] for vector in VECTORS]
    assert [vector["previous_hash"] for vector in VECTORS] == hashes[:-1]


def test_every_field_of_the_format_is_in_the_specification_and_an_example() -> None:
    """Nothing may be hashed that the page does not tell."""
    page = (ROOT / "docs" / "specs" / "record-format.md").read_text("utf-8")
    from immutable.integrity.record import Details, Record

    for struct, part in ((Record, "record"), (Details, "details")):
        shown = {key for vector in VECTORS for key in json.loads(vector[part])}
        assert shown == set(struct.__struct_fields__)
        assert [name for name in struct.__struct_fields__ if f"`{name}`" not in page] == []
        assert list(struct.__struct_fields__) == sorted(struct.__struct_fields__)
