"""A small crowd gets what it came for, and the bench tells how."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.bookers import START, crowd
from bench.hot_slot import PROCESSES, cost_of, exponent, growth, growth_lines, rush
from infra.in_memory_dynamodb.capacity import CapacityLimits
from infra.simulation.deployment import Options

MINUTES = timedelta(minutes=11)


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_exponent_is_found_whatever_the_factor(power: float) -> None:
    assert exponent((n, 7 * n**power) for n in (100, 1000, 10_000)) == pytest.approx(power)


def test_a_crowd_at_a_moderate_rate_is_paired_and_its_cost_counted() -> None:
    cost = cost_of(40, seed=1)
    # Whoever waits writes two rows, whoever pairs two days, a waiting row and a pair row: twice each in a transaction.
    assert cost.write_units >= 40 / 2 * (4 + 8)
    assert cost.requests > 40 * 4
    assert cost_of(40, seed=1) == cost


def test_everybody_of_a_rush_ends_with_a_booking_and_a_partner() -> None:
    world, people = crowd(Options(START, 1, limits=CapacityLimits(write=60)), 30, within=0.5)
    assert not people.settled
    people.run(MINUTES)
    assert people.settled
    for person in people.people.values():
        assert person.booked is not None
        assert person.came < person.booked
        assert person.paired is not None
        assert person.came < person.paired
    assert world.capacity.writes.highest.units <= 60


def test_of_an_odd_number_one_is_left_and_nobody_waits_for_that_one() -> None:
    world, people = crowd(Options(START, 1), 7, within=0.5)
    people.run(MINUTES)
    assert people.settled
    assert sum(person.paired is None for person in people.people.values()) == 1
    assert world.scheduler.now() < START + MINUTES


def test_what_is_left_when_time_is_up_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert not rush(20, 10.0, timedelta(seconds=1), seed=1)
    told = capsys.readouterr().out
    assert f"20 members book one slot within 10 seconds, served by {PROCESSES} processes" in told
    (partners,) = (line for line in told.splitlines() if "a partner" in line)
    assert int(partners.split()[-1]) > 0


def test_whoever_is_served_soon_is_served_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert rush(20, 1.0, MINUTES, seed=1)
    assert "20 members" in capsys.readouterr().out


def test_the_lines_of_growth_end_with_the_exponents(capsys: pytest.CaptureFixture[str]) -> None:
    assert growth(100, seed=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split()[0] == "100"
    cost = cost_of(40, seed=1)
    told = list(growth_lines([cost, replace(cost, members=400, write_units=10 * cost.write_units)]))
    assert told[-1] == "  written x = 1.000, read x = 0.000"
