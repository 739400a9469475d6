"""GET …/evidence: the evidence pack of a session, a resource's history, the events that meet a filter, or an investigation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from immutable.api import events, parameters
from immutable.api.answer import Answer
from immutable.api.endpoint import Call
from immutable.api.events import event_filter
from immutable.api.parameters import Parameter, choice_of
from immutable.api.responsible import responsible
from immutable.errors import BadRequest
from immutable.evidence.pack import Made
from immutable.evidence.scope import Scope
from immutable.evidence.withholding import MOST_LETTERS, Withholding
from immutable.log.system_events import Responsible, append_system_event, system_event
from immutable.model.workspace import Workspace

if TYPE_CHECKING:
    from immutable.services import Services

WITHHOLD = Parameter(
    "withhold",
    "Whose details the pack keeps back: `all`; `others:ID`, all but those of what the actor of this id did; or `events:` and the "
    "chosen events, by id or place in the log, with commas between (`events:7,12-15`). The events prove all the same.",
    {"type": "string", "maxLength": MOST_LETTERS, "examples": ["all", "others:usr_8842", "events:7,12-15"]},
)
PARAMETERS = (WITHHOLD,)
NOTES = parameters.flag(
    "notes", "Whether the investigation's notes and history are shown too; if not said, they are not."
)
INVESTIGATION_PARAMETERS = (NOTES, WITHHOLD)
FILTER_PARAMETERS = (*events.FILTERS, *parameters.span("was created"), WITHHOLD)


async def get_session_evidence(call: Call) -> Answer:
    """The evidence pack of a session: a ZIP archive that proves, offline, what the log says of it.

    It has the exact bytes of the events, their inclusion proofs, a signed checkpoint, and pages for people (HTML, PDF). That it
    was made is told by the log. Its format is docs/specs/evidence-pack.md.
    """
    return await _evidence(call, Scope(session_id=call.path["session_id"], withhold=_withhold(call)))


async def get_resource_evidence(call: Call) -> Answer:
    """The evidence pack of all that happened to one resource, across sessions."""
    return await _evidence(call, Scope(resource=(call.path["type"], call.path["id"]), withhold=_withhold(call)))


async def get_evidence(call: Call) -> Answer:
    """The evidence pack of the events that meet all filters."""
    return await _evidence(call, filtered_scope(call.query, _withhold(call)))


async def get_investigation_evidence(call: Call) -> Answer:
    """The evidence pack of all that an investigation gathered: its sessions and events, each event once."""
    services = call.services
    notes = bool(choice_of(call.query, NOTES))
    gathered = await services.read(services.investigations.gathered, call.workspace, call.path["id"], notes=notes)
    return await _evidence(call, Scope(gathered=gathered, withhold=_withhold(call)))


def filtered_scope(query: Mapping[str, str], withhold: str | None) -> Scope:
    """The scope of the list filters. Raises BadRequest."""
    asked = {name: value for name, value in query.items() if name != WITHHOLD.name}
    return Scope(filters=event_filter(asked), asked_filters=asked, withhold=withhold)


def checked_withholding(text: str | None) -> str | None:
    """What to withhold. Raises BadRequest."""
    try:
        Withholding(text)
    except ValueError:
        raise BadRequest(
            "withhold must be all, others: and an actor's id, or events: and ids or places with commas between."
        ) from None
    return text


async def packed(
    services: "Services", workspace: Workspace, scope: Scope, by: Responsible, *, once: str | None = None
) -> Answer:
    """The pack as an answer; that it was made is told by the log before its first byte leaves.

    `once`: the idempotency key of that event, where not every pack is to be told.
    """

    def make() -> Made:
        made = services.packer.make(workspace, scope)
        try:
            metadata = {
                "asked": scope.asked(),
                **made.counts,
                "checkpoint": made.checkpoint_size,
                "manifest_sha256": made.digest.hex(),
            }
            event = system_event(
                "evidence_exported", by, resource=("evidence_pack", None), metadata=metadata, once=once
            )
            append_system_event(services.store, workspace, event, services.silence)
        except BaseException:
            made.file.close()
            raise
        return made

    async with services.packing:  # it takes a core and memory: one at a time
        made = await services.work(make)
    named = (b"content-disposition", f'attachment; filename="{scope.file_name()}"'.encode())
    return Answer(200, b"", [named], b"application/zip", (made.file, made.size))


async def _evidence(call: Call, scope: Scope) -> Answer:
    return await packed(call.services, call.workspace, scope, responsible(call))


def _withhold(call: Call) -> str | None:
    return checked_withholding(call.query.get(WITHHOLD.name))
