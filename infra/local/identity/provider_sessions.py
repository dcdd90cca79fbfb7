"""The sessions of browsers at the local OpenID provider."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

from infra.local.clock import real_time
from infra.local.state import LocalState

COOKIE_PATH = "/dev"


@dataclass(frozen=True)
class ProviderSession:
    """A session of a browser, with its member and the instant of the sign-in."""

    session: str
    user_id: str
    signed_in_at: datetime


class ProviderSessions:
    """The browsers in which a member signed in. Each has a cookie, of which the engine stores a digest.

    `port` is that of the local run. Browsers send a cookie to all ports of a host, so its name contains the port.
    """

    def __init__(self, state: LocalState, port: int) -> None:
        self._state = state
        self._cookie = f"lockstep_local_{port}"

    def begin(self, user_id: str) -> tuple[str, str]:
        """Return the id of a new session of a member, and the cookie that sets it."""
        secret = secrets.token_urlsafe(32)
        session = _id_of(secret)
        self._state.write(_entry(session), {"user_id": user_id, "signed_in_at": real_time().isoformat()})
        return session, f"{self._cookie}={secret}; Path={COOKIE_PATH}; HttpOnly; SameSite=Lax"

    def of_browser(self, cookies: str) -> str | None:
        """Return the id of the session in a Cookie header, or None without one."""
        try:
            morsel = SimpleCookie(cookies).get(self._cookie)
        except CookieError:
            return None
        return _id_of(morsel.value) if morsel else None

    def find(self, session: str | None) -> ProviderSession | None:
        """Return the session with an id, or None if it has ended or never began."""
        stored = self._state.read(_entry(session)) if session else None
        if stored is None:
            return None
        return ProviderSession(str(session), stored["user_id"], datetime.fromisoformat(stored["signed_in_at"]))

    def end(self, session: str | None) -> str:
        """End a session, and return the cookie that removes it from the browser."""
        if session:
            self._state.write(_entry(session), None)
        return f"{self._cookie}=; Path={COOKIE_PATH}; HttpOnly; SameSite=Lax; Max-Age=0"


def _id_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _entry(session: str) -> str:
    return f"provider session {session}"
