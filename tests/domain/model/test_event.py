"""The ids of events, and the size of what a member's log stores."""

import re

import msgspec
import pytest

from chalicelib.domain.model.event import (
    BEGINNING,
    KEPT_CHANGE_IDS,
    Event,
    EventKind,
    EventLog,
    EventRow,
    Place,
    event_id,
)
from chalicelib.event_sources import EVENTS
from tests.domain.samples import NOON, SLOT


def test_r42_an_id_depends_on_each_part_and_on_nothing_else() -> None:
    parts = ("booking", 7, EventKind.MATCHED)
    assert event_id(*parts) == event_id(*parts)
    assert re.fullmatch(r"evt_[0-9A-Za-z]{26}", event_id(*parts))
    others = {event_id(*other) for other in (("booking", 7, EventKind.BOOKED), ("booking", 8, parts[2]), ("b", 7))}
    assert len(others | {event_id(*parts)}) == 4
    # The parts are not simply joined.
    assert event_id("a", "bc") != event_id("ab", "c")


def test_r42_a_log_recognizes_every_change_of_a_batch_that_is_delivered_again() -> None:
    assert EVENTS.batch_size <= KEPT_CHANGE_IDS


def test_places_sort_by_row_and_then_by_event() -> None:
    assert BEGINNING < Place(1, 0) < Place(1, 1) < Place(2, 0)


@pytest.mark.parametrize("events", [1, 2])
def test_r36_a_row_with_the_events_of_one_booking_and_a_full_head_are_below_one_kilobyte(events: int) -> None:
    event = Event(event_id("one"), EventKind.PARTNER_CANCELLED, "m" * 24, NOON, SLOT, f"20260302-{'b' * 16}-{'c' * 12}")
    row = EventRow(member_id="m" * 24, sequence=10**9, events=(event,) * events, expires=NOON, version=1)
    head = EventLog(
        member_id="m" * 24, sequence=10**9, change_ids=("20260302.2147483647",) * KEPT_CHANGE_IDS, version=9
    )
    assert [len(msgspec.json.encode(one)) < 900 for one in (row, head)] == [True, True]
