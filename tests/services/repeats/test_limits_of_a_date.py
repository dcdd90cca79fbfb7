"""A limit of one date delays the occurrences of a repeat, and skips none that starts later (R36, R40)."""

from datetime import date, datetime

from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.repeat import SkippedOccurrence
from chalicelib.services.repeats.member_repeats import list_repeats
from chalicelib.storage import repeat_reads
from tests.harness import MONDAY, World, at
from tests.repeat_run import DAY, NINE, bookings, repeated, run_schedule, starts

TUESDAY = (MONDAY + DAY).replace(hour=0)


def use_up_cancelled_matches(world: World, ada: Profile, ben: Profile) -> None:
    """Let Ada cancel as many random matches of this date as she may."""
    world.allow(cancelled_matches=1)
    world.book(ben, at(30))
    world.cancel(ada, world.book(ada, at(30)))


def due(world: World, member: Profile) -> datetime | None:
    return repeat_reads.repeats_of(world.table, member.member_id).schedule.due


def test_r40_a_limit_of_a_date_delays_the_occurrences_of_a_new_repeat_to_the_next_date(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    use_up_cancelled_matches(world, ada, ben)
    made = repeated(world, ada)
    # The one of this date starts before the limit ends.
    assert made.skipped == (SkippedOccurrence(NINE, "rate_limited"),)
    assert (starts(world, ada), made.made_until, due(world, ada)) == ([], NINE.date(), TUESDAY)
    assert run_schedule(world) == 0
    assert (starts(world, ada), due(world, ada)) == ([], TUESDAY)
    world.now = TUESDAY
    run_schedule(world)
    assert starts(world, ada) == [NINE + DAY * number for number in range(1, 16)]
    assert list_repeats(world.context, ada.member_id)[0].skipped == made.skipped


def test_r40_a_limit_of_a_date_loses_no_occurrence_of_the_other_repeats(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    first: date = (NINE + DAY * 14).date()
    for time in ("09:00", "10:00"):
        repeated(world, ada, time=time, first=first)
    use_up_cancelled_matches(world, ada, ben)
    world.now += DAY / 2
    run_schedule(world)
    assert starts(world, ada) == []
    world.now = TUESDAY + DAY / 2
    run_schedule(world)
    assert {one.hour for one in starts(world, ada)} == {9, 10}
    assert [one.skipped for one in list_repeats(world.context, ada.member_id)] == [(), ()]


def test_r40_at_the_limit_of_cancelled_locks_the_occurrence_is_booked_without_a_lock(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, at(30))
    world.cancel(ada, world.lock(ada, ben, at(30)))
    world.allow(cancelled_locks=1)
    repeat = repeated(world, ada, partner_id=ben.member_id, first=(NINE + DAY * 13).date())
    (booking,) = bookings(world, ada)
    assert (booking.slot.start, booking.preference.named) == (NINE + DAY * 13, ben.member_id)
    assert repeat.skipped == ()
