"""The OpenAPI document, made from the URL table, the parameters, the wire types and the errors: nothing is said twice.

What a path does is its handler's docstring. What an event may hold is in `decode.py`, what is answered in `schemas.py`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import msgspec

from immutable import errors
from immutable.api import schemas
from immutable.api.answer import Answer
from immutable.api.endpoint import Call, Method
from immutable.api.parameters import Parameter
from immutable.settings import Settings

_Json = dict[str, Any]

PATH_PARAMETERS = {
    "size": "How many events the checkpoint covers.",
    "workspace_id": "The workspace's id, as `immutable workspaces list` shows it.",
    "path": "The tile's path in the tree, such as `0/000` (C2SP tlog-tiles).",
    "id": "The id of the event, resource, hold or whatever the path names.",
    "session_id": "The session's id: the client's, or that of an inferred session.",
    "type": "The resource's type.",
    "token": "What a share link ends in.",
}

ERRORS: tuple[type[errors.ImmutableError], ...] = (
    errors.BadRequest,
    errors.Unauthenticated,
    errors.Forbidden,
    errors.NotFound,
    errors.MethodNotAllowed,
    errors.RequestTimeout,
    errors.Conflict,
    errors.Expired,
    errors.TooLarge,
    errors.InvalidEvent,
    errors.RateLimited,
    errors.HeadTooLarge,
    errors.ImmutableError,
    errors.Overloaded,
)

_EVENT = {
    "actor_id": "usr_8842",
    "actor_name": "Dana Whitfield",
    "action": "document.moved_to_trash",
    "resource": {"type": "document", "id": "doc_4711", "name": "Q3 forecast"},
    "session_id": "sess_9f2c",
    "occurred_at": "2026-03-27T09:53:11Z",
    "ip_address": "203.0.113.7",
    "metadata": {"reason": "cleanup"},
    "idempotency_key": "evt-0001",
}
_EXAMPLES: Mapping[str, Any] = {"EventInput": _EVENT, "BatchInput": {"events": [_EVENT]}}

_DESCRIPTION = """\
Every request needs an API key of the workspace: `Authorization: Bearer imk_...`; the desk uses a
member's session. Answers are JSON, errors too: `error` is a code for programs, `message` a sentence that says what
to do. GET answers HEAD as well.
"""


async def get_openapi(call: Call) -> Answer:
    """The OpenAPI document of this server, for its settings."""
    return Answer(200, _encoded(call.services.settings))


@lru_cache(maxsize=4)
def _encoded(settings: Settings) -> bytes:
    from immutable.api.routes import TABLE  # the table names this module's handler

    return msgspec.json.encode(document(TABLE, settings))


def document(table: Mapping[str, Mapping[str, Method]], settings: Settings) -> _Json:
    """The OpenAPI 3.1 document of a URL table."""
    methods = [method for verbs in table.values() for method in verbs.values()]
    types = {one for method in methods for one in (method.answer, method.body) if one not in (None, dict)}
    types |= {schemas.Rejection, schemas.Error, schemas.ValidationError}
    _, components = msgspec.json.schema_components(sorted(types, key=str), ref_template="#/components/schemas/{name}")
    components["Error"]["properties"]["error"]["enum"] = sorted({one.code for one in ERRORS} - {"validation_failed"})
    components["BatchInput"]["properties"]["events"].update(minItems=1, maxItems=settings.batch_max_events)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Immutable",
            "summary": "The audit log that a company trusts in court.",
            "description": _DESCRIPTION,
            "version": version("immutable-server"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name} for name in dict.fromkeys(_tag(path) for path in table)],
        "paths": {
            _plain(path): {verb.lower(): _operation(path, verb, method, settings) for verb, method in verbs.items()}
            for path, verbs in table.items()
        },
        "components": {
            "schemas": components,
            "responses": {one.code: _error_answer(one) for one in ERRORS},
            "securitySchemes": {
                "api_key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key: `immutable keys create --workspace NAME`.",
                },
                "member_session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "immutable-session",
                    "description": "A member's session, for the desk: from `POST /api/v1/sign-in`, over https as "
                    "`__Host-immutable-session`. It counts with the headers `Immutable-Desk: 1` and, for what is a workspace's, "
                    "`Immutable-Workspace: ws_...`.",
                },
                "viewer_token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "From `POST /api/v1/viewer-token`.",
                },
            },
        },
    }


def _operation(path: str, verb: str, method: Method, settings: Settings) -> _Json:
    summary, _, rest = (method.handler.__doc__ or "").strip().partition("\n")
    operation: _Json = {
        "operationId": method.handler.__name__,
        "summary": summary.rstrip("."),
        "tags": [_tag(path)],
        "parameters": [*map(_path_parameter, re.findall(r"{(\w+)", path)), *map(_query_parameter, method.parameters)],
        "responses": {str(method.status): _good_answer(method)},
    }
    if rest.strip():
        operation["description"] = re.sub(r"\s+", " ", rest.strip())
    if method.scope is not None:
        operation["security"] = [{"api_key": [method.scope]}, {"member_session": []}]
    elif method.takes_session:
        operation["security"] = [{"member_session": []}]
    elif method.takes_viewer_token:
        operation["security"] = [{"viewer_token": []}]
    if method.body is not None:
        limit = settings.event_max_bytes if method.is_single_event else settings.batch_max_bytes
        operation["requestBody"] = {
            "description": f"At most {limit:,} bytes.",
            "required": True,
            "content": {"application/json": {"schema": schemas.ref(method.body), "example": _example(method.body)}},
        }
    for error in _errors_of(path, verb, method):
        told: _Json = {"$ref": f"#/components/responses/{error.code}"}
        if method.media == "text/html":  # a page tells people what is wrong as a page, if it can
            whole = _error_answer(error)
            told = {**whole, "content": {**whole["content"], "text/html": {"schema": {"type": "string"}}}}
        operation["responses"][str(error.status)] = told
    return operation


def _example(body: type) -> Any:
    """An example of a body: the type's own, where it has one."""
    own = getattr(body, "EXAMPLE", None)
    return _EXAMPLES[body.__name__] if own is None else own


def _errors_of(path: str, verb: str, method: Method) -> list[type[errors.ImmutableError]]:
    """The errors that a request to this method can meet, by status."""
    met: set[type[errors.ImmutableError]] = {
        errors.BadRequest,
        errors.InvalidEvent,
        errors.HeadTooLarge,
        errors.ImmutableError,
        errors.Overloaded,
    }
    if method.takes_session:
        met.add(errors.Conflict)
    if method.scope is not None or method.takes_viewer_token or method.takes_session:
        met |= {errors.Unauthenticated, errors.Forbidden, errors.RateLimited}
    if "{" in path:
        met.add(errors.NotFound)
    met |= set(method.errors)
    if verb == "POST":
        met |= {errors.RequestTimeout, errors.TooLarge}
    return sorted(met, key=lambda one: one.status)


_MEDIA = {
    "text/plain": "Plain text.",
    "text/html": "A page.",
    "application/zip": "An evidence pack.",
    "text/event-stream": "Events as they come.",
}


def _good_answer(method: Method) -> _Json:
    if method.answer is None:
        text = {"type": "string"} if method.media.startswith("text/") else {"type": "string", "format": "binary"}
        return {"description": _MEDIA[method.media], "content": {method.media: {"schema": text}}}
    schema = {"type": "object"} if method.answer is dict else schemas.ref(method.answer)
    description = " ".join((method.answer.__doc__ or "").split()) if method.answer is not dict else "The document."
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _error_answer(error: type[errors.ImmutableError]) -> _Json:
    schema = schemas.ref(schemas.ValidationError if error is errors.InvalidEvent else schemas.Error)
    answer: _Json = {
        "description": " ".join((error.__doc__ or "").split()) if error.status != 500 else "The server failed.",
        "content": {"application/json": {"schema": schema}},
    }
    if error in (errors.Overloaded, errors.RateLimited):
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return answer


def _path_parameter(name: str) -> _Json:
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": PATH_PARAMETERS[name], "schema": schema}


def _query_parameter(parameter: Parameter) -> _Json:
    described = {"description": parameter.description, "schema": dict(parameter.schema)}
    return {"name": parameter.name, "in": "query", "allowEmptyValue": True, **described}


def _plain(path: str) -> str:
    """A route's path without Starlette's converters."""
    return re.sub(r"{(\w+):\w+}", r"{\1}", path)


def _tag(path: str) -> str:
    parts = path.removeprefix("/api/v1").strip("/").split("/")
    return parts[0] if path.startswith("/api/v1/") and parts[0] != "openapi.json" else "operations"
