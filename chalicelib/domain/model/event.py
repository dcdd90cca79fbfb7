"""Events, the changes of sessions that concern a member (R42)."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.ids import encode
from chalicelib.domain.model.slot import Slot

# The time for which `/v1/events` lists an event.
EVENTS_KEPT = timedelta(days=7)
# The number of latest rows that an event log keeps. A row replaces the one before it by this number (R36).
ROWS_KEPT = 500
# The number of latest changes that an event log knows, to recognize a repeated one. A failed batch of the stream is
# delivered again from its first failed record, and it has fewer records of one member.
KEPT_CHANGE_IDS = 32
_ID_LENGTH = 26


class EventKind(StrEnum):
    """The kinds of events, as the API names them."""

    BOOKED = "session.booked"
    MATCHED = "session.matched"
    LOCKED_IN = "session.locked_in"
    DISPLACED = "session.displaced"
    PARTNER_CANCELLED = "session.partner_cancelled"
    CANCELLED = "session.cancelled"
    CHANGED = "session.changed"
    STARTING = "session.starting"
    UNMATCHED = "session.unmatched"
    MISSED = "session.missed"
    FAVORITE_AVAILABLE = "favorite.available"


class Event(Struct, frozen=True, omit_defaults=True):
    """A change that concerns one member.

    `event_id` is the same whenever the same change is derived again. `at` is the instant of the change.
    `booking_id` is the member's own session. For `favorite.available` it is None, and `other_id` is the favorite whose
    `slot` became lockable (R45). The names of members are read when the event is delivered.
    """

    event_id: str
    kind: EventKind
    member_id: str
    at: datetime
    slot: Slot
    booking_id: str | None = None
    other_id: str | None = None


def event_id(*parts: object) -> str:
    """Return the id of the event that these parts identify, such as a booking, the version of its day and a kind."""
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
    return f"evt_{encode(digest, _ID_LENGTH)}"


class Place(NamedTuple):
    """The place of an event in a member's log, as the sequence of its row and its number in the row, from 0."""

    sequence: int
    number: int


# The place before every event.
BEGINNING = Place(0, 0)


class EventRow(Document, frozen=True, kw_only=True):
    """The events of one change in a member's event log.

    `sequence` counts the rows of the log from 1.
    """

    member_id: str
    sequence: int
    events: tuple[Event, ...]


class EventLog(Document, frozen=True, kw_only=True):
    """The head of a member's event log.

    `sequence` is that of the latest row. `change_ids` are those of the latest changes, so that a repeated change adds
    no second row.
    """

    member_id: str
    sequence: int = 0
    change_ids: tuple[str, ...] = ()
