"""Looks at the table: every item once, however many, and as it came."""

import pytest

from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.storage import raw_reads
from chalicelib.storage.keys import queue_shards
from chalicelib.storage.mappers import queue_shards_item
from tests.corrupt_items import put
from tests.harness import World, at
from tests.table_snapshot import look_at_everything

SLOT = at(1)


@pytest.mark.parametrize("read", [raw_reads.at, raw_reads.at_one_instant])
def test_as_many_items_are_read_as_are_asked_for(world: World, read: type) -> None:
    """More than one request takes; of what is not there nothing comes."""
    put(
        world.table,
        *(queue_shards_item(QueueShardsOpened(SLOT, 1, 4), queue_shard).serialize() for queue_shard in range(150)),
    )
    there = look_at_everything(world.table)
    assert len(there) == 150
    assert read(world.table, {*there, queue_shards(SLOT, 150)}) == there
    assert read(world.table, set()) == {}
    world.clear()
