"""The conversion of events into their public schemas."""

from msgspec import UNSET
from msgspec.structs import replace

from chalicelib.handlers.http.responses import event_schemas, schemas, serializers
from chalicelib.services.notices.event_details import EventDetails


def event(details: EventDetails) -> event_schemas.AnnouncedEvent:
    """Return an event as its member sees it, without the address of the room (R34).

    A program may store what it receives, and nothing stored may open a room.
    """
    shown, slot = details.event, serializers.slot(details.event.slot)
    return event_schemas.AnnouncedEvent(
        id=shown.event_id,
        type=shown.kind,
        timestamp=serializers.instant_text(shown.at),
        data=event_schemas.EventData(
            start_time=slot.start_time,
            duration=slot.duration,
            session_id=shown.booking_id or UNSET,
            session=_session(details) if shown.booking_id else UNSET,
            favorite=serializers.person(shown.other_id, details.favorite) if shown.other_id else UNSET,
        ),
    )


def _session(details: EventDetails) -> schemas.Session | None:
    if details.session is None:
        return None
    return replace(serializers.session(details.session), room_url=None)
