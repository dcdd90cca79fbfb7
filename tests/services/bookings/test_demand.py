"""The demand in the calendar, by real bookings and stream records (R11, R46)."""

from datetime import datetime, timedelta

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.model.demand import Demand
from chalicelib.domain.model.member import Gender, PartnerGender, Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.availability import calendar
from chalicelib.services.slot_matching.demand_count import count_demand
from tests.harness import World, at

NINE, SHORT, FAR = at(1), at(1, minutes=25), at(24 * 80)
FIVE_WEEKS = timedelta(weeks=5)


def demand(
    world: World, caller: Profile, start: datetime | None = None, minutes: int | None = None
) -> dict[Slot, Demand]:
    """Return the demand that the caller's calendar of five weeks shows."""
    start = start or world.now
    views = calendar(world.context, caller, start, start + FIVE_WEEKS, minutes)
    return {view.slot: view.waiting for view in views}


def wait(world: World, slot: Slot, *members: Profile) -> None:
    """Let members wait in a slot who are never paired with each other, and count them."""
    world.relate([(one, other) for one in members for other in members if one != other], blocked=True)
    for member in members:
        world.book(member, slot)
    count_demand(world.context, [slot])


def test_r46_a_slot_shows_whether_others_wait_there(world: World) -> None:
    ada, ben, cy, eve = world.members("Ada", "Ben", "Cy", "Eve")
    wait(world, NINE, ada)
    wait(world, SHORT, ben, cy)
    assert demand(world, eve) == {NINE: Demand.SOME, SHORT: Demand.SOME}
    assert demand(world, eve, minutes=25) == {SHORT: Demand.SOME}
    # Ada's own session is listed, and she does not count herself.
    assert demand(world, ada) == {NINE: Demand.NONE, SHORT: Demand.SOME}


def test_r46_five_who_wait_are_many(world: World) -> None:
    *waiting, eve = world.members(*"ABCDEFG")
    wait(world, NINE, *waiting[:4])
    assert demand(world, eve) == {NINE: Demand.SOME}
    wait(world, NINE, *waiting)
    assert demand(world, eve) == {NINE: Demand.MANY}
    for member in waiting[:2]:
        world.say(member, RelationKind.BLOCK, eve)
    assert demand(world, eve) == {NINE: Demand.SOME}


@pytest.mark.long  # 25 members, each with relations to all others
def test_r46_each_of_five_crowded_slots_of_an_hour_shows_many(world: World) -> None:
    *waiting, eve = world.members(*(f"Member {number}" for number in range(26)))
    slots = [at(1 + quarter / 4, minutes=minutes) for minutes in (25, 50) for quarter in range(4)][:5]
    for number, slot in enumerate(slots):
        wait(world, slot, *waiting[number * 5 : number * 5 + 5])
    assert demand(world, eve) == dict.fromkeys(slots, Demand.MANY)


@pytest.mark.parametrize("kind", [RelationKind.BLOCK, RelationKind.SNOOZE])
def test_r46_a_member_with_a_block_or_snooze_in_either_direction_does_not_count(
    world: World, kind: RelationKind
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    wait(world, NINE, ada)
    until = {"until": world.now + timedelta(hours=5)} if kind is RelationKind.SNOOZE else {}
    world.say(ada, kind, ben, **until)
    world.say(cy, kind, ada, **until)
    assert demand(world, ben) == demand(world, cy) == {}
    world.take_back(ada, kind, ben)
    assert demand(world, ben) == {NINE: Demand.SOME}


def test_r46_a_changed_gender_preference_shows_at_once(world: World) -> None:
    ada, ben = world.member("Ada", gender=Gender.WOMAN), world.member("Ben", gender=Gender.MAN)
    wait(world, NINE, ada)
    assert demand(world, ben) == {NINE: Demand.SOME}
    world.set(ada, partner_gender=PartnerGender.SAME)
    assert demand(world, ben) == {}
    assert demand(world, world.set(ben, gender=Gender.WOMAN)) == {NINE: Demand.SOME}


def test_r46_a_deleted_member_does_not_count(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    wait(world, NINE, ada)
    world.leave(ada)
    assert demand(world, ben) == {}


def test_r18_neither_of_two_counts_for_the_other_after_a_cancel_there(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ada, NINE)
    session = world.book(ben, NINE)
    world.cancel(ben, session)
    count_demand(world.context, [NINE])
    assert demand(world, ben) == {}
    assert demand(world, cy) == {NINE: Demand.SOME}
    world.book(ben, NINE)
    count_demand(world.context, [NINE])
    assert demand(world, ada) == {NINE: Demand.NONE}


def test_r46_demand_is_shown_up_to_the_horizon_and_not_after_the_start(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    wait(world, FAR, ada)
    wait(world, NINE, ada)
    assert demand(world, ben) == {NINE: Demand.SOME}
    assert demand(world, ben, FAR.start) == {FAR: Demand.SOME}
    # The range begins within the session.
    assert demand(world, ben, FAR.start + timedelta(minutes=50)) == {FAR: Demand.SOME}
    assert demand(world, ben, FAR.start + timedelta(minutes=51)) == {}
    world.after(hours=1)
    assert demand(world, ben) == demand(world, ben, world.now - FIVE_WEEKS) == {}


def test_r11_a_block_changes_neither_the_requests_nor_the_rows_of_the_calendar(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    wait(world, NINE, ada)
    costs = []
    for shown in ({NINE: Demand.SOME}, {}):
        with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("calendar") as entry:
            assert demand(world, ben) == shown
        costs.append((entry.read_units, sorted(request.shape for request in ledger.requests)))
        world.say(ada, RelationKind.BLOCK, ben)
    assert costs[0] == costs[1]


def test_r36_the_demand_costs_the_queries_of_its_weeks_and_a_unit_for_each_member(world: World) -> None:
    *waiting, eve = world.members(*(f"Member {number}" for number in range(6)))
    wait(world, NINE, *waiting)
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("calendar") as entry:
        assert demand(world, eve) == {NINE: Demand.MANY}
    # Relations, six weeks of hours, own days, five profiles and five relations.
    assert entry.read_units == 0.5 + 6 * 0.5 + 0.5 + 5 * 0.5 + 5 * 0.5
