"""`immutable db`: the database's schema. What the tables hold is not touched here."""

from contextlib import closing
from typing import Annotated

import typer

from immutable import settings as settings_module
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.errors import StartError
from immutable.store.open import is_postgres, shown
from immutable.store.postgres import schema
from immutable.store.postgres.connection import Database
from immutable.store.postgres.distribute import distribute as distribute_schema

app = typer.Typer(
    no_args_is_help=True,
    help=help_text("""The database's schema.

\b
Examples:
  immutable db upgrade
  immutable db distribute"""),
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
    url = _postgres_url("A SQLite log needs no upgrade by hand: it is made ready when it is opened.")
    with closing(Database(url)) as database:
        before, after = schema.upgrade(database)
    if before == after:
        typer.echo(f"{shown(url)} is of version {after} already.")
    else:
        typer.echo(f"{shown(url)}: schema version {before or 'none'} -> {after}.")


@app.command("distribute")
@told
def distribute(
    shards: Annotated[int, typer.Option(min=1, max=1024, help="Shards, where nothing is distributed yet.")] = 32,
) -> None:
    """Distribute a PostgreSQL database by workspace over the nodes of a Citus cluster.

    Run it on the coordinator's database, after `immutable db upgrade`; on an empty log or on one that holds events, which are
    moved, and again after an upgrade that added tables. What is distributed already is left alone. While it runs, nothing
    is appended: clients wait and are answered 503 with Retry-After. Servers need no restart.

    \b
    Examples:
      immutable db distribute
      immutable db distribute --shards 64
    """
    url = _postgres_url("SQLite is one file on one machine; `immutable copy` moves it to PostgreSQL.")
    with closing(Database(url)) as database:
        done = distribute_schema(database, shards=shards, say=typer.echo)
    if done:
        typer.echo(f"{shown(url)}: {len(done)} tables are distributed by workspace: {', '.join(done)}.")
    else:
        typer.echo(f"{shown(url)}: all tables are distributed already.")


def _postgres_url(otherwise: str) -> str:
    url = settings_module.load().database_url
    if not is_postgres(url):
        raise StartError(
            f"{otherwise} For PostgreSQL: IMMUTABLE_DATABASE_URL=postgresql://user:password@host/database."
        )
    return url
