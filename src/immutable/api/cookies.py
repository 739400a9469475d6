"""The cookie of a member's session, and what keeps other sites from using it (cross-site request forgery).

The cookie is sent by browsers of their own accord, so a request with it counts only where it says that our own page made it:
with a header that no form can send and no other origin may, from the same origin by `Sec-Fetch-Site`, and with the `Origin` of
this server. Over https it is `__Host-`, which no other host or path can plant.
"""

from urllib.parse import urlsplit

from starlette.types import Scope

from immutable.errors import Forbidden
from immutable.settings import Settings

OWN_PAGE = b"immutable-desk"
"""The header that only our own pages send."""
WORKSPACE = b"immutable-workspace"
"""The header that says in which workspace a member acts: its id."""
SESSION, SINGLE_SIGN_ON, KNOWN = "session", "single-sign-on", "known"
"""Our cookies, by what they hold."""


def is_secure(settings: Settings) -> bool:
    """Whether members reach this server over https."""
    return settings.public_url.startswith("https://")


def session_cookie(settings: Settings, token: str, seconds: int) -> tuple[bytes, bytes]:
    """The header that keeps a session's token in the browser; with no token, that forgets it."""
    return cookie(SESSION, token, seconds if token else 0, settings, same_site="Strict")


def cookie(what: str, value: str, seconds: int, settings: Settings, *, same_site: str) -> tuple[bytes, bytes]:
    """A header that sets the cookie of a name."""
    text = f"{_name(settings, what)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}"
    return b"set-cookie", (text + "; Secure" if is_secure(settings) else text).encode()


def session_token(scope: Scope, settings: Settings) -> str | None:
    """The token of the session cookie that the request carries."""
    return cookie_of(scope, SESSION, settings)


def cookie_of(scope: Scope, what: str, settings: Settings) -> str | None:
    """The value of the cookie of a name."""
    name = _name(settings, what)
    for header, value in scope["headers"]:
        if header == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found, _, content = part.strip().partition("=")
                if found == name and content:
                    return str(content)
    return None


def check_own_page(scope: Scope, settings: Settings) -> None:
    """Raises Forbidden unless a page of this server made the request, over https only where the server is known to be there."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    is_ours = OWN_PAGE in headers and headers.get(b"sec-fetch-site", b"same-origin") == b"same-origin"
    if is_ours and origin:
        expected = settings.public_url or f"http://{headers.get(b'host', b'').decode('latin-1')}"
        asked, ours = urlsplit(origin), urlsplit(expected)
        if not settings.public_url and asked.scheme == "https" and asked.netloc == ours.netloc:
            raise Forbidden(
                "Members sign in over https only where the server knows it: set IMMUTABLE_PUBLIC_URL to " + origin
            )
        is_ours = (asked.scheme, asked.netloc) == (ours.scheme, ours.netloc)
    if not is_ours:
        raise Forbidden("Only the desk of this server may do this, at the address of IMMUTABLE_PUBLIC_URL.")


def _name(settings: Settings, what: str) -> str:
    return f"__Host-immutable-{what}" if is_secure(settings) else f"immutable-{what}"
