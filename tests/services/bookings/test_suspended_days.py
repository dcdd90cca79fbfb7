"""The cancels of a suspended member's days (R47)."""

from datetime import timedelta

from chalicelib.services.bookings.suspended_days import (
    CANCELS_PER_TRANSACTION,
    DAYS_PER_STEP,
    cancel_ahead,
    cancel_day,
)
from chalicelib.storage import reads
from tests.harness import MONDAY, World, at
from tests.repeat_run import bookings
from tests.staff_acts import begun_suspension, lift, suspend

NINE, NEXT_DAY = at(1), at(25)


def test_r47_one_transaction_cancels_six_bookings_of_a_day(world: World) -> None:
    ada = world.member("Ada")
    for number in range(CANCELS_PER_TRANSACTION + 1):
        world.book(ada, at(1 + number / 2, minutes=25))
    steps = cancel_day(world.context, begun_suspension(world, ada), MONDAY.date())
    assert [len(bookings(world, ada)) for _ in steps] == [1, 0]
    world.check()


def test_r47_a_session_that_has_begun_stays(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    world.book(ada, NEXT_DAY)
    world.now = NINE.start
    list(cancel_ahead(world.context, begun_suspension(world, ada)))
    assert [one.slot for one in bookings(world, ada)] == [NINE]
    world.check()


def test_r47_a_day_without_a_booking_ahead_gets_a_new_version(world: World) -> None:
    """So a booking that read the day before the suspension conflicts."""
    ada = world.member("Ada")
    world.cancel(ada, world.book(ada, NEXT_DAY))
    before = world.day(ada, NEXT_DAY)
    list(cancel_ahead(world.context, begun_suspension(world, ada)))
    after = world.day(ada, NEXT_DAY)
    assert (after.version, after.bookings) == (before.version + 1, before.bookings)


def test_r36_a_step_writes_a_few_days_without_a_booking_and_sessions_are_cancelled_first(world: World) -> None:
    """A member may have cancelled sessions on every date ahead, whose days would cost a request 180 units."""
    ada = world.member("Ada")
    cancelled = [at(1 + 24 * days) for days in range(DAYS_PER_STEP + 1)]
    for slot in cancelled:
        world.cancel(ada, world.book(ada, slot))
    world.book(ada, at(1 + 24 * 60))
    versions = {slot: world.day(ada, slot).version for slot in cancelled}
    steps = cancel_ahead(world.context, begun_suspension(world, ada))

    def bumped() -> int:
        return sum(world.day(ada, slot).version > before for slot, before in versions.items())

    assert [(len(bookings(world, ada)), bumped()) for _ in steps] == [
        (0, 0),
        (0, DAYS_PER_STEP),
        (0, DAYS_PER_STEP + 1),
    ]


def test_r47_nothing_is_cancelled_for_another_suspension_than_the_present_one(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    first = begun_suspension(world, ada)
    lift(world, ada)
    list(cancel_ahead(world.context, first))
    assert [one.slot for one in bookings(world, ada)] == [NINE]
    world.after(seconds=1)
    second = begun_suspension(world, ada)
    assert second.suspension != first.suspension
    list(cancel_ahead(world.context, first))
    assert [one.slot for one in bookings(world, ada)] == [NINE]


def test_r47_a_pair_across_midnight_is_parted_on_both_days(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    late = at(15.75)
    for member in (ben, ada):
        world.book(member, late)
    assert late.past_midnight
    suspend(world, ada)
    assert world.state(ben, late) == ("waiting", None)
    following = reads.days(world.table, [(ada.member_id, MONDAY.date() + timedelta(days=1))])
    assert [day.overnight_until for day in following] == [None]
    world.check()
