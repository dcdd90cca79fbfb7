"""The authentication of a caller by a bearer token or an API key."""

from typing import NamedTuple

from chalice.app import Request

from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.member import Profile
from chalicelib.handlers.http.identity.access import Access, check_scope, check_token_scopes, recorded_kind
from chalicelib.handlers.http.identity.tokens import TokenVerifier, VerifiedToken
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.members.api_keys import member_of_api_key, record_use
from chalicelib.services.members.profiles import existing_member, get_or_create_member

API_KEY = "X-API-KEY"


class Caller(NamedTuple):
    """The member who calls, and the API key of the request if it has one.

    `verified_address` is the e-mail address that a token proves, None without one.
    """

    member: Profile
    key: ApiKey | None
    verified_address: str | None


def caller_of(context: Context, tokens: TokenVerifier, request: Request, access: Access) -> Caller:
    """Authenticate the caller of a request and record the use of the credential.

    Raises Unauthenticated, and Forbidden for a key or a token without the scope (R35).
    A request with an API key is judged by the key alone, also if it has a bearer token: the token neither extends the
    key's scope nor replaces an invalid key.
    """
    text = request.headers.get(API_KEY)
    token = None
    if text is None:
        token = tokens.verify(request.headers.get("authorization"))
        caller, key = _bearer(context, token, access), None
    else:
        caller, key = member_of_api_key(context, text)
    metrics = current_metrics()
    metrics.member = caller.member_id
    if key:
        metrics.key = key.key_id
        check_scope(access, key.scope)
    kind = recorded_kind(access)
    if kind:
        record_use(context, key or caller, kind)
    return Caller(caller, key, token.claims.verified_address if token else None)


def caller_of_token(context: Context, token: VerifiedToken, access: Access) -> Profile:
    """Return the member of a verified token outside of a request, and record the use of the token.

    Raises Unauthenticated, and Forbidden for a token without the scope (R35).
    """
    member = _bearer(context, token, access)
    current_metrics().member = member.member_id
    if kind := recorded_kind(access):
        record_use(context, member, kind)
    return member


def _bearer(context: Context, token: VerifiedToken, access: Access) -> Profile:
    """Return the member of a token. One with scopes creates an account only if it may write."""
    if token.scopes is None:
        return get_or_create_member(context, token.claims)
    creates = Scope.WRITE in token.scopes
    member = get_or_create_member(context, token.claims) if creates else existing_member(context, token.claims)
    check_token_scopes(access, token.scopes)
    return member
