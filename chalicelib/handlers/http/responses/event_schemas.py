"""The public schemas of events, the same in `/v1/events`, webhooks and live connections (R42)."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.http.responses.schemas import Person, Schema, Session
from chalicelib.handlers.http.schema_types import Duration, Instant


class EventData(Schema, kw_only=True):
    """The session that an event is about, or the favorite whose slot can be locked (R45)."""

    start_time: Instant
    duration: Duration
    session_id: str | UnsetType = UNSET
    session: (
        Annotated[Session | None, Meta(description="As the session is now; null if it is no longer shown.")] | UnsetType
    ) = UNSET
    favorite: Person | UnsetType = UNSET


class AnnouncedEvent(Schema):
    """A change that concerns the caller. The same change has the same `id` wherever it is sent."""

    id: str
    type: EventKind
    timestamp: Instant
    data: EventData


class EventList(Schema):
    """A part of the caller's events of the last 7 days, oldest first, with the cursor for the events that follow."""

    events: list[AnnouncedEvent]
    next_cursor: str
