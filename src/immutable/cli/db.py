"""`immutable db`: the database's schema. What the tables hold is not touched here."""

from contextlib import closing

import typer

from immutable import settings as settings_module
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.errors import StartError
from immutable.store.open import is_postgres, shown
from immutable.store.postgres import schema
from immutable.store.postgres.connection import Database

app = typer.Typer(
    no_args_is_help=True,
    help=help_text("""The database's schema.

\b
Examples:
  immutable db upgrade"""),
)


@app.command("upgrade")
@told
def upgrade() -> None:
    """Bring the schema of a PostgreSQL database to this version, or make it where there is none.

    Run it with the new version before its servers start; those of the version before may go on serving meanwhile.
    Where the schema is newer than this version knows, nothing is changed.

    \b
    Examples:
      IMMUTABLE_DATABASE_URL=postgresql://db/immutable immutable db upgrade
    """
    url = settings_module.load().database_url
    if not is_postgres(url):
        raise StartError(
            "A SQLite log needs no upgrade by hand: it is made ready when it is opened. "
            "For PostgreSQL: IMMUTABLE_DATABASE_URL=postgresql://user:password@host/database."
        )
    with closing(Database(url)) as database:
        before, after = schema.upgrade(database)
    if before == after:
        typer.echo(f"{shown(url)} is of version {after} already.")
    else:
        typer.echo(f"{shown(url)}: schema version {before or 'none'} -> {after}.")
