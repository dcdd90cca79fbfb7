"""The start rows that go with events."""

from datetime import timedelta

from msgspec.structs import replace

from chalicelib.domain.decisions.start_rows import booked_row, start_changes, start_row
from chalicelib.domain.decisions.write_set import DocumentChange
from chalicelib.domain.model.event import Event, EventKind
from tests.domain.samples import NOON, SLOT

BOOKED = Event("evt_1", EventKind.BOOKED, "ada", NOON, SLOT, "booking")
ROW = start_row("ada", "booking", SLOT)


def test_r42_a_booked_session_is_added_and_a_cancelled_one_removed() -> None:
    others = [replace(BOOKED, kind=kind) for kind in EventKind if kind not in (EventKind.BOOKED, EventKind.CANCELLED)]
    assert start_changes([BOOKED, *others], NOON) == (DocumentChange(None, ROW, regardless=True),)
    cancelled = replace(BOOKED, kind=EventKind.CANCELLED)
    assert start_changes([*others, cancelled], NOON) == (DocumentChange(ROW, None, regardless=True),)
    available = replace(BOOKED, kind=EventKind.FAVORITE_AVAILABLE, booking_id=None, other_id="ben")
    assert start_changes([available], NOON) == ()


def test_r42_a_start_that_has_passed_needs_no_row() -> None:
    assert start_changes([BOOKED], SLOT.start - timedelta(seconds=1)) != ()
    assert start_changes([BOOKED], SLOT.start) == ()


def test_r36_a_row_expires_two_days_after_the_start() -> None:
    row = booked_row(BOOKED)
    assert row == ROW
    assert row.expires == SLOT.start + timedelta(days=2)
    assert booked_row(replace(BOOKED, kind=EventKind.CANCELLED)) is None
