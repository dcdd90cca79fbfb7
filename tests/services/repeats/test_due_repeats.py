"""The schedule makes each occurrence of each repeat once, also if its runs are killed or run at once (R40)."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.repeat import MADE_AHEAD, DueRepeats, SkippedOccurrence
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.events.schedules import run_sweep
from chalicelib.metrics import collect_metrics
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.attendance import attendance_of
from chalicelib.services.repeats.due_repeats import RUN_FOR, make_all_due, make_due
from chalicelib.services.repeats.member_repeats import list_repeats
from chalicelib.services.repeats.request_budget import REQUEST_FOR
from chalicelib.storage import repeat_reads
from chalicelib.storage.document_keys import DUE_SHARDS
from chalicelib.storage.documents import document_item
from tests import batches
from tests.fault_proxy import Fault, FaultProxy, meanwhile
from tests.harness import World
from tests.repeat_run import DAY, NINE, Killed, bookings, killed_at, repeated, run_schedule, starts
from tests.table_snapshot import read_whole_table


def due(world: World) -> list[DueRepeats]:
    """Return the list of due members, of all instants."""
    far = world.now + DAY * 1000
    return [row for shard in range(DUE_SHARDS) for row in repeat_reads.due_members(world.table, shard, far, most=100)]


def ahead(first: int, last: int) -> list[datetime]:
    """Return nine o'clock from the first to the last day after Monday."""
    return [NINE + DAY * number for number in range(first, last + 1)]


def test_r40_each_date_is_made_once_as_the_days_pass(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada)
    assert starts(world, ada) == ahead(0, 13)
    for _ in range(6):
        world.now += DAY
        assert run_schedule(world) == 0
        # At the latest 14 days before their starts, and at most a day earlier.
        assert starts(world, ada)[-1] - world.now >= MADE_AHEAD - DAY + timedelta(hours=1)
    assert starts(world, ada) == ahead(0, 19)
    world.check()


def test_r40_a_run_makes_what_starts_within_14_days_and_lists_the_member_for_the_next(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada)
    assert [row.due for row in due(world)] == [NINE]
    world.now = NINE - timedelta(seconds=1)
    run_schedule(world)
    assert starts(world, ada) == ahead(0, 13)
    world.now = NINE
    run_schedule(world)
    # The one of the fifteenth day is exactly a day more than 14 days ahead.
    assert starts(world, ada) == ahead(0, 15)
    assert [row.due for row in due(world)] == [NINE + DAY * 2]


def test_r40_a_member_without_another_occurrence_leaves_the_list(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada, last=NINE.date() + DAY * 14)
    assert len(due(world)) == 1
    world.now += DAY
    run_schedule(world)
    assert starts(world, ada) == ahead(0, 14)
    assert due(world) == []


# The transactions of the run below: two occurrences of each repeat, and the list of due members.
TRANSACTIONS = 5
TWO_HOURS = timedelta(hours=2)


def prepare(world: World) -> tuple[Profile, Profile]:
    """Let two repeats of Ada be due, one with a partner to lock in on one date and a session in the way on the next."""
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    repeated(world, ada, title="Thesis", partner_id=ben.member_id, first=slot_at(14).date)
    repeated(world, ada, time="11:00", first=slot_at(14).date)
    world.book(ben, slot_at(14))
    world.book(ada, slot_at(15))
    world.now = NINE + DAY
    return ada, ben


def slot_at(number: int) -> Slot:
    return Slot(NINE + DAY * number, 50)


def check_made(world: World, ada: Profile) -> None:
    """Assert that each occurrence of the two repeats is there once, and that the run is done."""
    with_ben, alone = list_repeats(world.context, ada.member_id)
    if with_ben.title is None:
        # Both were made at the same instant.
        with_ben, alone = alone, with_ben
    made = [(one.repeat_id, one.slot.start, one.title) for one in bookings(world, ada)]
    assert made == [
        (with_ben.repeat_id, slot_at(14).start, "Thesis"),
        (alone.repeat_id, slot_at(14).start + TWO_HOURS, None),
        (None, slot_at(15).start, None),
        (alone.repeat_id, slot_at(15).start + TWO_HOURS, None),
    ]
    assert (with_ben.skipped, alone.skipped) == ((SkippedOccurrence(slot_at(15).start, "time_conflict"),), ())
    assert world.state(ada, slot_at(14)) == ("locked_in", "Ben")
    assert [row.due for row in due(world)] == [NINE + DAY * 2]
    world.check()


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize(
    "number", [0, *(pytest.param(number, marks=pytest.mark.long) for number in range(1, TRANSACTIONS))]
)
def test_r40_a_run_that_is_killed_at_any_transaction_is_continued_by_the_next(
    world: World, number: int, *, committed: bool
) -> None:
    ada, _ = prepare(world)
    with killed_at(world, number, committed=committed), pytest.raises(Killed):
        run_schedule(world)
    assert run_schedule(world) == 0
    check_made(world, ada)
    before = read_whole_table(world.table)
    assert run_schedule(world) == 0
    assert read_whole_table(world.table) == before


def test_r40_a_run_has_a_transaction_for_each_occurrence_and_one_for_the_list(world: World) -> None:
    ada, _ = prepare(world)
    with killed_at(world, TRANSACTIONS, committed=False):
        assert run_schedule(world) == 0
    check_made(world, ada)


@pytest.mark.parametrize(
    "number", [1, *(pytest.param(number, marks=pytest.mark.long) for number in range(2, TRANSACTIONS + 1))]
)
def test_r40_two_runs_at_once_make_each_occurrence_once(world: World, faults: FaultProxy, number: int) -> None:
    ada, _ = prepare(world)
    # The other run works while a transaction of the first is on its way.
    meanwhile(faults, lambda: run_schedule(world), lambda: run_schedule(world), number=number)
    check_made(world, ada)


@pytest.mark.long  # Waits for the repetitions of the client library.
def test_r40_a_lost_response_makes_no_second_booking(world: World, faults: FaultProxy) -> None:
    ada, _ = prepare(world)
    # The client library sends each request twice.
    faults.plan[:] = [Fault.LOSE_RESPONSE] * 2
    run_schedule(world)
    run_schedule(world)
    check_made(world, ada)


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.THROTTLED])
def test_r40_an_overloaded_table_delays_an_occurrence_and_skips_none(
    world: World, faults: FaultProxy, fault: Fault
) -> None:
    ada, _ = prepare(world)
    faults.plan[:] = [fault] * 8
    assert run_schedule(world) == 1
    assert len(starts(world, ada)) < 4
    assert run_schedule(world) == 0
    check_made(world, ada)


def test_r40_a_cancelled_occurrence_does_not_come_back(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    repeated(world, ada, first=slot_at(11).date)
    first, second, third = bookings(world, ada)
    cancel_session(world.context, ada.member_id, first.booking_id)
    world.now = NINE + DAY
    # Another is cancelled while the schedule makes the next.
    meanwhile(
        faults,
        lambda: run_schedule(world),
        lambda: cancel_session(world.context, ada.member_id, third.booking_id),
    )
    run_schedule(world)
    assert starts(world, ada) == [second.slot.start, *ahead(14, 16)]


def test_r40_an_occurrence_that_is_cancelled_while_a_slow_run_books_it_too_stays_cancelled(
    world: World, faults: FaultProxy
) -> None:
    ada = world.member("Ada")
    repeated(world, ada, first=slot_at(14).date)
    world.now = NINE + DAY

    def other() -> None:
        run_schedule(world)
        (booking,) = (one for one in bookings(world, ada) if one.slot == slot_at(14))
        cancel_session(world.context, ada.member_id, booking.booking_id)

    # The slow run has read the repeat before.
    meanwhile(faults, lambda: run_schedule(world), other)
    assert starts(world, ada) == ahead(15, 16)


def test_r40_occurrences_that_start_before_a_run_are_skipped_as_too_late(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada, first=slot_at(14).date, last=slot_at(18).date)
    world.now = NINE + DAY * 16
    run_schedule(world)
    (repeat,) = list_repeats(world.context, ada.member_id)
    assert repeat.skipped == tuple(SkippedOccurrence(start, "too_late") for start in ahead(14, 16))
    assert starts(world, ada) == ahead(17, 18)


def test_r33_nothing_is_made_for_a_deleted_account_and_its_row_is_erased(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada, first=slot_at(13).date)
    before = starts(world, ada)
    assert before == ahead(13, 13)
    world.begin_to_leave(ada)
    world.now = NINE + DAY
    run_schedule(world)
    assert starts(world, ada) == before
    assert len(due(world)) == 1
    run_jobs(world.context)
    assert due(world) == []
    assert repeat_reads.repeats_of(world.table, ada.member_id).repeats == []


def test_r33_a_run_moves_no_row_of_an_account_that_is_deleted_meanwhile(world: World, faults: FaultProxy) -> None:
    """The erasure may have read the row already, and would leave another one."""
    ada = world.member("Ada")
    repeated(world, ada, first=slot_at(14).date)
    before = due(world)
    world.now = NINE + DAY
    # Three occurrences, and the list.
    meanwhile(faults, lambda: run_schedule(world), lambda: world.begin_to_leave(ada), number=4)
    assert (len(starts(world, ada)), due(world)) == (3, before)


@pytest.mark.parametrize("number", [1, *(pytest.param(number, marks=pytest.mark.long) for number in range(2, 5))])
def test_r33_an_account_that_is_deleted_during_a_run_keeps_nothing(
    world: World, faults: FaultProxy, number: int
) -> None:
    ada = world.member("Ada")
    repeated(world, ada, first=slot_at(14).date)
    world.now = NINE + DAY
    meanwhile(faults, lambda: run_schedule(world), lambda: world.leave(ada), number=number)
    assert run_schedule(world) == 0
    world.now += SETTLE
    run_jobs(world.context)
    assert (starts(world, ada), due(world)) == ([], [])
    world.check()


def test_r40_a_member_whose_repeat_cannot_be_read_does_not_stop_the_others(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        repeated(world, member, first=slot_at(14).date)
    (broken,) = list_repeats(world.context, ada.member_id)
    batches.save(world.table, [document_item(replace(broken, time="nine"))])
    world.now = NINE + DAY
    with collect_metrics() as metrics:
        assert make_all_due(world.context) == 1
    assert isinstance(metrics.error, ValueError)
    assert starts(world, ben) == ahead(14, 16)


def test_r40_a_run_starts_no_member_after_its_time(world: World) -> None:
    members = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    for member in members:
        repeated(world, member, first=slot_at(14).date, last=slot_at(14).date)
    world.now = NINE + DAY
    clock = world.context.clock
    ticks = count()
    # Each look at the clock takes time. A run looks once at its beginning.
    world.context.clock = lambda: clock() + next(ticks) * RUN_FOR / 4
    assert make_all_due(world.context) < len(members)
    world.context.clock = clock
    run_schedule(world)
    assert {len(starts(world, member)) for member in members} == {1}


def test_r40_a_request_starts_no_occurrence_after_its_time_and_the_schedule_makes_the_rest(world: World) -> None:
    ada = world.member("Ada")
    clock = world.context.clock
    ticks = count()
    world.context.clock = lambda: clock() + next(ticks) * REQUEST_FOR / 8
    repeated(world, ada)
    world.context.clock = clock
    assert 0 < len(starts(world, ada)) < 14
    assert [row.due for row in due(world)] == [starts(world, ada)[-1] + DAY - MADE_AHEAD]
    run_schedule(world)
    assert starts(world, ada) == ahead(0, 14)


def test_r39_a_run_reads_the_score_of_a_member_once(world: World) -> None:
    members = {0: world.member("Ada"), 50: world.member("Ben")}
    # At other times, so that the two are not matched.
    for member, time in zip(members.values(), ("09:00", "08:45"), strict=True):
        repeated(world, member, time=time, first=slot_at(14).date)
    world.now = NINE + DAY
    units = {}
    for least, member in members.items():
        world.record_attendance(least=least)
        with collect_metrics() as metrics:
            make_due(world.context, member.member_id)
        units[least] = metrics.read_units
    with collect_metrics() as metrics:
        attendance_of(world.context, members[50])
    assert units[50] - units[0] == metrics.read_units > 0
    assert [len(starts(world, member)) for member in members.values()] == [2, 2]


@pytest.mark.long  # Sweeps every queue.
def test_r40_the_schedule_that_sweeps_also_makes_the_occurrences(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    repeated(world, ada, first=slot_at(14).date)
    world.now = NINE + DAY
    world.book(ben, slot_at(16))
    run_sweep(world.context)
    assert starts(world, ada) == ahead(14, 16)
    assert world.state(ada, slot_at(16)) == ("matched", "Ben")
