"""Plans of reads, of which one keeps its own order and several share the requests of each step."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.errors import RateLimited
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.storage import keys, read_plan, reads
from chalicelib.storage.read_plan import Plan, read_alone, read_together
from tests.harness import World, at
from tests.storage.test_booking_reads import all_in_flight, in_order, relation_keys

NINE, TEN = at(1), at(2)
TODAY = NINE.date


@pytest.fixture
def ledger(world: World) -> RequestUnitLedger:
    """The requests of a test inside `with`."""
    return RequestUnitLedger(world.table.connection.client)


def day_then_relations(me: str, other: str) -> Plan[tuple[Days, Any]]:
    days = yield from read_plan.days([(other, TODAY)])
    (relations,) = yield from read_plan.pairs_relations([(me, other)])
    return days, relations


def test_r1_plans_together_read_all_days_before_all_relations_in_one_request_each(
    world: World, ledger: RequestUnitLedger
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for member in (ben, cy):
        world.book(member, NINE)
    plans = [day_then_relations(ada.member_id, other.member_id) for other in (ben, cy)]
    with ledger:
        found = read_together(world.table, plans, Days())
    days = {keys.day(other.member_id, TODAY) for other in (ben, cy)}
    assert in_order(ledger) == [days, relation_keys(ada, ben) | relation_keys(ada, cy)]
    alone = [read_alone(world.table, day_then_relations(ada.member_id, other.member_id)) for other in (ben, cy)]
    assert [([*days], relations) for days, relations in found] == [([*days], relations) for days, relations in alone]


def test_r3_plans_together_agree_on_the_version_of_a_day(world: World, ledger: RequestUnitLedger) -> None:
    """Ben's day changes between the steps. A second look finds the change."""
    (ben,) = world.members("Ben")
    world.book(ben, NINE)
    first = world.day(ben, NINE)

    def early() -> Plan[Days]:
        found = yield from read_plan.days([first.key])
        world.book(ben, TEN)
        return found

    def late(read: Any) -> Plan[Days]:
        yield from read_plan.days([])
        return (yield from read([first.key]))

    with ledger:
        found = read_together(world.table, [early(), late(read_plan.days), late(read_plan.days_again)], Days())
    assert [list(days) for days in found if isinstance(days, Days)] == [[first], [first], [world.day(ben, TEN)]]
    assert world.day(ben, TEN).version == first.version + 1


def test_r3_the_days_that_were_read_before_are_not_read_again(world: World, ledger: RequestUnitLedger) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    own = Days([world.day(ada, NINE)])
    with ledger:
        (found,) = read_together(world.table, [read_plan.days([(ada.member_id, TODAY)])], own)
    assert (list(found), ledger.requests) == (list(own), [])


def test_a_stale_plan_stops_no_other(world: World) -> None:
    def stale() -> Plan[None]:
        yield from read_plan.profile("unknown")
        raise StaleRead

    ada = world.member("Ada")
    failed, found = read_together(world.table, [stale(), read_plan.profile(ada.member_id)], Days())
    assert (type(failed), found) == (StaleRead, ada)
    with pytest.raises(StaleRead):
        read_alone(world.table, stale())


def test_a_refusal_of_a_plan_is_not_caught(world: World) -> None:
    def refused() -> Plan[None]:
        yield from read_plan.profile("unknown")
        raise RateLimited

    with pytest.raises(RateLimited):
        read_together(world.table, [refused()], Days())


@pytest.mark.parametrize(
    "read", [lambda slot: read_plan.waiting_in(slot, 0, 8), lambda slot: read_plan.last_waiting_in(slot, 0, 8)]
)
def test_r20_queues_are_read_in_parallel(world: World, ledger: RequestUnitLedger, read: Any) -> None:
    ada = world.member("Ada")
    slots = [at(1 + 24 * day) for day in range(4)]
    for slot in slots[:2]:
        world.book(ada, slot)
    with ledger, all_in_flight(world, len(slots)):
        found = read_together(world.table, [read(slot) for slot in slots], Days())
    assert found == [read_alone(world.table, read(slot)) for slot in slots]
    assert {shape for request in in_order(ledger) for shape in request} == {keys.pool_of(slot, 0) for slot in slots}


def test_r33_accounts_responses_and_shown_members_are_one_batch_each(world: World, ledger: RequestUnitLedger) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    for number in range(2):
        world.reply(ada, BookingRequest(at(1 + number)), KeyedRequest(f"key {number}", "digest"))
    recorded = {key: reads.recorded_response(world.table, ada.member_id, key) for key in ("key 0", "key 1")}
    world.now += timedelta(seconds=1)

    def read_of(plans: Sequence[Plan[Any]]) -> list[Any]:
        before = len(ledger.requests)
        with ledger:
            found = read_together(world.table, plans, Days())
        assert len(ledger.requests) == before + 1
        return found

    members = [ben.member_id, "unknown", cy.member_id]
    assert read_of([read_plan.profile(member) for member in members]) == [ben, None, cy]
    assert read_of([read_plan.recorded_response(ada.member_id, key) for key in ("key 1", "none", "key 0")]) == [
        recorded["key 1"],
        None,
        recorded["key 0"],
    ]
    shown = read_of([read_plan.profile_and_relation(ada.member_id, member) for member in members])
    assert [(profile, relation.favorite) for profile, relation in shown] == [(ben, True), (None, False), (cy, False)]
