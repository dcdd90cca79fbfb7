"""The authorization codes of the local OpenID provider."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from infra.local.clock import real_time

CODE_LIFETIME = timedelta(minutes=1)
MOST_CODES = 1000


@dataclass(frozen=True)
class AuthorizationCode:
    """A code with the authorization request that it answers, and the member and session of the sign-in."""

    user_id: str
    session: str
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires_at: datetime

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Return True if the sender of a code is the client that asked for it (RFC 7636, section 4.6)."""
        verifier = fields.get("code_verifier", "").encode(errors="replace")
        challenge = urlsafe_b64encode(sha256(verifier).digest()).rstrip(b"=")
        return (
            real_time() < self.expires_at
            and fields.get("client_id") == self.client_id
            and fields.get("redirect_uri") == self.redirect_uri
            and hmac.compare_digest(challenge, self.challenge.encode(errors="replace"))
        )


class AuthorizationCodes:
    """The codes of the last minute. Each is exchanged at most once."""

    def __init__(self) -> None:
        self._codes: dict[str, AuthorizationCode] = {}
        self._lock = Lock()

    def issue(self, user_id: str, session: str, request: Mapping[str, str]) -> str:
        """Return a code that answers an authorization request."""
        now = real_time()
        code = AuthorizationCode(
            user_id=user_id,
            session=session,
            client_id=request["client_id"],
            redirect_uri=request["redirect_uri"],
            challenge=request["code_challenge"],
            nonce=request.get("nonce"),
            expires_at=now + CODE_LIFETIME,
        )
        text = secrets.token_urlsafe(32)
        with self._lock:
            valid = {known: each for known, each in self._codes.items() if now < each.expires_at}
            newest = dict(list(valid.items())[-MOST_CODES + 1 :])
            self._codes = {**newest, text: code}
        return text

    def take(self, fields: Mapping[str, str]) -> AuthorizationCode | None:
        """Return the code of a token request, or None for one that is unknown or of another client.

        An attempt uses the code up.
        """
        with self._lock:
            code = self._codes.pop(fields.get("code", ""), None)
        return code if code and code.matches(fields) else None
