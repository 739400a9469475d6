"""Writes docs/reference: settings, API, errors, metrics and command line, as the code itself describes them.

Run it after a change of any of these (`python tools/write_reference.py`); a test checks that the pages are current.
Nothing is read from a terminal's output, so its width and colours change nothing.
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import typer
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase
from rich.text import Text

from immutable import errors
from immutable.api import openapi
from immutable.api.routes import TABLE
from immutable.cli.main import app
from immutable.settings import PREFIX, Settings
from immutable.telemetry import metrics, request_metrics

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_GENERATED = "<!-- Written by tools/write_reference.py from the code; change it there. -->"
_HELP_OPTIONS = {"--help", "--install-completion", "--show-completion"}
_LIMITS = {"minimum": "from", "maximum": "to", "maxLength": "characters up to", "maxProperties": "keys up to",
           "default": "default"}  # fmt: skip

_Json = Mapping[str, Any]


def pages() -> dict[str, str]:
    """Each page's file name and content."""
    made = {
        "settings.md": _settings(),
        "api.md": _api(openapi.document(TABLE, Settings())),
        "errors.md": _errors(),
        "metrics.md": _metrics(),
        "cli.md": _command_line(),
    }
    return {name: re.sub(r"\n{3,}", "\n\n", f"{_GENERATED}\n\n{text}").strip() + "\n" for name, text in made.items()}


def commands() -> dict[str, Any]:
    """Every command and group by what one types for it, `immutable` itself first."""
    found: dict[str, Any] = {}

    def walk(path: str, command: Any) -> None:
        found[path] = command
        for name, one in getattr(command, "commands", {}).items():
            walk(f"{path} {name}", one)

    walk("immutable", typer.main.get_command(app))
    return found


def measured() -> list[tuple[str, str, str, list[str], list[float]]]:
    """Every metric of ours: name as exposed, kind, meaning, labels, and a histogram's bounds."""
    found: list[tuple[str, str, str, list[str], list[float]]] = []
    for one in vars(metrics).values():
        # prometheus_client has no public names for labels and bounds. A child with its label set is its parent's again.
        if not isinstance(one, MetricWrapperBase) or one._labelvalues:  # noqa: SLF001
            continue
        (family,) = one.describe()
        bounds = [bound for bound in one._upper_bounds if bound < float("inf")] if isinstance(one, Histogram) else []  # noqa: SLF001
        found.append((family.name, family.type, family.documentation, list(one._labelnames), bounds))  # noqa: SLF001
    requests = request_metrics.RequestMetrics()
    requests.observe("GET", "/", 200, 0.1)
    for family in requests.collect():
        labels = sorted({name for sample in family.samples for name in sample.labels} - {"le"})
        bounds = list(request_metrics.BUCKETS) if family.type == "histogram" else []
        found.append((family.name, family.type, family.documentation, labels, bounds))
    return [
        (name + "_total" if kind == "counter" else name, kind, told, labels, bounds)
        for name, kind, told, labels, bounds in found
    ]


def error_classes() -> list[type[errors.ImmutableError]]:
    """Every error that a user can meet, by status."""
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.ImmutableError)]
    return sorted(found, key=lambda one: (one is errors.StartError, one.status))


def _settings() -> str:
    text = f"""# Settings

Read once, at the start, from the environment or from a TOML file named by `--config` or `{PREFIX}CONFIG`; a variable wins
over the file. In the file the names are those of the headings: `port = 9000`. `immutable settings` shows what holds now.
"""
    for field in msgspec.structs.fields(Settings):
        kind = msgspec.inspect.type_info(field.type)
        meaning = next(one.description for one in field.type.__metadata__ if isinstance(one, msgspec.Meta))
        values = field.default if isinstance(field.default, tuple) else (field.default,)
        shown = ", ".join(f"`{one}`" for one in values if one != "") or "none"
        text += f"\n## {field.name}\n\n{meaning}\n\n- Variable: `{PREFIX}{field.name.upper()}`\n- Default: {shown}\n"
        bounds = [f"{word} {value:,}" for word, value in _bounds(kind) if value is not None]
        if bounds:
            text += f"- Allowed: {', '.join(bounds)}\n"
    return text


def _bounds(kind: Any) -> Iterable[tuple[str, float | None]]:
    kind = getattr(kind, "type", kind)
    for word, name in (("at least", "ge"), ("more than", "gt"), ("at most", "le"), ("less than", "lt")):
        yield word, getattr(kind, name, None)


def _errors() -> str:
    text = """# Errors

Every error of the API is JSON: `error` is one of these codes, for programs; `message` is a sentence that says what to do.
`validation_failed` carries `errors` besides: each field's path with what is wrong with it. `overloaded` and `rate_limited`
carry the header `Retry-After`, in seconds.

| Code | Status | Meaning |
| --- | --- | --- |
"""
    for one in error_classes():
        status = "none: the process does not start" if one is errors.StartError else str(one.status)
        meaning = "The server failed." if one is errors.ImmutableError else " ".join((one.__doc__ or "").split())
        text += f"| `{one.code}` | {status} | {_cell(meaning)} |\n"
    return text


def _metrics() -> str:
    text = "# Metrics\n\nPrometheus text at `/metrics`, without a key. Those of the process itself come besides.\n"
    for name, kind, meaning, labels, bounds in measured():
        text += f"\n## {name}\n\n{meaning}\n\n- Kind: {kind}\n"
        if labels:
            text += f"- Labels: {', '.join(f'`{one}`' for one in labels)}\n"
        if bounds:
            text += f"- Buckets up to: {', '.join(f'{one:g}' for one in bounds)}\n"
    return text


def _api(document: _Json) -> str:
    text = f"# API\n\n{document['info']['description']}\n"
    text += "The same as an OpenAPI 3.1 document: `/api/v1/openapi.json`; to try it in the browser: `/docs`. "
    text += "The codes of errors: [errors](errors.md).\n"
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            text += _operation(document, f"{verb.upper()} {path}", operation)
    text += "\n# Schemas\n\nWhat requests and answers hold. A field marked * is always there.\n"
    for name, schema in sorted(document["components"]["schemas"].items()):
        text += f"\n## {name}\n\n{schema.get('description', '')}\n\n| Field | Type | Meaning |\n| --- | --- | --- |\n"
        for field, one in schema.get("properties", {}).items():
            star = " *" if field in schema.get("required", ()) else ""
            text += f"| `{field}`{star} | {_cell(_type(one))} | {_cell(one.get('description', ''))} |\n"
    return text


def _operation(document: _Json, title: str, operation: _Json) -> str:
    text = f"\n## {title}\n\n{operation['summary']}.\n\n{operation.get('description', '')}\n\n"
    scopes = operation.get("security", [{}])[0].get("api_key", [])
    text += f"Scope: {', '.join(f'`{one}`' for one in scopes) or 'none; no key is asked for'}.\n"
    if operation["parameters"]:
        text += "\n| Parameter | In | Type | Meaning |\n| --- | --- | --- | --- |\n"
        for one in operation["parameters"]:
            kind = _cell(_type(one["schema"]))
            text += f"| `{one['name']}` | {one['in']} | {kind} | {_cell(one['description'])} |\n"
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        text += f"\nBody: {_type(content['schema'])}. {operation['requestBody']['description']}\n\n"
        text += f"```json\n{msgspec.json.format(msgspec.json.encode(content['example'])).decode()}\n```\n"
    text += "\n| Answer | |\n| --- | --- |\n"
    for status, answer in operation["responses"].items():
        if "$ref" in answer:
            code = answer["$ref"].rsplit("/", 1)[1]
            told = f"`{code}`: {document['components']['responses'][code]['description']}"
        else:
            schema = next(iter(answer["content"].values()))["schema"]
            told = f"{_type(schema)}: {answer['description']}"
        text += f"| {status} | {_cell(told)} |\n"
    return text


def _type(schema: _Json) -> str:
    """A JSON Schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{one}`" for one in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_type(schema['additionalProperties'])}"
    limits = [f"{word} {schema[name]:,}" for name, word in _LIMITS.items() if isinstance(schema.get(name), int)]
    kind = str(schema.get("format", kind))
    return f"{kind} ({', '.join(limits)})" if limits else kind


def _command_line() -> str:
    text = ""
    for path, command in commands().items():
        title = "# Command line" if path == "immutable" else f"## {path}"
        text += f"\n{title}\n\n{_help(command.help or '')}\n"
        inner = getattr(command, "commands", {})
        if inner:
            text += "\n| Command | |\n| --- | --- |\n"
            for name, one in inner.items():
                first = Text.from_markup(one.help or "").plain.split("\n")[0]
                link = f"{path} {name}".replace(" ", "-")
                text += f"| [`{path} {name}`](#{link}) | {_cell(first)} |\n"
        shown = [one for one in command.params if not _HELP_OPTIONS & set(one.opts) and not getattr(one, "hidden", 0)]
        if shown:
            text += "\n| Option | Meaning |\n| --- | --- |\n" + "".join(map(_option, shown))
        if command.epilog:
            text += f"\n{Text.from_markup(command.epilog).plain}\n"
    return text


def _help(markup: str) -> str:
    """A command's help as Markdown: prose as it is, examples as a block of code."""
    parts = []
    for paragraph in Text.from_markup(markup).plain.split("\n\n"):
        title, _, rest = paragraph.partition("\n")
        if rest.startswith("  "):
            lines = "\n".join(line.removeprefix("  ") for line in rest.split("\n"))
            parts.append(f"{title}\n\n```console\n{lines}\n```")
        else:
            parts.append(paragraph)
    return "\n\n".join(parts)


def _option(one: Any) -> str:
    if one.param_type_name == "argument":
        name = f"`{one.metavar or one.name.upper()}`"
    else:
        name = ", ".join(f"`{opt}`" for opt in [*one.opts, *one.secondary_opts])
    text = Text.from_markup(one.help or "").plain
    more = ["required"] if one.required else []
    if one.default not in (None, False, "", []) and not callable(one.default):
        default = "yes" if one.default is True else one.default
        more.append(f"default: {default if isinstance(default, int | float) else shlex.quote(str(default))}")
    if one.envvar:
        more.append(f"variable: `{one.envvar}`")
    told = f"{text} ({'; '.join(more)})" if more else text
    return f"| {name} | {_cell(told)} |\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in pages().items():
        (FOLDER / file).write_text(content, "utf-8")
