"""People who signed in with the runner's own issuer."""

import uuid
from dataclasses import dataclass

from infra.local.http.gateway import Gateway
from infra.local.http.responses import HttpResponse
from infra.local.identity.issuer import LocalIssuer
from infra.local.state import LocalState


class NotAdmittedError(Exception):
    """The service refused a new member's first call."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass(frozen=True)
class SignedIn:
    """A member and a token to call the service with."""

    user_id: str
    name: str
    token: str


class Members:
    """Signs people in, and remembers them as long as the engine does."""

    def __init__(self, gateway: Gateway, issuer: LocalIssuer, state: LocalState) -> None:
        self._gateway = gateway
        self._issuer = issuer
        self._state = state

    def sign_up(self, name: str) -> SignedIn:
        """Make a new member of that name."""
        subject = str(uuid.uuid4())
        token = self._issuer.token(subject, name)
        # The first call a member makes is what makes the member.
        me = self._gateway.call("GET", "/v1/me", token)
        if me.status != 200:
            raise NotAdmittedError(me)
        user_id = me.json()["user"]["userId"]
        self._state.write(_entry(user_id), {"subject": subject, "name": name})
        return SignedIn(user_id, name, token)

    def sign_in(self, user_id: str) -> SignedIn | None:
        """Sign that member in again; nobody comes of an unknown id or an account just deleted."""
        known = self._state.read(_entry(user_id))
        if known is None:
            return None
        token = self._issuer.token(known["subject"], known["name"])
        if self._gateway.call("GET", "/v1/me", token).status != 200:
            return None
        return SignedIn(user_id, known["name"], token)

    def name_of(self, user_id: str) -> str | None:
        """The name under which that member signed in here first; None for a stranger."""
        known = self._state.read(_entry(user_id))
        return known["name"] if known else None


def _entry(user_id: str) -> str:
    return f"member {user_id}"
