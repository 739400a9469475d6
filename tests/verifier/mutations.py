"""Evidence packs changed with intent, and signed again by the log's own key, so that no hash stops a verifier early.

What a log's owner can make is the hardest to judge: everything but the content is genuine. Each change has a name, and comes
from a fixed seed.
"""

import hashlib
import json
import random
import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from immutable.integrity import note as signing
from immutable.integrity import pack as writer
from immutable.integrity.note import Signer

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "write_proof_vectors.py"))
LOG, NEXT = VECTORS["LOG"], VECTORS["NEXT"]
Files = dict[str, bytes]
unsealed: Callable[[bytes], Files] = VECTORS["_unsealed"]

ODD_VALUES = [
    "null", "true", "false", "0", "-0", "1", "-1", "1.0", "1e0", "1E2", "9007199254740991", "9007199254740993",
    "99999999999999999",
    "1e999", '""', '"a"', '"\\ud800"', '"\\u0000"', "[]", "[[]]", "{}", '{"__proto__":{"from":1}}', "[" * 40 + "]" * 40, "NaN",
    "[" * 9_000 + "]" * 9_000, '{"a":1,"a":2}', '{"a":1,"\\u0061":2}',
]  # fmt: skip
ODD_TEXTS = ["\n", " ", "\r\n", "\x00", "\x1c", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff", "+", "\u2014", "=", "é"]
_TOKEN = re.compile(rb'-?\d[\d.eE+-]*|"(?:[^"\\]|\\.)*"|null|true|false|[\[\]{},:]')


def mutated(count: int, *more: Files, seed: int = 7) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of `count` packs, no two made alike. `more`: files of other packs of the log, to begin with."""
    chance = random.Random(seed)
    entries, renamed = VECTORS["log"](), VECTORS["renamed_log"]()
    shown = range(101, 111)
    bases: list[tuple[Files, Signer]] = [
        (VECTORS["evidence_files"](entries, shown, erased={102, 103}, withheld={106}), LOG),
        (VECTORS["renamed_files"](renamed, shown), NEXT),
        *((files, LOG) for files in more),
    ]
    changes: list[Callable[[random.Random, Files], str]] = [_token, _member, _note, _text, _line, _proof, _bytes]
    for number in range(count):
        files, signer = chance.choice(bases)
        files = dict(files)
        if chance.random() < 0.2:
            name, made = _manifest(chance, _sealed(files, signer), signer)
        else:
            name = chance.choice(changes)(chance, files)
            made = _sealed(files, signer)
        yield f"{number}: {name}", made


def _sealed(files: Files, signer: Signer) -> bytes:
    lines = files["events.jsonl"]
    counts = {why: lines.count(f'"absent":"{why}"'.encode()) for why in ("erased", "withheld")}
    manifest = {
        "workspace_id": VECTORS["WORKSPACE"],
        "origin": signer.name,
        "asked": "what was changed",
        "counts": {"events": lines.count(b"\n"), **counts},
    }
    return writer.seal(manifest, files, [signer])


def _manifest(chance: random.Random, made: bytes, signer: Signer) -> tuple[str, bytes]:
    """The pack with another manifest, signed again."""
    files = unsealed(made)
    kind = chance.randrange(4)
    if kind == 0:
        name = "manifest.json names itself"
        files["manifest.json"] = files["manifest.json"].replace(
            b'"files":{', b'"files":{"manifest.json":"%b",' % (b"00" * 32)
        )
    else:
        name = (_token if kind == 1 else _member)(chance, files, "manifest.json")
    digest = hashlib.sha256(files["manifest.json"]).hexdigest()
    signed = signing.sign(f"immutable-evidence/1\n{signer.name}\n{digest}\n", [signer])
    if kind == 3:
        signed += signing.signature_line(VECTORS["OTHER"], "x\n") + "\n"
    return name, writer.archive({**files, "manifest.note": signed.encode()})


def _json_file(chance: random.Random, files: Files) -> str:
    return chance.choice([one for one in ("proofs.json", "keys.json", "events.jsonl", "origins.jsonl") if one in files])


def _token(chance: random.Random, files: Files, name: str | None = None) -> str:
    """Another value in the place of one."""
    name = name or _json_file(chance, files)
    found = list(_TOKEN.finditer(files[name]))
    values = [one for one in found if one[0] not in b"[]{},:"] or found
    where, value = chance.choice(values), chance.choice(ODD_VALUES)
    files[name] = files[name][: where.start()] + value.encode() + files[name][where.end() :]
    return f"{name} at {where.start()} {where[0][:30]!r} -> {value[:40]}"


def _member(chance: random.Random, files: Files, name: str | None = None) -> str:
    """A member more: one that is passed over, or that is there already."""
    name = name or _json_file(chance, files)
    places = [one.end() for one in re.finditer(rb"\{", files[name])]
    at, value = chance.choice(places), chance.choice(ODD_VALUES)
    member = chance.choice(["unknown", "__proto__", "constructor", "seq", "from", "kind", "path", "key", "absent"])
    files[name] = files[name][:at] + f'"{member}":{value},'.encode() + files[name][at:]
    return f"{name} at {at} + {member}: {value[:40]}"


def _text(chance: random.Random, files: Files) -> str:
    """A letter more in a file."""
    name, letter = chance.choice([*files]), chance.choice(ODD_TEXTS)
    at = chance.randrange(len(files[name]) + 1)
    files[name] = files[name][:at] + letter.encode() + files[name][at:]
    return f"{name} at {at} + {letter!r}"


def _note(chance: random.Random, files: Files) -> str:
    """A letter, or a line, more in the checkpoint's text, its root, or after its signatures; signed again or not."""
    text, _, tail = files["checkpoint"].decode().partition("\n\n")
    text += "\n"
    letter = chance.choice(ODD_TEXTS)
    kind = chance.randrange(6)
    if kind == 0:
        text += f"extension{letter}\n"
    elif kind == 1:
        text = text.replace("\n", f"\n{letter}", 1)
    elif kind == 2:
        text = re.sub(
            "\n[0-9]+\n", f"\n{chance.choice(['0', '00', '1e3', '999999999999999', '9999999999999999', '-1'])}\n", text
        )
    elif kind == 3:
        tail = f"\u2014 else{letter}where {chance.choice(['', 'AAAA', 'AAAAAAA=', 'AAAAAB==', 'A A='])}\n" + tail
    elif kind == 4:
        tail += chance.choice([tail, "\n", letter, "\u2014 x AAAAAAAA", "\u2014 x AAAAAAAA\n" * 64])
    else:
        at = chance.randrange(len(tail))
        tail = tail[:at] + letter + tail[at + 1 :]
    signers = [signer for signer in (LOG, NEXT) if text.split("\n")[0] == signer.name]
    if kind < 3 and signers and chance.random() < 0.8:
        tail = signing.signature_line(signers[0], text) + "\n"
    files["checkpoint"] = (text + "\n" + tail).encode()
    return f"checkpoint {kind} {letter!r}"


def _line(chance: random.Random, files: Files) -> str:
    """A line of events gone, twice or elsewhere."""
    name = chance.choice([one for one in files if one.endswith(".jsonl")])
    lines = files[name].splitlines(keepends=True)
    at = chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(chance.randrange(len(lines)), lines[at])
    elif kind == 2:
        lines[at] = re.sub(
            b'"absent":(null|"[a-z]+")',
            chance.choice([b'"absent":"erased"', b'"absent":null', b'"absent":0']),
            lines[at],
        )
    else:
        lines[at] = lines[at].replace(b'"salt":', chance.choice([b'"salt":null,"x":', b'"salt":"",\n"x":', b'"SALT":']))
    files[name] = b"".join(lines)
    return f"{name} line {at} {kind}"


def _proof(chance: random.Random, files: Files) -> str:
    """Another path, node or size in the proofs."""
    proofs = json.loads(files["proofs.json"])
    kind = chance.randrange(5)
    seq = chance.choice([*proofs["paths"]])
    if kind == 0:
        proofs["paths"][seq].append(chance.randrange(len(proofs["nodes"])))
    elif kind == 1:
        proofs["paths"][seq] = proofs["paths"][seq][:-1]
    elif kind == 2:
        chance.shuffle(proofs["nodes"])
    elif kind == 3:
        del proofs["consistency"]
    else:
        proofs["nodes"].append(chance.choice(["00" * 32, "AA" * 32, "0" * 63, "zz" * 32]))
    files["proofs.json"] = json.dumps(proofs).encode()
    return f"proofs.json {kind}"


def _bytes(chance: random.Random, files: Files) -> str:
    """A byte that is another."""
    name = chance.choice([*files])
    at = chance.randrange(len(files[name]))
    files[name] = files[name][:at] + bytes([files[name][at] ^ 1 << chance.randrange(8)]) + files[name][at + 1 :]
    return f"{name} byte {at}"
