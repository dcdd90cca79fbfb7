"""The levels of access to a route, and the scopes of API keys and tokens that each level accepts (R35)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import Enum

from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import Forbidden, NotFound


class Access(Enum):
    """The level of access to a route.

    An `OPTIONAL` route needs no credentials, but credentials that are sent must be valid for reading. A member with a
    bearer token may call every route, unless the token has scopes. It then permits what keys of these scopes do. An API
    key of every scope may read, only one with the scope `write` may write, and only one with the scope `export` may
    read the export and the list of people.
    `STAFF` routes exist for staff only (R47). Every other caller gets the answer of a path without a route.
    `BEARER_ONLY` routes make keys and other lasting ways to a member's data, show the uses of keys or delete the
    account. A stolen key can do none of these.
    """

    PUBLIC = "public"
    OPTIONAL = "optional"
    READ = "read"
    WRITE = "write"
    EXPORT = "export"
    BEARER_ONLY = "bearer only"
    STAFF = "staff"


UNKNOWN_PATH_DETAIL = "There is nothing at this path."
NO_KEY_DETAIL = "API keys cannot do this. Sign in and send a bearer token."
_DETAILS: Mapping[Access, str] = {
    Access.WRITE: "This API key cannot change anything. Use a key with the scope write.",
    Access.EXPORT: "This API key cannot read all your data. Use a key with the scope export.",
    Access.BEARER_ONLY: NO_KEY_DETAIL,
}

_TOKEN_DETAILS: Mapping[Access, str] = {
    Access.WRITE: "This token may not change anything. Sign in with an app that may.",
    Access.EXPORT: "This token may not read all your data. Sign in with an app that may.",
    Access.BEARER_ONLY: "A token with limited scopes may not do this. Sign in with an app that may do everything.",
}

_SCOPES: Mapping[Access, frozenset[Scope]] = {
    Access.PUBLIC: frozenset(),
    Access.OPTIONAL: frozenset(Scope),
    Access.READ: frozenset(Scope),
    Access.WRITE: frozenset({Scope.WRITE}),
    Access.EXPORT: frozenset({Scope.EXPORT}),
    Access.BEARER_ONLY: frozenset(),
    Access.STAFF: frozenset(),
}

_KINDS: Mapping[Access, AccessKind] = {
    Access.READ: AccessKind.READ,
    Access.WRITE: AccessKind.WRITE,
    Access.EXPORT: AccessKind.EXPORT,
    Access.BEARER_ONLY: AccessKind.ACCOUNT,
    Access.STAFF: AccessKind.ACCOUNT,
}


def recorded_kind(access: Access) -> AccessKind | None:
    """Return the kind of requests in the record of uses. A route that visitors may call records none (R27)."""
    return _KINDS.get(access)


def least_scope(access: Access) -> Scope | None:
    """Return the least scope that a key needs, None if no key is accepted."""
    return next((scope for scope in Scope if scope in _SCOPES[access]), None)


def check_scope(access: Access, scope: Scope) -> None:
    """Raise Forbidden if a key of that scope may not call, with a detail that names the accepted credentials.

    Raise NotFound for a route of staff.
    """
    if access is Access.STAFF:
        raise NotFound(UNKNOWN_PATH_DETAIL)
    if scope not in _SCOPES[access]:
        raise Forbidden(_DETAILS[access])


def check_token_scopes(access: Access, scopes: AbstractSet[Scope]) -> None:
    """Raise Forbidden if a token with only these scopes may not call, and NotFound for a route of staff."""
    if access is Access.STAFF:
        raise NotFound(UNKNOWN_PATH_DETAIL)
    if _SCOPES[access].isdisjoint(scopes):
        raise Forbidden(_TOKEN_DETAILS[access])
