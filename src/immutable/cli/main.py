"""`immutable`: the list of commands. Each command is a module beside this one."""

import typer

from immutable.cli import keys, serve

app = typer.Typer(
    name="immutable",
    help="The audit log that a company trusts in court.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("serve")(serve.serve)
app.add_typer(keys.app, name="keys")
