"""`immutable settings`: every setting, its variable, its default, what holds now, and what it means."""

from typing import Annotated, Any

import msgspec
import typer
from rich.console import Group
from rich.text import Text

from immutable import settings as settings_module
from immutable.cli.failure import told
from immutable.cli.options import AsJson
from immutable.cli.screen import console, print_json, styled, table
from immutable.errors import StartError
from immutable.settings import PREFIX, Settings
from immutable.store.open import shown


@told
def show_settings(
    config: Annotated[str | None, typer.Option(help="A TOML file of settings (IMMUTABLE_CONFIG).")] = None,
    as_json: AsJson = False,
) -> None:
    """Show every setting: its environment variable, what holds now, its default and its meaning.

    \b
    Examples:
      immutable settings
      immutable settings --config immutable.toml
      IMMUTABLE_PORT=9000 immutable settings
    """
    try:
        current = settings_module.load(file=config)
    except StartError:
        _show(_rows(None))
        raise
    rows = _rows(current)
    if as_json:
        print_json({"data": rows})
    else:
        _show(rows)


def _show(rows: list[dict[str, Any]]) -> None:
    made = table("Variable", "What holds now, and what it means")
    made.columns[0].no_wrap = True
    for row in rows:
        value, default = _text(row["value"]), _text(row["default"]) or "nothing"
        is_default = row["value"] == row["default"]
        now = Text(f"{default}, the default", "dim") if is_default else styled(value, "bold") + f" (default: {default})"
        made.add_row(styled(row["variable"], "cyan"), Group(now, Text(row["meaning"]), ""))
    out = console()
    out.print(made)
    out.print(
        Text(
            f"In a file the names are without {PREFIX} and in lower case: port = 9000. {PREFIX}CONFIG names the file; a "
            f"variable wins over it. {PREFIX}URL and {PREFIX}API_KEY are for the commands that ask a server.",
            "dim",
        )
    )


_SECRETS = {"secret", "anchor_evm_key", "anchor_evm_rpc_url"}  # a node's address often holds a key


def _rows(current: Settings | None) -> list[dict[str, Any]]:
    rows = []
    for field in msgspec.structs.fields(Settings):
        meta = next((one for one in getattr(field.type, "__metadata__", ()) if isinstance(one, msgspec.Meta)), None)
        rows.append(
            {
                "name": field.name,
                "variable": PREFIX + field.name.upper(),
                "value": None if current is None else _shown(field.name, getattr(current, field.name)),
                "default": _shown(field.name, field.default),
                "meaning": "" if meta is None else meta.description or "",
            }
        )
    return rows


def _shown(name: str, value: Any) -> Any:
    """A value as it may be shown: an address without its password, no secret."""
    if name in _SECRETS and value:
        return "(set)"
    return shown(value) if name.endswith("_url") else value


def _text(value: object) -> str:
    if value is None:
        return "?"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
