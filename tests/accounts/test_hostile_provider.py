"""A provider of single sign-on that lies or does not answer: nobody gets in by it, and nobody else waits for it."""

import base64
import hmac
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.conftest import Serve

from immutable.accounts.single_sign_on import Identity, SignOnRefused, SingleSignOn
from immutable.checkpoints.secret import Sealer
from immutable.settings import Settings

KEYS = {name: RSAKey.generate_key(2048, {"kid": name, "use": "sig"}) for name in ("old", "new")}
CLAIMS = {"aud": "immutable", "sub": "1", "email": "ada@example.com", "email_verified": True}


class Provider:
    """Answers as a test wants it to."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        asked = self.asked = []  # type: ignore[var-annotated]
        answers = self.answers

        class Handler(BaseHTTPRequestHandler):
            """Gives the answer of the path."""

            def do_GET(self) -> None:
                """Answer."""
                asked.append(self.path)
                body = msgspec.json.encode(answers[self.path])
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                """Answer."""
                self.rfile.read(int(self.headers["content-length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.configuration = {
            "issuer": self.issuer, "authorization_endpoint": self.issuer + "/go", "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
        }  # fmt: skip
        self.answers["/.well-known/openid-configuration"] = self.configuration
        self.shows("old")
        settings = Settings(
            oidc_issuer=self.issuer, oidc_client_id="immutable", public_url="https://audit.example.com",
            outbound_private_addresses=True,
        )  # fmt: skip
        self.sign_on = SingleSignOn(settings, lambda: Sealer("a secret of the tests alone"))

    def shows(self, *names: str) -> None:
        """These are its keys now."""
        self.answers["/keys"] = {"keys": [KEYS[name].as_dict(private=False) for name in names]}

    def lets_in(self, sign: Callable[[dict[str, Any]], str] | None = None, **claims: Any) -> Identity:
        """Somebody signs in with a token of these claims, signed by its old key unless told otherwise."""
        address, brought = self.sign_on.begin()
        query = parse_qs(urlsplit(address).query)
        now = int(time.time())
        told = {"iss": self.issuer, "iat": now, "exp": now + 60, "nonce": query["nonce"][0]} | CLAIMS | claims
        told = {name: value for name, value in told.items() if value is not None}
        token = sign(told) if sign else jwt.encode({"alg": "RS256", "kid": "old"}, told, KEYS["old"])
        self.answers["/token"] = {"id_token": token, "access_token": "a", "token_type": "Bearer"}
        return self.sign_on.finish("code", query["state"][0], brought)


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider."""
    made = Provider()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    """The provider, honest again after each test."""
    kept = dict(running.configuration)
    yield running
    running.configuration.clear()
    running.configuration.update(kept)
    running.shows("old")


def test_an_honest_token_is_believed_also_after_new_keys(provider: Provider) -> None:
    """The provider's keys are asked for each time, so a key that it took out signs nobody in any more."""
    assert provider.lets_in().email == "ada@example.com"
    provider.shows("old", "new")
    renewed = lambda claims: jwt.encode({"alg": "RS256", "kid": "new"}, claims, KEYS["new"])  # noqa: E731
    assert provider.lets_in(renewed).email == "ada@example.com"
    provider.shows("new")
    assert provider.lets_in(renewed).subject == f"{provider.issuer} 1"
    with pytest.raises(SignOnRefused):
        provider.lets_in()


def _unsigned(claims: dict[str, Any]) -> str:
    honest = jwt.encode({"alg": "RS256", "kid": "old"}, claims, KEYS["old"]).split(".")
    return f"eyJhbGciOiJub25lIn0.{honest[1]}."


def _by_public_key(claims: dict[str, Any]) -> str:
    parts = [b'{"alg":"HS256","kid":"old"}', msgspec.json.encode(claims)]  # by hand: joserfc refuses to do this
    signed = ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)
    digest = hmac.digest(KEYS["old"].as_pem(private=False), signed.encode(), "sha256")
    return signed + "." + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _by_a_stranger(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "old"}, claims, KEYS["new"])


def _with_its_own_key(claims: dict[str, Any]) -> str:
    header = {"alg": "RS256", "jwk": KEYS["new"].as_dict(private=False)}
    return jwt.encode(header, claims, KEYS["new"])


@pytest.mark.parametrize(
    "sign", [_unsigned, _by_public_key, _by_a_stranger, _with_its_own_key, lambda _: "a.b", lambda _: ""]
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    provider: Provider, sign: Callable[[dict[str, Any]], str]
) -> None:
    """Neither without a signature, by the public key as a secret, by another key, nor by one that it brings along."""
    with pytest.raises(SignOnRefused):
        provider.lets_in(sign)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"}, {"aud": "another"}, {"aud": ["immutable", "another"]}, {"aud": None},
        {"aud": ["immutable", "another"], "azp": "another"}, {"nonce": "another"}, {"nonce": None}, {"exp": 1},
        {"exp": None}, {"iat": None}, {"iat": 1 << 40}, {"sub": None}, {"sub": ""}, {"sub": ["1"]}, {"iss": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_was_not_meant_for_this_sign_in_is_refused(provider: Provider, claims: dict[str, Any]) -> None:
    """Each claim has to be there and right: issuer, audience, authorized party, nonce, times and subject."""
    with pytest.raises(SignOnRefused):
        provider.lets_in(**claims)


@pytest.mark.parametrize("verified", [False, None, "true", 1, "false"])
def test_an_address_counts_only_where_it_is_verified(provider: Provider, verified: object) -> None:
    """Anything but the truth value true is no verification."""
    assert provider.lets_in(email_verified=verified).email is None


def test_a_verified_mark_is_not_lent_to_another_address(provider: Provider) -> None:
    """What the token says of an address that it does not name does not hold for the one that is asked for besides."""
    provider.configuration["userinfo_endpoint"] = provider.issuer + "/me"
    provider.answers["/me"] = {"sub": "1", "email": "boss@example.com", "email_verified": False}
    assert provider.lets_in(email=None).email is None
    provider.answers["/me"] = {"sub": "2", "email": "boss@example.com", "email_verified": True}
    with pytest.raises(SignOnRefused):
        provider.lets_in(email=None)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "javascript:alert(1)", "file:///etc/passwd", 7, "//x"]
)
def test_no_endpoint_leads_to_another_scheme(provider: Provider, name: str, address: object) -> None:
    """Whatever the configuration says, browsers and tokens go where the issuer's own scheme leads."""
    provider.configuration[name] = address  # type: ignore[assignment]
    with pytest.raises(SignOnRefused):
        provider.sign_on.begin()


def test_nobody_waits_for_a_provider_that_does_not_answer(serve: Serve) -> None:
    """However many strangers begin to sign in while the provider hangs, the log is read as ever."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent, ExitStack() as held:
        server = serve(
            oidc_issuer=f"http://127.0.0.1:{silent.getsockname()[1]}", oidc_client_id="immutable",
            public_url="https://audit.example.com", outbound_private_addresses="true",
            database_timeout_seconds=8,  # less than a provider is waited for
        )  # fmt: skip
        client = server.client()
        with ThreadPoolExecutor(8) as strangers:
            begun = [strangers.submit(httpx2.get, server.url + "/api/v1/single-sign-on", timeout=60) for _ in range(8)]
            for _ in range(4):
                held.enter_context(silent.accept()[0])
            assert client.get("/events").status_code == 200
            silent.close()
            held.close()
            assert {one.result().headers["location"].rpartition("#")[2] for one in begun} == {"/refused/provider"}
