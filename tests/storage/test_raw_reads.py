"""Raw reads return every item once, across the limits of one request, and decode none."""

import pytest

from chalicelib.domain.decisions.write_set import Job, JobKind, QueueShardsOpened
from chalicelib.storage import raw_reads
from chalicelib.storage.keys import Key, job, profile, queue_shards
from chalicelib.storage.mappers import job_item, queue_shards_item
from tests.batches import put, save
from tests.harness import World, at
from tests.table_snapshot import read_whole_table

SLOT = at(1)


@pytest.mark.parametrize("read", [raw_reads.items, raw_reads.items_at_one_instant])
def test_more_keys_than_one_request_takes_are_all_read(world: World, read: type) -> None:
    save(
        world.table,
        (queue_shards_item(QueueShardsOpened(SLOT, 1, 4), queue_shard) for queue_shard in range(150)),
    )
    stored = read_whole_table(world.table)
    assert len(stored) == 150
    assert read(world.table, {*stored, queue_shards(SLOT, 150)}) == stored
    assert read(world.table, set()) == {}
    world.clear()


def test_a_missing_item_is_left_out(moto_world: World) -> None:
    missing = {profile("missing")}
    assert raw_reads.items(moto_world.table, missing) == raw_reads.items_at_one_instant(moto_world.table, missing) == {}


def test_an_item_that_cannot_be_decoded_is_read_unchanged(moto_world: World) -> None:
    raw = {"PK": {"S": "PARTITION"}, "SK": {"S": "SORT"}, "k": {"S": "no kind"}}
    put(moto_world.table, raw)
    assert raw_reads.items(moto_world.table, {Key("PARTITION", "SORT")}) == {Key("PARTITION", "SORT"): raw}
    moto_world.table.delete_item("PARTITION", "SORT")


def test_all_jobs_are_read(moto_world: World) -> None:
    """One request reads about 1 MB, and each job here takes a third of it."""
    save(moto_world.table, (job_item(Job(f"{n}", JobKind.PARTING, "a" * 350_000, "b")) for n in range(12)))
    moto_world.member("Ada")
    assert set(raw_reads.open_jobs(moto_world.table)) == {job(f"{n}") for n in range(12)}


def test_a_page_starts_after_the_one_before(moto_world: World) -> None:
    moto_world.members("Ada", "Ben", "Cy")
    seen: list[Key] = []
    for segment in range(raw_reads.SEGMENTS):
        after = None
        while True:
            page, after = raw_reads.page(moto_world.table, 1, segment, after)
            assert len(page) <= 1
            seen += page
            if after is None:
                break
    assert len(seen) == 3
    assert set(seen) == set(read_whole_table(moto_world.table))
