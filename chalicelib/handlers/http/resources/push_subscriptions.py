"""The views of `/v1/push-subscriptions`, the caller's browsers that get push messages (R43)."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from chalicelib.channels import web_push
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, NotFound
from chalicelib.domain.model.slot import check_ahead
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import LARGEST_EXACT, Body
from chalicelib.handlers.http.operations import Created, Done, Ok, refuses
from chalicelib.handlers.http.responses import push_schemas
from chalicelib.services.notices.push_subscriptions import (
    Browser,
    add_subscription,
    list_subscriptions,
    remove_subscription,
)

SUBSCRIPTIONS = "/v1/push-subscriptions"
# The last millisecond that an instant can have. A later expiry is none.
_LAST = 253_402_300_799_000


class PushKeysBody(Body):
    """The keys for which messages to a browser are encrypted, in base64url."""

    p256dh: str
    auth: str

    @across("p256dh")
    def check_point(self, _call: Call) -> None:
        """Raise InvalidRequest for a text that is no point of the curve."""
        if not web_push.is_point(self.p256dh):
            raise InvalidRequest(input_texts.PUSH_POINT, field="p256dh")

    @across("auth")
    def check_secret(self, _call: Call) -> None:
        """Raise InvalidRequest for a text that is no secret of 16 bytes."""
        if not web_push.is_secret(self.auth):
            raise InvalidRequest(input_texts.PUSH_AUTH, field="auth")


class PushSubscriptionBody(Body):
    """The `PushSubscription` of a browser, as its `toJSON` returns it."""

    endpoint: Annotated[str, Meta(description="The address of the browser at its push service.")]
    keys: PushKeysBody
    expiration_time: (
        Annotated[int, Meta(ge=0, le=LARGEST_EXACT, description="Milliseconds since 1970; null for no end.")] | None
    ) = None

    @across("endpoint")
    def check_endpoint(self, call: Call) -> None:
        """Raise InvalidRequest for an address to which the service sends nothing."""
        if not call.context.channels.http.accepts(self.endpoint):
            raise InvalidRequest(input_texts.PUSH_ENDPOINT, field="endpoint")

    @across("expiration_time")
    def check_expiry(self, call: Call) -> None:
        """Raise InvalidRequest for an expiry that is not in the future."""
        check_ahead(self.expires(), call.context.clock(), "expirationTime")

    def expires(self) -> datetime | None:
        """Return the expiry in whole seconds."""
        if self.expiration_time is None or self.expiration_time > _LAST:
            return None
        return datetime.fromtimestamp(self.expiration_time // 1000, UTC)

    def browser(self) -> Browser:
        """Return the browser that subscribes."""
        return Browser(self.endpoint, web_push.BrowserKeys(self.keys.p256dh, self.keys.auth), self.expires())


def post_subscription(call: Call, body: PushSubscriptionBody) -> Created[push_schemas.OnePushSubscription]:
    """Send the caller's events to a browser as push messages. A stored browser keeps its id and gets its new keys.

    A member has at most 10 browsers. One more replaces the oldest.
    """
    made = add_subscription(call.context, call.caller.member_id, body.browser())
    # A push subscription has no GET of its own.
    return Created(push_schemas.OnePushSubscription(push_schemas.shown_subscription(made)), SUBSCRIPTIONS)


def get_subscriptions(call: Call) -> Ok[push_schemas.PushSubscriptionList]:
    """List the caller's browsers that get push messages, the oldest first."""
    found = list_subscriptions(call.context, call.caller.member_id)
    return Ok(push_schemas.PushSubscriptionList([push_schemas.shown_subscription(one) for one in found]))


@refuses(NotFound)
def delete_subscription(call: Call, pushSubscriptionId: str) -> Done:  # noqa: N803 - the name in the path
    """Remove one of the caller's browsers. A repeated request has no further effect."""
    remove_subscription(call.context, call.caller.member_id, pushSubscriptionId)
    return Done()
