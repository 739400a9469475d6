"""What cannot be answered becomes an ImmutableError that says what to do, whatever stands between us and the server."""

import pickle
import socket
import traceback
from typing import Any

import pytest

from getimmutable import ImmutableClient, ImmutableError, RetryPolicy

NEVER = RetryPolicy(retries=0)


def _error(client: ImmutableClient) -> ImmutableError:
    with pytest.raises(ImmutableError) as caught:
        client.get_events()
    return caught.value


@pytest.mark.parametrize(
    "page",
    [b"<html>Bad Gateway</html>", b"", b"\xff\xfe\x00", b"[" * 100_000, b'["a list"]', b"null", b"9" * 5000],
    ids=["html", "empty", "no text", "deep", "list", "null", "huge number"],
)
def test_a_proxys_error_page_is_no_json_traceback(connect: Any, server: Any, page: bytes) -> None:
    """The status is told instead."""
    server.reply(502, raw=page)
    error = _error(connect(retry=NEVER))
    assert (str(error), error.status_code, error.response_data) == ("HTTP 502", 502, {})


@pytest.mark.parametrize("page", [b"<html>Welcome</html>", b"", b"[]"])
def test_a_page_that_is_not_the_api_is_named_as_such(client: Any, server: Any, page: bytes) -> None:
    """A wrong base_url is the likely reason."""
    server.reply(200, raw=page)
    error = _error(client)
    assert "base_url" in str(error)
    assert error.status_code == 200


def test_a_redirect_is_not_followed_with_the_key(client: Any, server: Any) -> None:
    """The error says to give the final address."""
    server.reply(301, {}, Location="http://127.0.0.1:1/api/v1/events")
    error = _error(client)
    assert "base_url" in str(error)
    assert error.status_code == 301
    assert len(server.requests) == 1


def test_broken_compression_is_an_immutable_error(client: Any, server: Any) -> None:
    """It is not a traceback of the HTTP library."""
    server.reply(200, raw=b"this is no gzip", Content_Encoding="gzip")
    assert str(_error(client)).startswith("HTTP error: ")


def test_nobody_listening_is_an_immutable_error() -> None:
    """Status 0 says that there was no answer; what happened underneath is the cause."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with ImmutableClient("imk_test", f"http://127.0.0.1:{unused.getsockname()[1]}", retry=NEVER) as client:
            error = _error(client)
    assert error.status_code == 0
    assert str(error).startswith("HTTP error: ")
    assert error.__cause__ is not None


def test_a_timeout_has_its_published_words(connect: Any, server: Any) -> None:
    """`Request timed out`, status 0."""
    server.store_then_hold()
    error = _error(connect(timeout=0.1, retry=NEVER))
    assert (str(error), error.status_code) == ("Request timed out", 0)


def test_a_refusals_sentence_and_fields_can_be_read(client: Any, server: Any) -> None:
    """The text stays the code, as published; the sentence is `message`, and a traceback shows both."""
    content = {"error": "validation_failed", "message": "action is required.", "errors": {"action": ["Required."]}}
    server.reply(422, content)
    error = _error(client)
    assert (str(error), error.message, error.errors) == ("validation_failed", "action is required.", content["errors"])
    assert "action is required." in "".join(traceback.format_exception(error))


def test_an_error_survives_pickling(client: Any, server: Any) -> None:
    """Task queues carry exceptions between processes."""
    server.reply(429, {"error": "rate_limited", "message": "Wait."}, Retry_After="60")
    error = pickle.loads(pickle.dumps(_error(client)))
    assert (str(error), error.status_code, error.message, error.retry_after) == ("rate_limited", 429, "Wait.", 60.0)


@pytest.mark.parametrize(
    "address", ["", "localhost:8080", "ftp://host", "http://", "https:///path", "http://h/?a=b", "http://h#f"]
)
def test_an_address_that_cannot_work_is_refused_at_once(address: str) -> None:
    """Not at the first event."""
    with pytest.raises(ValueError, match="base_url"):
        ImmutableClient("imk_test", address)


@pytest.mark.parametrize("key", ["imk_ä", "imk_a\nX-Injected: 1", "imk_\x00"])
def test_a_key_that_cannot_work_is_refused_and_not_shown(key: str) -> None:
    """Keys are secrets, also wrong ones."""
    with pytest.raises(ValueError, match="api_key") as caught:
        ImmutableClient(key, "http://localhost")
    assert key not in str(caught.value)


def test_a_key_read_from_a_file_may_end_in_a_newline(connect: Any, server: Any) -> None:
    """White space around key and address is not part of them."""
    with ImmutableClient("imk_test\n", f" {server.url}/ ") as client:
        client.get_events()
    assert server.requests[0].headers["authorization"] == "Bearer imk_test"
    assert server.requests[0].path == "/api/v1/events"


def test_the_key_is_in_no_repr(client: Any) -> None:
    """A client that is logged gives nothing away."""
    shown = repr(client) + repr(vars(client)) + repr(vars(client._transport))
    assert "imk_test" not in shown
