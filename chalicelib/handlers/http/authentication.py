"""Who calls: whoever a bearer token or an API key says, as far as they may."""

from chalice.app import Request

from chalicelib.domain.model.member import Profile
from chalicelib.handlers.http.access import Access, check_scope
from chalicelib.handlers.http.tokens import TokenVerifier
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.members.api_keys import member_of_api_key, note_use
from chalicelib.services.members.profiles import get_or_create_member

API_KEY = "X-API-KEY"


def caller_of(context: Context, tokens: TokenVerifier, request: Request, access: Access) -> Profile:
    """Tell who calls, and whether they may. Raises Unauthenticated, and Forbidden where the key may not (R35).

    A request with a key is judged by the key alone, whatever else it carries: whoever sends one asks to do no more than
    it may, and a key that is not good is made up for by nothing.
    """
    text = request.headers.get(API_KEY)
    if text is None:
        caller, key = get_or_create_member(context, tokens.verify(request.headers.get("authorization"))), None
    else:
        caller, key = member_of_api_key(context, text)
    current_metrics().member = caller.member_id
    if key:
        check_scope(access, key.scope)
        note_use(context, key)
    return caller
