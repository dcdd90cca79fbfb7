"""The members who signed in with the issuer of the local run."""

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from infra.local.http.gateway import Gateway
from infra.local.http.responses import HttpResponse
from infra.local.identity.issuer import LIFETIME, LocalIssuer
from infra.local.state import LocalState

LONGEST_NAME = 80


def is_name(text: str) -> bool:
    """Return True for a text of 1 to 80 composed characters without control characters and unpaired surrogates.

    The format characters of scripts and emoji are part of a name.
    """
    is_plain = not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
    return is_plain and bool(text.strip()) and len(unicodedata.normalize("NFC", text)) <= LONGEST_NAME


class NotAdmittedError(Exception):
    """A refused first request of a new member."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response)
        self.response = response


@dataclass(frozen=True)
class SignedIn:
    """A member with a bearer token."""

    user_id: str
    name: str
    token: str


class Members:
    """The members of this engine, who can sign in again."""

    def __init__(self, gateway: Gateway, issuer: LocalIssuer, state: LocalState) -> None:
        self._gateway = gateway
        self._issuer = issuer
        self._state = state

    def sign_up(self, name: str, *, is_staff: bool = False) -> SignedIn:
        """Create a member with this name, who may be staff (R47). Raises NotAdmittedError."""
        subject = str(uuid.uuid4())
        token = self._issuer.token(subject, name, is_staff=is_staff)
        # The service creates the member at the first request.
        me = self._gateway.call("GET", "/v1/me", token)
        if me.status != 200:
            raise NotAdmittedError(me)
        user_id = me.json()["user"]["userId"]
        self._state.write(_entry(user_id), {"subject": subject, "name": name, "staff": is_staff})
        return SignedIn(user_id, name, token)

    def sign_in(
        self,
        user_id: str,
        lifetime: timedelta = LIFETIME,
        nonce: str | None = None,
        signed_in_at: datetime | None = None,
    ) -> SignedIn | None:
        """Return the member with a new token. Return None for an unknown id, and for a token that the service refuses.

        `nonce` is that of the authorization request that the token answers. `signed_in_at` is the instant of an earlier
        sign-in from which the token comes, by default now.
        """
        known = self._state.read(_entry(user_id))
        if known is None:
            return None
        # A member of an earlier release has no entry for staff.
        is_staff = known.get("staff", False)
        token = self._issuer.token(known["subject"], known["name"], lifetime, nonce, signed_in_at, is_staff=is_staff)
        # The issuer knows nothing of a suspension (R47).
        if self._gateway.call("GET", "/v1/me", token).status not in (HTTPStatus.OK, HTTPStatus.FORBIDDEN):
            return None
        return SignedIn(user_id, known["name"], token)

    def make_staff(self, user_id: str) -> None:
        """Let the member be staff from the next token on (R47)."""
        known = self._state.read(_entry(user_id))
        if known is not None:
            self._state.write(_entry(user_id), {**known, "staff": True})

    def name_of(self, user_id: str) -> str | None:
        """Return the name of the member's first sign-in, or None for an unknown id."""
        known = self._state.read(_entry(user_id))
        return known["name"] if known else None


def _entry(user_id: str) -> str:
    return f"member {user_id}"
