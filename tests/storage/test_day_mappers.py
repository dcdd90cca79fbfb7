"""Days, bookings and recorded responses survive the way to their items and back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.booking import BookingChange, ChangeKind, Partner, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.member import WorkStyle
from chalicelib.storage.day_mappers import day_from, day_item
from chalicelib.version import FORMER_SCHEMA, SCHEMA
from tests.domain.samples import SLOT, waiting
from tests.storage.round_trips import check_round_trip, check_that_it_fails, lossy_codecs
from tests.storage.stored_structs import DAY_CODECS, Codec


@pytest.mark.parametrize("codec", DAY_CODECS, ids=lambda codec: codec.struct.__name__)
def test_a_stored_struct_is_decoded_without_loss(codec: Codec) -> None:
    check_round_trip(codec)


@pytest.mark.long  # Draws a struct again for each field that a codec omits.
@pytest.mark.parametrize("codec", lossy_codecs(DAY_CODECS))
def test_the_round_trip_fails_for_each_field_that_a_codec_omits(codec: Codec) -> None:
    check_that_it_fails(codec)


def test_r20_a_partner_that_an_earlier_release_stored_counts_as_just_met() -> None:
    item = day_item(Day("ada", date(2026, 3, 2), met={"ben-0123": 4, "cy-90123": 0}))
    assert list(item.met) == ["ben-01234", "cy-901230"]
    item.met = ["ben-0123", "cy-901237"]
    assert day_from(item).met == {"ben-0123": 0, "cy-90123": 7}


def test_r13_the_earlier_changes_follow_the_last_one_and_are_omitted_without_any() -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    kinds = (ChangeKind.MATCHED, ChangeKind.DISPLACED, ChangeKind.MATCHED)
    changes = tuple(BookingChange(kind, at - timedelta(minutes=n)) for n, kind in enumerate(kinds))
    booking = replace(waiting("ada"), booking_id=session_id("ada", SLOT.date, "0" * 16), changes=changes)
    (entry,) = day_item(Day("ada", SLOT.date, bookings=(booking,))).bookings
    assert (entry.change, entry.earlier_changes) == ("m", "d1772438340 m1772438280")
    (first,) = day_item(Day("ada", SLOT.date, bookings=(replace(booking, changes=changes[2:]),))).bookings
    assert first.earlier_changes is None


def test_r37_a_day_of_the_former_schema_has_no_instant_at_which_the_partner_booked() -> None:
    """So such a pair counts as one of the former release, whose members could not join."""
    booked = datetime(2026, 3, 1, 8, tzinfo=UTC)
    partner = Partner("b" * 24, "r" * 26, WorkStyle(), requested_at=booked)
    booking = replace(
        waiting("ada"),
        booking_id=session_id("ada", SLOT.date, "0" * 16),
        state=State.MATCHED,
        queue_position=None,
        partner=partner,
    )
    day = Day("ada", SLOT.date, bookings=(booking,))
    (former,), (current,) = (day_from(day_item(day, schema)).bookings for schema in (FORMER_SCHEMA, SCHEMA))
    assert (former.partner, current.partner) == (replace(partner, requested_at=None), partner)


def test_r47_a_day_of_the_former_schema_has_no_lost_partners() -> None:
    """The former release would lose the ids with its next write of the day."""
    booking = replace(waiting("ada"), booking_id=session_id("ada", SLOT.date, "0" * 16), lost=("b" * 24, "c" * 24))
    day = Day("ada", SLOT.date, bookings=(booking,))
    (former,), (current,) = (day_from(day_item(day, schema)).bookings for schema in (FORMER_SCHEMA, SCHEMA))
    assert (former.lost, current.lost) == ((), ("b" * 24, "c" * 24))
