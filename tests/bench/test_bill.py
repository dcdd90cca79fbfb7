"""The bill of a month, its prices and the recorded bills."""

import json

import pytest
from msgspec.structs import fields, replace

from bench.bill import bill_lines, document, main, measured, recorded
from bench.member_month import STATED, MemberUse, calls_of
from bench.monthly_bill import FUNCTION_USE, CommunityUse, lines_of, total
from bench.prices import PRICES
from bench.worst_account import CallCost
from chalicelib.handlers.event_log import METRICS
from infra.cloudformation.alarms import ALARMS
from infra.cloudformation.intrinsic import FUNCTIONS
from infra.local.engine import ROOT

USE = MemberUse()
COST = CallCost(status=200, write_units=2, read_units=1, requests=3, milliseconds=10, listed=0)
COSTS = dict.fromkeys(calls_of(USE), COST)
COMMUNITY = CommunityUse(2_000, USE, COSTS)


def test_a_price_charges_each_tier_with_its_own_dollars() -> None:
    assert PRICES["requests"].dollars(334e6) == pytest.approx(333 * 3.50 + 2.80)
    assert PRICES["storage"].dollars(25) == 0
    assert PRICES["storage"].dollars(27) == pytest.approx(0.50)


def test_every_price_is_that_of_a_line_and_every_number_of_the_use_is_stated() -> None:
    assert {line.price for line in lines_of(COMMUNITY)} == set(PRICES)
    assert {field.name for field in fields(MemberUse)} == set(STATED)


def test_every_function_has_a_time_but_the_one_that_bounces_start() -> None:
    assert set(COMMUNITY.runs()) == set(FUNCTION_USE) == set(FUNCTIONS) - {"MailFeedback"}


def test_every_function_is_billed_with_the_memory_of_its_deployment() -> None:
    config = json.loads((ROOT / ".chalice/config.json").read_text())
    usual, own = config["lambda_memory_size"], config["lambda_functions"]
    assert {name: use.memory for name, use in FUNCTION_USE.items()} == {
        name: own.get(FUNCTIONS[name], {}).get("lambda_memory_size", usual) for name in FUNCTION_USE
    }


def test_the_bill_counts_the_alarms_and_metrics_of_the_stack() -> None:
    lines = {line.name: line for line in lines_of(COMMUNITY)}
    assert lines["alarms"].dollars == pytest.approx(0.10 * (len(ALARMS) - 10))
    assert lines["metrics"].dollars == pytest.approx(0.30 * (len(METRICS) - 10))


def test_daily_backups_and_the_ledger_are_billed_in_two_regions() -> None:
    lines = {line.name: line for line in lines_of(COMMUNITY)}
    stored = lines["table: storage"].quantity
    assert lines["backups: storage"].dollars == pytest.approx(2 * 35 * 0.10 * stored)
    assert lines["backups: transfer"].quantity == pytest.approx(stored * 365 / 12)
    # An entry of the ledger for each hundred members.
    assert lines["ledger: writes"].quantity == pytest.approx(2 * 20)
    twice = {line.name: line for line in lines_of(replace(COMMUNITY, members=4_000))}
    assert twice["ledger: storage"].quantity == pytest.approx(2 * lines["ledger: storage"].quantity)


def test_units_are_those_of_the_requests_and_twice_the_bookings_cost_more() -> None:
    written, read = COMMUNITY.units()
    dearer = replace(COMMUNITY, costs=dict.fromkeys(COSTS, replace(COST, write_units=3, read_units=2)))
    more_written, more_read = dearer.units()
    requests = COMMUNITY.requests
    assert more_written - written == pytest.approx(requests)
    assert more_read - read == pytest.approx(requests)
    busier = replace(COMMUNITY, use=replace(USE, bookings_a_week=4))
    assert busier.bookings == 2 * COMMUNITY.bookings
    assert total(lines_of(COMMUNITY)) < total(lines_of(busier)) < 2 * total(lines_of(COMMUNITY))


def test_the_bill_ends_with_the_sum_of_its_lines() -> None:
    *rows, last = bill_lines(COMMUNITY)
    shown = [float(row.split()[-1].replace(",", "")) for row in rows[1:]]
    assert len(shown) == len(lines_of(COMMUNITY))
    assert float(last.split()[-1].replace(",", "")) == pytest.approx(sum(shown), abs=0.01 * len(shown))


@pytest.mark.long  # Calls every route of an ordinary account.
def test_the_recorded_bills_are_those_of_the_measured_units() -> None:
    assert document(measured()) == recorded()


@pytest.mark.long  # The same.
def test_the_command_prints_the_bill_of_the_given_members(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--members", "200", "--bookings-a-week", "1"]) == 0
    assert capsys.readouterr().out.startswith("200 members, 869 bookings a month")
