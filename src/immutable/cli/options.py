"""Options that several commands take, each defined once."""

from typing import Annotated

import typer

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="IMMUTABLE_URL",
        help="The server to ask. Without it the database of IMMUTABLE_DATABASE_URL is used directly.",
        rich_help_panel="Which log",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="IMMUTABLE_API_KEY",
        help="The API key for the server. Others on this machine may see it here; better use the environment.",
        rich_help_panel="Which log",
    ),
]
WorkspaceName = Annotated[
    str | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The workspace, where the database is used directly and holds several.",
        rich_help_panel="Which log",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the API answers, for other programs.")]
Zone = Annotated[
    str,
    typer.Option("--zone", metavar="NAME", help="The time zone to show times in, such as America/Los_Angeles."),
]
Since = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="From this time or date on (UTC, or with an offset).")
]
Until = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Up to this time, or to the end of this date.")]
Withhold = Annotated[
    str | None,
    typer.Option(
        metavar="WHOSE",
        help="Keep details back: 'all', 'others:ID' for all but what the actor ID did, or 'events:7,12-15' for chosen events, by "
        "place or id. The rest still proves.",
    ),
]
