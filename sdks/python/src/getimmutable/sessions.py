"""The keyed hash of a session id that was captured automatically.

Such an id, out of a cookie or a token, is a secret: whoever reads it in the log could take over the session. What is
sent, and printed beside the application's own log lines, is this hash of it. The same in all our SDKs.
"""

import hashlib
import hmac


def session_hash(id: str, secret: str) -> str:  # noqa: A002
    """What stands for the session `id`: the same for the same secret, and nobody can go back from it to the id.

    `secret` is the client's `session_secret`, by default its API key. Where several applications are to name a session
    alike, give all of them the same `session_secret`.
    """
    message = b"immutable:session:v1\n" + id.encode("utf-8", "surrogatepass")
    return "sh_" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:32]
