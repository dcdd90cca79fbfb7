"""Who may call which route: one table, of which a route that is not in it cannot be registered (R35)."""

from collections.abc import Mapping
from enum import Enum

from chalicelib.domain.api_key import Scope
from chalicelib.domain.errors import Forbidden


class Access(Enum):
    """Who may call a route; a member by bearer token may call every one.

    A key of either scope may look, a key that may write may also change. Whatever makes keys or takes the account away
    takes the member in person: who finds a key can neither make others nor delete the account.
    """

    ANYBODY = "anybody"
    LOOK = "look"
    CHANGE = "change"
    IN_PERSON = "in person"


ACCESS: Mapping[tuple[str, str], Access] = {
    ("GET", "/health"): Access.ANYBODY,
    ("HEAD", "/health"): Access.ANYBODY,
    ("GET", "/docs"): Access.ANYBODY,
    ("HEAD", "/docs"): Access.ANYBODY,
    ("GET", "/openapi.json"): Access.ANYBODY,
    ("HEAD", "/openapi.json"): Access.ANYBODY,
    ("GET", "/i/{token}"): Access.ANYBODY,
    ("HEAD", "/i/{token}"): Access.ANYBODY,
    ("POST", "/i/{token}"): Access.CHANGE,
    ("GET", "/v1/me"): Access.LOOK,
    ("PATCH", "/v1/me"): Access.CHANGE,
    ("DELETE", "/v1/me"): Access.IN_PERSON,
    ("GET", "/v1/me/export"): Access.LOOK,
    ("GET", "/v1/users/{userId}"): Access.LOOK,
    ("GET", "/v1/users/{userId}/availability"): Access.LOOK,
    ("GET", "/v1/people"): Access.LOOK,
    ("PUT", "/v1/people/{userId}/favorite"): Access.CHANGE,
    ("DELETE", "/v1/people/{userId}/favorite"): Access.CHANGE,
    ("PUT", "/v1/people/{userId}/snooze"): Access.CHANGE,
    ("DELETE", "/v1/people/{userId}/snooze"): Access.CHANGE,
    ("PUT", "/v1/people/{userId}/block"): Access.CHANGE,
    ("DELETE", "/v1/people/{userId}/block"): Access.CHANGE,
    ("POST", "/v1/sessions"): Access.CHANGE,
    ("POST", "/v1/sessions/batch"): Access.CHANGE,
    ("GET", "/v1/sessions"): Access.LOOK,
    ("GET", "/v1/sessions/{sessionId}"): Access.LOOK,
    ("PATCH", "/v1/sessions/{sessionId}"): Access.CHANGE,
    ("DELETE", "/v1/sessions/{sessionId}"): Access.CHANGE,
    ("GET", "/v1/calendar"): Access.LOOK,
    ("GET", "/v1/availability/favorites"): Access.LOOK,
    ("POST", "/v1/invite-links"): Access.CHANGE,
    ("GET", "/v1/invite-links"): Access.LOOK,
    ("DELETE", "/v1/invite-links/{inviteLinkId}"): Access.CHANGE,
    ("POST", "/v1/api-keys"): Access.IN_PERSON,
    ("GET", "/v1/api-keys"): Access.IN_PERSON,
    ("DELETE", "/v1/api-keys/{apiKeyId}"): Access.IN_PERSON,
}

IN_PERSON_ONLY = "No API key may do this. Sign in, and send a bearer token."
LOOK_ONLY = "This API key may only look. Use one with the scope write."

_SCOPES: Mapping[Access, frozenset[Scope]] = {
    Access.ANYBODY: frozenset(),
    Access.LOOK: frozenset({Scope.READ, Scope.WRITE}),
    Access.CHANGE: frozenset({Scope.WRITE}),
    Access.IN_PERSON: frozenset(),
}


def least_scope(access: Access) -> Scope | None:
    """The scope that a key needs at the least; None where none is enough."""
    return next((scope for scope in (Scope.READ, Scope.WRITE) if scope in _SCOPES[access]), None)


def check_scope(access: Access, scope: Scope) -> None:
    """Refuse a key of that scope where it may not call. Raises Forbidden, saying what may."""
    if scope not in _SCOPES[access]:
        raise Forbidden(IN_PERSON_ONLY if access is Access.IN_PERSON else LOOK_ONLY)
