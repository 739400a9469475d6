"""Which workspace a command means, where it works directly on the database."""

from immutable.errors import NotFound
from immutable.model.workspace import Workspace
from immutable.store.catalog import Catalog


def named(catalog: Catalog, name: str) -> Workspace:
    """The workspace of this name. Raises NotFound."""
    found = catalog.workspace(name)
    if found is None:
        raise NotFound(f"There is no workspace {name!r}; there {_listed(catalog)}.")
    return found


def chosen(catalog: Catalog, name: str | None) -> Workspace:
    """The workspace of this name, or without a name the only one there is. Raises NotFound."""
    if name is not None:
        return named(catalog, name)
    workspaces = catalog.workspaces()
    # The administrative log is there by itself; whoever wants it names it.
    meant = [one for one in workspaces if not one.is_administration] or workspaces
    if len(meant) == 1:
        return meant[0]
    raise NotFound(f"Say with --workspace which workspace you mean; there {_listed(catalog)}.")


def _listed(catalog: Catalog) -> str:
    names = [workspace.name for workspace in catalog.workspaces()]
    if not names:
        return "is none yet (immutable keys create --workspace NAME makes one)"
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"{'is' if len(names) == 1 else 'are'}: {', '.join(names[:10])}{more}"
