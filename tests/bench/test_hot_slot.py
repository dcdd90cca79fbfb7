"""The benchmark of a popular slot with few members."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.bookers import START, start_bookers
from bench.hot_slot import PROCESSES, cost_of, exponent, growth, growth_lines, rush
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


def test_members_without_a_partner_at_the_end_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert not rush(20, 10.0, timedelta(seconds=1), seed=1)
    output = capsys.readouterr().out
    assert f"20 members book one slot within 10 seconds, served by {PROCESSES} processes" in output
    (partners,) = (line for line in output.splitlines() if "a partner" in line)
    assert int(partners.split()[-1]) > 0


def test_a_rush_with_short_waiting_times_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert rush(20, 1.0, MINUTES, seed=1)
    assert "20 members" in capsys.readouterr().out


@pytest.mark.long  # Runs a benchmark.
def test_the_lines_of_growth_end_with_the_exponents(capsys: pytest.CaptureFixture[str]) -> None:
    assert growth(100, seed=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split()[0] == "100"
    cost = cost_of(40, seed=1)
    lines = list(growth_lines([cost, replace(cost, members=400, write_units=10 * cost.write_units)]))
    assert lines[-1] == "  written x = 1.000, read x = 0.000"
