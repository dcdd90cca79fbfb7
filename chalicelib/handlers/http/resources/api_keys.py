"""The views of `/v1/api-keys`, the caller's API keys (R35)."""

from datetime import datetime

from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.errors import NotFound
from chalicelib.domain.model.slot import check_ahead
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall
from chalicelib.handlers.http.inputs import display_text
from chalicelib.handlers.http.inputs.field_parsers import instant
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import Body, PageQuery
from chalicelib.handlers.http.operations import Created, Done, Ok, begins, refuses
from chalicelib.handlers.http.responses import account_schemas, account_serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.members.api_keys import list_api_keys, make_api_key, revoke_api_key
from chalicelib.services.pages import Page

KEYS = "/v1/api-keys"


class KeyBody(Body):
    """The name, the scope and the expiry of a new API key."""

    name: display_text.Name
    scope: Scope
    expires_at: schema_types.AnyInstant | None = None

    def expiry(self) -> datetime | None:
        """Return the expiry in whole seconds."""
        return None if self.expires_at is None else instant(self.expires_at, "expiresAt").replace(microsecond=0)

    @across("expires_at")
    def check_expiry(self, call: Call) -> None:
        """Raise InvalidRequest for an expiry that is not in the future."""
        check_ahead(self.expiry(), call.context.clock(), "expiresAt")


def post_key(call: Call, body: KeyBody) -> Created[account_schemas.OneApiKey]:
    """Create an API key. Only this response contains its secret text."""
    name = display_text.shown(body.name, "name")
    made = make_api_key(call.context, call.caller.member_id, name, body.scope, body.expiry())
    # A key has no GET of its own.
    return Created(account_schemas.OneApiKey(account_serializers.new_api_key(made)), KEYS)


def _read_keys(call: EarlyCall, query: PageQuery) -> Page[ApiKey]:
    return list_api_keys(call.context, call.member_id, after=call.position(KEYS, query), limit=query.size)


@begins(_read_keys)
def get_keys(
    call: Call,
    query: PageQuery,  # noqa: ARG001 - an input of the read
    begun: Begun[Page[ApiKey]],
) -> Ok[account_schemas.ApiKeyList]:
    """List the caller's API keys that are not revoked, each with the date of its last use."""
    page = begun()
    keys = [account_serializers.api_key(key) for key in page.items]
    return Ok(account_schemas.ApiKeyList(keys, call.next_cursor(KEYS, page)))


@refuses(NotFound)
def delete_key(call: Call, apiKeyId: str) -> Done:  # noqa: N803 - the name in the path
    """Revoke one of the caller's API keys with the invite links that it made. A repeat has no further effect."""
    revoke_api_key(call.context, call.caller.member_id, apiKeyId)
    return Done()
