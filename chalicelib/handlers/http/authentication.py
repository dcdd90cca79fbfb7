"""The authentication of a caller by a bearer token or an API key."""

from typing import NamedTuple

from chalice.app import Request

from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.member import Profile
from chalicelib.handlers.http.access import Access, check_scope, recorded_kind
from chalicelib.handlers.http.tokens import TokenVerifier
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.members.api_keys import member_of_api_key, record_use
from chalicelib.services.members.profiles import get_or_create_member

API_KEY = "X-API-KEY"


class Caller(NamedTuple):
    """The member who calls, and the API key of the request if it has one."""

    member: Profile
    key: ApiKey | None


def caller_of(context: Context, tokens: TokenVerifier, request: Request, access: Access) -> Caller:
    """Authenticate the caller of a request and record the use of the credential.

    Raises Unauthenticated, and Forbidden for a key without the scope (R35).
    A request with an API key is judged by the key alone, also if it has a bearer token: the token neither extends the
    key's scope nor replaces an invalid key.
    """
    text = request.headers.get(API_KEY)
    if text is None:
        caller, key = get_or_create_member(context, tokens.verify(request.headers.get("authorization"))), None
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
    return Caller(caller, key)
