"""Tests of the reads of repeats."""

from datetime import timedelta

from msgspec.structs import replace

from chalicelib.domain.model.repeat import DueRepeats, Repeat, RepeatSchedule, Weekday
from chalicelib.storage import repeat_reads
from chalicelib.storage.document_keys import DUE_SHARDS
from chalicelib.storage.documents import document_item
from tests import batches
from tests.harness import MONDAY, World

REPEAT = Repeat(
    member_id="A" * 24,
    repeat_id="one",
    weekdays=(Weekday.MONDAY,),
    time="09:00",
    time_zone="UTC",
    minutes=50,
    first=MONDAY.date(),
    changed_at=MONDAY,
    made_at=MONDAY,
)


def test_r40_the_repeats_of_a_member_are_read_with_their_schedule(world: World) -> None:
    other = replace(REPEAT, repeat_id="two").handling(MONDAY.date())
    schedule = RepeatSchedule(member_id=REPEAT.member_id, due=MONDAY)
    assert repeat_reads.repeats_of(world.table, REPEAT.member_id).schedule == RepeatSchedule(member_id=REPEAT.member_id)
    batches.save(world.table, map(document_item, (other, REPEAT, schedule, replace(REPEAT, member_id="B" * 24))))
    found = repeat_reads.repeats_of(world.table, REPEAT.member_id)
    assert found == repeat_reads.MemberRepeats(schedule, [REPEAT, other])
    assert repeat_reads.repeat(world.table, REPEAT.member_id, "two") == other
    assert repeat_reads.repeat(world.table, REPEAT.member_id, "three") is None


def test_r40_the_members_with_due_repeats_are_those_up_to_now(world: World) -> None:
    rows = [DueRepeats(member_id=f"{n}" * 24, due=MONDAY + timedelta(seconds=n)) for n in range(-4, 3) if n]
    batches.save(world.table, map(document_item, rows))
    found = [
        one for shard in range(DUE_SHARDS) for one in repeat_reads.due_members(world.table, shard, MONDAY, most=100)
    ]
    assert sorted(found, key=lambda one: one.due) == rows[:4]
    later = MONDAY + timedelta(seconds=2)
    assert sum(len(repeat_reads.due_members(world.table, n, later, most=100)) for n in range(DUE_SHARDS)) == len(rows)
