"""The limits that a large community meets."""

from datetime import UTC, datetime

import pytest

from bench.busy_hour import SECONDS, PartitionUse, simulate
from bench.comparison import is_exact
from bench.member_month import calls_of
from bench.moments import LargeCommunity, busiest_of, calls_a_second, concurrent_runs, units_a_second
from bench.scale import compute, document, figures, lines, measured, recorded
from bench.unit_shares import CALENDAR, EVENTS, MEMBER, PAIRS_AT_ONCE, POOL, STARTING, WAITS, WorkUnits, measured_units
from bench.worst_account import CallCost

BEGAN = datetime(2026, 11, 30, 14, tzinfo=UTC)
SMALL = LargeCommunity(members=100_000, bookings_a_day=20_000)
LARGE = LargeCommunity(members=1_000_000, bookings_a_day=200_000)
COST = CallCost(status=200, write_units=2, read_units=3, requests=3, milliseconds=10, listed=0)
CALLS = dict.fromkeys(calls_of(SMALL.use), COST)
WORK = WorkUnits({MEMBER: 2.0, POOL: 2.0, "DEMAND#": 2.0}, {MEMBER: 51.0, POOL: 0.5, "DEMAND#": 4.0}, 5, 0.035)
UNITS = dict.fromkeys((WAITS, PAIRS_AT_ONCE, EVENTS, STARTING, CALENDAR), WORK)


def test_a_community_of_ten_times_the_size_has_ten_times_the_peaks() -> None:
    small, large = busiest_of(SMALL), busiest_of(LARGE)
    assert large.starting == pytest.approx(10 * small.starting)
    assert large.bookings_a_second == pytest.approx(10 * small.bookings_a_second)
    assert concurrent_runs(LARGE, large) == pytest.approx(10 * concurrent_runs(SMALL, small))


def test_the_peak_second_is_busier_than_an_average_one() -> None:
    average = SMALL.members * sum(calls_of(SMALL.use).values()) * 12 / 365 / 24 / 3600
    peak = sum(calls_a_second(SMALL, busiest_of(SMALL)).values())
    assert 2 * average < peak < 10 * average


def test_a_dearer_request_costs_its_units_at_each_call() -> None:
    busiest = busiest_of(SMALL)
    name = "GET /v1/me"
    dearer = {**CALLS, name: CallCost(200, write_units=5, read_units=7, requests=3, milliseconds=10, listed=0)}
    (written, read), (more_written, more_read) = (
        units_a_second(SMALL, busiest, costs, UNITS) for costs in (CALLS, dearer)
    )
    times = calls_a_second(SMALL, busiest)[name]
    assert more_written - written == pytest.approx(3 * times)
    assert more_read - read == pytest.approx(4 * times)


def test_the_busiest_partition_is_that_with_the_most_units_in_one_second() -> None:
    use = PartitionUse()
    for partition, second, units in (("A#1", 1, 2), ("A#1", 2, 2), ("A#2", 2, 1), ("A#2", 2, 2), ("B#1", 1, 1)):
        use.add(partition, second, units)
    assert {kind: (peak.partition, peak.units) for kind, peak in use.peaks().items()} == {
        "A#": ("A#2", 3),
        "B#": ("B#1", 1),
    }


def test_a_seed_gives_the_same_half_hour_each_time() -> None:
    first, second, other = (simulate(BEGAN, 0.2, 6, UNITS, seed) for seed in (1, 1, 2))
    assert first == second != other
    assert first.bookings == 0.2 * SECONDS
    # One booking writes two units to its queue, and its records two more.
    assert first.writes[POOL].units >= 4
    assert first.reads["DEMAND#"].units >= 4


def test_the_limits_are_in_the_order_in_which_a_growing_community_meets_them() -> None:
    result = compute(SMALL, CALLS, UNITS, seed=1)
    sizes = [limit.bookings_a_day(SMALL) for limit in result.limits]
    assert sizes == sorted(sizes)
    first = result.limits[0]
    assert first.bookings_a_day(SMALL) * first.share == pytest.approx(SMALL.bookings_a_day)
    (stack,) = (limit for limit in result.limits if limit.name == "requests, limit of the stack")
    assert (stack.peak, stack.limit) == (result.peaks.requests, 500)


def test_the_figures_are_exact_and_each_limit_is_a_row() -> None:
    result = compute(SMALL, CALLS, UNITS, seed=1)
    assert all(map(is_exact, figures(result)))
    rows = [line for line in lines(result) if line.startswith("| ")]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[-len(result.limits) :]] == [
        limit.name for limit in result.limits
    ]


@pytest.mark.long  # Books, cancels and joins on an engine.
def test_each_piece_of_work_costs_what_the_pages_of_costs_say() -> None:
    units = measured_units()
    assert {name: work.write_units for name, work in units.items() if name in (WAITS, PAIRS_AT_ONCE)} == {
        WAITS: 4,
        PAIRS_AT_ONCE: 8,
    }
    assert units[WAITS].writes == {MEMBER: 2, POOL: 2}
    # The event of a start, and a share of the run.
    assert units[STARTING].writes[MEMBER] == 4


@pytest.mark.long  # The same, and calls every route of an ordinary account.
def test_the_recorded_tables_are_those_of_the_measured_units() -> None:
    assert document(measured(LargeCommunity(), seed=1)) == recorded()
