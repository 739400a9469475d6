"""Whoever uses getimmutable 0.2.0 changes the address and the key, and nothing else.

`published_surface.json` holds what 0.2.0 offers: names, parameters, defaults. It was written by running this file,
`python test_published_surface.py`, with 0.2.0 installed.
"""

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import pytest

MODULES = (
    "getimmutable",
    "getimmutable.client",
    "getimmutable.errors",
    "getimmutable.pending_event",
    "getimmutable.types",
)
CLASSES = ("ImmutableClient", "ImmutableError", "PendingEvent")
SURFACE = Path(__file__).with_name("published_surface.json")


def describe() -> dict[str, Any]:
    """The facts about whichever version of the package is installed."""
    modules = {name: importlib.import_module(name) for name in MODULES}
    types = modules["getimmutable.types"]
    return {
        "exports": {name: _own_names(module) for name, module in modules.items()},
        "methods": {
            f"{kind}.{name}": _parameters(member)
            for kind in CLASSES
            for name, member in inspect.getmembers(getattr(modules["getimmutable"], kind), inspect.isfunction)
            if name == "__init__" or not name.startswith("_")
        },
        "types": {
            name: sorted(getattr(kind, "__annotations__", {}))
            for name, kind in vars(types).items()
            if isinstance(kind, type) and kind.__module__ == "getimmutable.types" and hasattr(kind, "__total__")
        },
    }


def _own_names(module: Any) -> list[str]:
    """What a module means to offer, and not what it happens to import."""
    made_here = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    return sorted(name for name in getattr(module, "__all__", made_here) if not name.startswith("_"))


def _parameters(function: Any) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "kind": one.kind.name, **({} if one.default is one.empty else {"default": one.default})}
        for one in inspect.signature(function).parameters.values()
        if one.name != "self"
    ]


if __name__ == "__main__":
    print(json.dumps(describe(), indent=1, sort_keys=True))
    sys.exit()

PUBLISHED: dict[str, Any] = json.loads(SURFACE.read_text())


@pytest.mark.parametrize("module", MODULES)
def test_every_published_name_can_be_imported_from_where_it_was(module: str) -> None:
    """`from getimmutable.types import QueryResult` goes on working."""
    ours = importlib.import_module(module)
    assert [name for name in PUBLISHED["exports"][module] if not hasattr(ours, name)] == []


@pytest.mark.parametrize("method", PUBLISHED["methods"])
def test_every_published_method_takes_what_it_took(method: str) -> None:
    """The parameters are there in their order, of their kind, with their defaults; new ones come behind and are optional."""
    ours = describe()["methods"][method]
    published = PUBLISHED["methods"][method]
    positional = [one for one in published if one["kind"] != "KEYWORD_ONLY"]
    assert ours[: len(positional)] == positional
    assert [one for one in published if one not in ours] == []
    assert [one["name"] for one in ours if one not in published and "default" not in one] == []


@pytest.mark.parametrize("name", PUBLISHED["types"])
def test_every_published_type_has_the_keys_it_had(name: str) -> None:
    """Annotations that name keys of the typed dictionaries stay right."""
    kind = getattr(importlib.import_module("getimmutable.types"), name)
    ours = set((getattr(kind, "__origin__", None) or kind).__annotations__)
    assert set(PUBLISHED["types"][name]) <= ours


def test_the_comparison_has_something_to_compare() -> None:
    """The checked-in facts are those of 0.2.0, not an empty file."""
    assert "ImmutableClient.create_viewer_token" in PUBLISHED["methods"]
    assert "PendingEvent.track" in PUBLISHED["methods"]
    assert len(PUBLISHED["types"]) > 15
