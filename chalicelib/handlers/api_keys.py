"""`/v1/api-keys`: the personal keys of the caller (R35)."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.api_key import Scope
from chalicelib.domain.errors import NotFound
from chalicelib.handlers import presenting, shapes, text
from chalicelib.handlers.http import Call
from chalicelib.handlers.inputs import Body, PageQuery
from chalicelib.handlers.operations import Created, Done, Ok, refuses
from chalicelib.handlers.text import LONGEST_NAME
from chalicelib.services.api_keys import list_api_keys, make_api_key, revoke_api_key

KEYS = "/v1/api-keys"


class KeyBody(Body):
    """What an API key is called, and what it may do."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    scope: Scope


def post_key(call: Call, body: KeyBody) -> Created[shapes.OneApiKey]:
    """Make a personal API key, to look or also to change; it is told this once."""
    name = text.shown(body.name, "name")
    made = make_api_key(call.lockstep, call.caller.member_id, name, body.scope)
    return Created(shapes.OneApiKey(presenting.new_api_key(made)))


def get_keys(call: Call, query: PageQuery) -> Ok[shapes.ApiKeys]:
    """List one's own API keys that were not revoked, and when each was used last."""
    found = list_api_keys(call.lockstep, call.caller.member_id, after=call.position(KEYS, query), limit=query.size)
    return Ok(shapes.ApiKeys([presenting.api_key(key) for key in found.items], call.next_cursor(KEYS, found)))


@refuses(NotFound)
def delete_key(call: Call, apiKeyId: str) -> Done:  # noqa: N803 - the name in the path
    """Revoke one of one's own API keys; again is harmless."""
    revoke_api_key(call.lockstep, call.caller.member_id, apiKeyId)
    return Done()
