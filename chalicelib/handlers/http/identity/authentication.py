"""The authentication of a caller by a bearer token or an API key."""

from typing import NamedTuple

from chalice.app import Request
from msgspec.structs import replace

from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.errors import NotFound, Suspended
from chalicelib.domain.model.member import Profile
from chalicelib.handlers.http.identity.access import (
    UNKNOWN_PATH_DETAIL,
    Access,
    check_scope,
    check_token_scopes,
    recorded_kind,
)
from chalicelib.handlers.http.identity.tokens import TokenVerifier, VerifiedToken
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.members.api_keys import member_of_api_key, record_use
from chalicelib.services.members.profiles import Begin, existing_member, get_or_create_member

API_KEY = "X-API-KEY"


class Caller(NamedTuple):
    """The member who calls, with the use of a token, and the API key of the request if it has one.

    `verified_address` is the e-mail address that a token proves, None without one. `is_staff` says that the token is
    that of a member of staff (R47).
    """

    member: Profile
    key: ApiKey | None
    verified_address: str | None
    is_staff: bool


def caller_of(
    context: Context, tokens: TokenVerifier, request: Request, access: Access, begin: Begin | None = None
) -> Caller:
    """Authenticate the caller of a request and record the use of the credential.

    `begin` is called with the id of the caller while the account is read.
    Raises Unauthenticated, Suspended for a suspended member (R47), Forbidden for a key or a token without the scope
    (R35), and NotFound for a route of staff and another caller.
    A request with an API key is judged by the key alone, also if it has a bearer token: the token neither extends the
    key's scope nor replaces an invalid key.
    """
    text = request.headers.get(API_KEY)
    token = None
    if text is None:
        token = tokens.verify(request.headers.get("authorization"))
        caller, key = _bearer(context, token, access, begin), None
    else:
        caller, key = _owner_of_key(context, text, access, begin)
    if access is Access.STAFF and not (token and token.is_staff):
        raise NotFound(UNKNOWN_PATH_DETAIL)
    kind = recorded_kind(access)
    recorded = record_use(context, key or caller, kind) if kind else None
    if token is None:
        return Caller(caller, key, verified_address=None, is_staff=False)
    caller = replace(caller, access=recorded or caller.access)
    return Caller(caller, key, token.claims.verified_address, token.is_staff)


def caller_of_token(context: Context, token: VerifiedToken, access: Access) -> Profile:
    """Return the member of a verified token outside of a request, and record the use of the token.

    Raises Unauthenticated, Suspended (R47), and Forbidden for a token without the scope (R35).
    """
    member = _bearer(context, token, access)
    if kind := recorded_kind(access):
        record_use(context, member, kind)
    return member


def _bearer(context: Context, token: VerifiedToken, access: Access, begin: Begin | None = None) -> Profile:
    """Return the member of a token. One with scopes creates an account only if it may write."""
    creates = token.scopes is None or Scope.WRITE in token.scopes
    known = get_or_create_member if creates else existing_member
    member = known(context, token.claims, begin)
    _admit(member)
    if token.scopes is not None:
        check_token_scopes(access, token.scopes)
    return member


def _owner_of_key(context: Context, text: str, access: Access, begin: Begin | None) -> tuple[Profile, ApiKey]:
    """Return the owner of an API key, and the key."""
    owner, key = member_of_api_key(context, text, begin)
    current_metrics().key = key.key_id
    _admit(owner)
    check_scope(access, key.scope)
    return owner, key


def _admit(member: Profile) -> None:
    """Name the member in the log line. Raise Suspended for a suspended one (R47)."""
    current_metrics().member = member.member_id
    if member.suspension:
        raise Suspended
