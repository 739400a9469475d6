"""`immutable serve`: the server, in one process or several."""

from typing import Annotated

import msgspec
import typer

from immutable import settings as settings_module
from immutable.cli.failure import told


@told
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (IMMUTABLE_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one (IMMUTABLE_PORT).")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Serving processes; more than one needs PostgreSQL.")] = 1,
    shared_port: Annotated[bool, typer.Option(hidden=True, help="Be one of several on this port.")] = False,
    config: Annotated[str | None, typer.Option(help="A TOML file of settings (IMMUTABLE_CONFIG).")] = None,
) -> None:
    """Start the server and print where it listens.

    Settings come from the environment or from a file; the environment wins. `immutable settings` lists them.

    \b
    Examples:
      immutable serve
      immutable serve --host 0.0.0.0 --port 9000
      IMMUTABLE_DATABASE_URL=sqlite:////var/lib/immutable/log.db immutable serve
      IMMUTABLE_DATABASE_URL=postgresql://db/immutable immutable serve --workers 4
    """
    from immutable.server import run
    from immutable.workers import end_with_parent, run_workers

    loaded = settings_module.load(file=config)
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    loaded = msgspec.structs.replace(loaded, **changes)
    if workers > 1:
        run_workers(loaded, workers, config)
    else:
        if shared_port:
            end_with_parent()
        run(loaded, shared_port=shared_port)
