"""The house rules that a machine can hold: imports point downwards, names say something, modules stay readable."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "immutable"
MODULES = sorted(SOURCE.rglob("*.py"))
LAYERS = [
    "model", "integrity", "sessions", "story", "store", "log", "outbound", "checkpoints", "anchors", "accounts", "retention",
    "evidence",
    "api", "web", "demo", "cli",
]  # fmt: skip
"""Lowest first; a module imports its own layer and those below."""

EVERYWHERE = {"errors", "clock", "geo", "settings", "telemetry"}
TOP = {"services", "app", "server", "workers", "http_protocol", "joined_writes", "__init__", "__main__"}
"""What puts a server together; only the command line and the demo use it, and types may name it."""

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
MAX_LINES = 400


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def _imports(path: Path) -> Iterator[str]:
    """The packages of ours that a module imports when it runs (not those it only names in types)."""
    for node in ast.walk(_without_type_checking(ast.parse(path.read_text("utf-8")))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "immutable" and len(parts) > 1:
                yield parts[1]


def _without_type_checking(tree: ast.Module) -> ast.Module:
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
    ]
    return tree


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_point_downwards(path: Path) -> None:
    """A module imports its own layer, the layers below, and what everyone may import."""
    layer = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if layer in TOP:
        return
    imported = set(_imports(path))
    if layer in EVERYWHERE:
        allowed = EVERYWHERE
    else:
        allowed = EVERYWHERE | set(LAYERS[: LAYERS.index(layer) + 1])
        if layer in {"cli", "demo"}:
            allowed |= TOP | {"cli"}  # the demo prints as the command line does
    assert imported - allowed - {"__version__"} == set()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_says_what_it_is_and_stays_readable(path: Path) -> None:
    """Every module begins with a docstring, has a name that says something, and is at most 400 lines long."""
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert not FORBIDDEN_NAMES & set(path.stem.split("_"))
    assert text.count("\n") <= MAX_LINES


def test_nothing_but_the_schema_updates_or_deletes_entries() -> None:
    """No statement of ours changes or removes an entry; details are forgotten by one module alone."""
    for path in MODULES:
        text = path.read_text("utf-8").upper()
        assert "UPDATE ENTRIES" not in text.replace("UPDATE ENTRIES SET DETAILS=NULL, SALT=NULL WHERE", "")
        assert "DELETE FROM ENTRIES" not in text or path.name == "prune.py"
        assert ".PRUNING()" not in text or path.name == "prune.py"
        assert ".ERASING()" not in text or path.name == "erasure.py"
        assert "INTO ENTRIES" not in text or path.name in {"append.py", "pending_rows.py"}


def test_no_file_names_a_registry() -> None:
    """Locks and settings hold hashes, not the addresses they came from."""
    # Those of the repository; among what is installed beside them, folders come and go while other tests run.
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*package-lock.json"]
    locks = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert len(locks) > 2
    files = [
        *(ROOT / "requirements").iterdir(),
        ROOT / "pyproject.toml",
        ROOT / "Makefile",
        *(ROOT / lock for lock in locks),
    ]
    for path in files:
        text = path.read_text("utf-8")
        assert "pypi.org" not in text
        assert "pythonhosted" not in text
        assert "registry.npmjs" not in text
