"""Every setting: name, unit, default, meaning. Read once, from the environment or a TOML file, then frozen.

The environment variable of `database_url` is `IMMUTABLE_DATABASE_URL`, and so on; it wins over the file, whose path is
`--config` or `IMMUTABLE_CONFIG`.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from immutable.errors import StartError

PREFIX = "IMMUTABLE_"

Help = msgspec.Meta


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The server's settings; each field's help is in its annotation."""

    database_url: Annotated[
        str,
        Help(
            description="Where the log lies: sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host/database."
        ),
    ] = "sqlite:///immutable.db"
    host: Annotated[str, Help(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Help(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8080
    public_url: Annotated[
        str,
        Help(
            pattern=r"^(https?://[^\s?#]+)?$",
            description="Where people reach this server, such as https://audit.example.com: for links in invitations, for single "
            "sign-on, and so that cookies are for https alone. Needed for members behind a proxy that speaks https.",
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        Help(description="Addresses and CIDR ranges whose X-Forwarded-For is believed; comma-separated."),
    ] = ()
    rate_limit_requests: Annotated[
        float, Help(ge=0, description="Requests a second of one key, over all processes; more get 429. 0: no limit.")
    ] = 0.0
    rate_limit_events: Annotated[
        float, Help(ge=0, description="Events a second of one key, over all processes; more get 429. 0: no limit.")
    ] = 0.0
    rate_limit_burst_seconds: Annotated[
        float, Help(gt=0, le=3600, description="Seconds' worth of a key's limits that may come at once after a rest.")
    ] = 10.0
    failed_authentications_per_minute: Annotated[
        int,
        Help(ge=0, description="Wrong keys a minute from one address, over all processes; more get 429. 0: no limit."),
    ] = 100
    failed_sign_ins_per_hour: Annotated[
        int,
        Help(
            ge=1,
            description="Wrong passwords or codes an hour for one e-mail address, over all processes; more get 429.",
        ),
    ] = 20
    member_idle_seconds: Annotated[
        int, Help(ge=60, description="A member's session is over when nothing was asked with it for so long.")
    ] = 12 * 3_600
    member_session_seconds: Annotated[
        int, Help(ge=60, description="A member's session is over so long after signing in, whatever was asked with it.")
    ] = 14 * 86_400
    password_memory_kib: Annotated[
        int, Help(ge=8, le=4 * 1_048_576, description="Memory that hashing a password takes (argon2id), in KiB.")
    ] = 65_536
    password_passes: Annotated[
        int, Help(ge=1, le=100, description="How often hashing a password goes over that memory.")
    ] = 3
    smtp_url: Annotated[
        str,
        Help(
            description="The server that takes our e-mail (invitations): smtps://user:password@host (TLS), smtp:// (STARTTLS, "
            "always) or smtp+plain:// (neither). Empty: links are handed over by whoever invites. Needs public_url."
        ),
    ] = ""
    mail_from: Annotated[str, Help(description="The address that our e-mail comes from.")] = ""
    oidc_issuer: Annotated[
        str,
        Help(
            description="The provider of single sign-on (OpenID Connect), exactly as it calls itself, such as "
            "https://login.example.com/. Empty: none. Its address to come back to is <public_url>/api/v1/single-sign-on/callback."
        ),
    ] = ""
    oidc_client_id: Annotated[str, Help(description="What this server is called at that provider.")] = ""
    oidc_client_secret: Annotated[
        str, Help(description="This server's secret at that provider; empty for a public client. It is a secret.")
    ] = ""
    oidc_name: Annotated[str, Help(description="What the provider is called on the sign-in page.")] = "single sign-on"
    oidc_domains: Annotated[
        tuple[str, ...],
        Help(description="E-mail domains from which the provider's people are let in; comma-separated. Empty: all."),
    ] = ()
    geo_mmdb: Annotated[
        str, Help(description="Path of your own MMDB file (country or city); default: the country data that ships.")
    ] = ""
    destructive_actions: Annotated[
        tuple[str, ...],
        Help(
            description="Patterns of actions that destroy something; * stands for anything. Comma-separated. A workspace may add "
            "to them, or have others."
        ),
    ] = (
        "*.deleted", "*.delete", "*.destroyed", "*.destroy", "*.removed", "*.remove", "*.purged", "*.purge",
        "*.emptied", "*.erased", "*.wiped", "*.trashed", "*.moved_to_trash", "*.revoked", "*.dropped", "*.truncated",
        "*.bulk_deleted", "*.permanently_deleted",
    )  # fmt: skip
    session_silence_seconds: Annotated[
        int, Help(ge=1, description="Seconds of silence that end an inferred session; kept for good by a log.")
    ] = 1800
    batch_max_events: Annotated[int, Help(ge=1, le=10_000, description="Most events in one batch request.")] = 100
    event_max_bytes: Annotated[int, Help(ge=1024, description="Largest body of POST /events, in bytes.")] = 1_048_576
    batch_max_bytes: Annotated[int, Help(ge=1024, description="Largest body of any other request, in bytes.")] = (
        16 * 1_048_576
    )
    max_connections: Annotated[
        int, Help(ge=1, description="Open HTTP connections of one process, above which it answers 503; probes pass.")
    ] = 10_000
    body_timeout_seconds: Annotated[
        float, Help(gt=0, description="Time a client has to send its body, in seconds.")
    ] = 30.0
    database_timeout_seconds: Annotated[
        float,
        Help(gt=0, description="Time the database has to answer a request, before the client gets 503, in seconds."),
    ] = 15.0
    queue_max_events: Annotated[
        int, Help(ge=1, description="Events waiting to be committed, above which the server answers 503.")
    ] = 20_000
    queue_max_bytes: Annotated[
        int, Help(ge=1024, description="Bytes of events waiting to be committed, above which the server answers 503.")
    ] = 64 * 1_048_576
    commit_max_events: Annotated[int, Help(ge=1, description="Most events in one commit.")] = 2_000
    origin: Annotated[
        str,
        Help(
            min_length=1,
            max_length=200,
            pattern=r"^[^\s+/]+(/[^\s+/]+)*$",
            description="What names your logs to outsiders, such as log.example.com: a checkpoint's origin is this, a slash "
            "and the workspace's id. Keys made before keep the name that they have.",
        ),
    ] = "immutable.local"
    secret: Annotated[
        str,
        Help(
            description="At least 16 characters, kept outside the database: the keys that sign checkpoints are encrypted "
            "with it. Empty: what secret_file holds."
        ),
    ] = ""
    secret_file: Annotated[
        str,
        Help(
            description="File that holds the secret; made at the first start. Default: beside the SQLite file as "
            "<name>.secret, for PostgreSQL ./immutable.secret."
        ),
    ] = ""
    signing_key_file: Annotated[
        str,
        Help(
            description="File of keys given from outside, one PRIVATE+KEY+... a line (C2SP signed-note); a workspace whose "
            "origin one of them names signs with it."
        ),
    ] = ""
    checkpoint_interval_seconds: Annotated[
        float,
        Help(gt=0, le=86_400, description="A log is signed when there is something new, at most once in so long."),
    ] = 1.0
    checkpoints_folder: Annotated[
        str,
        Help(
            description="Folder that keeps each log's latest checkpoint outside the database, so that an older copy put in "
            "its place is noticed. Default: beside the secret file."
        ),
    ] = ""
    witnesses: Annotated[
        tuple[str, ...],
        Help(
            description="Who cosigns checkpoints: a verifier key, a space and the address each, comma-separated "
            "(C2SP tlog-witness)."
        ),
    ] = ()
    verification: Annotated[
        bool,
        Help(
            description="Whether the server goes over all logs in the background and raises an alarm where one is broken."
        ),
    ] = True
    verification_pass_seconds: Annotated[
        float,
        Help(
            ge=1, description="The background verifier begins with a log again no sooner than this after it last began."
        ),
    ] = 86_400.0
    outbound_private_addresses: Annotated[
        bool,
        Help(description="Whether what we send out (to witnesses, for one) may go to private and loopback addresses."),
    ] = False
    trace_link: Annotated[
        str,
        Help(
            description="Where a trace can be read, such as https://traces.example.com/trace/{trace_id}: timelines link there. "
            "{trace_id}, {session_id}, {request_id}, {actor_id}, {tenant_id}, {resource_id} and {event_id} stand for the event's "
            "values. This and the other links hold where a workspace has none of its own."
        ),
    ] = ""
    log_link: Annotated[
        str,
        Help(
            description="Where the application's log lines can be read, such as https://logs.example.com/?q={session_id}: "
            "timelines link there. The same placeholders."
        ),
    ] = ""
    error_link: Annotated[
        str,
        Help(
            description="Where errors can be read, such as https://errors.example.com/?query={request_id}: timelines link there. "
            "The same placeholders."
        ),
    ] = ""
    ticket_link: Annotated[
        str,
        Help(
            description="Where a ticket can be read, such as https://tickets.example.com/{ticket}: investigations link there. "
            "{ticket} stands for the investigation's ticket number."
        ),
    ] = ""
    evidence_max_events: Annotated[int, Help(ge=1, le=1_000_000, description="Most events in one evidence pack.")] = (
        10_000
    )
    evidence_max_bytes: Annotated[
        int,
        Help(
            ge=1024,
            le=2**31,
            description="Most bytes of events in one evidence pack; the pages for people come on top.",
        ),
    ] = 64 * 1_048_576
    share_openings_per_minute: Annotated[
        int,
        Help(
            ge=0,
            description="How often a minute one address may open share links, and one link be opened. 0: no limit.",
        ),
    ] = 60
    viewer_frame_ancestors: Annotated[
        tuple[Annotated[str, Help(pattern=r"^[^\s;,]+$")], ...],
        Help(
            description="Which pages may show /viewer in a frame: sources of a Content-Security-Policy, such as "
            "https://app.example.com; comma-separated. *: any, for a frame shows nothing without a token."
        ),
    ] = ("*",)
    anchor_period_seconds: Annotated[
        int, Help(ge=1, le=366 * 86_400, description="A log with something new is anchored once in so long (UTC).")
    ] = 86_400
    anchor_rfc3161_url: Annotated[
        str,
        Help(
            description="Time-stamping authority (RFC 3161) that anchors checkpoints, such as https://freetsa.org/tsr. Empty: "
            "none."
        ),
    ] = ""
    anchor_rfc3161_certificates: Annotated[
        str,
        Help(description="PEM file of the certificates that the authority's own chains up to; old ones stay in it."),
    ] = ""
    anchor_evm_rpc_url: Annotated[
        str,
        Help(description="JSON-RPC address of a node of the EVM chain to anchor on. Empty: none. Needs the extra evm."),
    ] = ""
    anchor_evm_chain_id: Annotated[int, Help(ge=0, description="The chain's id; a node of another one is refused.")] = 0
    anchor_evm_contract: Annotated[
        str, Help(description="Address of contracts/Anchor.sol on that chain: 0x and 40 hex digits.")
    ] = ""
    anchor_evm_key: Annotated[
        str, Help(description="Private key that pays for the transactions, 64 hex digits. It is a secret.")
    ] = ""
    anchor_evm_confirmations: Annotated[
        int, Help(ge=1, description="Blocks, its own included, that make a transaction count as confirmed.")
    ] = 12
    anchor_evm_explorer: Annotated[
        str,
        Help(description="What to put before a transaction's hash to look at it, such as https://etherscan.io/tx/."),
    ] = ""
    public_requests_per_minute: Annotated[
        int,
        Help(ge=0, description="Requests a minute from one address to what needs no key; more get 429. 0: no limit."),
    ] = 60
    otlp_endpoint: Annotated[
        str,
        Help(
            description="Where to send traces and metrics by OTLP over HTTP: http://collector:4318. Empty: what "
            "OTEL_EXPORTER_OTLP_ENDPOINT says, or nowhere. Needs the extra otel."
        ),
    ] = ""
    log_level: Annotated[str, Help(description="debug, info, warning or error.")] = "info"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """All of them, but for what must not show in a log: secrets, and addresses for the password or key in them."""
        hidden = {"secret", "database_url", "smtp_url", "oidc_client_secret", "anchor_evm_key", "anchor_evm_rpc_url"}
        return [(name, "(hidden)" if name in hidden else getattr(self, name)) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        """Likewise."""
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


def load(environment: Mapping[str, str] | None = None, file: str | None = None) -> Settings:
    """Settings from a TOML file (if any) and the environment. Raises StartError naming the setting that is wrong."""
    environment = os.environ if environment is None else environment
    file = file or environment.get(PREFIX + "CONFIG")
    values: dict[str, object] = {}
    if file:
        try:
            values.update(tomllib.loads(Path(file).read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise StartError(f"The settings file {file} cannot be read: {error}.") from error
    for field in msgspec.structs.fields(Settings):
        text = environment.get(PREFIX + field.name.upper())
        if text is not None:
            values[field.name] = _split(text) if isinstance(field.default, tuple) else text
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise StartError(f"A setting is wrong: {error}. `immutable settings` lists them all.") from error


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
