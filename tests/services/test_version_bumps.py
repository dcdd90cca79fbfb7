"""The bumps of the versions of days ahead (R1, R36)."""

from datetime import timedelta

import pytest

from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.version_bumps import bump_all_dates_ahead, bump_days_ahead
from chalicelib.storage.errors import OutcomeUnknown
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.table_snapshot import take_snapshot


def test_r1_existing_days_ahead_are_bumped_once_and_no_other(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.now = MONDAY - timedelta(days=1)
    world.book(ada, at(-2))
    world.now = MONDAY
    for hours in (1, 3, 25):
        world.book(ada, at(hours))
    world.book(ben, at(1))
    before = take_snapshot(world.table).days
    bump_days_ahead(world.context, ada.member_id)
    after = take_snapshot(world.table).days
    bumped = {key for key in after if after[key].version == before[key].version + 1}
    assert after.keys() == before.keys()
    assert bumped == {(ada.member_id, at(hours).date) for hours in (1, 25)}
    assert [key for key in after if key not in bumped and after[key] != before[key]] == []


def test_r36_all_dates_ahead_are_bumped_and_missing_days_created(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, at(1))
    version = world.day(ada, at(1)).version
    bump_all_dates_ahead(world.context, ada.member_id)
    dates = dates_ahead(world.now)
    found = {on: day.version for (_, on), day in take_snapshot(world.table).days.items()}
    assert found == {on: version + 1 if on == at(1).date else 1 for on in dates}


def test_r1_a_bump_is_retried_after_a_failure(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    world.book(ada, at(1))
    version = world.day(ada, at(1)).version
    faults.meets = "UpdateItem"
    faults.plan += [Fault.LOSE_REQUEST] * 4
    bump_days_ahead(world.context, ada.member_id)
    assert world.day(ada, at(1)).version == version + 1


@pytest.mark.long  # Waits for 16 lost requests.
def test_r1_a_bump_that_keeps_failing_is_an_error(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    world.book(ada, at(1))
    faults.meets = "UpdateItem"
    faults.plan += [Fault.LOSE_REQUEST] * 16
    with pytest.raises(OutcomeUnknown):
        bump_days_ahead(world.context, ada.member_id)


def test_r33_a_day_that_a_deletion_has_deleted_needs_no_bump(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, at(1))
    world.leave(ada)
    bump_days_ahead(world.context, ada.member_id)
    assert world.day(ada, at(1)).version == 0
