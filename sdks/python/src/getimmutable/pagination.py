"""From one page of a list to the request for the next. Pure."""

from typing import Any

from getimmutable.endpoints import MAX_PAGE
from getimmutable.errors import ImmutableError
from getimmutable.request import Request
from getimmutable.types import Page


def first_page(request: Request[Page[Any]]) -> Request[Page[Any]]:
    """The request to begin with: the largest page, unless the caller chose a size."""
    return request if "limit" in request.params else request.with_param("limit", str(MAX_PAGE))


def next_page(request: Request[Page[Any]], page: Page[Any]) -> Request[Page[Any]] | None:
    """The request for what follows `page`; None after the last. Raises ImmutableError where the list goes in a circle."""
    cursor = page["pagination"]["next_cursor"]
    if not page["pagination"]["has_more"] or cursor is None:
        return None
    if cursor == request.params.get("cursor"):
        raise ImmutableError("The server answered with the same cursor twice")
    return request.with_param("cursor", cursor)
