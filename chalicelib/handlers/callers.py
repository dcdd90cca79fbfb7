"""Who calls: whoever a bearer token or an API key says, as far as they may."""

from chalice.app import Request

from chalicelib.domain.member import Profile
from chalicelib.handlers.access import Access, check_scope
from chalicelib.handlers.tokens import TokenVerifier
from chalicelib.observation import observed
from chalicelib.services.api_keys import admit_by_api_key, note_use
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.profiles import admit

API_KEY = "X-API-KEY"


def caller_of(lockstep: Lockstep, tokens: TokenVerifier, request: Request, access: Access) -> Profile:
    """Tell who calls, and whether they may. Raises Unauthenticated, and Forbidden where the key may not (R35).

    A request with a key is judged by the key alone, whatever else it carries: whoever sends one asks to do no more than
    it may, and a key that is not good is made up for by nothing.
    """
    text = request.headers.get(API_KEY)
    if text is None:
        caller, key = admit(lockstep, tokens.verify(request.headers.get("authorization"))), None
    else:
        caller, key = admit_by_api_key(lockstep, text)
    observed().member = caller.member_id
    if key:
        check_scope(access, key.scope)
        note_use(lockstep, key)
    return caller
