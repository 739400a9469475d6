"""How somebody without the server checks a pack: the same words for the text file, the HTML page and the PDF."""

from immutable.evidence.case import Case

STEPS = (
    "Do not trust this page: whoever forges a pack can write such a page. Trust what the verifier says of the file.",
    (
        "Get the verifier key of the log on another way than this file came: the company's published page, a contract, a call. "
        "Compare it with the key that is named below."
    ),
    (
        "Get the verifier: immutable-verify, a small program in Python that shares no code with the server, or its page "
        "verify.html, which runs in any browser without a network."
    ),
    (
        "Run: immutable-verify pack FILE.zip --key 'KEY'. It says VERIFIES and what that does and does not establish, or what "
        "was changed."
    ),
    (
        "By hand: events.jsonl has each event's exact bytes; its hash is the SHA-256 of 'immutable:event:v1', a newline, the "
        "hash before it and the record; proofs.json leads from each hash to the root in the checkpoint (RFC 9162)."
    ),
)
"""What to do, in order."""


def text_file(case: Case) -> bytes:
    """HOW-TO-CHECK.txt."""
    lines = ["HOW TO CHECK THIS EVIDENCE", ""]
    lines += [f"{at}. {step}" for at, step in enumerate(STEPS, 1)]
    lines += ["", f"Log: {case.origin}", f"Checkpoint: {case.size} events, root {case.root.hex()}", ""]
    lines += ["The log's keys, as this pack tells them:", *(f"  {key}" for key in case.verifier_keys)]
    if case.anchors:
        lines += [
            "",
            "Time-stamps: cut the signatures off anchors/NAME.checkpoint (all from the empty line on, and that line), and run",
            "  openssl ts -verify -data NAME.text -in NAME.tsr -CAfile AUTHORITY.pem",
        ]
    return ("\n".join(lines) + "\n").encode()
