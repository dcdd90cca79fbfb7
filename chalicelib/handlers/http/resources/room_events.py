"""The view of the webhook by which a room provider reports that a member joined (R37)."""

import msgspec
from msgspec import Struct

from chalicelib.domain.model.errors import Busy, NotFound, TooLarge, Unauthenticated
from chalicelib.handlers.http.call import PublicCall
from chalicelib.handlers.http.identity.webhook_signature import is_signed
from chalicelib.handlers.http.inputs.requests import KIB, LARGEST_BODY
from chalicelib.handlers.http.operations import Done, refuses
from chalicelib.services.rooms.attendance import ReportedJoin, join_by_report

JOINED = "PARTICIPANT_JOINED"
NOT_SIGNED_DETAIL = "The signature of this webhook is not valid."


class _Participant(Struct, frozen=True):
    """A participant of a room by the user id of the token, which names the member and the session."""

    id: str


class _RoomEvent(Struct, frozen=True, rename="camel"):
    """An event of a room at Jitsi as a Service. `fqn` is the name of the room below that of its tenant."""

    event_type: str
    fqn: str
    data: _Participant


@refuses(NotFound, Unauthenticated, TooLarge, Busy)
def post_joined(call: PublicCall) -> Done:
    """Mark a member as joined, as the signed webhook of a room provider reports it (R37).

    The body is the event `PARTICIPANT_JOINED` of Jitsi as a Service. It is signed in the form of Jitsi as a Service or
    of Standard Webhooks, at most 5 minutes ago. The response to a signed webhook is the same if it has no effect. The
    route exists in deployments with a secret of the provider.
    """
    secret, raw = call.context.settings.rooms.webhook_secret, call.request.raw_body
    if not secret:
        raise NotFound
    body = raw.encode() if isinstance(raw, str) else raw
    if len(body) > LARGEST_BODY:
        raise TooLarge(f"The body is larger than {LARGEST_BODY // KIB} KiB.")
    if not is_signed(secret, call.request.headers, body, call.context.clock()):
        raise Unauthenticated(NOT_SIGNED_DETAIL)
    reported = _reported_join(body)
    if reported:
        join_by_report(call.context, reported)
    return Done()


def _reported_join(body: bytes) -> ReportedJoin | None:
    """Return the join that a webhook reports, None for any other event."""
    try:
        event = msgspec.json.decode(body, type=_RoomEvent)
    except msgspec.DecodeError:
        return None
    member_id, separator, booking_id = event.data.id.partition(".")
    if event.event_type != JOINED or not separator:
        return None
    return ReportedJoin(member_id, booking_id, event.fqn.rpartition("/")[2])
