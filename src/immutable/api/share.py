"""/share/{token}: what a share link shows, to whoever has it. No key; nothing beyond what the link was made for."""

from html import escape

from immutable.api.answer import Answer
from immutable.api.endpoint import Call
from immutable.api.evidence import packed
from immutable.errors import ImmutableError, RateLimited
from immutable.evidence import report_html
from immutable.evidence.links import OPENER, Link
from immutable.model.workspace import Workspace
from immutable.telemetry import metrics

_HTML = b"text/html; charset=utf-8"
_HEADERS = [
    (b"content-security-policy", (report_html.POLICY + "; frame-ancestors 'none'").encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
]


async def get_page(call: Call) -> Answer:
    """The report of the case, and a link to its evidence pack; for people, so errors are pages too."""
    try:
        workspace, link = await _opened(call, "page")
        services = call.services
        async with services.packing:
            case = await services.work(services.packer.show, workspace, link.scope)
    except ImmutableError as error:
        headers = list(_HEADERS)
        if isinstance(error, RateLimited):
            headers.append((b"retry-after", str(error.retry_after).encode()))
        return Answer(error.status, _page_of(error.message), headers, _HTML)
    address = call.path["token"] + "/pack"
    content = "".join(report_html.page(case, pack_address=address)).encode()
    return Answer(200, content, _HEADERS, _HTML)


async def get_pack(call: Call) -> Answer:
    """The evidence pack of the case."""
    workspace, link = await _opened(call, "pack")
    once = call.services.shares.once(link.id, "exported", call.caller)
    return await packed(call.services, workspace, link.scope, OPENER, once=once)


async def _opened(call: Call, what: str) -> tuple[Workspace, Link]:
    """Count the opening, then look the link up, and have the log tell of it, once in ten minutes."""
    services = call.services
    services.limits.take_opening(call.caller)
    number, link_id = services.shares.named(call.path["token"])
    services.limits.take_opening(None, link_id)
    opened = await services.work(services.shares.open, number, link_id, what=what, address=call.caller)
    metrics.SHARE_OPENINGS.labels(what).inc()
    return opened


def _page_of(message: str) -> bytes:
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Evidence</title><p>{escape(message)}'.encode()
