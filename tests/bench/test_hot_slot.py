"""The benchmark of a popular slot with few members."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.bookers import START, start_bookers
from bench.comparison import exact_figures
from bench.hot_slot import (
    PROCESSES,
    cost_of,
    exponent,
    figures,
    grows_slowly,
    growth,
    growth_lines,
    rush,
    rush_lines,
)
from infra.in_memory_dynamodb.capacity import CapacityLimits
from infra.simulation.deployment import DeploymentOptions

MINUTES = timedelta(minutes=11)


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_exponent_is_found_for_any_factor(power: float) -> None:
    assert exponent((n, 7 * n**power) for n in (100, 1000, 10_000)) == pytest.approx(power)


def test_members_at_a_moderate_rate_are_paired_and_their_cost_is_counted() -> None:
    cost = cost_of(40, seed=1)
    # A waiting booking writes two items, a pairing two days, a waiting row and a pair row. A transaction costs double.
    assert cost.write_units >= 40 / 2 * (4 + 8)
    assert cost.requests > 40 * 4
    assert cost_of(40, seed=1) == cost


def test_every_member_of_a_rush_ends_with_a_booking_and_a_partner() -> None:
    world, bookers = start_bookers(DeploymentOptions(START, 1, limits=CapacityLimits(write=60)), 30, within=0.5)
    assert not bookers.settled
    bookers.run(MINUTES)
    assert bookers.settled
    for booker in bookers.members.values():
        assert booker.booked is not None
        assert booker.came < booker.booked
        assert booker.paired is not None
        assert booker.came < booker.paired
    assert world.capacity.writes.highest.units <= 60


def test_the_run_ends_with_one_member_of_an_odd_number_left() -> None:
    world, bookers = start_bookers(DeploymentOptions(START, 1), 7, within=0.5)
    bookers.run(MINUTES)
    assert bookers.settled
    assert sum(booker.paired is None for booker in bookers.members.values()) == 1
    assert world.scheduler.now() < START + MINUTES


def test_members_without_a_partner_at_the_end_are_counted() -> None:
    rushed = rush(20, 10.0, timedelta(seconds=1), seed=1)
    assert not rushed.is_met
    first, *lines = rush_lines(rushed)
    assert first == f"20 members book one slot within 10 seconds, served by {PROCESSES} processes:"
    (partners,) = (line for line in lines if "a partner" in line)
    assert int(partners.split()[-1]) > 0


def test_a_rush_with_short_waiting_times_succeeds() -> None:
    assert rush(20, 1.0, MINUTES, seed=1).is_met


def test_the_figures_of_a_seed_are_the_same_each_time_but_for_the_duration_of_the_simulation() -> None:
    first, second = (
        figures([cost_of(size, seed=1) for size in (10, 40)], rush(20, 1.0, MINUTES, seed=1)) for _ in range(2)
    )
    assert exact_figures(first) == exact_figures(second)
    assert first.keys() - exact_figures(first).keys() == {"rush.seconds"}
    assert 0 < first["rush.booking.simulated_seconds"] <= first["rush.partner.simulated_seconds"]


@pytest.mark.long  # Runs a benchmark.
def test_the_lines_of_growth_end_with_the_exponents() -> None:
    costs = growth(100, seed=1)
    assert grows_slowly(costs)
    assert list(growth_lines(costs))[2].split()[0] == "100"
    cost = cost_of(40, seed=1)
    costs = [cost, replace(cost, members=400, write_units=10 * cost.write_units)]
    assert list(growth_lines(costs))[-1] == "  written x = 1.000, read x = 0.000"
    steep = [cost, replace(cost, members=400, write_units=11 * cost.write_units)]
    assert not grows_slowly(steep)
