"""The verifier's README: its commands run as they stand, and say what it says they say."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "verifier" / "README.md").read_text("utf-8")
EVIDENCE = ROOT / "conformance" / "evidence"


def test_the_commands_of_the_readme_run() -> None:
    """Each command succeeds, and the first prints exactly what the README shows."""
    keys = json.loads((EVIDENCE / "keys.json").read_text("utf-8"))
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "verifier" / "src"),
        "KEY": keys["log"],
        "WITNESS": keys["witness"],
        "PYTHON": sys.executable,
    }
    (block,) = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    commands = block.splitlines()
    assert len(commands) == 3
    printed = []
    for command in commands:
        runnable = command.replace("immutable-verify", '"$PYTHON" -m immutable_verify', 1)
        ran = subprocess.run(["sh", "-c", runnable], cwd=EVIDENCE, env=environment, capture_output=True, check=True)
        printed.append(ran.stdout.decode())
    assert printed[0] == shown
    assert json.loads(printed[1])["verdict"] == "verifies"


def test_the_readme_is_linked_from_the_main_one() -> None:
    """Who reads the main README finds the verifier."""
    assert "(verifier/README.md)" in (ROOT / "README.md").read_text("utf-8")
