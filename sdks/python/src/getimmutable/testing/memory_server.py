"""Answers the requests of a client from a log in memory, in the server's words and with its refusals."""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import unquote

from getimmutable.errors import ImmutableError
from getimmutable.outcome import Answer, Failure
from getimmutable.request import Request
from getimmutable.testing import memory_reads as reads
from getimmutable.testing.memory_log import MemoryLog, instant_of, invalid

T = TypeVar("T")
_PAGING = frozenset({"cursor", "limit"})


class MemoryServer:
    """The transport of a `MemoryClient`: what a client sends, it answers on the spot."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.failures: list[ImmutableError] = []
        self._exports: dict[str, dict[str, Any]] = {}
        self._turn = threading.Lock()  # a queue sends from a thread of its own

    def send(self, request: Request[T]) -> T:
        """The answer. Raises ImmutableError as the server would refuse, or as `failures` says."""
        with self._turn:
            return self._respond(request)

    def _respond(self, request: Request[T]) -> T:
        if self.failures:
            raise self.failures.pop(0)
        body = json.loads(request.content() or b"{}")
        for method, pattern, respond in _ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return cast("T", respond(self, dict(request.params), body, *map(unquote, found.groups())))
        raise not_found("There is nothing at this path in memory.")

    def attempt(self, request: Request[Any]) -> Answer | Failure:
        """The same for the background queue."""
        try:
            return Answer(self.send(request))
        except ImmutableError as error:
            return Failure(error, error.status_code in {0, 429, 502, 503, 504})

    def close(self) -> None:
        """Nothing is open."""

    def track(self, params: Mapping[str, str], body: dict[str, Any]) -> object:  # noqa: ARG002
        """POST /v1/events."""
        return self.log.append(body)

    def track_batch(self, params: Mapping[str, str], body: dict[str, Any]) -> object:
        """POST /v1/events/batch."""
        return {"events": self.log.append_batch(body["events"], is_atomic=params.get("atomic") == "true")}

    def events(self, params: dict[str, str], body: object) -> object:  # noqa: ARG002
        """GET /v1/events."""
        _check_times(params)
        order = params.pop("order", "asc" if "session_id" in params else "desc")
        found = reads.select(self.log.events(), params)
        return reads.page(found if order == "asc" else found[::-1], params)

    def event(self, params: object, body: object, event_id: str) -> object:  # noqa: ARG002
        """GET /v1/events/{id}."""
        for event in self.log.events():
            if event["id"] == event_id:
                return {"data": event}
        raise not_found("There is no event of this id in this workspace.")

    def sessions(self, params: Mapping[str, str], body: object) -> object:  # noqa: ARG002
        """GET /v1/sessions."""
        _check_times(params)
        groups = reads.sessions(self.log.events())
        found = [(reads.summary(name, steps), steps) for name, steps in groups.items()]
        wanted = [figures for figures, steps in found if reads.meets(figures, steps, params)]
        wanted.sort(key=lambda figures: figures["started_at"], reverse=True)
        return reads.page(wanted, params, key="session_id")

    def session(self, params: Mapping[str, str], body: object, session_id: str) -> object:  # noqa: ARG002
        """GET /v1/sessions/{id}."""
        steps = reads.sessions(self.log.events()).get(session_id)
        if steps is None:
            raise not_found("There is no session of this id in this workspace.")
        shown = reads.page(reads.timeline(steps), params, default=1000, most=1000)
        return {
            "data": {**reads.summary(session_id, steps), "timeline": shown["data"]},
            "pagination": shown["pagination"],
        }

    def history(self, params: Mapping[str, str], body: object, kind: str, name: str) -> object:  # noqa: ARG002
        """GET /v1/resources/{type}/{id}/history."""
        found = [event for event in self.log.events() if (kind, name) in reads.touched(event)]
        return reads.page([{**event, "destructive": reads.is_destructive(event["action"])} for event in found], params)

    def verify(self, params: Mapping[str, str], body: object) -> object:  # noqa: ARG002
        """GET /v1/verify: always the whole log."""
        breaks, count = self.log.breaks(), len(self.log.entries)
        verdict = {"valid": not breaks, "events_checked": count, "breaks": breaks, "sessions_checked": False}
        verdict |= {
            "details_erased": 0,
            "pruned_through": 0,
            "scope": [],
            "erased": [],
            "checkpoints_checked": 0,
            "rollbacks": [],
            "signing_halted": None,
        }  # all that a server knows
        return {
            "data": {**verdict, "first_sequence": 1, "last_sequence": count, "is_complete": True, "next_cursor": None}
        }

    def viewer_token(self, params: object, body: dict[str, Any]) -> object:  # noqa: ARG002
        """POST /v1/viewer-token: not a real token."""
        ttl = body.get("ttl", 3600)
        if not 60 <= ttl <= 86_400:
            raise invalid({"ttl": ["Use 60 to 86400."]})
        token = "memory." + "-".join(f"{name}={value}" for name, value in sorted(body.items()))
        return {"token": token, "viewer_token": token, "expires_at": int(time.time()) + ttl}

    def nothing(self, params: Mapping[str, str], body: object) -> object:  # noqa: ARG002
        """GET of alerts and anchors, which a log in memory never has."""
        return reads.page([], params)

    def create_export(self, params: object, body: dict[str, Any]) -> object:  # noqa: ARG002
        """POST /v1/exports: completed at the next look, with a count and without a file."""
        filters = {name: value for name, value in body.items() if name != "format"}
        name = f"exp_{len(self._exports) + 1}"
        rows = len(reads.select(self.log.events(), filters))
        self._exports[name] = {"id": name, "status": "completed", "filters": filters, "total_rows": rows}
        self._exports[name] |= {"file_size": None, "download_url": None, "error_message": None}
        return {"data": {"id": name, "status": "pending"}, "id": name, "status": "pending", "filters": filters}

    def export(self, params: object, body: object, export_id: str) -> object:  # noqa: ARG002
        """GET /v1/exports/{id}."""
        if export_id not in self._exports:
            raise not_found("There is no export of this id in this workspace.")
        return {"data": self._exports[export_id]}


def not_found(sentence: str) -> ImmutableError:
    """The answer where nothing is."""
    return ImmutableError("not_found", 404, {"error": "not_found", "message": sentence})


def _check_times(params: Mapping[str, str]) -> None:
    for name in ("from", "to"):
        try:
            instant_of(params.get(name, "2026-01-01"))
        except ValueError:
            message = f"{name}: Use an RFC 3339 time or a date."
            raise ImmutableError("bad_request", 400, {"error": "bad_request", "message": message}) from None


_ROUTES: tuple[tuple[str, str, Callable[..., object]], ...] = (
    ("POST", "/v1/events", MemoryServer.track),
    ("POST", "/v1/events/batch", MemoryServer.track_batch),
    ("GET", "/v1/events", MemoryServer.events),
    ("GET", "/v1/events/([^/]+)", MemoryServer.event),
    ("GET", "/v1/sessions", MemoryServer.sessions),
    ("GET", "/v1/sessions/([^/]+)", MemoryServer.session),
    ("GET", "/v1/resources/([^/]+)/([^/]+)/history", MemoryServer.history),
    ("GET", "/v1/verify", MemoryServer.verify),
    ("POST", "/v1/viewer-token", MemoryServer.viewer_token),
    ("GET", "/v1/(?:alerts|anchors)", MemoryServer.nothing),
    ("POST", "/v1/exports", MemoryServer.create_export),
    ("GET", "/v1/exports/([^/]+)", MemoryServer.export),
)
