"""Runs the application on uvicorn: one process, graceful stop, and a line that says where it listens."""

import gc
import logging
import resource
import socket
from collections.abc import Callable

import structlog
import uvicorn

from immutable.accounts.one_time_links import OneTimeLinks, path_of
from immutable.app import create_app
from immutable.errors import ImmutableError, StartError
from immutable.http_protocol import MAX_SURPLUS, bounded
from immutable.log.system_events import SERVER
from immutable.services import Services
from immutable.settings import Settings
from immutable.store.catalog import Catalog
from immutable.store.open import shown
from immutable.telemetry import logs
from immutable.telemetry.worker_metrics import start_writing

_GRACE_SECONDS = 30
_OTHER_FILES = 200
"""Files besides connections of clients: the database's, the index, logs."""

_log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """uvicorn, which tells when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started
        self._tell_stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell, then stop: an answer that goes on and on would otherwise be waited for."""
        self._tell_stopping()
        await super().shutdown(sockets)


def run(settings: Settings, started: Callable[[str], None] | None = None, *, shared_port: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; what was accepted is committed before the end.

    `started` gets the address; without it, the address is printed. `shared_port`: other processes listen there too.
    Raises StartError.
    """
    logs.configure(settings.log_level)
    listener = listen(settings.host, settings.port, shared=shared_port)
    services = Services(settings)
    services.signing_keys.check()
    start_writing()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        create_app(services),
        http=bounded(settings.body_timeout_seconds, _connections(settings)),
        ws="none",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        limit_concurrency=None,
        backlog=2048,
    )

    def tell() -> None:
        # Decoding makes many small objects that live for one request; the collector need not look at the others.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        if started is not None:
            started(url)
        else:
            # The link is made before anything is printed: whoever reads the first line may make a link that replaces it.
            welcome = "" if shared_port else owner_welcome(services.store.catalog, settings.public_url or url)
            print(  # noqa: T201 - the console
                f"Immutable listens on {url} (database: {shown(settings.database_url)}){welcome}", flush=True
            )

    server = _Server(config, tell, services.tails.close)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()


def owner_welcome(catalog: Catalog, address: str) -> str:
    """Where nobody can sign in yet: lines for the console, and nowhere else, with the link that makes the first owner."""
    try:
        if catalog.members.exist():
            return ""
        token = OneTimeLinks(catalog).for_first_owner(SERVER)
    except ImmutableError as error:  # serving does not wait for it; `immutable members invite` prints a link later
        _log.warning("owner_link_not_made", error=error.message)
        return ""
    return (
        "\nNobody is a member yet. This link makes the owner; it works once, within an hour:\n"
        f"  {address.rstrip('/')}{path_of(token)}"
    )


def _connections(settings: Settings) -> int:
    """How many connections the process may take: what is set, or what the system gives it files for."""
    wanted = settings.max_connections + MAX_SURPLUS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        if allowed < wanted:
            possible = max(allowed - MAX_SURPLUS - _OTHER_FILES, 1)
            _log.warning("max_connections_lowered", files=allowed, max_connections=possible)
            return possible
    return settings.max_connections


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket bound to the address; `shared`: so that other processes can be, too. Raises StartError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartError(
            f"Cannot listen on {host}:{port}: {error.strerror}. Is another server there? Try --port."
        ) from error
    listener.set_inheritable(True)
    return listener
