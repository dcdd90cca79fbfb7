"""`/v1/api-keys`: the personal keys of the caller (R35)."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import NotFound
from chalicelib.handlers.http import display_text, schemas, serializers
from chalicelib.handlers.http.api import Call
from chalicelib.handlers.http.display_text import LONGEST_NAME
from chalicelib.handlers.http.operations import Created, Done, Ok, refuses
from chalicelib.handlers.http.requests import Body, PageQuery
from chalicelib.services.members.api_keys import list_api_keys, make_api_key, revoke_api_key

KEYS = "/v1/api-keys"


class KeyBody(Body):
    """What an API key is called, and what it may do."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    scope: Scope


def post_key(call: Call, body: KeyBody) -> Created[schemas.OneApiKey]:
    """Make a personal API key, to look or also to change; it is told this once."""
    name = display_text.shown(body.name, "name")
    made = make_api_key(call.context, call.caller.member_id, name, body.scope)
    return Created(schemas.OneApiKey(serializers.new_api_key(made)))


def get_keys(call: Call, query: PageQuery) -> Ok[schemas.ApiKeys]:
    """List one's own API keys that were not revoked, and when each was used last."""
    found = list_api_keys(call.context, call.caller.member_id, after=call.position(KEYS, query), limit=query.size)
    return Ok(schemas.ApiKeys([serializers.api_key(key) for key in found.items], call.next_cursor(KEYS, found)))


@refuses(NotFound)
def delete_key(call: Call, apiKeyId: str) -> Done:  # noqa: N803 - the name in the path
    """Revoke one of one's own API keys; again is harmless."""
    revoke_api_key(call.context, call.caller.member_id, apiKeyId)
    return Done()
