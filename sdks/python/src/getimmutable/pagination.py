"""From one page of a list, or one part of a verification, to the request for the next. Pure."""

from typing import Any, TypeVar

from getimmutable.endpoints import MAX_PAGE
from getimmutable.errors import ImmutableError
from getimmutable.request import Request
from getimmutable.types import Page, VerifyResult

T = TypeVar("T")


def first_page(request: Request[Page[Any]]) -> Request[Page[Any]]:
    """The request to begin with: the largest page, unless the caller chose a size."""
    return request if "limit" in request.params else request.with_param("limit", str(MAX_PAGE))


def next_page(request: Request[Page[Any]], page: Page[Any]) -> Request[Page[Any]] | None:
    """The request for what follows `page`; None after the last. Raises ImmutableError where the list goes in a circle."""
    cursor = page["pagination"]["next_cursor"]
    return None if not page["pagination"]["has_more"] or cursor is None else _from(cursor, request)


def next_part(request: Request[VerifyResult], verdict: VerifyResult) -> Request[VerifyResult] | None:
    """The request for what was not checked yet; None where all was, or where the caller asked for so many only."""
    cursor = verdict["data"].get("next_cursor")
    return None if cursor is None or "limit" in request.params else _from(cursor, request)


def joined(before: VerifyResult, verdict: VerifyResult) -> VerifyResult:
    """One verdict about both parts: valid if both are."""
    first, second = before["data"], verdict["data"]
    whole = second.copy()
    whole["valid"] = first["valid"] and second["valid"]
    whole["events_checked"] = first["events_checked"] + second["events_checked"]
    whole["breaks"] = first["breaks"] + second["breaks"]
    if "details_erased" in first:
        whole["details_erased"] = first["details_erased"] + second.get("details_erased", 0)
    if "erased" in first:
        whole["erased"] = first["erased"] + second.get("erased", [])
    if "scope" in first:
        whole["scope"] = first["scope"] + second.get("scope", [])
    if "first_sequence" in first:
        whole["first_sequence"] = first["first_sequence"]
    return {"data": whole}


def _from(cursor: str, request: Request[T]) -> Request[T]:
    if cursor == request.params.get("cursor"):
        raise ImmutableError("The server answered with the same cursor twice")
    return request.with_param("cursor", cursor)
