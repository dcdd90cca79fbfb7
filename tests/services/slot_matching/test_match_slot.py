"""Matching of large slots, on an in-memory table with stored bookings (R20, R21)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from msgspec.structs import replace

from bench.stored_slot import member_items, paired_bookings, relation_items, waiting_booking
from chalicelib.domain.decisions.queue_rows import PairRow
from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.domain.model.booking import Booking, QueuePosition
from chalicelib.domain.model.ids import unkeyed_member_id
from chalicelib.domain.model.member import Gender, PartnerGender, Profile, Relation
from chalicelib.domain.model.slot import Slot
from chalicelib.services.slot_matching.match_slot import MAX_PAIRS_READ, TIME_FOR_PARTS, match_slot
from chalicelib.storage.mappers import queue_shards_item, row_item
from infra.in_memory_dynamodb.capacity import CapacityLimits
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment, settings
from tests.invariants import check_all
from tests.table_snapshot import take_snapshot

NINE = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), 50)
WINDOW = NINE.start - settings().finalize_ahead
MOVES_END = NINE.start - settings().move_cutoff
LATER = NINE.start + timedelta(hours=1)


def people(first: int, number: int, **settings: object) -> list[Profile]:
    """Return members with these settings."""
    ids = [unkeyed_member_id("settle", str(first + n)) for n in range(number)]
    return [replace(Profile(one, one[:6], "UTC", WINDOW, "first"), **settings) for one in ids]


def bookings(unmatched: Sequence[Profile], couples: Sequence[Profile]) -> Iterator[tuple[Profile, Booking]]:
    """Yield waiting bookings of the first members, and random pairs of neighbours of the others."""
    since = WINDOW - timedelta(hours=1)
    yield from ((one, waiting_booking(one, NINE, QueuePosition(displaced=False, since=since))) for one in unmatched)
    for one, other in zip(couples[::2], couples[1::2], strict=True):
        halves = (waiting_booking(each, NINE, QueuePosition(displaced=False, since=since)) for each in (one, other))
        yield from zip((one, other), paired_bookings(*halves), strict=True)


@pytest.fixture
def world() -> SimulatedDeployment:
    return SimulatedDeployment(DeploymentOptions(WINDOW, schedules=False))


def fill(world: SimulatedDeployment, unmatched: Sequence[Profile], couples: Sequence[Profile] = ()) -> None:
    items = chain.from_iterable(member_items(one, booking) for one, booking in bookings(unmatched, couples))
    world.table.load(item.serialize() for item in items)


def block(world: SimulatedDeployment, pairs: Sequence[tuple[Profile, Profile]]) -> None:
    """Store a block of the first member of each pair on the second."""
    blocked = Relation(blocked=True)
    items = chain.from_iterable(relation_items(one.member_id, other.member_id, blocked) for one, other in pairs)
    world.table.load(item.serialize() for item in items)


def partners(world: SimulatedDeployment) -> dict[str, str]:
    """Return the partner of each member, after a check of all invariants."""
    snapshot = take_snapshot(world.context.table)
    check_all(snapshot, world.scheduler.now())
    held = [booking for day in snapshot.days.values() for booking in day.active]
    return {booking.member_id: booking.partner.member_id for booking in held if booking.partner}


def test_r21_of_hundreds_of_pairs_only_the_useful_one_is_broken(world: SimulatedDeployment) -> None:
    men = people(0, 2 * MAX_PAIRS_READ, gender=Gender.MAN)
    useful = people(2000, 2, gender=Gender.WOMAN)
    unmatched = people(2002, 2, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    fill(world, unmatched, [*men[:MAX_PAIRS_READ], *useful, *men[MAX_PAIRS_READ:]])
    block(world, [(unmatched[0], unmatched[1])])
    assert match_slot(world.context, NINE, LATER, move=True).gained == 1
    made = partners(world)
    women = {one.member_id for one in (*unmatched, *useful)}
    assert all(made[one] in women for one in women)
    assert made[unmatched[0].member_id] in {one.member_id for one in useful}


def test_r22_no_pair_is_read_after_the_cut_off_of_moves(world: SimulatedDeployment) -> None:
    unmatched = people(2002, 2, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    fill(world, unmatched, people(0, 100, gender=Gender.MAN))
    block(world, [(unmatched[0], unmatched[1])])
    requests = []
    for now in (MOVES_END - timedelta(minutes=1), MOVES_END):
        world.scheduler.run(now)
        before = world.client.requests
        assert match_slot(world.context, NINE, LATER, move=True).gained == 0
        requests.append(world.client.requests - before)
    # The queue twice, two days, two profiles and two lists of relations.
    assert requests[1] == 6
    assert requests[0] > requests[1] + 100


def test_r23_of_a_slot_that_has_started_only_the_queue_is_read(world: SimulatedDeployment) -> None:
    fill(world, people(0, 10))
    world.scheduler.run(NINE.start)
    before = world.client.requests
    assert match_slot(world.context, NINE, LATER, move=True).gained == 0
    # The number of queue shards, and the queue.
    assert world.client.requests - before == 2


def test_r20_no_queue_shard_is_always_the_last() -> None:
    """Each run pairs the two members of one queue shard."""
    first = set()
    for seed in range(12):
        world = SimulatedDeployment(DeploymentOptions(WINDOW, schedules=False, seed=seed))
        everyone = people(0, 8)
        for n, (one, booking) in enumerate(bookings(everyone, ())):
            world.table.load(item.serialize() for item in member_items(one, replace(booking, queue_shard=n // 2)))
        opened = QueueShardsOpened(NINE, 1, 4)
        world.table.load(queue_shards_item(opened, queue_shard).serialize() for queue_shard in range(4))
        assert match_slot(world.context, NINE, LATER, move=False, max_waiting=2).gained == 1
        first |= {n // 2 for n, one in enumerate(everyone) if one.member_id in partners(world)}
    assert first == {0, 1, 2, 3}


def test_r19_a_queue_too_long_for_one_run_is_paired_by_the_next(world: SimulatedDeployment) -> None:
    fill(world, people(0, 70))
    gained = []
    while more := match_slot(world.context, NINE, LATER, move=True, max_waiting=40).gained:
        gained.append(more)
    assert gained == [20, 15]


@pytest.mark.long  # Simulates 300 members.
def test_r19_a_failed_step_is_planned_again_within_the_limit_of_members() -> None:
    """The table throttles, so some steps of the first round fail."""
    limits, gained = CapacityLimits(write=20), []
    world = SimulatedDeployment(DeploymentOptions(WINDOW, limits=limits, schedules=False))
    fill(world, people(0, 300))
    world.scheduler.spawn(
        lambda: gained.append(match_slot(world.context, NINE, LATER, move=True, max_waiting=100).gained)
    )
    world.run_for(seconds=60)
    assert sum(world.capacity.writes.refused.values()) > 50
    assert gained == [len(partners(world)) // 2] == [50]


@pytest.mark.parametrize(("before", "gained"), [(timedelta(0), 0), (timedelta(microseconds=1), 1)])
def test_r21_a_step_of_several_parts_does_not_start_shortly_before_the_cut_off_of_moves(
    world: SimulatedDeployment, before: timedelta, gained: int
) -> None:
    """Each member is compatible with its neighbours only. The first and the last member wait."""
    ids = people(0, 60)
    fill(world, [ids[0], ids[-1]], ids[1:-1])
    block(world, [(one, other) for n, one in enumerate(ids) for other in ids[n + 2 :]])
    world.scheduler.run(MOVES_END - TIME_FOR_PARTS - before)
    assert match_slot(world.context, NINE, LATER, move=True).gained == gained
    assert len(partners(world)) == 58 + 2 * gained


def test_r21_a_member_who_was_read_in_two_pairs_is_not_moved() -> None:
    """The row of a former pair was read, and the rows of the current pairs of its members."""
    # With this seed the plan once looped without end.
    world = SimulatedDeployment(DeploymentOptions(WINDOW, schedules=False, seed=1))
    one, other, cy, dee = people(10, 4)
    ada, ben = sorted(people(0, 2), key=lambda profile: profile.member_id)
    fill(world, [one, other], [ada, cy, ben, dee])
    former = PairRow(NINE, f"{ada.member_id}~", frozenset({ada.member_id, ben.member_id}))
    world.table.load([row_item(former).serialize()])
    blocks = [
        (one, cy),
        (one, other),
        (other, ben),
        (other, cy),
        (one, ben),
        (ben, other),
        (dee, ada),
        (dee, other),
    ]
    block(world, blocks)
    assert match_slot(world.context, NINE, LATER, move=True).gained == 0


@pytest.mark.parametrize(("most", "gained"), [(0, 0), (1, 1)])
def test_r21_a_run_considers_a_given_number_of_pairs(world: SimulatedDeployment, most: int, gained: int) -> None:
    one, other, *couple = people(0, 4)
    fill(world, [one, other], couple)
    block(world, [(one, other), (one, couple[1]), (other, couple[0])])
    assert match_slot(world.context, NINE, LATER, move=True, max_pairs=most).gained == gained


def test_r21_a_step_that_was_planned_in_time_does_not_start_after_the_time(world: SimulatedDeployment) -> None:
    fill(world, people(0, 2))
    until, before = WINDOW + timedelta(minutes=1), world.client.requests
    # The reads of the plan take the whole time.
    world.context.clock = lambda: until if world.client.requests - before > 3 else WINDOW
    run = match_slot(world.context, NINE, until, move=True)
    assert (run.gained, run.complete) == (0, False)
