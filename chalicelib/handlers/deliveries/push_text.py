"""The push message of an event, a short text about the session in its current state (R43)."""

from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

import msgspec

from chalicelib.channels.web_push import PushMessage, encoded
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.member import FORMER_MEMBER
from chalicelib.handlers.deliveries.event_texts import HEADLINES, short_time
from chalicelib.handlers.http.responses import serializers
from chalicelib.services.notices.event_details import EventDetails
from chalicelib.settings import Messaging

# A phone that saves power shows an urgent message at once, and another one later.
URGENT_WITHIN = timedelta(hours=1)
# The longest topic of a push service (RFC 8030, section 5.4).
TOPIC_LENGTH = 32
# A name of another direction of writing does not reorder the text around it.
_ISOLATED = "\N{FIRST STRONG ISOLATE}%s\N{POP DIRECTIONAL ISOLATE}"


def push_message(details: EventDetails, time_zone: str, messaging: Messaging, now: datetime) -> PushMessage:
    """Return the message of an event for a member in a time zone. It has no address of a room.

    `tag` and `topic` are equal for all messages of one session, so that a later one replaces it.
    """
    event, slot = details.event, serializers.slot(details.event.slot)
    subject = event.booking_id or f"{event.other_id} {slot.start_time}"
    topic = encoded(sha256(subject.encode()).digest())[:TOPIC_LENGTH]
    text = {
        "id": event.event_id,
        "type": event.kind,
        "timestamp": serializers.instant_text(event.at),
        "title": HEADLINES[event.kind],
        "body": ", ".join([short_time(event.slot, time_zone), *_about(details)]),
        "tag": topic,
        "url": f"{messaging.public_url}/" + (f"?session={quote(event.booking_id)}" if event.booking_id else ""),
        "data": {"startTime": slot.start_time, "duration": slot.duration, "sessionId": event.booking_id},
    }
    return PushMessage(
        msgspec.json.encode(text),
        topic,
        lasting=event.slot.end - now,
        urgent=event.slot.start - now <= URGENT_WITHIN,
    )


def _about(details: EventDetails) -> list[str]:
    """Return the title and the partner of the session, or the favorite."""
    if details.event.kind is EventKind.FAVORITE_AVAILABLE:
        return [_ISOLATED % (details.favorite.name if details.favorite else FORMER_MEMBER)]
    if details.session is None:
        return []
    booking, partner = details.session.booking, details.session.partner
    title = [_ISOLATED % booking.title] if booking.title else []
    if booking.partner is None:
        return title
    return [*title, f"with {_ISOLATED % (partner.name if partner else FORMER_MEMBER)}"]
