"""`immutable demo`: ticket #4821 from the complaint to the answer, on a real server with real data."""

import json
import signal
import sys
import time
from contextlib import suppress
from typing import Annotated
from urllib.parse import quote

import msgspec
import typer
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from immutable.cli.demo_server import WORKSPACE, DemoServer
from immutable.cli.failure import told
from immutable.cli.moments import clock_text, moment, zone_of
from immutable.cli.screen import console, event_progress, harmless, styled
from immutable.cli.sending import MAX_EVENTS, Sender
from immutable.cli.sessions import read_sessions, show_sessions
from immutable.cli.source import Json, Source, open_source
from immutable.cli.timeline import read_session, show_session
from immutable.cli.verdict import show_report
from immutable.cli.verify import verify_database
from immutable.errors import ImmutableError, NotFound

_SHOWN_FIELDS = ("occurred_at", "resource_name", "ip_address", "ip_city", "ip_country", "metadata")


@told
def demo(
    exits: Annotated[bool, typer.Option("--exit", help="Stop after printing, instead of serving on.")] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on. Default: 8080, or a free one.")
    ] = None,
    events: Annotated[int, typer.Option(min=0, help="How many other events to load around the ticket's.")] = 50_000,
) -> None:
    """Show what Immutable is for: answer ticket #4821, "my document disappeared", on a server of its own.

    Makes a fresh database in .demo/ of this folder (and removes the last demo's), starts the server on it, loads the
    ticket among other people's events through the API, and reads the answer out of it. Serves until Ctrl-C.

    \b
    Examples:
      immutable demo
      immutable demo --exit
      immutable demo --port 9000 --events 200000
    """
    began = time.perf_counter()
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, signal.default_int_handler)  # so that the server is stopped on the way out
    out = console()
    with DemoServer(port) as server:
        _tell_complaint(out)
        _load(out, server, events)
        with open_source(server.url, server.key, None) as source:
            _investigate(out, source)
            token = _viewer_token(source)
        _heading(out, 5, "Can it be trusted?", "immutable verify")
        reports = list(verify_database(server.settings, WORKSPACE))
        for report in reports:
            show_report(out, report)
        _tell_access(out, server, token, time.perf_counter() - began)
        if not all(report.valid for report in reports):
            raise typer.Exit(1)
        if exits:
            out.print("The server stops now, because of --exit.")
            return
        with suppress(KeyboardInterrupt):
            out.print("Serving until Ctrl-C.")
            server.wait()
        out.print("Stopping.")


def _tell_complaint(out: Console) -> None:
    from immutable.demo import ticket_4821 as ticket

    reported = moment(ticket.REPORTED_AT, zone_of(ticket.ZONE))
    text = Text.assemble(
        (f"“{ticket.COMPLAINT}”", "italic"),
        f"\n{ticket.USER_NAME} ({ticket.USER_ID}), {reported:%Y-%m-%d at %H:%M}, Portland",
    )
    out.print(Panel.fit(text, title=Text(f"Ticket #{ticket.NUMBER}", "bold"), title_align="left"))


def _load(out: Console, server: DemoServer, others: int) -> None:
    """Send the events through the API, as an application would."""
    from immutable import demo as scenario

    out.print(f"Server {server.url}, database {server.database} (fresh)")
    bodies = [msgspec.json.encode(event) for event in scenario.events(others)]
    started = time.perf_counter()
    with Sender(server.url, server.key) as sender, event_progress() as bar:
        task = bar.add_task("Loading", total=len(bodies))
        for start in range(0, len(bodies), MAX_EVENTS):
            answers = sender.send(bodies[start : start + MAX_EVENTS])
            bad = next((answer for answer in answers if answer["status"] == "rejected"), None)
            if bad is not None:
                raise ImmutableError(f"The server rejected an event of the demo: {bad['message']}")
            bar.advance(task, len(answers))
    seconds = time.perf_counter() - started
    out.print(
        f"{len(bodies):,} events loaded through POST /api/v1/events/batch in {seconds:.1f} s "
        f"({len(bodies) / seconds:,.0f} per second), each durable before it was acknowledged"
    )


def _investigate(out: Console, source: Source) -> None:
    """The support engineer's steps, from the ticket's user to the draft answer."""
    from immutable.demo import ticket_4821 as ticket

    zone = zone_of(ticket.ZONE)
    _heading(out, 1, "Her recent sessions", f"immutable sessions --actor {ticket.USER_ID} --zone {ticket.ZONE}")
    found = read_sessions(source, {"actor_id": ticket.USER_ID}, 25)
    show_sessions(out, found, zone)
    suspect = next((session for session in found["data"] if session["destructive_count"]), None)
    if suspect is None:
        raise NotFound(f"No session of {ticket.USER_ID} destroyed anything; the demo's data is not as it should be.")
    session_id = suspect["session_id"]
    _heading(
        out, 2, "The newest in which something was destroyed", f"immutable timeline {session_id} --zone {ticket.ZONE}"
    )
    session = read_session(source, session_id)
    show_session(out, session, zone)
    destructive = [step for step in session["timeline"] if step["destructive"]]
    _heading(out, 3, "The destructive events", f'client.get_events(session_id="{session_id}")')
    for event in destructive:
        out.print(styled(event["action"], "bold red"))
        fields = Table.grid(padding=(0, 2, 0, 0))
        for name in _SHOWN_FIELDS:
            fields.add_row(Text(name, "cyan"), _field(event, name))
        fields.add_row("", Text(f"{clock_text(moment(event['occurred_at'], zone))} in {ticket.ZONE}", "dim"))
        out.print(Padding(fields, (0, 0, 1, 2), expand=False))
    _heading(out, 4, "A draft answer, made from the events")
    story = source.get(f"/sessions/{quote(session_id, safe='')}/story", {"zone": ticket.ZONE})["data"]
    answer = "\n".join(harmless(line["text"]) for line in story["answer"])
    out.print(Panel.fit(answer, border_style="cyan"))


def _field(event: Json, name: str) -> str:
    value = event[name]
    return harmless(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value)


def _heading(out: Console, number: int, title: str, command: str | None = None) -> None:
    out.print(Text.assemble((f"\n{number}  {title}", "bold"), (f"\n   $ {command}" if command else "", "dim"), "\n"))


def _viewer_token(source: Source) -> str:
    """What an application's server asks for, so that its page can show a customer the customer's own events."""
    from immutable.demo import ticket_4821 as ticket

    return str(source.post("/viewer-token", {"tenant_id": ticket.TENANT_ID, "ttl": 86_400})["token"])


def _tell_access(out: Console, server: DemoServer, token: str, seconds: float) -> None:
    from immutable.demo import ticket_4821 as ticket

    out.print()
    out.print(styled(f"Answered in {seconds:.0f} s.", "bold green"))
    out.print()
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_row(Text("Desk", "cyan"), Text(f"{server.url}/desk", "bold"))
    facts.add_row(Text("API key", "cyan"), Text(server.key, "bold"))
    facts.add_row(Text("Database", "cyan"), f"{server.database}, kept until the next demo")
    out.print(facts)
    out.print(f"\nWhat the customer {ticket.TENANT_ID} sees of it on its own page, for a day (docs/guide/viewer.md):")
    out.print(
        Text(f"{server.url}/viewer#token={token}"), soft_wrap=True
    )  # one line, so that terminals take it for a link
    command = sys.argv[0] if sys.argv[0].endswith("immutable") else "immutable"
    out.print("\nAsk it yourself, in another terminal:")
    out.print(f"  export IMMUTABLE_URL={server.url}")
    out.print(f"  export IMMUTABLE_API_KEY={server.key}")
    out.print(f"  {command} history document {ticket.DOCUMENT_ID} --zone {ticket.ZONE}\n")
