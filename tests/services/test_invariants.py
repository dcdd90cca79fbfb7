"""Each invariant can fail: what is written by hand, past the commit, is told, and nothing else is."""

from datetime import timedelta

import pytest

from chalicelib.domain.audit.invariants import violations
from chalicelib.domain.decisions.queue_rows import ROWS_KEPT
from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.storage.keys import PAIRS, POOL
from chalicelib.storage.mappers import job_item, row_item
from tests.batches import delete
from tests.corrupt_items import (
    NINE,
    TAMPERINGS,
    Busy,
    Tampering,
    a_room_of_two_pairs,
    deleted_but_booked,
    paired_with_the_blocked,
)
from tests.table_snapshot import look_at_everything, take_snapshot


@pytest.mark.parametrize("tamper", [*TAMPERINGS, a_room_of_two_pairs], ids=lambda tamper: tamper.__name__)
def test_whatever_is_out_of_order_is_told_once_and_nothing_else(scene: Busy, tamper: Tampering) -> None:
    expected = tamper(scene)
    assert expected
    found = list(violations(take_snapshot(scene.world.table), scene.world.now))
    assert (set(found), len(found)) == (expected, len(expected))


def test_r1_a_pair_that_a_chore_still_parts_is_in_order(scene: Busy) -> None:
    """But not where the chore is for other two, or for the same the other way round."""
    expected = paired_with_the_blocked(scene)
    ada, ben, cy = (scene.id(name) for name in ("ada", "ben", "cy"))
    for member, other, left in ((ada, ben, expected), (ben, cy, expected), (ben, ada, set())):
        scene.save(job_item(Job("left", JobKind.PARTING, member, other)))
        assert set(violations(take_snapshot(scene.world.table), scene.world.now)) == left


@pytest.mark.parametrize("tamper", [paired_with_the_blocked, deleted_but_booked], ids=lambda tamper: tamper.__name__)
def test_what_has_started_is_not_parted_or_cancelled_any_more(scene: Busy, tamper: Tampering) -> None:
    """R1 and R33 are about what is ahead."""
    expected = tamper(scene)
    before = NINE.start - timedelta(microseconds=1)
    assert set(violations(take_snapshot(scene.world.table), before)) == expected
    assert set(violations(take_snapshot(scene.world.table), NINE.start)) == set()


def test_what_is_kept_no_longer_may_be_gone(scene: Busy) -> None:
    """The table forgets rows of the pool by itself, in whatever order, and how many lanes there were."""
    rows = [key for key in look_at_everything(scene.world.table) if key.pk.startswith((POOL, PAIRS))]
    delete(scene.world.table, [key for key in rows if key.sk.startswith("0900")])
    gone = {scene.id(name) for name in ("ada", "ben", "eve")}
    kept = NINE.start + ROWS_KEPT
    assert {found.ids[0] for found in violations(take_snapshot(scene.world.table), kept - timedelta(seconds=1))} == gone
    assert set(violations(take_snapshot(scene.world.table), kept)) == set()
    scene.save(row_item(scene.row("eve")))
    assert set(violations(take_snapshot(scene.world.table), kept)) == set()
