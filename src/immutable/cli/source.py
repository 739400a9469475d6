"""Where a reading command reads: a server's API over HTTP, or the same API in this process, directly on the database.

Both are one client of one API, so each command is written once.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

import httpx2
import msgspec

from immutable import settings as settings_module
from immutable.errors import BadRequest, Conflict, Forbidden, ImmutableError, NotFound, StartError, Unauthenticated

_TIMEOUT = httpx2.Timeout(120, connect=5)
"""Seconds; a page of verification checks 100,000 events."""

_PAGE = 100
_ERRORS = {400: BadRequest, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 409: Conflict}

Json = dict[str, Any]
Parameters = Mapping[str, str | int | None]


class Source:
    """Reads the API of one workspace. Not for several threads."""

    def __init__(self, client: httpx2.AsyncClient, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def get(self, path: str, parameters: Parameters | None = None) -> Json:
        """What the API answers at `path` (after /api/v1); parameters that are None are left out.

        Raises ImmutableError with the server's own words, or about a server that cannot be reached.
        """
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        return self._ask("GET", path, params=given)

    def post(self, path: str, body: Json) -> Json:
        """What the API answers to `body`; fields that are None are left out. Raises ImmutableError as `get` does."""
        return self.decide(path, {name: value for name, value in body.items() if value is not None})

    def decide(self, path: str, body: Json) -> Json:
        """The same, where None says something."""
        return self._ask("POST", path, json=body)

    def download(self, path: str, parameters: Parameters, stream: BinaryIO) -> int:
        """Write what is at `path` to the stream as it comes; how many bytes. Raises ImmutableError as `get` does."""
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            return self._runner.run(self._download("/api/v1" + path, given, stream))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise unreachable(self._client.base_url, error) from error

    async def _download(self, path: str, parameters: Parameters, stream: BinaryIO) -> int:
        async with self._client.stream("GET", path, params=parameters) as response:
            if not response.is_success:
                await response.aread()
                answer_of(response)
            async for piece in response.aiter_bytes():
                stream.write(piece)
            return response.num_bytes_downloaded

    def _ask(self, method: str, path: str, **request: Any) -> Json:
        try:
            return answer_of(self._runner.run(self._client.request(method, "/api/v1" + path, **request)))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise unreachable(self._client.base_url, error) from error

    def pages(self, path: str, parameters: Parameters, *, limit: int | None = None) -> Iterator[Json]:
        """The answers of a list, page after page, up to `limit` items (None: all)."""
        left, cursor = limit, None
        while True:
            size = _PAGE if left is None else min(left, _PAGE)
            answer = self.get(path, {**parameters, "limit": size, "cursor": cursor})
            yield answer
            cursor = answer["pagination"]["next_cursor"]
            if left is not None:
                left -= len(answer["data"])
            if cursor is None or left == 0:
                return


@contextmanager
def open_source(
    url: str | None,
    key: str | None,
    workspace: str | None,
    *,
    writes: bool = False,
    database_url: str | None = None,
) -> Iterator[Source]:
    """The server at `url`, or without one the database at `database_url` or of the settings. Raises ImmutableError.

    `writes`: to post as well; a SQLite database must then not be served by another process.
    """
    refuse_workspace_of_server(url, workspace)
    with asyncio.Runner() as runner:
        if url is not None:
            client = httpx2.AsyncClient(**client_settings(url, key))
            try:
                yield Source(client, runner)
            finally:
                runner.run(client.aclose())
        else:
            from immutable.app import create_app
            from immutable.cli.database import services_inside

            settings = settings_module.load()
            if database_url is not None:
                settings = msgspec.structs.replace(settings, database_url=database_url)
            with services_inside(settings, workspace, writes=writes) as services:
                transport = httpx2.ASGITransport(create_app(services))
                headers = {"authorization": "Bearer inside"}
                yield Source(httpx2.AsyncClient(transport=transport, base_url="http://inside", headers=headers), runner)


def client_settings(url: str, key: str | None) -> dict[str, Any]:
    """The HTTP client's settings for a server. Raises StartError where address or key cannot be right."""
    if not url.startswith(("http://", "https://")):
        raise StartError(f"--url {url!r} is not an address such as http://127.0.0.1:8080.")
    if not key:
        raise StartError("The server asks for a key: set IMMUTABLE_API_KEY, or give --key.")
    if not (key.isascii() and key.isprintable()):
        raise StartError("The API key holds characters that no key has; was it copied whole?")
    try:
        base_url = httpx2.URL(url.rstrip("/").removesuffix("/api/v1"))
    except httpx2.InvalidURL as error:
        raise StartError(f"--url {url!r} is not an address such as http://127.0.0.1:8080: {error}.") from error
    return {"base_url": base_url, "headers": {"authorization": f"Bearer {key}"}, "timeout": _TIMEOUT}


def refuse_workspace_of_server(url: str | None, workspace: str | None) -> None:
    """A server's workspace is that of the key. Raises StartError where one is named all the same."""
    if url is not None and workspace is not None:
        raise StartError(
            "A server's workspace is that of the key: leave out --workspace, or --url (IMMUTABLE_URL) to read directly."
        )


def answer_of(response: httpx2.Response) -> Json:
    """The JSON of an answer. Raises ImmutableError where it is an error, or no answer of ours."""
    try:
        content = response.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        where = response.url.copy_with(query=None, username=None, password=None)
        raise ImmutableError(f"{where} answered {response.status_code} and no JSON; is it an Immutable server?")
    if response.is_success:
        return content
    message = content.get("message") or content.get("error") or f"The server answered {response.status_code}."
    raise _ERRORS.get(response.status_code, ImmutableError)(str(message))


def unreachable(url: httpx2.URL, error: Exception) -> ImmutableError:
    """The error for a server that does not answer; shows no password that the address may hold."""
    shown = url.copy_with(username=None, password=None)
    why = str(error) or type(error).__name__
    return ImmutableError(f"{shown} does not answer ({why}). Is the server running, and the address right?")
