"""What a client may send as an event: the one definition of fields, types and limits.

`decode.py` decodes by it and checks what types cannot say; the OpenAPI document and docs/reference/api.md are made from it.
"""

from typing import Annotated, Any

import msgspec

MAX_TEXT = 255
MAX_KEYS = 50
MAX_TARGETS = 100
MAX_FREE_FORM_BYTES = 65_536
MAX_DEPTH = 32
MAX_SEQUENCE = 2**53 - 1
_MAX_VERSION = 2**31 - 1

Meta = msgspec.Meta
Name = Annotated[str, Meta(max_length=MAX_TEXT)]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Id = Text | int
"""A number is taken as its decimals."""
FreeForm = Annotated[dict[str, Any], Meta(max_length=MAX_KEYS)]
Time = Annotated[
    str,
    Meta(max_length=64, extra_json_schema={"anyOf": [{"format": "date-time"}, {"format": "date"}]}),
]
Address = Annotated[
    str, Meta(max_length=64, extra_json_schema={"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}, {"maxLength": 0}]})
]


class TargetInput(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What the action also touched."""

    type: Text
    id: Id | None = None
    name: Name | None = None
    metadata: FreeForm | None = None


class ResourceInput(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What the action was done to, as one object."""

    type: Text | None = None
    id: Id | None = None
    name: Name | None = None


class BehalfInput(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The person in whose name the actor acted."""

    id: Id
    name: Name | None = None
    type: Name | None = None


class ProducerInput(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The number that the sender gave the event, from 1 without gaps in each run."""

    id: Id
    sequence: Annotated[int, Meta(ge=1, le=MAX_SEQUENCE)]
    run: Annotated[str, Meta(max_length=64)] | None = None


class ChangeInput(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A field's value before and after."""

    old: Any = None
    new: Any = None


class EventInput(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One thing that somebody did. Null means absent; an unknown field is refused."""

    actor_id: Annotated[Id, Meta(description="Who did it.")]
    action: Annotated[Text, Meta(description="What was done: `resource.verb` by convention.")]
    actor_name: Annotated[Name | None, Meta(description="The actor's name at that time.")] = None
    actor_type: Annotated[Name | None, Meta(description="What the actor is: `user`, `service`, `agent`.")] = None
    action_category: Annotated[Name | None, Meta(description="A group of actions, such as `security`.")] = None
    resource: Annotated[
        Name | ResourceInput | None, Meta(description="What it was done to: its type, or an object {type, id, name}.")
    ] = None
    resource_id: Annotated[Name | int | None, Meta(description="The resource's id.")] = None
    resource_name: Annotated[Name | None, Meta(description="The resource's name at that time.")] = None
    targets: Annotated[
        Annotated[list[TargetInput], Meta(max_length=MAX_TARGETS)] | None,
        Meta(description=f"What it also touched, up to {MAX_TARGETS}."),
    ] = None
    metadata: Annotated[
        FreeForm | None,
        Meta(
            description=f"Anything else: up to {MAX_KEYS} keys, {MAX_FREE_FORM_BYTES} bytes as JSON together with "
            f"`changes`, {MAX_DEPTH} levels deep."
        ),
    ] = None
    tenant_id: Annotated[Name | int | None, Meta(description="The customer's customer.")] = None
    session_id: Annotated[
        Name | int | None,
        Meta(description="What the actor did in one go. Without it, sessions are inferred by pauses."),
    ] = None
    occurred_at: Annotated[
        Time | None,
        Meta(description="When it happened: RFC 3339 with any offset, or a plain date. Default: the server's time."),
    ] = None
    ip_address: Annotated[
        Address | None, Meta(description="The end user's address, IPv4 or IPv6. Default: the caller's.")
    ] = None
    user_agent: Annotated[
        Annotated[str, Meta(max_length=1024)] | None, Meta(description="The end user's browser or program.")
    ] = None
    idempotency_key: Annotated[
        Name | int | None,
        Meta(description="Unique in the workspace: sent again, nothing is stored and the first event is answered."),
    ] = None
    version: Annotated[
        Annotated[int, Meta(ge=1, le=_MAX_VERSION)] | None, Meta(description="The version of the event's schema.")
    ] = None
    changes: Annotated[
        Annotated[dict[str, ChangeInput], Meta(max_length=MAX_KEYS)] | None,
        Meta(description="Fields' values before and after: {field: {old, new}}."),
    ] = None
    on_behalf_of: Annotated[
        BehalfInput | None, Meta(description="In whose name the actor acted: impersonation, an agent, a job.")
    ] = None
    trace_id: Annotated[Name | int | None, Meta(description="Joins the event to a trace.")] = None
    request_id: Annotated[Name | int | None, Meta(description="Joins the event to application logs.")] = None
    producer: Annotated[
        ProducerInput | None,
        Meta(
            description="The sender and its own number for the event, from 1 without gaps in each `run`: "
            "`GET /producers` tells which numbers never came."
        ),
    ] = None


class BatchInput(msgspec.Struct, forbid_unknown_fields=True):
    """Events to keep together."""

    events: list[EventInput]
