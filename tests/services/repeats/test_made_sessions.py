"""The end of a repeat cancels what the repeat made and what is unchanged (R40)."""

from datetime import timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.booking import State
from chalicelib.domain.model.errors import Busy, NotFound
from chalicelib.services.bookings.sessions import SessionEdit, edit_session
from chalicelib.services.repeats.made_sessions import is_untouched
from chalicelib.services.repeats.member_repeats import end_repeat, list_repeats
from tests.domain.samples import pair, waiting
from tests.fault_proxy import Fault, FaultProxy, meanwhile
from tests.harness import World, at
from tests.repeat_run import DAY, NINE, bookings, repeated, run_schedule, starts

LOOKS_BEFORE_CANCELS = 3
SECOND = timedelta(seconds=1)
NOTHING = SessionEdit(title=None, retitled=False, activity=None, quiet=None)


def test_r40_a_lock_by_another_member_and_an_edit_are_changes() -> None:
    made = waiting("ada", repeat_id="one")
    assert is_untouched(made, "one")
    assert not is_untouched(made, "two")
    assert not is_untouched(replace(made, repeat_id=None), "one")
    matched, _ = pair(made, waiting("ben"))
    locked, _ = pair(made, waiting("ben"), State.LOCKED_IN)
    assert is_untouched(matched, "one")
    assert not is_untouched(locked, "one")
    # The repeat itself asked for the lock.
    assert is_untouched(replace(locked, lock_requested=True), "one")


def test_r40_the_end_cancels_the_sessions_ahead_that_are_unchanged(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ben, ada)
    world.favorite(ada, ben)
    other = repeated(world, ada, time="13:00", first=(NINE + DAY * 13).date())
    repeat = repeated(world, ada, first=(NINE + DAY * 9).date())
    by_hand = world.book(ada, at(30))
    _, edited, unedited, locked, own_lock = (one for one in bookings(world, ada) if one.repeat_id == repeat.repeat_id)
    edit_session(world.context, ada, edited.booking_id, replace(NOTHING, quiet=True))
    edit_session(world.context, ada, unedited.booking_id, NOTHING)
    world.lock(ben, ada, locked.slot)
    world.book(ben, own_lock.slot)
    world.lock(ada, ben, own_lock.slot)
    end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    kept = [at(30).start, edited.slot.start, locked.slot.start, own_lock.slot.start, at(1 + 4 + 24 * 13).start]
    assert starts(world, ada) == kept
    assert world.session(ada, by_hand) == by_hand
    assert [one.repeat_id for one in list_repeats(world.context, ada.member_id)] == [other.repeat_id]
    world.now += DAY * 2
    run_schedule(world)
    assert {one.slot.start.hour for one in bookings(world, ada) if one.slot.start > kept[-1]} == {13}
    world.check()


def test_r40_a_session_that_starts_during_the_end_stays_and_the_others_are_cancelled(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=(NINE + DAY * 10).date())
    first = bookings(world, ada)[0]
    clock, looks = world.context.clock, count()
    world.now = first.slot.start - SECOND
    # The looks of the budget, the end and the read of the days come before those of the cancels.
    world.context.clock = lambda: clock() + SECOND * (next(looks) >= LOOKS_BEFORE_CANCELS)
    end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    assert starts(world, ada) == [first.slot.start]


def test_r40_the_end_alone_cancels_nothing_and_what_it_made_can_be_cancelled_later(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    repeat = repeated(world, ada, first=(NINE + DAY * 12).date())
    made = starts(world, ada)
    end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=False)
    assert starts(world, ada) == made == [NINE + DAY * 12, NINE + DAY * 13]
    with pytest.raises(NotFound):
        end_repeat(world.context, ben.member_id, repeat.repeat_id, cancel=True)
    assert starts(world, ada) == made
    for _ in range(2):
        end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    assert starts(world, ada) == []


def test_r40_a_session_that_has_started_stays(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, last=(NINE + DAY).date())
    world.now = NINE
    end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    assert starts(world, ada) == [NINE]


@pytest.mark.parametrize("number", [1, *(pytest.param(number, marks=pytest.mark.long) for number in (2, 3))])
def test_r40_a_session_that_another_member_locks_meanwhile_stays(world: World, faults: FaultProxy, number: int) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ben, ada)
    repeat = repeated(world, ada, first=(NINE + DAY * 12).date())
    first, second = bookings(world, ada)
    meanwhile(
        faults,
        lambda: end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True),
        lambda: world.lock(ben, ada, second.slot),
        number=number,
    )
    assert starts(world, ada) == [second.slot.start]
    assert first.slot.start < second.slot.start
    assert world.state(ada, second.slot) == ("locked_in", "Ben")


def test_r40_an_occurrence_of_a_run_in_flight_is_not_left_over(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=(NINE + DAY * 14).date())
    world.now = NINE + DAY
    meanwhile(
        faults,
        lambda: run_schedule(world),
        lambda: end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True),
        number=2,
    )
    assert starts(world, ada) == []


def test_r40_an_end_that_failed_halfway_is_repeated(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=(NINE + DAY * 12).date())
    end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=False)
    faults.plan[:] = [Fault.THROTTLED] * 8
    with pytest.raises(Busy):
        end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    assert len(starts(world, ada)) == 2
    end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    assert starts(world, ada) == []
