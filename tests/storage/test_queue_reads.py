"""The reads of a slot's queue, page by page and queue shard by queue shard."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.decisions.queue_rows import PairRow, Row, WaitingRow
from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.storage import keys, queue_reads
from chalicelib.storage.mappers import queue_shards_item, row_item
from tests.batches import save
from tests.harness import MONDAY, World, at

NINE, ANOTHER_LENGTH, TEN = at(1), at(1, minutes=25), at(2)
# In the order of their queue positions.
WAITING = [
    WaitingRow(NINE, QueuePosition(displaced=displaced, since=MONDAY - timedelta(minutes=minutes)), f"{number:024}")
    for number, (displaced, minutes) in enumerate([(True, 1), (False, 3), (False, 2), (False, 1)])
]


@pytest.fixture
def queues(world: World) -> Iterator[World]:
    """A deployment for rows without days."""
    yield world
    world.clear()


def store(world: World, *rows: Row) -> None:
    save(world.table, map(row_item, rows))


def open_queue_shards(world: World, number: int) -> None:
    change = QueueShardsOpened(NINE, 1, number)
    save(world.table, [queue_shards_item(change, queue_shard) for queue_shard in range(number)])


def test_r13_waiting_rows_are_read_page_by_page_in_their_order(queues: World) -> None:
    store(queues, *reversed(WAITING), WaitingRow(ANOTHER_LENGTH, WAITING[0].queue_position, "A"))
    pages = list(queue_reads.waiting_in(queues.table, NINE, page=3))
    assert [page.rows for page in pages] == [WAITING[:3], WAITING[3:]]
    assert {page.queue_shards for page in pages} == {1}
    assert [page.rows for page in queue_reads.waiting_in(queues.table, NINE, page=4)] == [WAITING]


def test_an_empty_queue_has_one_empty_page(queues: World) -> None:
    assert list(queue_reads.waiting_in(queues.table, NINE, page=3)) == [([], 1)]


def test_the_first_page_has_the_number_of_queue_shards(queues: World) -> None:
    open_queue_shards(queues, 4)
    assert list(queue_reads.waiting_in(queues.table, NINE, page=1)) == [([], 4)]
    store(queues, *WAITING[:2])
    assert list(queue_reads.waiting_in(queues.table, NINE, page=2)) == [(WAITING[:2], 4)]


def test_each_queue_shard_has_its_own_rows(queues: World) -> None:
    open_queue_shards(queues, 4)
    elsewhere = WaitingRow(NINE, WAITING[1].queue_position, WAITING[1].member_id, 3)
    store(queues, WAITING[0], elsewhere)
    assert [page.rows for page in queue_reads.waiting_in(queues.table, NINE, page=9)] == [[WAITING[0]]]
    assert [page.rows for page in queue_reads.waiting_in(queues.table, NINE, 3, page=9)] == [[elsewhere]]


def test_the_last_waiting_rows_are_read_from_the_end(queues: World) -> None:
    store(queues, *WAITING)
    assert queue_reads.last_waiting_in(queues.table, NINE, 0, 2) == [WAITING[3], WAITING[2]]
    open_queue_shards(queues, 4)
    assert queue_reads.last_waiting_in(queues.table, NINE, 0, 9) == WAITING[::-1]


def test_r18_rows_that_are_gone_no_longer_wait(queues: World) -> None:
    store(queues, *WAITING[:3])
    assert queue_reads.still_waiting(queues.table, WAITING) == WAITING[:3]
    assert queue_reads.still_waiting(queues.table, []) == []


def contended(world: World) -> set[object]:
    return {
        queue.slot
        for shard in range(keys.DATE_PARTITIONS)
        for queue in queue_reads.queues_of(world.table, NINE.date, shard)
        if queue.contended
    }


def test_r19_slots_with_two_waiting_rows_or_several_queue_shards_are_contended(queues: World) -> None:
    store(queues, WAITING[0], WaitingRow(TEN, WAITING[0].queue_position, "A"))
    assert contended(queues) == set()
    store(queues, WaitingRow(TEN, WAITING[1].queue_position, "B"))
    assert contended(queues) == {TEN}
    open_queue_shards(queues, 4)
    assert contended(queues) == {NINE, TEN}


def test_r46_a_queue_has_its_first_members(queues: World) -> None:
    store(queues, *WAITING)
    expected = queue_reads.Queue(NINE, [row.member_id for row in WAITING], contended=True, sharded=False)
    partitions = range(keys.DATE_PARTITIONS)
    assert [one for shard in partitions for one in queue_reads.queues_of(queues.table, NINE.date, shard)] == [expected]
    open_queue_shards(queues, 4)
    sharded = expected._replace(sharded=True)
    assert [one for shard in partitions for one in queue_reads.queues_of(queues.table, NINE.date, shard)] == [sharded]


def test_pair_rows_are_read_queue_shard_by_queue_shard(queues: World) -> None:
    first = PairRow(NINE, "one", frozenset("AB"))
    second = PairRow(NINE, "two", frozenset("CD"), 2)
    store(queues, first, second, PairRow(ANOTHER_LENGTH, "three", frozenset("EF")), WAITING[0])
    assert list(queue_reads.pairs_in(queues.table, NINE, 0)) == [first]
    assert list(queue_reads.pairs_in(queues.table, NINE, 2)) == [second]
    assert list(queue_reads.pairs_in(queues.table, NINE, 1)) == []
