"""`immutable workspaces destructive` and `links`: how a workspace's log is shown, looked at or decided."""

from typing import Annotated

import typer

from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.screen import console, harmless, print_json, styled, table
from immutable.cli.source import Json, open_source
from immutable.errors import NotFound, StartError

_DESTRUCTIVE = "/settings/destructive-actions"
_LINKS = "/settings/links"
_KINDS = ("trace", "logs", "errors", "ticket")


@told
def destructive(
    add: Annotated[list[str] | None, typer.Option(metavar="PATTERN", help="Count this too; * is anything.")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--except", metavar="PATTERN", help="Never count this, whatever covers it.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Take off what was added or excepted.")
    ] = None,
    default: Annotated[
        bool | None, typer.Option("--default/--no-default", help="Whether the server's patterns count as well.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Decide nothing: as the server's setting says.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would mean.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Show which of a workspace's actions count as destructive, or decide it.

    It holds for old events too, from the next answer on: the log stays as it is. A server asks for a key with the scope admin.

    \b
    Examples:
      immutable workspaces destructive -w production
      immutable workspaces destructive -w production --add "plan.cancelled"
      immutable workspaces destructive --except "notification.*" --dry-run
      immutable workspaces destructive -w production --reset
    """
    with open_source(url, key, workspace) as source:
        before = source.get(_DESTRUCTIVE)["data"]
        after = {"uses_default": True, "patterns": [], "exceptions": []}
        if not reset:
            after = _changed(before, add or [], exclude or [], remove or [], uses_default=default)
        is_new = any(after[name] != before[name] for name in after)
        seen = source.post(_DESTRUCTIVE + "/preview", after)["data"]
        if is_new and not dry_run:
            source.post(_DESTRUCTIVE, after)
    if as_json:
        print_json({"data": {**after, "default": before["default"], **seen}})
        return
    _show(after, before["default"], seen)


@told
def links(
    trace: Annotated[str | None, typer.Option(metavar="TEMPLATE", help="Where an event's trace can be read.")] = None,
    logs: Annotated[str | None, typer.Option(metavar="TEMPLATE", help="Where its log lines can be read.")] = None,
    errors: Annotated[str | None, typer.Option(metavar="TEMPLATE", help="Where its errors can be read.")] = None,
    ticket: Annotated[str | None, typer.Option(metavar="TEMPLATE", help="Where a ticket can be read.")] = None,
    default: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="Have the server's again: trace, logs, errors or ticket.")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Show where a workspace's links lead, or decide it: http or https, with placeholders for an event's values.

    The placeholders are {trace_id}, {session_id}, {request_id}, {actor_id}, {tenant_id}, {resource_id} and {event_id}; of a
    ticket's link {ticket}. An empty template makes no link. A server asks for a key with the scope admin.

    \b
    Examples:
      immutable workspaces links -w production
      immutable workspaces links --errors "https://err.example/?q={request_id}"
      immutable workspaces links --ticket "https://tickets.example/{ticket}"
      immutable workspaces links --default trace --logs ""
    """
    given = {"trace": trace, "logs": logs, "errors": errors, "ticket": ticket}
    body: Json = {kind: template for kind, template in given.items() if template is not None}
    for kind in default or []:
        if kind not in _KINDS or kind in body:
            raise StartError(f"--default {kind!r} is none of {', '.join(_KINDS)}, or is given a template as well.")
        body[kind] = None
    with open_source(url, key, workspace) as source:
        answer = source.decide(_LINKS, body) if body else source.get(_LINKS)
    if as_json:
        print_json(answer)
        return
    made = table("link", "template", "whose", "such as")
    for kind, link in answer["data"].items():
        own = link["template"]
        template, whose = (link["default"], "the server's") if own is None else (own, "its own")
        made.add_row(kind, harmless(template) or "none", whose, harmless(link["example"] or ""))
    console().print(made)


def _changed(before: Json, add: list[str], exclude: list[str], remove: list[str], *, uses_default: bool | None) -> Json:
    kept: Json = {"uses_default": before["uses_default"] if uses_default is None else uses_default}
    missing = set(remove) - {*before["patterns"], *before["exceptions"]}
    if missing:
        raise NotFound(
            f"{min(missing)!r} was neither added nor excepted; the server's own go with --no-default or --except."
        )
    for name, more in (("patterns", add), ("exceptions", exclude)):
        kept[name] = list(dict.fromkeys([*(one for one in before[name] if one not in remove), *more]))
    return kept


def _show(rule: Json, default: list[str], seen: Json) -> None:
    out = console()
    whose = harmless(", ".join(default)) if rule["uses_default"] and default else "none"
    for title, text in (
        ("the server's", whose),
        ("its own", harmless(", ".join(rule["patterns"])) or "none"),
        ("except", harmless(", ".join(rule["exceptions"])) or "none"),
    ):
        out.print(f"{title + ':':<14} {text}")
    made = table("action", "events", "counts as", "because of", "until now")
    for one in seen["actions"]:
        if not (one["destructive"] or one["was_destructive"] or one["pattern"]):
            continue
        made.add_row(
            harmless(one["action"]),
            f"{one['events_count']:,}",
            styled("destructive", "bold red") if one["destructive"] else "harmless",
            harmless(one["pattern"] or "") if one["destructive"] else "",
            "" if one["destructive"] == one["was_destructive"] else "otherwise",
        )
    out.print(made)
    harmful = sum(one["destructive"] for one in seen["actions"])
    older = "" if seen["is_whole"] else f", looking back to event {seen['from_sequence']:,}"
    out.print(f"{harmful:,} of {counted(len(seen['actions']), 'action')} count as destructive{older}.")
