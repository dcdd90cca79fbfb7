"""The members without a partner at the start of a slot are counted in all queue shards (R23)."""

from datetime import timedelta

from chalicelib.services.slot_matching.unmatched_count import count_unmatched
from tests.harness import World, at
from tests.services.slot_matching.test_queue_shards import block_each_other, open_queue_shards

NINE = at(1)


def test_r23_waiting_members_in_any_queue_shard_of_a_starting_slot_are_counted(world: World) -> None:
    open_queue_shards(world, 1, 4)
    members = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    block_each_other(world, members)
    for member in members:
        world.book(member, NINE)
    assert {world.day(member, NINE).bookings[0].queue_shard for member in members} > {0}
    assert count_unmatched(world.context, NINE.start) == [0, 5, 0]


def test_r23_nothing_is_counted_between_two_starts(world: World) -> None:
    world.book(world.member("Ada"), NINE)
    assert count_unmatched(world.context, NINE.start + timedelta(minutes=1)) is None
    assert count_unmatched(world.context, NINE.start - timedelta(microseconds=1)) is None
