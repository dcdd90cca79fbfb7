"""The levels of access to a route, and the scopes of API keys that each level accepts (R35)."""

from collections.abc import Mapping
from enum import Enum

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import Forbidden


class Access(Enum):
    """The level of access to a route.

    An `OPTIONAL` route needs no credentials, but credentials that are sent must be valid for reading. A member with a
    bearer token may call every route. An API key of either scope may read, only one with the scope
    `write` may write. `BEARER_ONLY` routes make keys or delete the account: a stolen key can do neither.
    """

    PUBLIC = "public"
    OPTIONAL = "optional"
    READ = "read"
    WRITE = "write"
    BEARER_ONLY = "bearer only"


NO_KEY_DETAIL = "API keys cannot do this. Sign in and send a bearer token."
READ_KEY_DETAIL = "This API key can only read. Use a key with the scope write."

_SCOPES: Mapping[Access, frozenset[Scope]] = {
    Access.PUBLIC: frozenset(),
    Access.OPTIONAL: frozenset({Scope.READ, Scope.WRITE}),
    Access.READ: frozenset({Scope.READ, Scope.WRITE}),
    Access.WRITE: frozenset({Scope.WRITE}),
    Access.BEARER_ONLY: frozenset(),
}


def least_scope(access: Access) -> Scope | None:
    """Return the least scope that a key needs, None if no key is accepted."""
    return next((scope for scope in (Scope.READ, Scope.WRITE) if scope in _SCOPES[access]), None)


def check_scope(access: Access, scope: Scope) -> None:
    """Raise Forbidden if a key of that scope may not call, with a detail that names the accepted credentials."""
    if scope not in _SCOPES[access]:
        raise Forbidden(NO_KEY_DETAIL if access is Access.BEARER_ONLY else READ_KEY_DETAIL)
