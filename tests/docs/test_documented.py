"""The reference pages say what the code says: current, and nothing left out."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import compile_path
from typer.testing import CliRunner

from immutable.api.routes import TABLE
from immutable.cli.main import app
from immutable.errors import ImmutableError
from immutable.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
TOOL = ROOT / "tools" / "write_reference.py"


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("write_reference", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL_MODULE = _tool()
GROUPS = {path for path, one in TOOL_MODULE.commands().items() if hasattr(one, "commands")}
"""Commands that only hold others."""
PAGES: dict[str, str] = TOOL_MODULE.pages()


def page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def every_error(above: type[ImmutableError] = ImmutableError) -> list[type[ImmutableError]]:
    found = [above]
    for one in above.__subclasses__():
        found += every_error(one)
    return [one for one in found if one.__module__ == "immutable.errors"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_current(name: str) -> None:
    """Writing the page again changes nothing; if this fails, run `python tools/write_reference.py`."""
    assert page(name) == PAGES[name]


def test_there_is_no_page_that_nobody_writes() -> None:
    """A page that the tool no longer writes would grow old."""
    assert {path.name for path in REFERENCE.iterdir()} == set(PAGES)


def test_pages_do_not_depend_on_the_terminal() -> None:
    """A narrow terminal, a wide one, with colours and without: the pages are the same."""
    script = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('tool', sys.argv[1]);"
        "tool = importlib.util.module_from_spec(spec); spec.loader.exec_module(tool);"
        "sys.stdout.buffer.write(repr(tool.pages()).encode())"
    )
    for terminal in ({"COLUMNS": "40", "TERM": "dumb"}, {"COLUMNS": "300", "FORCE_COLOR": "1", "TERM": "xterm"}):
        told = subprocess.run(
            [sys.executable, "-c", script, str(TOOL)], env={**os.environ, **terminal}, check=True, capture_output=True
        )
        assert told.stdout.decode() == repr(PAGES)


def test_every_setting_is_described() -> None:
    """Each setting has its heading and its variable."""
    text = page("settings.md")
    for field in msgspec.structs.fields(Settings):
        assert f"\n## {field.name}\n" in text
        assert f"`{PREFIX}{field.name.upper()}`" in text


def test_every_route_is_described() -> None:
    """Each path and verb of the URL table has its heading."""
    text = page("api.md")
    for path, verbs in TABLE.items():
        for verb in verbs:
            assert f"\n## {verb} {compile_path(path)[1]}\n" in text


def test_every_error_is_described() -> None:
    """Each error class has its code and status in the table."""
    text = page("errors.md")
    for one in every_error():
        assert re.search(
            rf"^\| `{one.code}` \| {'none' if one.code == 'cannot_start' else one.status}\b", text, re.MULTILINE
        )


def test_every_metric_is_described(server: Any) -> None:
    """Each metric of ours that a running server exposes has its heading, and no other has one."""
    httpx2.get(f"{server.url}/healthz", timeout=60)
    exposed = {
        one.name + "_total" if one.type == "counter" else one.name
        for one in text_string_to_metric_families(httpx2.get(f"{server.url}/metrics", timeout=60).text)
        if one.name.startswith("immutable_")
    }
    described = set(re.findall(r"^## (\w+)$", page("metrics.md"), re.MULTILINE))
    assert described == {one for one in exposed if not one.endswith("_created")}


@pytest.mark.parametrize("command", sorted(TOOL_MODULE.commands()))
def test_every_command_and_option_is_described(command: str) -> None:
    """What `--help` of a command lists, commands and options, stands in its part of the page."""
    wide = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "TERM": "dumb", "NO_COLOR": "1"}
    told = CliRunner().invoke(app, [*command.split()[1:], "--help"], env=wide).stdout
    text = page("cli.md").partition(f"## {command}\n")[2].partition("\n## ")[0]
    if command == "immutable":
        text = page("cli.md").partition("\n## ")[0]
    assert text
    options = set(re.findall(r"^[│*\s]*(--[a-z][a-z-]*)", told, re.MULTILINE))
    assert {"--help"} < options or command in GROUPS | {
        "immutable bench",
        "immutable db upgrade",
        "immutable workspaces list",
    }
    for one in options - {"--help", "--install-completion", "--show-completion"}:
        assert f"`{one}`" in text
    inner = re.findall(r"^│ ([a-z]+) {2,}\S", told, re.MULTILINE) if "COMMAND" in told else []
    assert bool(inner) == (command in GROUPS)
    for one in inner:
        assert f"[`{command} {one}`]" in text
