"""The command `immutable-verify`.

Exit codes: 0 it verifies; 1 it does not; 2 wrong use, or a file cannot be read; 3 it holds together, but was checked without a
key that you gave.
"""

import argparse
import json
import sys
from io import TextIOWrapper
from pathlib import Path

from immutable_verify import log, note, pack
from immutable_verify.findings import Findings, Refused
from immutable_verify.note import LOG, WITNESS, Key

VERIFIES, DOES_NOT, MISUSED, UNTRUSTED = 0, 1, 2, 3


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit code."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a letter must not end in a traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        keys = _keys(options)
    except Refused as refused:  # says nothing of the file
        print(_plain(str(refused)), file=sys.stderr)
        return MISUSED
    try:
        findings = _check(options, keys)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return MISUSED
    except Refused as refused:
        if options.json:
            print(json.dumps({"verdict": "does not verify", "reason": str(refused)}))
        else:
            print(f"DOES NOT VERIFY\n\n  {_plain(str(refused))}")
        return DOES_NOT
    code = VERIFIES if findings.trusted else UNTRUSTED
    if options.json:
        verdict = "verifies" if findings.trusted else "holds together, key not trusted"
        shown = {"established": findings.established, "not_established": findings.not_established}
        print(json.dumps({"verdict": verdict, **shown}))
    else:
        _print(findings)
    return code


def _keys(options: argparse.Namespace) -> list[Key]:
    return [note.parse_key(text, LOG) for text in options.key] + [
        note.parse_key(text, WITNESS) for text in options.witness
    ]


def _check(options: argparse.Namespace, keys: list[Key]) -> Findings:
    if options.what == "pack":
        return pack.check(options.file.read_bytes(), keys)
    if options.what == "export":
        if options.file.is_dir():
            return log.check_export_folder(options.file, _needed(keys))
        checkpoint = options.checkpoint and options.checkpoint.read_bytes()
        return log.check_export(options.file.read_bytes(), checkpoint, _needed(keys) if checkpoint else keys)
    if options.what == "checkpoint":
        second, proof = (path and path.read_bytes() for path in (options.second, options.proof))
        return log.check_checkpoints(options.file.read_bytes(), second, proof, _needed(keys))
    return log.check_tiles(options.file, _needed(keys))


def _needed(keys: list[Key]) -> list[Key]:
    if not any(key.kind == LOG for key in keys):
        raise Refused("A checkpoint cannot be checked without the log's verifier key: give it with --key.")
    return keys


def _print(findings: Findings) -> None:
    if findings.trusted:
        print("VERIFIES\n")
    else:
        print("HOLDS TOGETHER, BUT NOT CHECKED WITH A KEY YOU GAVE\n")
        print(
            "  No key of the log was given with --key. A forger could have made all of it, with a key of his own.\n"
            "  Ask for the verifier key on another way than the file came, and check again.\n"
        )
    for title, sentences in (("Established", findings.established), ("Not established", findings.not_established)):
        print(f"{title}:")
        for sentence in sentences or ["nothing"]:
            print(f"  - {_plain(sentence)}")


def _plain(text: str) -> str:
    """On one line, without what could steer a terminal: what is shown comes from a stranger."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="immutable-verify", description="Check what an Immutable log hands out, offline."
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--key", action="append", default=[], metavar="KEY", help="a verifier key of the log you trust")
    shared.add_argument(
        "--witness", action="append", default=[], metavar="KEY", help="a verifier key of a witness you trust"
    )
    shared.add_argument("--json", action="store_true", help="the verdict as JSON")
    kinds = parser.add_subparsers(dest="what", required=True)
    one = kinds.add_parser("pack", parents=[shared], help="an evidence pack")
    one.add_argument("file", type=Path)
    one = kinds.add_parser("export", parents=[shared], help="a proof export: its folder, or a log as JSON lines")
    one.add_argument("file", type=Path)
    one.add_argument("--checkpoint", type=Path, help="a signed checkpoint of the log")
    one = kinds.add_parser("checkpoint", parents=[shared], help="a checkpoint, or that one continues another")
    one.add_argument("file", type=Path)
    one.add_argument("second", type=Path, nargs="?")
    one.add_argument("--proof", type=Path, help='the consistency proof: {"hashes": [hex, ...]}')
    one = kinds.add_parser("tiles", parents=[shared], help="a folder with a checkpoint and tiles")
    one.add_argument("file", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
