"""A member makes, lists, changes and ends repeats (R40)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.document import NEW
from chalicelib.domain.model.errors import Busy, InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.model.ids import owned_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.repeat import MOST_REPEATS, Repeat, Weekday
from chalicelib.services.members.export import export_account
from chalicelib.services.repeats.member_repeats import change_repeat, end_repeat, list_repeats
from chalicelib.storage import repeat_reads
from chalicelib.storage.documents import document_item
from tests import batches
from tests.fault_proxy import Fault, FaultProxy, meanwhile
from tests.harness import World
from tests.repeat_run import DAY, NINE, Killed, bookings, killed_at, pattern, repeated, run_schedule, starts

# The thirteenth day. A repeat from then on makes one occurrence at once.
LATE = (NINE + DAY * 13).date()
FAR = (NINE + DAY * 100).date()


def changed(world: World, repeat: Repeat, **fields: object) -> Repeat:
    return change_repeat(world.context, repeat.member_id, repeat.repeat_id, lambda one, _: replace(one, **fields))


def days(*numbers: int, hours: int = 0) -> list[datetime]:
    return [NINE + DAY * number + timedelta(hours=hours) for number in numbers]


def test_r40_a_new_repeat_makes_the_next_14_days_at_once(world: World) -> None:
    ada = world.member("Ada")
    made = repeated(world, ada)
    assert starts(world, ada) == days(*range(14))
    assert (made.made_until, made.skipped) == (LATE, ())
    assert list_repeats(world.context, ada.member_id) == [made]
    assert {one.repeat_id for one in bookings(world, ada)} == {made.repeat_id}


def test_r40_a_request_that_is_killed_after_it_stored_a_repeat_is_continued_by_the_schedule(world: World) -> None:
    ada = world.member("Ada")
    with killed_at(world, 1, committed=False), pytest.raises(Killed):
        repeated(world, ada, first=LATE)
    assert starts(world, ada) == []
    run_schedule(world)
    assert starts(world, ada) == days(13, 14)


def test_r40_a_new_repeat_is_shown_also_if_its_occurrences_fail(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    clock, looks = world.context.clock, count()

    def overload() -> datetime:
        # The second look at the clock follows the transaction of the repeat.
        if next(looks) == 1:
            faults.plan[:] = [Fault.THROTTLED] * 8
        return clock()

    world.context.clock = overload
    made = repeated(world, ada, first=LATE)
    assert (starts(world, ada), made.made_until) == ([], None)
    assert [one.repeat_id for one in list_repeats(world.context, ada.member_id)] == [made.repeat_id]
    run_schedule(world)
    assert starts(world, ada) == days(13, 14)


def test_r36_a_member_has_at_most_20_repeats(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    fill(world, ada, MOST_REPEATS)
    with pytest.raises(InvalidRequest, match="You have 20 repeats, which is the limit"):
        repeated(world, ada)
    assert len(list_repeats(world.context, ada.member_id)) == MOST_REPEATS == 20
    assert starts(world, ada) == []
    end_repeat(world.context, ada.member_id, list_repeats(world.context, ada.member_id)[0].repeat_id, cancel=False)
    repeated(world, ada, first=FAR)
    repeated(world, ben, first=FAR)


def fill(world: World, member: Profile, number: int) -> None:
    """Store a number of repeats without a use case."""
    stored = [
        pattern(member, owned_id(member.member_id, f"{one:016}"), first=FAR, title=str(one), version=1)
        for one in range(number)
    ]
    batches.save(world.table, map(document_item, stored))


def test_r36_concurrent_requests_make_no_repeat_beyond_the_limit(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    fill(world, ada, MOST_REPEATS - 1)

    def make(title: str) -> object:
        return repeated(world, ada, first=FAR, title=title)

    assert meanwhile(faults, lambda: make("Thesis"), lambda: make("Review")) is InvalidRequest
    assert len(list_repeats(world.context, ada.member_id)) == MOST_REPEATS


def test_r40_an_equal_repeat_is_kept_instead_of_a_second_one(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    first = repeated(world, ada, title="Thesis")
    assert repeated(world, ada, title="Thesis") == first
    assert list_repeats(world.context, ada.member_id) == [first]
    assert (len(starts(world, ada)), first.skipped) == (14, ())
    # Another field makes another repeat, and so does another member.
    other = repeated(world, ada, title="Thesis", minutes=25)
    assert len({first.repeat_id, other.repeat_id, repeated(world, ben, title="Thesis").repeat_id}) == 3


def test_r40_two_equal_requests_at_once_make_one_repeat(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    meanwhile(faults, lambda: repeated(world, ada, first=LATE), lambda: repeated(world, ada, first=LATE))
    (repeat,) = list_repeats(world.context, ada.member_id)
    assert (starts(world, ada), repeat.skipped) == (days(13), ())


def test_r40_an_equal_repeat_counts_as_no_further_one_at_the_limit(world: World) -> None:
    ada = world.member("Ada")
    fill(world, ada, MOST_REPEATS)
    repeated(world, ada, first=FAR, title="7")
    assert len(list_repeats(world.context, ada.member_id)) == MOST_REPEATS


def test_r33_a_repeat_that_is_made_during_a_deletion_is_not_stored(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    refusal = meanwhile(faults, lambda: repeated(world, ada), lambda: world.begin_to_leave(ada))
    assert refusal is Unauthenticated
    assert list_repeats(world.context, ada.member_id) == []
    assert starts(world, ada) == []


def test_r33_the_repeats_are_in_the_export_and_a_deletion_erases_them(world: World) -> None:
    ada = world.member("Ada")
    made = repeated(world, ada, first=LATE, title="Thesis")
    assert [one for one in export_account(world.context, ada).documents if isinstance(one, Repeat)] == [made]
    world.leave(ada)
    assert repeat_reads.repeats_of(world.table, ada.member_id).repeats == []
    assert repeat_reads.repeats_of(world.table, ada.member_id).schedule.version == NEW
    assert starts(world, ada) == []
    world.check()


def test_r40_a_change_counts_from_now_on_and_the_sessions_that_are_made_stay(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=LATE)
    after = changed(world, repeat, time="11:00", title="Thesis", minutes=25)
    assert (after.time, after.title, starts(world, ada)) == ("11:00", "Thesis", days(13))
    world.now = NINE + DAY
    run_schedule(world)
    # Eleven o'clock of the sixteenth day is more than 15 days ahead.
    assert starts(world, ada) == [*days(13), *days(14, 15, hours=2)]
    assert [(one.title, one.slot.minutes) for one in bookings(world, ada)] == [(None, 50), *[("Thesis", 25)] * 2]


def test_r40_a_new_weekday_begins_at_once_and_one_that_comes_back_repeats_nothing(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, weekdays=(Weekday.MONDAY,))
    assert starts(world, ada) == days(0, 7)
    repeat = changed(world, repeat, weekdays=(Weekday.WEDNESDAY,))
    assert starts(world, ada) == days(0, 2, 7, 9)
    world.cancel(ada, {"sessionId": bookings(world, ada)[2].booking_id})
    changed(world, repeat, weekdays=(Weekday.MONDAY, Weekday.WEDNESDAY))
    assert starts(world, ada) == days(0, 2, 9)
    world.now = NINE + DAY
    run_schedule(world)
    assert starts(world, ada) == days(0, 2, 9, 14, 16)


def test_r40_a_later_end_continues_and_an_earlier_one_makes_no_more(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=LATE - DAY * 3, last=LATE - DAY * 2)
    assert starts(world, ada) == days(10, 11)
    assert repeat_reads.repeats_of(world.table, ada.member_id).schedule.due is None
    repeat = changed(world, repeat, last=LATE)
    assert starts(world, ada) == days(10, 11, 12, 13)
    changed(world, repeat, last=LATE - DAY * 3)
    world.now = NINE + DAY
    run_schedule(world)
    assert starts(world, ada) == days(10, 11, 12, 13)


def test_r40_a_change_to_the_same_writes_nothing(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=FAR)
    assert changed(world, repeat, time="09:00") == repeat
    assert list_repeats(world.context, ada.member_id) == [repeat]


def test_r40_a_change_and_a_run_at_once_lose_nothing(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=LATE)
    world.now = NINE + DAY
    meanwhile(faults, lambda: changed(world, repeat, title="Thesis"), lambda: run_schedule(world))
    (stored,) = list_repeats(world.context, ada.member_id)
    assert (stored.title, stored.made_until) == ("Thesis", LATE + DAY * 3)
    assert starts(world, ada) == days(13, 14, 15, 16)


@pytest.mark.long  # Waits for the repetitions of the client library.
def test_r40_a_change_whose_response_was_lost_is_made_once(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=FAR)
    faults.plan[:] = [Fault.LOSE_RESPONSE] * 2
    assert changed(world, repeat, title="Thesis").title == "Thesis"
    (stored,) = list_repeats(world.context, ada.member_id)
    assert (stored.title, stored.version) == ("Thesis", 2)


USES: list[Callable[[World, str, str], object]] = [
    lambda world, member, repeat: change_repeat(world.context, member, repeat, lambda one, _: one),
    lambda world, member, repeat: end_repeat(world.context, member, repeat, cancel=True),
]


@pytest.mark.parametrize("use", USES)
def test_r40_another_member_finds_no_repeat(world: World, use: Callable[[World, str, str], object]) -> None:
    ada, ben = world.members("Ada", "Ben")
    repeat = repeated(world, ada, first=FAR)
    for name in (repeat.repeat_id, "unknown"):
        with pytest.raises(NotFound):
            use(world, ben.member_id, name)
    assert list_repeats(world.context, ada.member_id) == [repeat]


def test_r40_a_repeat_that_was_ended_is_gone_and_ends_again(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=FAR)
    for _ in range(2):
        end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=False)
    with pytest.raises(NotFound):
        changed(world, repeat, title="Thesis")
    assert list_repeats(world.context, ada.member_id) == []
    # The next run takes the member from the list.
    world.now += DAY * 200
    run_schedule(world)
    assert repeat_reads.repeats_of(world.table, ada.member_id).schedule.due is None


def test_r40_a_failed_end_ends_nothing(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada, first=FAR)
    faults.plan[:] = [Fault.THROTTLED] * 8
    with pytest.raises(Busy):
        end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    assert list_repeats(world.context, ada.member_id) == [repeat]
