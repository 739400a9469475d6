"""The OpenAPI document, made from the URL table and the wire types."""

from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call


async def get_openapi(call: Call) -> Answer:  # noqa: ARG001 - a handler takes a call
    """The document."""
    return json_answer({})
