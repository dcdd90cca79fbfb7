"""The levels of access to a route, and the scopes of API keys that each lets in (R35)."""

from collections.abc import Mapping
from enum import Enum

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import Forbidden


class Access(Enum):
    """The level of access to a route; a member with a bearer token may call every one.

    A key of either scope may look, a key that may write may also change. Whatever makes keys or takes the account away
    takes the member in person: a key that was found can neither make others nor delete the account.
    """

    ANYBODY = "anybody"
    READ = "look"
    WRITE = "change"
    BEARER_ONLY = "in person"


IN_PERSON_ONLY = "No API key may do this. Sign in, and send a bearer token."
LOOK_ONLY = "This API key may only look. Use one with the scope write."

_SCOPES: Mapping[Access, frozenset[Scope]] = {
    Access.ANYBODY: frozenset(),
    Access.READ: frozenset({Scope.READ, Scope.WRITE}),
    Access.WRITE: frozenset({Scope.WRITE}),
    Access.BEARER_ONLY: frozenset(),
}


def least_scope(access: Access) -> Scope | None:
    """The scope that a key needs at the least; None where none is enough."""
    return next((scope for scope in (Scope.READ, Scope.WRITE) if scope in _SCOPES[access]), None)


def check_scope(access: Access, scope: Scope) -> None:
    """Refuse a key of that scope where it may not call. Raises Forbidden, saying what may."""
    if scope not in _SCOPES[access]:
        raise Forbidden(IN_PERSON_ONLY if access is Access.BEARER_ONLY else LOOK_ONLY)
