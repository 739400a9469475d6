"""The API: three endpoints, one connection and one transaction per request."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from benchmarks.straightforward import store
from benchmarks.straightforward.wire import BatchIn, BatchOut, EventIn, Filters, Receipt

POOL_SIZE = 10


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    dsn = os.environ["STRAIGHTFORWARD_DSN"]
    async with AsyncConnectionPool(dsn, min_size=POOL_SIZE, max_size=POOL_SIZE, timeout=30) as pool:
        app.state.pool = pool
        yield


app = FastAPI(title="Straightforward audit log", lifespan=_lifespan)


@dataclass(frozen=True)
class Caller:
    """Who asks: the workspace of the key, and the connection whose transaction the request has to itself."""

    connection: AsyncConnection
    workspace_id: int
    address: str | None


async def _authenticate(request: Request) -> AsyncIterator[Caller]:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    async with request.app.state.pool.connection() as connection:
        workspace_id = await store.workspace_of(connection, key) if scheme.lower() == "bearer" else None
        if workspace_id is None:
            raise HTTPException(401, {"error": "unauthenticated", "message": "Send a valid API key as bearer token."})
        yield Caller(connection, workspace_id, request.client.host if request.client else None)


# The scope ends before the answer is sent, so the transaction is committed by then, and a failing commit answers 500.
Authenticated = Annotated[Caller, Depends(_authenticate, scope="function")]


@app.post("/api/v1/events", status_code=202)
async def post_event(event: EventIn, caller: Authenticated) -> Receipt:
    """Keep one event."""
    (receipt,) = await store.append(caller.connection, caller.workspace_id, [event], caller.address)
    return receipt


@app.post("/api/v1/events/batch", status_code=202)
async def post_batch(batch: BatchIn, caller: Authenticated) -> BatchOut:
    """Keep a batch of events, all or none."""
    return BatchOut(events=await store.append(caller.connection, caller.workspace_id, batch.events, caller.address))


@app.get("/api/v1/events")
async def get_events(filters: Annotated[Filters, Query()], caller: Authenticated) -> dict[str, Any]:
    """Find events."""
    return await store.list_events(caller.connection, caller.workspace_id, filters)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process serves."""
    return {"status": "ok"}


@app.exception_handler(HTTPException)
async def _refuse(_: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse(error.detail, error.status_code)


@app.exception_handler(RequestValidationError)
async def _reject(_: Request, error: RequestValidationError) -> JSONResponse:
    errors: dict[str, list[str]] = {}
    for problem in error.errors():
        errors.setdefault(".".join(map(str, problem["loc"][1:])), []).append(problem["msg"])
    answer = {"error": "validation_failed", "message": "Some fields are not valid.", "errors": errors}
    return JSONResponse(answer, 422)
