"""Re-matching by stream records and by schedules (R13, R18 to R23)."""

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.member import RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.slot_matching.rematch import rematch, rematch_slot
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.services.stream_records import requested_work
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)


def crowd(world: World, count: int, slot: Slot = NINE) -> list[Any]:
    """Return members who wait in a slot, with snoozes between all of them that just ended."""
    members = [world.member(f"Member {n}") for n in range(count)]
    for one in members:
        for other in members:
            if one is not other:
                world.say(one, RelationKind.SNOOZE, other, until=world.now + timedelta(seconds=1))
    for member in members:
        world.book(member, slot)
    world.after(seconds=1)
    return members


def states(world: World, members: list[Any], slot: Slot = NINE) -> list[str]:
    return [world.state(member, slot)[0] for member in members]


def test_r18_the_stream_matches_a_member_whose_partner_cancelled(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(cy, RelationKind.BLOCK, ben)
    for member in (ada, ben, cy):
        world.book(member, NINE)
    world.deliver()
    assert world.state(cy, NINE) == ("waiting", None)
    world.cancel(ben, world.seen(ben, NINE))
    world.deliver()
    assert world.state(ada, NINE) == ("matched", "Cy")


def test_r13_the_stream_matches_a_displaced_member(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.say(ada, RelationKind.BLOCK, dee)
    for member in (ada, ben, dee):
        world.book(member, NINE)
    world.favorite(cy, ada)
    world.lock(cy, ada, NINE)
    world.deliver()
    assert world.state(ben, NINE) == ("matched", "Dee")


def test_r19_two_members_who_began_to_wait_at_the_same_instant_are_paired(world: World) -> None:
    members = crowd(world, 2)
    assert states(world, members) == ["waiting", "waiting"]
    world.deliver()
    assert states(world, members) == ["matched", "matched"]


def test_r19_repeated_and_reversed_records_have_one_effect(world: World) -> None:
    members = crowd(world, 6)
    records = world.records()
    for batch in (records[::-1], records, records):
        assert handle_records(world.context, batch) == {"batchItemFailures": []}
    assert states(world, members) == ["matched"] * 6
    before = [world.day(member, NINE) for member in members]
    world.deliver(times=2)
    handle_records(world.context, records)
    assert [world.day(member, NINE) for member in members] == before


def test_r19_the_sweep_pairs_waiting_members_without_stream_records(world: World) -> None:
    members = crowd(world, 7)
    assert sweep(world.context) == 3
    assert sorted(states(world, members)) == ["matched"] * 6 + ["waiting"]
    assert sweep(world.context) == 0


@pytest.mark.long  # A sweep reads 372 partitions.
def test_r19_the_sweep_reaches_the_whole_horizon(world: World) -> None:
    slot = Slot(MONDAY + timedelta(weeks=13), 75)
    members = crowd(world, 2, slot)
    sweep(world.context)
    assert states(world, members, slot) == ["matched", "matched"]


@pytest.mark.long  # Each sweep reads 372 partitions.
@pytest.mark.parametrize("obstacle", ["unblock", "the end of a snooze", "a setting"])
def test_r19_a_pair_that_becomes_possible_is_made_by_the_next_sweep(world: World, obstacle: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    if obstacle == "unblock":
        world.say(ada, RelationKind.BLOCK, ben)
    elif obstacle == "a setting":
        world.set(ada, partner_gender="same")
    else:
        world.say(ada, RelationKind.SNOOZE, ben, until=MONDAY + timedelta(minutes=5))
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.tick()
    assert states(world, [ada, ben]) == ["waiting", "waiting"]
    if obstacle == "unblock":
        world.take_back(ada, RelationKind.BLOCK, ben)
    elif obstacle == "a setting":
        world.set(ada, partner_gender="any")
    world.after(minutes=5).tick()
    assert states(world, [ada, ben]) == ["matched", "matched"]


@pytest.mark.long  # Books more than a page of members.
def test_r20_a_partner_behind_a_page_of_incompatible_members_is_found(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    others = [world.member(f"Member {n}") for n in range(20)]
    world.relate(combinations([ada, *others], 2), snoozed_until=MONDAY + timedelta(days=1))
    world.relate(((ben, one) for one in others), snoozed_until=MONDAY + timedelta(days=1))
    for one in others:
        world.after(seconds=1).book(one, NINE)
    world.say(ada, RelationKind.SNOOZE, ben, until=world.now + timedelta(seconds=1))
    world.book(ben, NINE)
    world.after(seconds=1).book(ada, NINE)
    world.deliver()
    assert world.state(ada, NINE) == ("matched", "Ben")


def test_r21_finalize_matches_the_slots_that_start_within_ten_minutes(world: World) -> None:
    near, far = at(0.25, minutes=25), at(0.5, minutes=25)
    soon, later = crowd(world, 2, near), crowd(world, 2, far)
    world.now = near.start - timedelta(minutes=10)
    assert finalize(world.context) == 1
    assert states(world, soon, near) == ["matched", "matched"]
    assert states(world, later, far) == ["waiting", "waiting"]


def test_r22_waiting_members_are_matched_until_the_start(world: World) -> None:
    members = crowd(world, 2)
    world.now = NINE.start - timedelta(microseconds=1)
    world.tick()
    assert states(world, members) == ["matched", "matched"]


def test_r23_a_member_without_a_partner_at_the_start_stays_unmatched(world: World) -> None:
    members = crowd(world, 2)
    records = world.records()
    world.now = NINE.start
    handle_records(world.context, records)
    world.tick()
    assert states(world, members) == ["unmatched", "unmatched"]
    assert world.seen(members[0], NINE)["users"][0]["completed"] is False


def test_a_record_that_fails_is_reported_and_does_not_stop_the_others(world: World) -> None:
    members = crowd(world, 2)
    good = world.records()
    known = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": pk, "Keys": {"PK": {"S": pk}, "SK": {"S": sk}}}}
        for pk, sk in [("POOL#x", "y"), ("POOL#2026-03-02#0", "9999#50#1#x#y"), ("CHORE#0", "gone"), ("NEW#", "")]
    ]
    half = len(good) // 2
    reported = handle_records(world.context, [*good[:half], *known, *good[half:]])
    assert reported == {"batchItemFailures": [{"itemIdentifier": "POOL#x"}, {"itemIdentifier": "POOL#2026-03-02#0"}]}
    assert states(world, members) == ["matched", "matched"]


def test_only_the_insert_of_a_waiting_row_starts_matching(world: World) -> None:
    members = crowd(world, 2)
    records = world.records()
    handle_records(world.context, [record for record in records if record["eventName"] != "INSERT"])
    handle_records(world.context, [record for record in records if "POOL#" not in str(record["dynamodb"]["Keys"])])
    assert states(world, members) == ["waiting", "waiting"]


def three_groups(world: World) -> dict[str, Any]:
    """Match Ben with Cy and Eli with Fay, and let Gia wait, who fits Fay only. The stream is delivered."""
    members = {name: world.member(name) for name in ("Ada", "Ben", "Cy", "Eli", "Fay", "Gia")}
    world.set(members["Gia"], gender="woman", partner_gender="same")
    members["Fay"] = world.set(members["Fay"], gender="woman")
    for name in ("Ben", "Cy", "Eli", "Fay", "Gia"):
        world.book(members[name], NINE)
    world.favorite(members["Ada"], members["Ben"])
    world.deliver()
    return members


def leave_cy(world: World, members: dict[str, Any]) -> None:
    """Cancel Ben's session, after the stream is delivered."""
    world.deliver()
    world.cancel(members["Ben"], world.seen(members["Ben"], NINE))


@pytest.mark.parametrize(("minutes", "matched"), [(10, True), (10.01, False), (5.01, True), (5, False)])
def test_r21_the_stream_moves_pairs_only_between_the_begin_of_finalizing_and_the_cut_off(
    world: World, minutes: float, matched: bool
) -> None:
    members = three_groups(world)
    world.now = NINE.start - timedelta(minutes=minutes)
    leave_cy(world, members)
    world.deliver()
    assert (world.state(members["Cy"], NINE)[0] == "matched") is matched
    assert (world.state(members["Gia"], NINE) == ("matched", "Fay")) is matched


def test_r13_a_member_who_is_displaced_in_the_last_minutes_is_matched_by_moves(world: World) -> None:
    members = three_groups(world)
    world.now = NINE.start - timedelta(minutes=6)
    finalize(world.context)
    world.after(seconds=1).lock(members["Ada"], members["Ben"], NINE)
    world.deliver()
    assert {name: world.state(members[name], NINE)[1] for name in ("Ben", "Cy", "Fay")} == {
        "Ben": "Ada",
        "Cy": "Eli",
        "Fay": "Gia",
    }


def pair_the_displaced(world: World, slot: Slot) -> dict[str, Any]:
    """Lock Ada in with Ben in a slot, which pairs Cy and Dee in the same write. Eli fits Cy only, and Fay Dee only.

    Ada accepts women only, so nothing but the lock pairs her with Ben. No record is delivered afterwards.
    """
    members = {name: world.member(name) for name in ("Ada", "Ben", "Cy", "Dee", "Eli", "Fay")}
    ada, ben, cy, dee, eli, fay = members.values()
    members["Ada"] = world.set(ada, gender="woman", partner_gender="same")
    world.set(dee, gender="woman")
    world.set(ben, availability="favorites")
    world.favorite(ada, ben)
    world.favorite(ben, ada)
    apart = [(ada, eli), (ada, fay), (ben, eli), (ben, fay), (cy, fay), (dee, eli), (eli, fay)]
    world.relate(apart, snoozed_until=slot.end)
    for name in ("Ada", "Dee", "Ben", "Cy", "Eli", "Fay"):
        world.book(members[name], slot)
    world.deliver()
    world.after(seconds=1).lock(members["Ada"], ben, slot)
    assert world.state(cy, slot) == ("matched", "Dee")
    return members


@pytest.mark.parametrize(("minutes", "broken"), [(10.01, False), (9.9, True), (5.1, True), (5, False)])
def test_r21_a_pair_that_a_lock_made_is_broken_at_once_where_that_gains_one(
    world: World, minutes: float, broken: bool
) -> None:
    slot = at(0.25)
    world.now = slot.start - timedelta(minutes=minutes) - timedelta(seconds=1)
    members = pair_the_displaced(world, slot)
    assert world.now == slot.start - timedelta(minutes=minutes)
    world.deliver()
    partners = {name: world.state(members[name], slot)[1] for name in ("Cy", "Dee")}
    assert partners == ({"Cy": "Eli", "Dee": "Fay"} if broken else {"Cy": "Dee", "Dee": "Cy"})


def due_crowd(world: World) -> tuple[Slot, list[dict[str, Any]]]:
    """Let two members wait in a slot that is due, and return it with the records of their waiting rows."""
    slot = at(0.25)
    world.now = slot.start - timedelta(minutes=9)
    crowd(world, 2, slot)
    return slot, [record for record in world.records() if isinstance(requested_work(record), WaitingRow)]


def test_r19_a_record_whose_run_meets_only_conflicts_is_delivered_again(world: World, faults: FaultProxy) -> None:
    slot, (_, last) = due_crowd(world)
    faults.plan[:] = [Fault.CONFLICT] * 100
    failed = {"itemIdentifier": last["dynamodb"]["SequenceNumber"]}
    assert handle_records(world.context, [last]) == {"batchItemFailures": [failed]}
    faults.plan.clear()
    assert handle_records(world.context, [last]) == {"batchItemFailures": []}
    assert {row.slot for row in take_snapshot(world.table).pair_rows} == {slot}


def test_r19_a_run_that_fails_is_not_repeated_for_the_other_records_of_its_batch(
    world: World, faults: FaultProxy
) -> None:
    _, records = due_crowd(world)
    faults.plan[:] = [Fault.CONFLICT] * 100
    failed = handle_records(world.context, records)["batchItemFailures"]
    assert failed == [{"itemIdentifier": records[0]["dynamodb"]["SequenceNumber"]}]


def test_r21_a_batch_plans_the_slot_of_repeated_pair_rows_once(world: World) -> None:
    slot = at(0.25)
    world.now = slot.start - timedelta(minutes=9)
    pair_the_displaced(world, slot)
    records = [record for record in world.records() if requested_work(record) == slot]
    planned: dict[Slot, bool] = {}
    with RequestUnitLedger(world.table.connection.client) as ledger:
        with ledger.entry("first") as first:
            assert rematch_slot(world.context, slot, planned)
        with ledger.entry("again") as again:
            assert rematch_slot(world.context, slot, planned)
    assert (len(records), planned) == (1, {slot: True})
    assert first.requests
    assert not again.requests


def test_r21_a_batch_plans_a_slot_once(world: World) -> None:
    """Ten members wait, each snoozed by all others. Each further record of the slot reads nothing."""
    slot = at(0.25)
    members = [world.member(f"Member {n}") for n in range(10)]
    world.relate(combinations(members, 2), snoozed_until=MONDAY + timedelta(days=1))
    for member in members:
        world.book(member, slot)
    records = world.records()
    world.now = slot.start - timedelta(minutes=9)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        with ledger.entry("one") as one:
            handle_records(world.context, [next(each for each in records if "POOL#" in str(each))])
        with ledger.entry("all") as every:
            handle_records(world.context, records)
    assert len(every.requests) == len(one.requests)


def test_r13_a_member_behind_a_long_queue_is_matched_alone(world: World) -> None:
    """The run for a record considers the first two of the queue, and Ada and Ben are the last two."""
    slot = at(0.25)
    ada, ben, *others = (world.member(name) for name in ("Ada", "Ben", "Cy", "Dee"))
    world.relate(combinations([ada, *others], 2), snoozed_until=MONDAY + timedelta(days=1))
    world.relate(((ben, one) for one in others), snoozed_until=MONDAY + timedelta(days=1))
    for one in others:
        world.after(seconds=1).book(one, slot)
    world.say(ada, RelationKind.SNOOZE, ben, until=world.now + timedelta(seconds=1))
    world.book(ben, slot)
    world.book(ada, slot)
    world.now = slot.start - timedelta(minutes=9)
    rows = [row for record in world.records() if isinstance(row := requested_work(record), WaitingRow)]
    planned: dict[Slot, bool] = {}
    for row in rows:
        rematch(world.context, row, planned, max_waiting=2)
    assert world.state(ada, slot) == ("matched", "Ben")
