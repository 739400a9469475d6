"""--help: what it does and how to call it, for every command."""

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from immutable.cli.main import app


def _commands() -> list[list[str]]:
    root = typer.main.get_command(app)
    names: list[list[str]] = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        names.append([name])
        names += [[name, inner] for inner in getattr(command, "commands", {})]
    return names


COMMANDS = _commands()


def test_the_commands_that_others_rely_on_are_there() -> None:
    """Their names are an interface."""
    expected = {"serve", "demo", "keys", "sessions", "timeline", "history", "verify", "import", "export", "settings"}
    assert expected <= {command[0] for command in COMMANDS}
    assert {("keys", "create"), ("keys", "list"), ("keys", "revoke")} <= {tuple(command) for command in COMMANDS}


@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
@pytest.mark.parametrize("columns", ["80", "140"])
def test_help_has_examples_on_lines_of_their_own(command: list[str], columns: str) -> None:
    """Each example can be copied as it stands: not joined with the next, not wrapped before column 80."""
    result = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": columns, "TERMINAL_WIDTH": columns})
    assert result.exit_code == 0
    lines = [line.rstrip() for line in result.output.splitlines()]
    start = next(index for index, line in enumerate(lines) if line.strip() in {"Examples:", "Example:"})
    examples = []
    for line in lines[start + 1 :]:
        if not line.strip():
            break
        examples.append(line.strip())
    assert examples
    for example in examples:
        assert "immutable " in example
        assert not example.endswith("\\")


def test_no_command_at_all_shows_the_help(run: Any) -> None:
    """The bare name lists the commands and the exit codes."""
    result = CliRunner().invoke(app, [])
    assert "Exit codes:" in result.output
    assert "timeline" in result.output
