"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).

What a browser brings back counts only with the cookie that it was sent out with, which holds state, nonce and verifier, sealed.
The provider is asked through the guarded client (`outbound/client.py`); its ID token is checked by joserfc: signature, issuer,
audience, time and nonce.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from immutable.accounts.email import email_of
from immutable.checkpoints.secret import Sealer
from immutable.errors import ImmutableError, StartError
from immutable.outbound.client import OutboundClient, OutboundRefused
from immutable.settings import Settings

SECONDS = 600
"""How long signing in at the provider may take."""
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LEEWAY_SECONDS = 60
_PURPOSE = b"single sign-on"


class SignOnRefused(ImmutableError):
    """Signing in at the provider led nowhere; `why` is one word for the desk and the administrative log."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail or why)
        self.why = why


class Identity(msgspec.Struct, frozen=True):
    """Whom the provider vouches for."""

    subject: str
    """Issuer and subject, which never change; addresses do."""
    email: str | None
    """None where the provider has not verified it."""
    name: str


class _Sent(msgspec.Struct, frozen=True):
    """What a browser was sent out with."""

    state: str
    nonce: str
    verifier: str
    until: float


class SingleSignOn:
    """One provider, as the settings name it."""

    def __init__(self, settings: Settings, sealer: Callable[[], Sealer]) -> None:
        """Raises StartError where a setting is missing."""
        if not settings.oidc_client_id or not settings.public_url:
            raise StartError(
                "Single sign-on needs IMMUTABLE_OIDC_CLIENT_ID and IMMUTABLE_PUBLIC_URL besides the issuer."
            )
        self._settings = settings
        self._sealer = sealer
        self._callback = settings.public_url.rstrip("/") + "/api/v1/single-sign-on/callback"

    def begin(self) -> tuple[str, str]:
        """Where to send the browser, and what it has to bring back. Raises SignOnRefused."""
        sent = _Sent(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), time.time() + SECONDS
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code", "client_id": self._settings.oidc_client_id, "redirect_uri": self._callback,
            "scope": "openid email profile", "state": sent.state, "nonce": sent.nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        at: str = self._discovered()["authorization_endpoint"]
        sealed = self._sealer().seal(msgspec.json.encode(sent), belongs_to=_PURPOSE)
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}", base64.urlsafe_b64encode(sealed).decode()

    def finish(self, code: str, state: str, brought: str) -> Identity:
        """Whom the provider vouches for. Raises SignOnRefused."""
        if not code:
            raise SignOnRefused("provider", "The provider gave no code.")
        sent = self._opened(brought)
        if time.time() > sent.until or not hmac.compare_digest(sent.state.encode(), state.encode()):
            raise SignOnRefused("expired", "The state is another, or too old.")
        provider = self._discovered()
        tokens = self._tokens(provider, code, sent.verifier)
        claims = self._claims(provider, str(tokens.get("id_token", "")), sent.nonce)
        if "email" not in claims and "userinfo_endpoint" in provider:
            claims.pop("email_verified", None)  # said of no address; what verifies the one to come is said with it
            claims = {**self._user_info(provider, str(tokens.get("access_token", "")), claims["sub"]), **claims}
        return Identity(f"{claims['iss']} {claims['sub']}", self._email(claims), str(claims.get("name") or "")[:100])

    def _opened(self, brought: str) -> _Sent:
        try:
            sealed = base64.urlsafe_b64decode(brought)
            return msgspec.json.decode(self._sealer().open(sealed, belongs_to=_PURPOSE), type=_Sent)
        except (ValueError, StartError, msgspec.DecodeError):
            raise SignOnRefused("expired", "The browser did not bring back what it was sent out with.") from None

    def _discovered(self) -> Mapping[str, Any]:
        issuer = self._settings.oidc_issuer
        found = self._asked("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise SignOnRefused("provider", "The provider calls itself another issuer than IMMUTABLE_OIDC_ISSUER.")
        endpoints = [found.get(name) for name in _ENDPOINTS]
        if "userinfo_endpoint" in found:
            endpoints.append(found["userinfo_endpoint"])
        if None in endpoints:
            raise SignOnRefused("provider", "The provider's configuration lacks an endpoint.")
        begins = urlsplit(issuer).scheme + "://"  # the browser's address, too: it must be no script
        if not all(isinstance(one, str) and one.startswith(begins) for one in endpoints):
            raise SignOnRefused("provider", "The provider's endpoints are not all over https, as the issuer is.")
        return found

    def _tokens(self, provider: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "code_verifier": verifier,
        }
        client_id, client_secret = self._settings.oidc_client_id, self._settings.oidc_client_secret
        headers = {}
        if client_secret:
            pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
            headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            given["client_id"] = client_id
        return self._asked("POST", provider["token_endpoint"], urlencode(given).encode(), headers)

    def _claims(self, provider: Mapping[str, Any], token: str, nonce: str) -> dict[str, Any]:
        try:
            keys = KeySet.import_key_set(self._asked("GET", provider["jwks_uri"]))  # type: ignore[arg-type]
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": self._settings.oidc_issuer},
                aud={"essential": True, "value": self._settings.oidc_client_id},
                nonce={"essential": True, "value": nonce},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise SignOnRefused("provider", f"The ID token is not good: {error}.") from None
        if (
            isinstance(claims["aud"], list)
            and len(claims["aud"]) > 1
            and claims.get("azp") != self._settings.oidc_client_id
        ):
            raise SignOnRefused("provider", "The ID token was issued to another party.")
        return dict(claims)

    def _user_info(self, provider: Mapping[str, Any], token: str, subject: str) -> dict[str, Any]:
        found = self._asked("GET", provider["userinfo_endpoint"], headers={"authorization": f"Bearer {token}"})
        if found.get("sub") != subject:
            raise SignOnRefused("provider", "The provider told of somebody else.")
        return {name: found[name] for name in ("email", "email_verified", "name") if name in found}

    def _email(self, claims: Mapping[str, Any]) -> str | None:
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            return None
        try:
            email = email_of(claims["email"])
        except ImmutableError:
            return None
        allowed = self._settings.oidc_domains
        if allowed and email.rpartition("@")[2] not in {one.lower() for one in allowed}:
            raise SignOnRefused("domain", "The address is of a domain that is not allowed.")
        return email

    def _asked(
        self, method: str, url: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        client = OutboundClient(private_addresses=self._settings.outbound_private_addresses)
        try:
            kind = "application/x-www-form-urlencoded"
            status, body = client.ask(method, url, content, kind, {"accept": "application/json", **(headers or {})})
            found = msgspec.json.decode(body)
        except (OutboundRefused, httpx2.HTTPError, httpx2.InvalidURL, msgspec.DecodeError) as error:
            raise SignOnRefused("provider", f"The provider cannot be asked: {error}") from error
        finally:
            client.close()
        if status != 200 or not isinstance(found, dict):
            raise SignOnRefused("provider", f"The provider answered {status} at {urlsplit(url).path}.")
        return found
