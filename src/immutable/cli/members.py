"""`immutable members`: invite people, see them, change and take back what they may; directly on the database."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from immutable import clock, settings
from immutable.accounts.acts import act_of
from immutable.accounts.email import email_of
from immutable.accounts.one_time_links import OneTimeLinks, check_giving, path_of
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.operator import operator
from immutable.cli.screen import console, harmless, table
from immutable.cli.workspaces import chosen, named
from immutable.errors import NotFound, StartError
from immutable.model.member import ROLES, Member, Role
from immutable.model.workspace import ADMINISTRATION, Workspace
from immutable.settings import Settings
from immutable.store.catalog import Catalog
from immutable.store.open import open_catalog

_HELP = """Members: people who sign in to the desk, and what they may do in which workspace.

An owner of the workspace immutable.administration owns the whole installation.

\b
Examples:
  immutable members invite
  immutable members invite ada@example.com --workspace production --role admin
  immutable members list
  immutable members role ada@example.com viewer --workspace production
  immutable members remove ada@example.com --workspace production
  immutable members sessions ada@example.com --end
  immutable members second-factor ada@example.com --remove"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The member's e-mail address.")]
WorkspaceName = Annotated[str | None, typer.Option("--workspace", "-w", help="The workspace, where there are several.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="owner, admin, member or viewer.")]


@app.command("invite")
@told
def invite(
    email: Annotated[
        str | None, typer.Argument(metavar="[EMAIL]", help="Whom to invite. None: the first owner.")
    ] = None,
    workspace: WorkspaceName = None,
    role: Annotated[str, typer.Option(help="owner, admin, member or viewer.")] = "viewer",
    new_password: Annotated[
        bool, typer.Option("--new-password", help="For a member who lost their password or second factor.")
    ] = False,
) -> None:
    """Print a link that works once: for the first owner, for somebody new, or for a new password.

    The first owner's link works for an hour and an older one no longer; an invitation for a week. Whoever has the link can use
    it: give it only to whom it is for. A new password also switches off the second factor.

    \b
    Examples:
      immutable members invite
      immutable members invite ada@example.com --workspace production --role admin
      immutable members invite ada@example.com --new-password
    """
    loaded = settings.load()
    with _catalog(loaded) as catalog:
        links = OneTimeLinks(catalog)
        if email is None:
            token = links.for_first_owner(operator())
        elif new_password:
            token = links.for_password(_member(catalog, email), operator())
        else:
            place = chosen(catalog, workspace)
            token, _ = links.for_invitation(place, email_of(email), _role(role), operator(), "owner")
    typer.echo(address_of(loaded) + path_of(token))


@app.command("list")
@told
def list_members(workspace: WorkspaceName = None) -> None:
    """List members with their roles.

    \b
    Example:
      immutable members list --workspace production
    """
    made = table("id", "e-mail", "name", "workspace", "role", "second factor", "since")
    made.columns[0].no_wrap = True
    with _catalog(settings.load()) as catalog:
        for place in [named(catalog, workspace)] if workspace else catalog.workspaces():
            for one, role in catalog.members.of_workspace(place):
                made.add_row(
                    one.id, harmless(one.email), harmless(one.name), harmless(place.name), role,
                    "yes" if one.has_totp else "", _time(one.created_at),
                )  # fmt: skip
    console().print(made)


@app.command("role")
@told
def set_role(email: Email, role: RoleName, workspace: WorkspaceName = None) -> None:
    """Give a member another role in a workspace; they are signed out.

    \b
    Example:
      immutable members role ada@example.com admin --workspace production
    """
    with _catalog(settings.load()) as catalog:
        place, member = chosen(catalog, workspace), _member(catalog, email)
        check_giving(place, _role(role), "owner")
        act = act_of(
            "member_role_changed", operator(), workspace=place, resource=("member", member.id, member.email),
            metadata={"new": role},
        )  # fmt: skip
        catalog.members.set_role(place, member.id, _role(role), act, everywhere=_everywhere(catalog).number)
    console().print(f"{harmless(member.email)} is {role} of {harmless(place.name)}.")


@app.command("remove")
@told
def remove(email: Email, workspace: WorkspaceName = None) -> None:
    """Take a member out of a workspace; they are signed out, and forgotten where it was their last.

    \b
    Example:
      immutable members remove ada@example.com --workspace production
    """
    with _catalog(settings.load()) as catalog:
        place, member = chosen(catalog, workspace), _member(catalog, email)
        act = act_of("member_removed", operator(), workspace=place, resource=("member", member.id, member.email))
        catalog.members.remove(place, member.id, act, everywhere=_everywhere(catalog).number)
    console().print(f"{harmless(member.email)} is no member of {harmless(place.name)} any more.")


@app.command("sessions")
@told
def sessions(
    email: Email,
    end: Annotated[bool, typer.Option("--end", help="End them all: sign the member out everywhere.")] = False,
) -> None:
    """List where a member is signed in, or sign them out everywhere.

    \b
    Examples:
      immutable members sessions ada@example.com
      immutable members sessions ada@example.com --end
    """
    with _catalog(settings.load()) as catalog:
        member = _member(catalog, email)
        if end:
            act = act_of("member_sessions_ended", operator(), resource=("member", member.id, member.email))
            ended = catalog.sign_ins.end_others(member.id, "", act)
            console().print(f"{harmless(member.email)} is signed out everywhere ({ended} sessions).")
            return
        made = table("id", "by", "address", "device", "since", "last seen")
        for one in catalog.sign_ins.sessions(member.id):
            made.add_row(
                one.id,
                one.method,
                one.address,
                harmless(one.user_agent[:60]),
                _time(one.created_at),
                _time(one.seen_at),
            )
    console().print(made)


@app.command("second-factor")
@told
def second_factor(
    email: Email,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove it, and sign the member out everywhere: they lost it.")
    ] = False,
) -> None:
    """Show whether a member has a second factor, or remove it for whoever lost their phone and their recovery codes.

    Their password alone then signs them in until they set up another one: first make sure that it is they who ask.

    \b
    Examples:
      immutable members second-factor ada@example.com
      immutable members second-factor ada@example.com --remove
    """
    with _catalog(settings.load()) as catalog:
        member = _member(catalog, email)
        name, left = harmless(member.email), catalog.members.recovery_codes_left(member.id)
        if not member.has_totp:
            console().print(f"{name} has no second factor.")
        elif not remove:
            console().print(f"{name} has a second factor; {left} recovery codes are left.")
        else:
            act = act_of("member_second_factor_removed", operator(), resource=("member", member.id, member.email))
            catalog.members.remove_totp(member.id, act, ends_sessions=True)
            console().print(f"{name} has no second factor any more, and is signed out everywhere.")


def address_of(loaded: Settings) -> str:
    """Where people reach the server, as far as the settings say."""
    host = f"[{loaded.host}]" if ":" in loaded.host else loaded.host
    return (loaded.public_url or f"http://{host}:{loaded.port}").rstrip("/")


def _member(catalog: Catalog, email: str) -> Member:
    found = catalog.members.credentials(email_of(email))
    if found is None:
        raise NotFound(f"There is no member {email!r}; `immutable members list` shows them.")
    return found.member


def _role(text: str) -> Role:
    found = next((role for role in ROLES if role == text), None)
    if found is None:
        raise StartError(f"There is no role {text!r}; there are: {', '.join(ROLES)}.")
    return found


def _everywhere(catalog: Catalog) -> Workspace:
    return catalog.create_workspace(ADMINISTRATION)


@contextmanager
def _catalog(loaded: Settings) -> Iterator[Catalog]:
    with closing(open_catalog(loaded.database_url)) as catalog:
        yield catalog


def _time(at: int) -> str:
    return clock.to_text(at)[:19].replace("T", " ")
