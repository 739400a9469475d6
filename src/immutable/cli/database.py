"""Working directly on the database: open one that exists, to read it or to append.

Reading takes no lock and needs no key, and works while a server runs on the database: whoever may open the file may
read it. Only the command that appends locks it.
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from immutable.accounts.api_key import KeyRing
from immutable.cli.workspaces import chosen
from immutable.errors import StartError
from immutable.model.workspace import SCOPES, ApiKey, Scope, Workspace
from immutable.services import Services
from immutable.settings import Settings
from immutable.store.catalog import Catalog
from immutable.store.open import is_postgres, open_store, path_of
from immutable.store.pruning import PruningStore
from immutable.telemetry import logs


@contextmanager
def existing_store(settings: Settings, *, builds_index: bool = True) -> Iterator[PruningStore]:
    """The store of the settings' database. Raises StartError where there is none; reading makes no database."""
    with _existing(settings):
        store = open_store(settings.database_url, builds_index=builds_index)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def services_inside(settings: Settings, workspace: str | None, *, writes: bool = False) -> Iterator[Services]:
    """Services that let this process in as the workspace, to read or to write. Raises StartError or NotFound."""
    with _existing(settings):
        services = Services(settings, appends=writes)
    try:
        services.keys = _Insider(services.store.catalog, chosen(services.store.catalog, workspace))
        yield services
    finally:
        services.close()


@contextmanager
def _existing(settings: Settings) -> Iterator[None]:
    if is_postgres(settings.database_url):
        logs.configure("error")
        yield
        return
    path = path_of(settings.database_url)
    if not path.exists():
        raise StartError(f"There is no database {path}. Set IMMUTABLE_DATABASE_URL to yours, or --url to ask a server.")
    logs.configure("error")  # on stderr, where they do not mix with what the command prints
    try:
        yield
    except apsw.Error as error:
        raise StartError(f"The database {path} cannot be used now: {error}.") from error


class _Insider(KeyRing):
    """Lets this process in as the workspace it chose, without a key: whoever has the database may read it."""

    def __init__(self, catalog: Catalog, workspace: Workspace) -> None:
        super().__init__(catalog)
        self._inside = ApiKey("command line", workspace, getpass.getuser(), "", SCOPES, 0, None, None)

    def remembered(self, secret: str, scope: Scope, address: str | None) -> ApiKey:  # noqa: ARG002 - see the class
        """The stand-in key."""
        return self._inside

    def authenticate(self, secret: str, scope: Scope, address: str | None) -> ApiKey:  # noqa: ARG002 - see the class
        """The stand-in key."""
        return self._inside
