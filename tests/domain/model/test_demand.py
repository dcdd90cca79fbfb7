"""Demand without exact numbers, and its documents of bounded size (R36, R46)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking, QueuePosition, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.demand import (
    KEPT_CANCELS,
    KEPT_IN_HOUR,
    KEPT_IN_SLOT,
    MANY,
    Demand,
    HourOfDemand,
    WaitingMember,
    demand_of,
    hour_of,
    slots_with_other_queue,
    waiting_members,
)
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES, GRID, Slot
from chalicelib.storage.documents import document_item
from infra.in_memory_dynamodb.item_size import item_size
from tests.harness import MONDAY, at

NINE, QUARTER_PAST = at(1), at(1.25)
HOUR = HourOfDemand(hour=NINE.start, expires=NINE.start + timedelta(days=2))
WAITS = Booking("b", "ada", NINE, MONDAY, State.WAITING, queue_position=QueuePosition(displaced=False, since=MONDAY))
CANCELLED = WAITS.cancelled(MONDAY)
MATCHED = replace(WAITS, state=State.MATCHED, queue_position=None)


def members(number: int, first: int = 0) -> tuple[WaitingMember, ...]:
    return tuple(WaitingMember(f"{first + one:024}") for one in range(number))


def day(*bookings: Booking) -> Day:
    return Day("ada", NINE.date, bookings=bookings)


@pytest.mark.parametrize(("number", "demand"), [(0, "none"), (1, "some"), (4, "some"), (5, "many"), (99, "many")])
def test_r46_five_members_are_many(number: int, demand: str) -> None:
    assert demand_of(number) is Demand(demand)


def test_r46_a_count_replaces_the_members_of_its_slots_only() -> None:
    known = HOUR.counting({NINE: members(2), QUARTER_PAST: members(1, first=5)})
    assert known.waiting == {NINE: members(2), QUARTER_PAST: members(1, first=5)}
    assert known.counting({NINE: ()}).waiting == {QUARTER_PAST: members(1, first=5)}
    assert known.counting({NINE: ()}).counting({QUARTER_PAST: ()}) == HOUR


def test_r36_an_hour_keeps_the_first_members_of_each_slot() -> None:
    slots = [Slot(NINE.start + GRID * quarter, minutes) for quarter in range(4) for minutes in FOOTPRINT_MINUTES]
    crowded = HOUR.counting({slot: members(50) for slot in slots})
    # Every slot of a crowded hour shows many.
    assert [len(kept) for kept in crowded.waiting.values()] == [MANY] * 12
    assert sum(len(kept) for kept in crowded.waiting.values()) == KEPT_IN_HOUR
    assert HOUR.counting({NINE: members(50)}).waiting == {NINE: members(KEPT_IN_SLOT)}
    # A write of the document costs up to three units, and one with 20 members.
    assert len(document_item(crowded).document) < 2500
    assert len(document_item(HOUR.counting({slot: members(2) for slot in slots[:10]})).document) < 900


def test_r36_the_members_of_an_hour_share_the_cancels_that_it_keeps() -> None:
    slots = [Slot(NINE.start + GRID * quarter, minutes) for quarter in range(4) for minutes in FOOTPRINT_MINUTES]
    cancels = tuple(f"{n:08}" for n in range(KEPT_CANCELS - 1))

    def kept(hour: HourOfDemand) -> list[int]:
        return [len(one.cancelled_by) for waiting in hour.waiting.values() for one in waiting]

    def waiting(number: int) -> tuple[WaitingMember, ...]:
        return tuple(replace(member, cancelled_by=cancels) for member in members(number))

    assert kept(HOUR.counting({NINE: waiting(1)})) == [KEPT_CANCELS - 1]
    assert kept(HOUR.counting({NINE: waiting(KEPT_IN_SLOT)})) == [KEPT_CANCELS // KEPT_IN_SLOT] * KEPT_IN_SLOT
    crowded = HOUR.counting({slot: waiting(50) for slot in slots})
    assert kept(crowded) == [1] * KEPT_IN_HOUR
    # A write of the document costs three units.
    assert 2 * 1024 < item_size(document_item(crowded).serialize()) < 3 * 1024
    # A count of one slot that leaves fewer members gives it the larger share.
    fewer = crowded.counting(dict.fromkeys(slots[2:], ())).counting({slots[0]: waiting(50)})
    assert [[len(one.cancelled_by) for one in fewer.waiting[slot]] for slot in slots[:2]] == [[6] * 8, [1] * 5]


def test_r18_a_crowded_hour_keeps_all_cancels_while_they_are_few() -> None:
    slots = [Slot(NINE.start + GRID * quarter, minutes) for quarter in range(4) for minutes in FOOTPRINT_MINUTES]
    left = WaitingMember("ada", ("bob", "eve", "zoe"))
    crowded = HOUR.counting({slot: members(50) for slot in slots} | {NINE: (left,)})
    assert sum(map(len, crowded.waiting.values())) == KEPT_IN_HOUR
    assert crowded.waiting[NINE] == (left,)
    # A count of other slots neither cuts the cancels off nor could restore them.
    assert crowded.counting({slot: () for slot in slots if slot != NINE}).waiting == {NINE: (left,)}


def test_the_hour_of_a_slot_is_that_of_its_start() -> None:
    assert {hour_of(at(1 + quarter / 4)) for quarter in range(4)} == {NINE.start}


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (None, day(WAITS), {NINE}),
        (day(), day(WAITS), {NINE}),
        (day(WAITS), day(WAITS), set()),
        (day(WAITS), day(MATCHED), {NINE}),
        (day(MATCHED), day(WAITS), {NINE}),
        (day(MATCHED), day(CANCELLED), set()),
        (day(WAITS), day(CANCELLED), {NINE}),
        (None, day(MATCHED), set()),
    ],
)
def test_r46_a_write_changes_the_slots_in_which_its_owner_begins_or_ceases_to_wait(
    before: Day | None, after: Day, changed: set[Slot]
) -> None:
    assert slots_with_other_queue(before, after) == changed


def test_r18_a_waiting_member_has_the_members_who_cancelled_there() -> None:
    left = day(WAITS)
    for number in reversed(range(3)):
        left = left.with_cancelled_by(NINE, f"{number:08}of a member")
    left = left.with_cancelled_by(QUARTER_PAST, "another slot")
    assert waiting_members(NINE, [left]) == (WaitingMember("ada", tuple(f"{n:08}" for n in range(3))),)
    assert waiting_members(NINE, [day(MATCHED), day(CANCELLED), day()]) == ()
