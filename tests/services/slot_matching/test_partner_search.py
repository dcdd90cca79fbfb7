"""The search of every queue shard for the partner of a waiting booking (R10, R18, R20)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.queue_rows import WaitingRow, row_of
from chalicelib.domain.decisions.queue_view import PAGE
from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.domain.model.booking import Booking, QueuePosition
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.member import Activity, Profile
from chalicelib.services.slot_matching.partner_search import FoundPartner, all_waiting, find_partner
from chalicelib.storage import keys
from chalicelib.storage.mappers import queue_shards_item, row_item
from tests.batches import save
from tests.harness import MONDAY, World, at

NINE = at(1)


@pytest.fixture
def queues(world: World) -> Iterator[World]:
    """A deployment for rows without days."""
    yield world
    world.clear()


def store_rows(world: World, queue_shard: int, number: int) -> list[WaitingRow]:
    """Store waiting rows in one queue shard, and return them in the order of their queue positions."""
    since = [MONDAY - timedelta(minutes=number - minute) for minute in range(number)]
    rows = [
        WaitingRow(NINE, QueuePosition(displaced=False, since=instant), f"{queue_shard} {n:02}", queue_shard)
        for n, instant in enumerate(since)
    ]
    save(world.table, map(row_item, rows))
    return rows


def open_queue_shards(world: World, number: int) -> None:
    change = QueueShardsOpened(NINE, 1, number)
    save(world.table, [queue_shards_item(change, queue_shard) for queue_shard in range(number)])


@pytest.mark.parametrize(("start", "order"), [(0, [0, 1, 2, 3]), (1, [1, 2, 3, 0]), (3, [3, 0, 1, 2])])
def test_r20_every_queue_shard_is_read_once_from_the_given_one_on(queues: World, start: int, order: list[int]) -> None:
    open_queue_shards(queues, 4)
    rows = [store_rows(queues, queue_shard, 2) for queue_shard in range(4)]
    assert list(all_waiting(queues.context, NINE, start)) == [rows[queue_shard] for queue_shard in order]


def test_r20_a_queue_shard_is_read_page_by_page_before_the_next_one(queues: World) -> None:
    open_queue_shards(queues, 2)
    first, second = store_rows(queues, 0, PAGE + 1), store_rows(queues, 1, PAGE + 1)
    pages = [second[:PAGE], second[PAGE:], first[:PAGE], first[PAGE:]]
    assert list(all_waiting(queues.context, NINE, 1)) == pages


def test_r20_a_queue_without_opened_shards_is_one_shard(queues: World) -> None:
    rows = store_rows(queues, 0, 2)
    store_rows(queues, 1, 2)
    assert list(all_waiting(queues.context, NINE, 0)) == [rows]


def crowd(world: World, *members: Profile, moving: Sequence[Profile] = (), named: Profile | None = None) -> None:
    """Book the slot for each member without a match, and let every two of them meet afterwards.

    The first member may name a partner.
    """
    world.relate(combinations(members, 2), blocked=True)
    for member in members:
        activity = Activity.MOVING if member in moving else Activity.DESK
        world.after(seconds=1).book(member, NINE, activity=activity, prefer=named if member == members[0] else None)
    world.relate(combinations(members, 2))


def booking_of(world: World, member: Profile) -> Booking:
    """Return the member's active booking of the slot."""
    booking = world.day(member, NINE).holding(NINE)
    assert booking is not None
    return booking


def row(world: World, member: Profile) -> WaitingRow:
    """Return the row of a member who waits."""
    found = row_of(booking_of(world, member))
    assert isinstance(found, WaitingRow)
    return found


def search(world: World, member: Profile, pages: Iterator[Sequence[WaitingRow]]) -> FoundPartner:
    """Search a partner for the member in these pages."""
    return find_partner(world.context, booking_of(world, member), Days([world.day(member, NINE)]), pages, world.now)


def days(found: FoundPartner) -> dict[str, Day]:
    """Return the days on which the choice rests, by member id."""
    return {day.member_id: day for day in found.days}


def days_of(world: World, *members: Profile) -> dict[str, Day]:
    """Return the stored days of the members, by member id."""
    return {member.member_id: world.day(member, NINE) for member in members}


def test_r20_the_best_partner_of_the_first_page_with_a_compatible_member_is_chosen(world: World) -> None:
    """Cy waits longest, Dee has the work style, and Eve is on a page that is not read."""
    ada, ben, cy, dee, eve = members = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    crowd(world, *members, moving=[cy])
    world.relate([(ada, ben)], blocked=True)
    pages = iter([[row(world, ben)], [row(world, cy), row(world, dee)], [row(world, eve)]])
    found = search(world, ada, pages)
    assert (found.booking, days(found)) == (booking_of(world, dee), days_of(world, ada, cy, dee))
    assert list(pages) == [[row(world, eve)]]


@pytest.mark.parametrize("crowded", [False, True])
def test_r10_a_named_member_is_preferred_from_a_page_that_does_not_list_them(world: World, crowded: bool) -> None:
    """Ben waits longer and has the work style."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    crowd(world, ada, ben, cy, moving=[cy], named=cy)
    page = [row(world, ben)] if crowded else []
    found = search(world, ada, iter([page]))
    read = [ada, ben, cy] if crowded else [ada, cy]
    assert (found.booking, days(found)) == (booking_of(world, cy), days_of(world, *read))


def test_r20_a_named_member_who_is_not_compatible_does_not_end_the_search(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    crowd(world, ada, ben, cy, named=cy)
    world.relate([(cy, ada)], blocked=True)
    found = search(world, ada, iter([[row(world, cy)], [row(world, ben)]]))
    assert (found.booking, days(found)) == (booking_of(world, ben), days_of(world, ada, ben))


def test_r18_the_row_of_a_member_who_no_longer_waits_is_ignored(world: World) -> None:
    """Ben cancelled and Cy is matched with Dee since their rows were read."""
    ada, ben, cy, dee, eve = members = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    crowd(world, *members)
    stale = [row(world, ben), row(world, cy)]
    world.cancel(ben, world.seen(ben, NINE) or {})
    world.relate([(ada, cy), (cy, eve), (ada, dee), (dee, eve), (ada, eve)], blocked=True)
    world.deliver()
    assert world.state(cy, NINE) == ("matched", "Dee")
    world.relate([(ada, cy), (ada, eve)])
    assert search(world, ada, iter([stale])).booking is None
    assert search(world, ada, iter([[*stale, row(world, eve)]])).booking == booking_of(world, eve)


def test_r20_without_a_compatible_member_the_choice_rests_on_the_own_days(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    crowd(world, ada, ben)
    world.relate([(ada, ben)], blocked=True)
    found = search(world, ada, iter([[row(world, ada)], [row(world, ben)]]))
    assert (found.booking, days(found)) == (None, days_of(world, ada))


def test_r1_a_search_reads_the_queue_then_days_beside_relations_all_strongly_consistent(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    crowd(world, ada, ben)
    booking, own = booking_of(world, ada), Days([world.day(ada, NINE)])
    with RequestUnitLedger(world.table.connection.client) as ledger:
        find_partner(world.context, booking, own, all_waiting(world.context, NINE, 0), world.now)
    queue, *parallel = ledger.requests
    of_days, of_relations = sorted(parallel, key=lambda request: len(request.accesses))
    assert queue.accesses[0].key.pk == keys.pool_of(NINE, 0)
    assert [keys.Key(*access.key) for access in of_days.accesses] == [keys.day(ben.member_id, NINE.date)]
    one, other = ada.member_id, ben.member_id
    relations = {keys.profile(one), keys.profile(other), keys.about(one, other), keys.about(other, one)}
    assert {keys.Key(*access.key) for access in of_relations.accesses} == relations
    # A strongly consistent read of a small item costs one unit, an eventually consistent one half a unit.
    assert [request.read_units for request in (queue, of_days, of_relations)] == [1, 1, 4]
