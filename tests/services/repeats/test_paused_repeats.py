"""The repeats of a suspended member (R47)."""

from datetime import timedelta

import pytest

from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.errors import Busy
from chalicelib.services.repeats.paused_repeats import pause_repeats, resumed_repeats
from chalicelib.services.transaction import run_transaction
from chalicelib.storage import repeat_reads
from tests.harness import MONDAY, World
from tests.repeat_run import repeated
from tests.staff_acts import begun_suspension, lift
from tests.table_snapshot import read_whole_table


def test_r47_a_pause_takes_the_member_from_the_due_ones_and_keeps_the_repeats(world: World) -> None:
    ada = world.member("Ada")
    repeat = repeated(world, ada)
    before = repeat_reads.repeats_of(world.table, ada.member_id)
    assert before.schedule.due is not None
    pause_repeats(world.context, begun_suspension(world, ada))
    paused = repeat_reads.repeats_of(world.table, ada.member_id)
    assert (paused.schedule.due, paused.repeats) == (None, [repeat])
    stored = read_whole_table(world.table)
    pause_repeats(world.context, begun_suspension(world, ada))
    added = {key.pk for key, item in read_whole_table(world.table).items() if stored.get(key) != item}
    assert not any("REPEAT" in pk for pk in added)


@pytest.mark.long  # Every attempt of a transaction.
def test_r47_a_late_pause_changes_nothing_after_the_end_of_the_suspension(world: World) -> None:
    """The job repeats it, and then finds the end."""
    ada = world.member("Ada")
    repeated(world, ada)
    due = repeat_reads.repeats_of(world.table, ada.member_id).schedule.due
    before = begun_suspension(world, ada)
    lift(world, ada)
    with pytest.raises(Busy):
        pause_repeats(world.context, before)
    assert repeat_reads.repeats_of(world.table, ada.member_id).schedule.due == due


def test_r47_a_member_without_repeats_is_not_listed_at_the_end(world: World) -> None:
    ada = world.member("Ada")
    assert resumed_repeats(world.context, ada.member_id, MONDAY) == ()


@pytest.mark.long  # Makes the occurrences of two weeks.
def test_r47_what_was_due_meanwhile_is_left_out_at_the_end(world: World) -> None:
    ada = world.member("Ada")
    repeated(world, ada)
    pause_repeats(world.context, begun_suspension(world, ada))
    now = MONDAY + timedelta(days=40)
    world.now = now
    changes = resumed_repeats(world.context, ada.member_id, now)
    run_transaction(world.context, lambda _attempt: Decision(None, WriteSet(documents=changes)))
    found = repeat_reads.repeats_of(world.table, ada.member_id)
    assert [one.changed_at for one in found.repeats] == [now]
    assert found.schedule.due is not None
    assert resumed_repeats(world.context, ada.member_id, now)[1:] == ()
