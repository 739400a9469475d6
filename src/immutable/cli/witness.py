"""`immutable witness`: cosign other parties' logs, so that they cannot be rewritten unnoticed."""

import os
from pathlib import Path
from typing import Annotated

import typer

from immutable.checkpoints.witness_server import WitnessState, witness_server
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.errors import StartError
from immutable.integrity.note import COSIGNATURE, NoteError, Signer, parse_signer, parse_verifier

_HELP = """A witness (C2SP tlog-witness): run one for somebody else's log, and have somebody run one for yours.

\b
Example:
  immutable witness serve --name witness.example --log KEY"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `serve` a command of its own."""


@app.command("serve")
@told
def serve(
    name: Annotated[str, typer.Option(help="The witness's name, such as witness.example.com.")],
    log: Annotated[list[str], typer.Option(help="A log's verifier key: `immutable signing-keys show`. Several times.")],
    folder: Annotated[Path, typer.Option(help="Where its key and what it signed last are kept.")] = Path("witness"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8090,
) -> None:
    """Sign a log's checkpoints as long as each goes on from the last one; put TLS in front of it.

    It prints its verifier key and address, which the log's operator puts into IMMUTABLE_WITNESSES.

    \b
    Example:
      immutable witness serve --name witness.example --log KEY --port 8090
    """
    try:
        signer, logs = _own_key(folder, name), [parse_verifier(one) for one in log]
    except NoteError as error:
        raise StartError(str(error)) from error
    server = witness_server(WitnessState(signer, logs, folder / "signed.json"), host, port)
    typer.echo(f"{signer.verifier} http://{host}:{server.server_address[1]}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _own_key(folder: Path, name: str) -> Signer:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "key"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
            new.write(Signer(name, os.urandom(32), COSIGNATURE).exported() + "\n")
    signer = parse_signer(file.read_text("utf-8").strip())
    if signer.name != name:
        raise StartError(f"The key in {file} is that of {signer.name}.")
    return signer
