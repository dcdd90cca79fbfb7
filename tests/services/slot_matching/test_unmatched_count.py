"""Who is left when a slot starts is counted in all lanes of its queue (R23)."""

from datetime import timedelta

from chalicelib.services.slot_matching.unmatched_count import unmatched
from tests.harness import World, at
from tests.services.slot_matching.test_queue_shards import apart, open_lanes

NINE = at(1)


def test_r23_whoever_is_left_in_any_lane_of_a_slot_that_starts_is_counted(world: World) -> None:
    open_lanes(world, 1, 4)
    members = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    apart(world, members)
    for member in members:
        world.book(member, NINE)
    assert {world.day(member, NINE).bookings[0].queue_shard for member in members} > {0}
    assert unmatched(world.context, NINE.start) == [0, 5, 0]


def test_between_two_starts_there_is_nothing_to_count(world: World) -> None:
    world.book(world.member("Ada"), NINE)
    assert unmatched(world.context, NINE.start + timedelta(minutes=1)) is None
    assert unmatched(world.context, NINE.start - timedelta(microseconds=1)) is None
