"""The README's commands and snippets, run as they stand against a server of their own."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from tests.ports import held_port

ROOT = Path(__file__).parents[2]
SNIPPET = re.compile(r"<!-- test: (\w+) -->\n```\w+\n(.*?)```", re.DOTALL)
SNIPPETS = SNIPPET.findall((ROOT / "README.md").read_text("utf-8"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that looks like the repository to a shell, and a port for its server."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    command = shutil.which("immutable", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert command is not None
    (tmp_path / ".venv" / "bin" / "immutable").symlink_to(command)
    verifier = tmp_path / ".venv" / "bin" / "immutable-verify"
    verifier.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}/verifier/src" exec "{sys.executable}" -m immutable_verify "$@"\n'
    )
    verifier.chmod(0o755)
    javascript = ROOT / "sdks" / "javascript"
    assert (javascript / "dist").is_dir(), "`make test` builds the JavaScript SDK"
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "getimmutable").symlink_to(javascript)
    with held_port() as port:
        yield tmp_path, str(port)


def _wait_for(asked: str | Request, what: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with urlopen(asked, timeout=60):
                return
        except OSError:  # of which the library's errors are kinds
            time.sleep(0.05)
    raise AssertionError(what)


def _wait_for_checkpoint(url: str, key: str) -> None:
    """Until the events of the snippets are signed."""
    asked = Request(f"{url}/api/v1/checkpoints/5", headers={"authorization": f"Bearer {key}"})
    _wait_for(asked, "the events are not signed")


def test_every_snippet_of_the_readme_runs(place: tuple[Path, str]) -> None:
    """From an empty folder to a verified chain, with nothing but what the README says."""
    folder, port = place
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "IMMUTABLE_PORT": port}
    kinds = [kind for kind, _ in SNIPPETS]
    assert kinds == ["shell", "shell", "python", "javascript", "shell", "shell", "shell"]

    def moved(text: str) -> str:
        return text.replace("http://127.0.0.1:8080", url)

    start = moved(SNIPPETS[0][1]).replace("immutable serve ", "immutable serve & echo $! >server.pid ")
    shell = subprocess.Popen(["bash", "-euc", start + "\nprintenv IMMUTABLE_API_KEY >key"], cwd=folder, env=environment)
    assert shell.wait(200) == 0
    try:
        _wait_for(url + "/readyz", f"nothing answers at {url}")
        environment["IMMUTABLE_API_KEY"] = (folder / "key").read_text().strip()
        environment["PATH"] = f"{folder}/.venv/bin:{environment['PATH']}"
        environment["IMMUTABLE_DATABASE_URL"] = "sqlite:///immutable.db"
        runners = {
            "shell": ["bash", "-euc"],
            "python": [sys.executable, "-c"],
            "javascript": ["node", "--input-type=module", "-e"],
        }
        printed = ""
        for kind, text in SNIPPETS[1:]:
            if "immutable proof" in text:
                _wait_for_checkpoint(url, environment["IMMUTABLE_API_KEY"])
            run = subprocess.run(
                [*runners[kind], moved(text)], check=False, cwd=folder, env=environment, capture_output=True, text=True
            )
            assert run.returncode == 0, run.stderr
            printed += run.stdout
        for step in ("document.viewed", "document.edited", "document.moved_to_trash", "trash.emptied"):
            assert step in printed
        assert '"status":"queued"' in printed
        assert "is in the checkpoint of 5 events" in printed
        assert "VERIFIES\n" in printed
        assert len((folder / "events.jsonl").read_text("utf-8").splitlines()) == 5  # the fifth tells of the evidence
    finally:
        os.kill(int((folder / "server.pid").read_text()), 15)
