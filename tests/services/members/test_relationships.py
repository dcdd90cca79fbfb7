"""Favorites, snoozes and blocks (R1, R6, R32)."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import SETTLE, RelationChange, WriteSet
from chalicelib.domain.model.errors import InvalidRequest, NotAvailable, NotFound, RateLimited, Refusal
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, versioned_limit_of
from chalicelib.domain.model.member import NO_RELATION, Profile, RelationKind
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.relationships import PersonView, list_people, remove_relation, set_relation
from chalicelib.services.members.watches import set_watch
from chalicelib.storage import job_reads, reads, watch_reads
from chalicelib.storage.errors import Conflict
from chalicelib.storage.transactions import commit
from tests.contract.client import at_once
from tests.fault_proxy import FaultProxy
from tests.harness import MONDAY, World, at
from tests.storage.commit_outcome import try_commit
from tests.table_snapshot import take_snapshot

NINE = at(1)
TOMORROW = MONDAY + timedelta(days=1)


def people(world: World, member_id: str) -> list[tuple[str, bool, bool, bool]]:
    found = list_people(world.context, member_id, world.now, after=None, limit=None)
    return sorted(
        (
            view.profile.name if view.profile else "",
            view.relation.favorite,
            view.relation.snoozed_until is not None,
            view.relation.blocked,
        )
        for view in found
    )


def test_r6_relations_are_one_way_and_independent_of_each_other(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    world.say(ada, RelationKind.SNOOZE, ben, until=TOMORROW)
    world.say(ada, RelationKind.BLOCK, cy)
    assert people(world, ada.member_id) == [("Ben", True, True, False), ("Cy", False, False, True)]
    assert people(world, ben.member_id) == []
    world.take_back(ada, RelationKind.SNOOZE, ben)
    assert people(world, ada.member_id) == [("Ben", True, False, False), ("Cy", False, False, True)]
    world.take_back(ada, RelationKind.FAVORITE, ben)
    world.take_back(ada, RelationKind.BLOCK, cy)
    assert people(world, ada.member_id) == []


def test_setting_or_removing_a_relation_twice_changes_nothing(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for _ in range(2):
        world.favorite(ada, ben)
    assert people(world, ada.member_id) == [("Ben", True, False, False)]
    for _ in range(2):
        world.take_back(ada, RelationKind.FAVORITE, ben)
    world.records()
    world.take_back(ada, RelationKind.FAVORITE, ben)
    assert world.records() == []


def test_r6_a_snooze_ends_at_its_instant(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.say(ada, RelationKind.SNOOZE, ben, until=MONDAY + timedelta(minutes=30))
    world.favorite(ben, ada)
    world.book(ada, NINE)
    world.now = MONDAY + timedelta(minutes=30) - timedelta(microseconds=1)
    with pytest.raises(NotAvailable):
        world.lock(ben, ada, NINE)
    world.after(microseconds=1)
    assert people(world, ada.member_id) == []
    assert world.lock(ben, ada, NINE)["state"] == "locked_in"


def test_people_are_listed_page_by_page(world: World) -> None:
    ada = world.member("Ada")
    others = world.members("Ben", "Cy", "Dee", "Eve", "Fay")
    world.favorite(ada, *others)
    seen: list[PersonView] = []
    while page := list_people(
        world.context, ada.member_id, world.now, after=seen[-1].member_id if seen else None, limit=2
    ):
        assert len(page) <= 2
        seen += page
    assert sorted(view.member_id for view in seen) == sorted(other.member_id for other in others)


def test_a_relation_to_an_unknown_member_or_oneself_is_refused(world: World) -> None:
    ada = world.member("Ada")
    for text in ("0" * 24, "x", "", "REL#"):
        for kind in RelationKind:
            with pytest.raises(NotFound):
                set_relation(
                    world.context, ada.member_id, text, kind, until=TOMORROW if kind is RelationKind.SNOOZE else None
                )
    with pytest.raises(InvalidRequest):
        world.favorite(ada, ada)
    with pytest.raises(InvalidRequest) as refusal:
        world.say(ada, RelationKind.SNOOZE, world.member("Ben"), until=world.now)
    assert refusal.value.field == "until"


@pytest.mark.long  # A sweep reads 372 partitions.
@pytest.mark.parametrize("locked", [False, True])
def test_r1_a_block_parts_the_pairs_ahead_and_both_members_wait_again(world: World, locked: bool) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    far = at(24 * 91 - 1)
    for slot in (NINE, at(15.5), far):
        world.book(ben, slot)
        world.reply(ada, BookingRequest(slot, lock_with=ben.member_id if locked and slot != far else None))
    before = [world.seen(member, slot) for member in (ada, ben) for slot in (NINE, at(15.5), far)]
    world.say(ben, RelationKind.BLOCK, ada)
    after = [world.seen(member, slot) for member in (ada, ben) for slot in (NINE, at(15.5), far)]
    assert [session["sessionId"] for session in after] == [session["sessionId"] for session in before]
    assert {(session["state"], session["lastChange"]["kind"]) for session in after} == {
        ("waiting", "partner_cancelled")
    }
    world.deliver()
    world.tick()
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)
    with pytest.raises(NotAvailable):
        world.lock(ada, ben, NINE)


@pytest.mark.parametrize("finisher", ["a repeat", "the stream", "the schedule"])
def test_r1_a_block_is_finished_after_a_crash(world: World, finisher: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.begin_to_block(ada, ben)
    assert world.state(ada, NINE) == ("matched", "Ben")
    if finisher == "a repeat":
        world.say(ada, RelationKind.BLOCK, ben)
    elif finisher == "the stream":
        world.deliver()
    else:
        run_jobs(world.context)
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)
    world.now += SETTLE - timedelta(microseconds=1)
    run_jobs(world.context)
    assert len(jobs(world)) == 1
    world.after(microseconds=1)
    run_jobs(world.context)
    assert jobs(world) == []


def test_r1_r36_a_block_bumps_the_existing_days_ahead_and_creates_none(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    before = take_snapshot(world.table).days
    world.say(ada, RelationKind.BLOCK, ben)
    after = take_snapshot(world.table).days
    assert {key: day.version - before[key].version for key, day in after.items()} == {(ada.member_id, NINE.date): 1}


def test_r36_a_repeated_block_bumps_no_day_after_a_minute(world: World) -> None:
    """Until then its first request may have died before its bumps, and a repetition is counted as a change is."""
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    start = world.day(ada, NINE).version

    def after_a_block() -> tuple[int, int]:
        world.say(ada, RelationKind.BLOCK, ben)
        return world.day(ada, NINE).version - start, relations_limit(world, ada).changes

    assert after_a_block() == (1, 1)
    world.now += SETTLE - timedelta(seconds=1)
    assert after_a_block() == (2, 2)
    world.now += SETTLE
    assert after_a_block() == (2, 2)
    # A clock that was set back far says nothing about the age.
    world.now -= timedelta(days=1)
    assert after_a_block() == (2, 2)


def test_r1_a_repeated_block_parts_a_pair_that_a_crash_left(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.begin_to_block(ada, ben)
    world.now += SETTLE
    world.say(ada, RelationKind.BLOCK, ben)
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


def test_r1_a_decision_from_before_a_block_conflicts_after_it(world: World) -> None:
    """The lock read days and relations before the block, so only the version bump makes it conflict."""
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.cancel(ben, world.book(ben, at(3)))
    days = reads.days(world.table, [(ada.member_id, NINE.date), (ben.member_id, NINE.date)])
    world.say(ben, RelationKind.BLOCK, ada)
    editor = DayEditor(days, "operation", world.now)
    mine = days.holding(ada.member_id, NINE)
    assert mine is not None
    theirs = replace(mine, booking_id=session_id(ben.member_id, NINE.date, "0" * 16), member_id=ben.member_id)
    editor.add_booking(theirs)
    editor.match(theirs, mine, "pair")
    with pytest.raises(Conflict):
        commit(world.table, WriteSet(days=editor.changes()), token=world.context.token(26), now=world.now)
    assert world.state(ada, NINE) == ("waiting", None)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("way", "operation", "held"),
    [
        ("lock", "BatchGetItem", 1),
        ("lock", "BatchGetItem", 2),
        ("book", "Query", 1),
        ("book", "Query", 2),
        ("book", "BatchGetItem", 1),
        ("book", "BatchGetItem", 2),
    ],
)
def test_r1_a_block_between_any_two_reads_leaves_no_pair(
    world: World, faults: FaultProxy, way: str, operation: str, held: int
) -> None:
    """The read order matters, which is the days of both members before their relations."""
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    booking_request = BookingRequest(NINE, lock_with=ben.member_id if way == "lock" else None)
    faults.hold_next(operation, number=held)
    booking = threading.Thread(target=lambda: refusal_code(lambda: world.reply(ada, booking_request)))
    booking.start()
    while booking.is_alive() and not faults.held.wait(0.005):
        """Wait until the booking is paused at the read, or has ended."""
    assert booking.is_alive()
    world.say(ben, RelationKind.BLOCK, ada)
    faults.release_held()
    booking.join()
    assert world.state(ben, NINE) == ("waiting", None)


def refusal_code(call: Callable[[], object]) -> str | None:
    """Return the code of the refusal that a call raises, or None."""
    try:
        call()
    except Refusal as refusal:
        return refusal.code
    return None


def test_r32_a_late_write_of_a_relation_conflicts_with_later_ones(world: World) -> None:
    """Catches a limit that counts only some kinds of relations, so that a delayed removal undoes a later block."""
    ada, ben = world.members("Ada", "Ben")
    world.say(ada, RelationKind.BLOCK, ben)
    before, limit = world.says(ada, ben), relations_limit(world, ada)
    late = RelationChange(ada.member_id, ben.member_id, before, replace(before, blocked=False))
    world.take_back(ada, RelationKind.BLOCK, ben)
    world.say(ada, RelationKind.BLOCK, ben)
    assert try_commit(world, WriteSet(relation=late, versioned_limit=limit)) is Conflict
    assert world.says(ada, ben).blocked


def test_r32_of_two_first_writes_of_a_relation_one_conflicts(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    before, limit = world.says(ada, ben), relations_limit(world, ada)
    world.favorite(ada, ben)
    late = RelationChange(ada.member_id, ben.member_id, before, replace(before, blocked=True))
    assert try_commit(world, WriteSet(relation=late, versioned_limit=limit)) is Conflict
    assert not world.says(ada, ben).blocked


def test_r36_a_list_of_people_reads_each_relation_once_and_each_profile(world: World) -> None:
    ada, *others = world.members("Ada", *(f"Member {n}" for n in range(8)))
    world.favorite(ada, *others)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        views = list_people(world.context, ada.member_id, world.now, after=None, limit=None)
    assert {view.profile for view in views} == set(others)
    first, *together = ((request.operation, request.read_units) for request in ledger.requests)
    # The relations, and then the profiles with the watches of favorites.
    assert first == ("Query", 1)
    assert sorted(together) == [("BatchGetItem", 4), ("Query", 0.5)]


def test_r33_a_favorite_that_a_deletion_removed_is_not_written_back(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    before, limit = world.says(ada, ben), relations_limit(world, ada)
    world.leave(ben)
    late = RelationChange(ada.member_id, ben.member_id, before, replace(before, blocked=True))
    assert try_commit(world, WriteSet(relation=late, versioned_limit=limit)) is Conflict


def test_r36_an_empty_relation_leaves_no_row(world: World) -> None:
    """Only a favorite has a copy with the other member."""
    ada, ben = world.members("Ada", "Ben")
    for kind in RelationKind:
        world.say(ada, kind, ben, until=TOMORROW if kind is RelationKind.SNOOZE else None)
        found = take_snapshot(world.table)
        assert list(found.relations) == [(ada.member_id, ben.member_id)]
        assert list(found.mirrors) == [(ada.member_id, ben.member_id)] * (kind is RelationKind.FAVORITE)
        world.take_back(ada, kind, ben)
        found = take_snapshot(world.table)
        assert (found.relations, found.mirrors) == ({}, {})


def test_r36_snoozes_that_have_ended_do_not_accumulate(world: World) -> None:
    ada = world.member("Ada")
    others = world.members("Ben", "Cy", "Dee", "Eve", "Fay")
    for other in (*others, *others):
        world.say(ada, RelationKind.SNOOZE, other, until=world.now + timedelta(minutes=1))
        world.after(minutes=1)
        assert len(take_snapshot(world.table).relations) == 1


def test_r36_blocks_and_running_snoozes_have_a_common_limit(world: World) -> None:
    world.allow(blocks=2)
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.say(ada, RelationKind.BLOCK, ben)
    world.say(ada, RelationKind.SNOOZE, cy, until=TOMORROW)
    for kind, until in ((RelationKind.SNOOZE, {"until": TOMORROW}), (RelationKind.BLOCK, {})):
        with pytest.raises(InvalidRequest) as refusal:
            world.say(ada, kind, dee, **until)
        assert refusal.value.field == "userId"
    # A member who is kept apart already counts once.
    world.say(ada, RelationKind.SNOOZE, ben, until=TOMORROW)
    world.say(ada, RelationKind.BLOCK, cy)
    world.favorite(ada, dee)
    world.take_back(ada, RelationKind.BLOCK, ben)
    world.take_back(ada, RelationKind.SNOOZE, ben)
    world.say(ada, RelationKind.BLOCK, dee)


def test_r36_a_snooze_that_has_ended_makes_room(world: World) -> None:
    world.allow(blocks=1)
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(ada, RelationKind.SNOOZE, ben, until=TOMORROW)
    world.now = TOMORROW
    world.say(ada, RelationKind.BLOCK, cy)
    assert people(world, ada.member_id) == [("Cy", False, False, True)]


def test_r36_changes_of_blocks_of_a_date_have_a_limit(world: World) -> None:
    """Removals count too, other relations do not, nor does a block that is repeated after a minute."""
    world.allow(block_changes=3)
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for _ in range(2):
        world.say(ada, RelationKind.BLOCK, ben)
        world.now += SETTLE
    world.take_back(ada, RelationKind.BLOCK, ben)
    world.favorite(ada, cy)
    world.say(ada, RelationKind.BLOCK, cy)
    for change in (world.say, world.take_back):
        with pytest.raises(RateLimited) as refusal:
            change(ada, RelationKind.BLOCK, ben if change == world.say else cy)
        assert refusal.value.retry_after == timedelta(hours=16) - 2 * SETTLE
    world.say(ada, RelationKind.SNOOZE, ben, until=TOMORROW)
    world.now = MONDAY + timedelta(hours=16)
    world.take_back(ada, RelationKind.BLOCK, cy)
    assert people(world, ada.member_id) == [("Ben", False, True, False), ("Cy", True, False, False)]


@pytest.mark.parametrize("kind", [RelationKind.FAVORITE, RelationKind.BLOCK])
def test_r36_of_concurrent_relations_at_the_limit_exactly_one_is_set(world: World, kind: RelationKind) -> None:
    world.allow(favorites=1, blocks=1)
    ada, *others = world.members("Ada", "Ben", "Cy", "Dee")
    outcomes = at_once([partial(refusal_code, partial(world.say, ada, kind, other)) for other in others])
    assert Counter(outcomes) == {None: 1, "invalid_request": 2}


def test_r33_a_relation_to_a_deleted_member_can_only_end(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.say(ada, RelationKind.BLOCK, ben)
    world.leave(ben)
    for kind in RelationKind:
        with pytest.raises(NotFound):
            world.say(ada, kind, ben, until=world.now + timedelta(days=1) if kind is RelationKind.SNOOZE else None)
    assert people(world, ada.member_id) == [("", False, False, True)]
    world.take_back(ada, RelationKind.BLOCK, ben)
    assert people(world, ada.member_id) == []


def test_r33_a_deleted_caller_changes_no_relation(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(ada, RelationKind.BLOCK, ben)
    world.begin_to_leave(ada)
    for change in (partial(world.take_back, ada, RelationKind.BLOCK, ben), partial(world.favorite, ada, cy)):
        assert refusal_code(change) == "unauthenticated"


def test_r36_a_block_costs_few_units(world: World) -> None:
    """Without sessions 10 units, of which the job's deletion takes 2, and 1 more for each day ahead."""
    ada, ben = world.members("Ada", "Ben")
    ledger = RequestUnitLedger(world.table.connection.client)

    def units(call: Callable[[], object]) -> int:
        with ledger, ledger.entry("call") as entry:
            call()
        return entry.write_units

    assert units(lambda: world.say(ada, RelationKind.BLOCK, ben)) == 8
    world.now += SETTLE
    assert units(lambda: run_jobs(world.context)) == 2
    assert units(lambda: world.take_back(ada, RelationKind.BLOCK, ben)) == 6
    found = take_snapshot(world.table)
    assert (found.relations, found.mirrors, found.jobs) == ({}, {}, {})
    for number in range(20):
        world.book(ada, at(1 + 24 * number))
    assert units(lambda: world.say(ada, RelationKind.BLOCK, ben)) == 28


def test_a_change_that_lost_a_race_after_its_first_read_is_decided_on_a_new_one(world: World) -> None:
    """The stale version of the limit makes the first attempt conflict, and the retry reads the version again."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    stale = relations_limit(world, ada)
    world.favorite(ada, cy)
    me, other, kind = ada.member_id, ben.member_id, RelationKind.FAVORITE
    set_relation(world.context, me, other, kind, begun=lambda: stale)
    assert world.says(ada, ben).favorite
    set_watch(world.context, me, other, begun=lambda: stale)
    assert watch_reads.watch(world.table, me, other)
    remove_relation(world.context, me, other, kind, begun=lambda: stale)
    assert (world.says(ada, ben), watch_reads.watch(world.table, me, other)) == (NO_RELATION, None)


def relations_limit(world: World, member: Profile) -> VersionedLimit:
    return reads.versioned_limit(world.table, versioned_limit_of(member.member_id, LimitKind.RELATIONS))


def jobs(world: World) -> list[str]:
    return [job_id for shard in range(2) for job_id in job_reads.job_ids(world.table, shard)]
