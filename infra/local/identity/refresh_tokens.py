"""The refresh tokens of the local OpenID provider, which rotate."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from infra.local.state import LocalState


@dataclass(frozen=True)
class Family:
    """The refresh tokens of one sign-in, of which the newest and its predecessor are valid."""

    user_id: str
    session: str
    client_id: str


class RefreshTokens:
    """The refresh tokens. Every renewal replaces the token, and a token that was replaced twice revokes its family.

    The predecessor stays valid, because the response with its successor may have been lost. It then gets another
    successor, and the first one is no longer valid.
    """

    def __init__(self, state: LocalState) -> None:
        self._state = state
        self._lock = Lock()

    def begin(self, family: Family) -> str:
        """Return the first token of a sign-in."""
        name, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        stored = {"user_id": family.user_id, "session": family.session, "client_id": family.client_id}
        self._state.write(_entry(name), {**stored, "newest": _digest(secret), "predecessor": None})
        return f"{name}.{secret}"

    def rotate(self, token: str, client_id: str) -> tuple[Family, str] | None:
        """Return the sign-in of a token and the next token. Return None for a token that is not valid.

        A token that was replaced, or that another client sends, revokes its family.
        """
        name, _, secret = token.partition(".")
        with self._lock:
            stored = self._state.read(_entry(name))
            if stored is None:
                return None
            sent = _digest(secret)
            if client_id != stored["client_id"] or sent not in (stored["newest"], stored["predecessor"]):
                self._state.write(_entry(name), None)
                return None
            following = secrets.token_urlsafe(32)
            self._state.write(_entry(name), {**stored, "newest": _digest(following), "predecessor": sent})
        return Family(stored["user_id"], stored["session"], stored["client_id"]), f"{name}.{following}"

    def revoke(self, token: str) -> None:
        """Revoke the family of a token. An unknown token has no effect (RFC 7009)."""
        name = token.partition(".")[0]
        with self._lock:
            if self._state.read(_entry(name)) is not None:
                self._state.write(_entry(name), None)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _entry(name: str) -> str:
    return f"refresh token {name}"
