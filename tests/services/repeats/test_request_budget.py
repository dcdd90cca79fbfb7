"""A request about a repeat has a maximum cost, and the schedule does the rest (R36)."""

from msgspec.structs import replace

from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.repeat import Repeat
from chalicelib.metrics import collect_metrics
from chalicelib.services.repeats.member_repeats import change_repeat, end_repeat
from chalicelib.services.repeats.request_budget import LEAST_ASSUMED, REQUEST_FOR, REQUEST_UNITS, RequestBudget
from chalicelib.storage import repeat_reads
from tests.harness import World, at
from tests.repeat_run import DAY, NINE, repeated, run_schedule, starts
from tests.table_snapshot import read_whole_table

MOST_UNITS = 150
# What the reads of two weeks of large days cost a request beforehand.
LARGE_DAYS = 50


def test_r36_a_step_may_cost_twice_as_much_as_the_most_expensive_before_it(world: World) -> None:
    with collect_metrics() as metrics:
        budget = RequestBudget(world.context)
        metrics.count_units(read=REQUEST_UNITS - 120)
        # No step before it.
        assert budget.permits_step()
        metrics.count_units(write=40)
        assert budget.permits_step()
        metrics.count_units(write=1)
        # The expensive step counts, though a cheap one followed.
        assert not budget.permits_step()


def test_r36_after_cheap_steps_there_is_room_for_an_expensive_one(world: World) -> None:
    with collect_metrics() as metrics:
        budget = RequestBudget(world.context)
        assert budget.permits_step()
        metrics.count_units(write=REQUEST_UNITS - LEAST_ASSUMED - 5)
        budget = RequestBudget(world.context)
        for permitted in (True, True, False):
            assert budget.permits_step() == permitted
            metrics.count_units(write=5)


def test_r36_a_repeat_with_a_lock_after_skipped_dates_costs_less_than_150_units(world: World) -> None:
    """Ada has sessions in the way on 12 dates. On the next one her partner is matched with another member."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    for day in range(12):
        world.book(ada, replace(at(1 + 24 * day), minutes=25))
    for member in (ben, cy):
        world.book(member, at(1 + 24 * 12))
    with collect_metrics() as metrics:
        # A request that expects no lock begins this one at 130 units.
        metrics.count_units(read=LARGE_DAYS + 6)
        repeated(world, ada, title="\N{GRINNING FACE}" * 200, partner_id=ben.member_id)
    assert metrics.units <= MOST_UNITS
    run_schedule(world)
    assert world.state(ada, at(1 + 24 * 12)) == ("locked_in", "Ben")


def test_r40_a_request_starts_no_step_after_its_time(world: World) -> None:
    budget = RequestBudget(world.context)
    assert budget.permits_step()
    world.now += REQUEST_FOR
    assert not budget.permits_step()


def test_r36_a_new_repeat_with_a_long_title_costs_less_than_150_units(world: World) -> None:
    ada = world.member("Ada")
    with collect_metrics() as metrics:
        repeated(world, ada, title="\N{GRINNING FACE}" * 200)
    assert 70 < metrics.units <= MOST_UNITS
    assert 0 < len(starts(world, ada)) < 14
    run_schedule(world)
    assert len(starts(world, ada)) == 15


def test_r36_a_new_repeat_whose_partner_cannot_be_locked_in_costs_less_than_150_units(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for hour in ("08:30", "09:00"):
        repeated(world, ben, time=hour, title="Thesis")
    with collect_metrics() as metrics:
        repeated(world, ada, title="\N{GRINNING FACE}" * 200, partner_id=cy.member_id)
    assert 70 < metrics.units <= MOST_UNITS
    run_schedule(world)
    assert len(starts(world, ada)) == 14


def matched_daily(world: World) -> tuple[Profile, Repeat]:
    """Return Ada and a repeat of hers whose 14 sessions are all matched."""
    ada, ben = world.members("Ada", "Ben")
    repeated(world, ben)
    run_schedule(world)
    repeat = repeated(world, ada)
    run_schedule(world)
    return ada, repeat


def test_r36_an_end_that_cancels_costs_less_than_150_units_and_the_schedule_cancels_the_rest(world: World) -> None:
    ada, repeat = matched_daily(world)
    with collect_metrics() as metrics:
        metrics.count_units(read=LARGE_DAYS)
        end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
    assert 80 < metrics.units <= MOST_UNITS
    assert 0 < len(starts(world, ada)) < 14
    # Another request does not move the work to a later run.
    repeated(world, ada, time="15:00", first=(NINE + DAY * 50).date())
    assert run_schedule(world) == 0
    assert starts(world, ada) == []
    found = repeat_reads.repeats_of(world.table, ada.member_id)
    assert (found.ended, repeat.repeat_id in {one.repeat_id for one in found.repeats}) == ([], False)
    before = read_whole_table(world.table)
    assert run_schedule(world) == 0
    assert read_whole_table(world.table) == before


def test_r36_a_repeated_end_continues_without_the_schedule(world: World) -> None:
    ada, repeat = matched_daily(world)
    ends = 0
    while starts(world, ada):
        with collect_metrics() as metrics:
            metrics.count_units(read=LARGE_DAYS)
            end_repeat(world.context, ada.member_id, repeat.repeat_id, cancel=True)
        assert metrics.units <= MOST_UNITS
        ends += 1
        assert ends < 6
    assert ends > 1


def test_r36_a_change_makes_nothing_of_other_repeats_that_are_due(world: World) -> None:
    ada = world.member("Ada")
    kept = repeated(world, ada, first=(NINE + DAY * 12).date())
    for hour in (10, 11):
        repeated(world, ada, time=f"{hour}:00", first=(NINE + DAY * 14).date())
    world.now += DAY * 13
    with collect_metrics() as metrics:
        change_repeat(world.context, ada.member_id, kept.repeat_id, lambda one, _: replace(one, title="Thesis"))
    assert metrics.units <= MOST_UNITS
    assert {one.hour for one in starts(world, ada)} == {9}
    run_schedule(world)
    assert {one.hour for one in starts(world, ada)} == {9, 10, 11}
