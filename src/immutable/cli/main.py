"""`immutable`: the list of commands. Each command is a module beside this one."""

import typer

from immutable.cli import (
    anchor,
    archive,
    backup,
    bench,
    checkpoint,
    copy_log,
    db,
    demo,
    erase,
    evidence,
    export_events,
    history,
    hold,
    import_events,
    investigations,
    keys,
    members,
    producers,
    retention,
    serve,
    sessions,
    show_settings,
    signing_keys,
    timeline,
    verify,
    witness,
    workspace_admin,
)
from immutable.cli.help_text import help_text

_SERVER = "The server"
_READ = "Reading"
_KEEP = "Forgetting and keeping"
_MOVE = "Events in and out"

_HELP = """The audit log that a company trusts in court.

Commands that read take --url and --key for a server, or read the database of IMMUTABLE_DATABASE_URL directly.

\b
Examples:
  immutable demo
  immutable keys create --workspace production
  immutable serve
  immutable sessions --actor user_4f2a8c"""

app = typer.Typer(
    name="immutable",
    help=help_text(_HELP),
    epilog="Exit codes: 0 done; 1 the answer is bad (chain broken, lines rejected); 2 it could not be done; "
    "130 interrupted; 141 the output was closed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("serve", rich_help_panel=_SERVER)(serve.serve)
app.command("demo", rich_help_panel=_SERVER)(demo.demo)
app.command("bench", rich_help_panel=_SERVER)(bench.bench)
app.add_typer(keys.app, name="keys", rich_help_panel=_SERVER)
app.add_typer(members.app, name="members", rich_help_panel=_SERVER)
app.add_typer(signing_keys.app, name="signing-keys", rich_help_panel=_SERVER)
app.add_typer(witness.app, name="witness", rich_help_panel=_SERVER)
app.add_typer(workspace_admin.app, name="workspaces", rich_help_panel=_SERVER)
app.add_typer(db.app, name="db", rich_help_panel=_SERVER)
app.command("settings", rich_help_panel=_SERVER)(show_settings.show_settings)
app.command("sessions", rich_help_panel=_READ)(sessions.sessions)
app.command("timeline", rich_help_panel=_READ)(timeline.timeline)
app.command("history", rich_help_panel=_READ)(history.history)
app.command("producers", rich_help_panel=_READ)(producers.producers)
app.command("verify", rich_help_panel=_READ)(verify.verify)
app.add_typer(anchor.app, name="anchor", rich_help_panel=_READ)
app.add_typer(checkpoint.app, name="checkpoint", rich_help_panel=_READ)
app.command("proof", rich_help_panel=_READ)(checkpoint.proof)
app.add_typer(evidence.app, name="evidence", rich_help_panel=_READ)
app.add_typer(investigations.app, name="investigations", rich_help_panel=_READ)
app.command("erase", rich_help_panel=_KEEP)(erase.erase)
app.add_typer(hold.app, name="hold", rich_help_panel=_KEEP)
app.add_typer(retention.app, name="retention", rich_help_panel=_KEEP)
app.add_typer(archive.app, name="archive", rich_help_panel=_KEEP)
app.command("backup", rich_help_panel=_MOVE)(backup.backup)
app.command("copy", rich_help_panel=_MOVE)(copy_log.copy)
app.command("import", rich_help_panel=_MOVE)(import_events.import_events)
app.command("export", rich_help_panel=_MOVE)(export_events.export_events)
