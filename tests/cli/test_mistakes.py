"""What a user gets wrong is told in one sentence, with exit code 2; what a reader closes is no error."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize("command", ["sessions", "verify", "export"])
@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"url": NOWHERE, "api_key": "imk_x"}, f"{NOWHERE} does not answer"),
        ({"url": NOWHERE}, "set IMMUTABLE_API_KEY"),
        ({"url": "localhost:8080", "api_key": "imk_x"}, "is not an address"),
        ({"url": NOWHERE, "api_key": "imk_\u00e9"}, "copied whole"),
        ({"database_url": "sqlite:///none.db"}, "There is no database none.db"),
        ({"database_url": "oracle://x"}, "is not understood"),
    ],
)
def test_a_log_that_cannot_be_reached_is_told(run: Any, command: str, variables: dict[str, str], says: str) -> None:
    """A wrong address, key or database is one sentence on stderr."""
    finished = run(*command.split(), code=2, **variables)
    assert finished.stdout == ""
    assert finished.stderr.startswith("immutable: ")
    assert says in finished.stderr
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sessions", "--zone", "Mars/Olympus"], "There is no time zone 'Mars/Olympus'"),
        (["sessions", "--from", "yesterday"], "from: Use an RFC 3339 time"),
        (["sessions", "--workspace", "none"], "There is no workspace 'none'; there is: main."),
        (["verify", "--workspace", "none"], "There is no workspace 'none'; there is: main."),
        (["verify", "--url", NOWHERE, "--workspace", "main"], "A server's workspace is that of the key"),
        (["verify", "--url", NOWHERE, "--chain-only"], "--chain-only, --resume and --log work on the database itself"),
        (["import", "none.jsonl"], "The file none.jsonl cannot be read"),
        (["keys", "revoke", "key_0", "--workspace", "main"], "has no key key_0"),
        (["keys", "list", "--workspace", "none"], "There is no workspace 'none'"),
    ],
)
def test_a_wrong_argument_is_told(run: Any, database: dict[str, str], arguments: list[str], says: str) -> None:
    """Each mistake has its sentence."""
    finished = run(*arguments, code=2, **database)
    assert says in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_reading_makes_no_database(run: Any, tmp_path: Path) -> None:
    """A mistyped path is told, and nothing is left at it."""
    run("sessions", code=2, database_url="sqlite:///typo.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told(run: Any, tmp_path: Path) -> None:
    """Another file is not opened as a log."""
    (tmp_path / "text.db").write_text("This is not a database, and it is long enough to be sure of it." * 20, "utf-8")
    assert "is not a database of ours" in run("sessions", code=2, database_url="sqlite:///text.db").stderr


def test_several_workspaces_have_to_be_told_apart(run: Any, database: dict[str, str]) -> None:
    """With one workspace its name may be left out; with two the message lists them."""
    run("sessions", **database)
    run("keys", "create", "--workspace", "other", **database)
    assert "there are: main, other" in run("sessions", code=2, **database).stderr
    run("sessions", "-w", "other", **database)


@pytest.mark.parametrize("arguments", [["timeline", "s"], ["sessions", "--limit", "5000"], ["export"], ["settings"]])
def test_a_reader_that_stops_reading_is_no_error(run: Any, database: dict[str, str], arguments: list[str]) -> None:
    """`| head -1` ends the command quietly, with the exit code that a shell gives SIGPIPE."""
    lines = "".join(f'{{"actor_id":"a","action":"x.n{number}","session_id":"s"}}\n' for number in range(1_500))
    run("import", "-", stdin=lines, **database)
    environment = {**os.environ, "IMMUTABLE_DATABASE_URL": database["database_url"]}
    reading, writing = os.pipe()
    os.close(reading)
    finished = subprocess.run(
        [sys.executable, "-m", "immutable", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    os.close(writing)
    assert (finished.returncode, finished.stderr) == (141, b"")


def test_an_interrupted_command_ends_quietly(tmp_path: Path, database: dict[str, str]) -> None:
    """Ctrl-C is exit code 130 and a word, no traceback."""
    environment = {**os.environ, "IMMUTABLE_DATABASE_URL": database["database_url"]}
    with subprocess.Popen(
        [sys.executable, "-m", "immutable", "import", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=tmp_path,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(b"\n" * 1_048_576)  # more than a pipe holds: it returns when the command has begun to read
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b"immutable: interrupted.\n"
        with suppress(BrokenPipeError):
            process.stdin.close()
