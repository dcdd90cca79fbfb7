"""The start rows of sessions, which follow from the events of the stream (R42)."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.decisions.write_set import DocumentChange
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.session_start import STARTS_KEPT, StartRow
from chalicelib.domain.model.slot import Slot


def start_row(member_id: str, booking_id: str, slot: Slot) -> StartRow:
    """Return the start row of a session. The table deletes it two days after the start."""
    return StartRow(member_id=member_id, booking_id=booking_id, slot=slot, expires=slot.start + STARTS_KEPT)


def booked_row(event: Event) -> StartRow | None:
    """Return the start row of the session that an event reports as booked, None for any other event."""
    if event.kind is not EventKind.BOOKED or event.booking_id is None:
        return None
    return start_row(event.member_id, event.booking_id, event.slot)


def start_changes(events: Iterable[Event], now: datetime) -> tuple[DocumentChange, ...]:
    """Return the changes of start rows that go with the events. A start that has passed needs none."""
    changes = (_start_change(event) for event in events if now < event.slot.start)
    return tuple(change for change in changes if change)


def _start_change(event: Event) -> DocumentChange | None:
    # A row is added or deleted regardless of what is stored. A reader of rows also reads the days.
    if row := booked_row(event):
        return DocumentChange(None, row, regardless=True)
    if event.kind is EventKind.CANCELLED and event.booking_id:
        return DocumentChange(start_row(event.member_id, event.booking_id, event.slot), None, regardless=True)
    return None
