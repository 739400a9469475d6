"""Share links: who has one reads one case without a key, for a while. All that is known of them is in the log itself.

A link is an event `immutable.evidence_link_created` that says what it shows; an event of its id that says `revoked` ends it.
The token only names the link: it is signed with a secret of the server, and neither it nor the secret is in the log. So a token
that nobody made asks the database nothing, and a link that was pruned from the log, revoked or expired shows nothing.

Whoever has a link could fill the log by opening it over and over. So of one kind of opening, from one address, the log tells
once in each ten minutes of the clock: by an idempotency key, which holds over all processes and restarts, and tells nobody the
address.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from functools import cached_property
from typing import Any

import msgspec

from immutable import clock
from immutable.errors import Conflict, Expired, NotFound
from immutable.evidence.scope import Scope
from immutable.integrity.record import decode_details, decode_record
from immutable.log.system_events import PREFIX, Responsible, append_system_event, system_event
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.network import neighbourhood
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore

RESOURCE = "evidence_link"
CREATED, OPENED, REVOKED = "evidence_link_created", "evidence_link_opened", "evidence_link_revoked"
LEAST_SECONDS, MOST_SECONDS = 60, 30 * 86_400
_ONCE_IN = 600 * 1_000_000

_ID_BYTES, _MAC_BYTES = 12, 32
_TOKEN = struct.Struct(f">Q{_ID_BYTES}sq")
OPENER = Responsible("share link", "share_link")
"""Who opens links: nobody whom we know."""


class Link(msgspec.Struct, frozen=True):
    """A share link. Times in microseconds."""

    id: str
    scope: Scope
    expires_at: int
    created_at: int
    created_by: str
    is_revoked: bool


class _Kept(msgspec.Struct, frozen=True):
    """What the event that made a link says of it."""

    scope: Scope
    expires_at: str


class ShareLinks:
    """Makes, opens and revokes the links of one store."""

    def __init__(self, store: LogStore, silence: int) -> None:
        self._store, self._silence = store, silence

    def create(self, workspace: Workspace, scope: Scope, *, seconds: int, by: Responsible) -> tuple[Link, str]:
        """A new link and its token, which is kept nowhere. What it shows ends at the log's end of now."""
        fixed = msgspec.structs.replace(scope, through=self._store.head(workspace).seq)
        identifier = os.urandom(_ID_BYTES)
        expires_at = clock.now() + seconds * 1_000_000
        kept = {"scope": _without_none(msgspec.to_builtins(fixed)), "expires_at": clock.to_text(expires_at)}
        self._tell(workspace, CREATED, identifier.hex(), by, {**kept, "asked": scope.asked()})
        payload = _TOKEN.pack(workspace.number, identifier, expires_at)
        token = base64.urlsafe_b64encode(payload + self._mac(payload)).decode().rstrip("=")
        return Link(identifier.hex(), fixed, expires_at, clock.now(), by.id, is_revoked=False), token

    def named(self, token: str) -> tuple[int, str]:
        """The number of the workspace and the id of the link that a token names. Raises NotFound, or Expired when it is late."""
        try:
            content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            content = b""
        payload, mac = content[: _TOKEN.size], content[_TOKEN.size :]
        if len(payload) != _TOKEN.size or not hmac.compare_digest(mac, self._mac(payload)):
            raise NotFound("There is no such link. Was it copied whole?")
        number, identifier, expires_at = _TOKEN.unpack(payload)
        if expires_at <= clock.now():
            raise Expired("This link has expired. Ask whoever sent it for a new one.")
        return number, identifier.hex()

    def open(self, number: int, link_id: str, *, what: str, address: str | None) -> tuple[Workspace, Link]:
        """What a link shows; the log tells now and then that it was opened. Raises NotFound, or Expired where it is revoked."""
        workspace = next((one for one in self._store.catalog.workspaces() if one.number == number), None)
        link = None if workspace is None else self.link(workspace, link_id)
        if workspace is None or link is None:
            raise NotFound("There is no such link any more.")
        if link.is_revoked:
            raise Expired("This link was revoked. Ask whoever sent it for a new one.")
        by = msgspec.structs.replace(OPENER, ip_address=address)
        self._tell(workspace, OPENED, link_id, by, {"what": what}, once=self.once(link_id, what, address))
        return workspace, link

    def once(self, link_id: str, what: str, address: str | None) -> str:
        """The idempotency key of what the log tells once in ten minutes of a link and an address."""
        who = "" if address is None else neighbourhood(address)
        told = f"immutable:opening:v1\n{link_id}\n{what}\n{who}\n{clock.now() // _ONCE_IN}"
        return "opening-" + hmac.digest(self._secret, told.encode(), hashlib.sha256)[:16].hex()

    def link(self, workspace: Workspace, link_id: str) -> Link | None:
        """A link of this workspace."""
        created = self._first(workspace, CREATED, link_id)
        return None if created is None else self._link(workspace, created)

    def links(self, workspace: Workspace, *, after_seq: int | None, limit: int) -> tuple[list[Link], int | None]:
        """Links, newest first, and the place to go on from."""
        page = self._store.find(
            workspace, EventFilter(action=PREFIX + CREATED), ascending=False, after_seq=after_seq, limit=limit
        )
        last = page.entries[-1].seq if page.has_more else None
        return [self._link(workspace, entry) for entry in page.entries], last

    def revoke(self, workspace: Workspace, link_id: str, *, by: Responsible, reason: str) -> Link:
        """End a link for good. Raises NotFound, or Conflict where it is revoked already."""
        link = self.link(workspace, link_id)
        if link is None:
            raise NotFound("There is no share link of this id in this workspace.")
        if link.is_revoked:
            raise Conflict("This share link is revoked already.")
        self._tell(workspace, REVOKED, link_id, by, {"reason": reason})
        return msgspec.structs.replace(link, is_revoked=True)

    def _link(self, workspace: Workspace, created: LogEntry) -> Link:
        record = decode_record(created.record)
        details = None if created.details is None else decode_details(created.details)
        kept = msgspec.convert(None if details is None else details.metadata, _Kept)
        link_id = (record.resource.id if record.resource else None) or ""
        return Link(
            id=link_id,
            scope=kept.scope,
            expires_at=clock.from_text(kept.expires_at),
            created_at=clock.from_text(record.created_at),
            created_by=record.actor.id or "",
            is_revoked=self._first(workspace, REVOKED, link_id) is not None,
        )

    def _first(self, workspace: Workspace, action: str, link_id: str) -> LogEntry | None:
        wanted = EventFilter(action=PREFIX + action, resource=RESOURCE, resource_id=link_id)
        found = self._store.find(workspace, wanted, ascending=True, after_seq=None, limit=1).entries
        return found[0] if found else None

    def _tell(
        self,
        workspace: Workspace,
        action: str,
        link_id: str,
        by: Responsible,
        metadata: dict[str, object],
        *,
        once: str | None = None,
    ) -> None:
        event = system_event(action, by, resource=(RESOURCE, link_id), metadata=metadata, once=once)
        append_system_event(self._store, workspace, event, self._silence)

    @cached_property
    def _secret(self) -> bytes:
        return self._store.catalog.secret("share-links")

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._secret, b"immutable:share-link:v1\n" + payload, hashlib.sha256)


def _without_none(content: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_none(value) if isinstance(value, dict) else value
        for name, value in content.items()
        if value is not None
    }
