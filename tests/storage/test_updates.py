"""Each plain update has the outcome that its caller distinguishes."""

from collections.abc import Callable
from functools import partial

import pytest

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import KeyRevoked, WriteSet
from chalicelib.domain.model.access_record import AccessKind, AccessRecord
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.metrics import collect_metrics
from chalicelib.storage import reads, updates
from chalicelib.storage.errors import Conflict, OutcomeUnknown, TableRequestFailed
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.storage.commit_outcome import try_commit
from tests.table_snapshot import read_whole_table

NINE = at(1)
WRITE = AccessKind.WRITE
USED = AccessRecord().with_use(AccessKind.READ, MONDAY.date())


def outcome(update: Callable[[], None]) -> type[TableRequestFailed] | None:
    """Return the class of the failure, None if the update succeeds."""
    try:
        update()
    except TableRequestFailed as failure:
        return type(failure)
    return None


@pytest.mark.parametrize(("creates", "exists"), [(False, True), (True, True), (True, False)])
def test_r1_a_bump_makes_a_decision_on_an_earlier_read_conflict(moto_world: World, creates: bool, exists: bool) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    if exists:
        world.cancel(ada, world.book(ada, at(3)))
    before = world.day(ada, NINE)
    days = reads.days(world.table, [(ada.member_id, NINE.date)])
    if creates:
        updates.bump_or_create_day(world.table, ada.member_id, NINE.date)
    else:
        updates.bump_version(world.table, ada.member_id, NINE.date, world.now)
    editor = DayEditor(days, "operatio", world.now)
    editor.queue(Booking(session_id(ada.member_id, NINE.date, "0" * 16), ada.member_id, NINE, world.now, State.WAITING))
    assert try_commit(world, WriteSet(days=editor.changes())) is Conflict
    after = world.day(ada, NINE)
    bumped_at = None if creates else world.now
    assert (after.version, after.bookings, after.bumped_at) == (before.version + 1, before.bookings, bumped_at)


def test_r36_a_bump_of_the_limit_keeps_the_instant_of_an_earlier_bump(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    world.book(ada, NINE)
    updates.bump_version(world.table, ada.member_id, NINE.date, world.now)
    updates.bump_or_create_day(world.table, ada.member_id, NINE.date)
    assert world.day(ada, NINE).bumped_at == world.now


def test_r1_a_written_day_keeps_the_instant_of_its_bump(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    world.book(ada, at(3))
    assert world.day(ada, NINE).bumped_at is None
    updates.bump_version(world.table, ada.member_id, NINE.date, world.now)
    bumped_at = world.now
    world.after(seconds=9).book(ada, NINE)
    assert world.day(ada, NINE).bumped_at == bumped_at


def test_r1_a_missing_day_is_not_created(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    assert outcome(lambda: updates.bump_version(world.table, ada.member_id, NINE.date, world.now)) is Conflict
    assert world.day(ada, NINE).version == 0


def test_r36_a_limit_is_raised_once_from_each_version(moto_world: World) -> None:
    world, ada = moto_world, moto_world.member("Ada")
    limit = versioned_limit_of(ada.member_id, LimitKind.BOOKINGS)
    for version in range(3):
        assert outcome(partial(updates.raise_limit, world.table, limit)) is None
        assert outcome(partial(updates.raise_limit, world.table, limit)) is Conflict
        limit = reads.versioned_limit(world.table, limit)
        assert limit.version == version + 1


def test_a_lost_response_is_an_unknown_outcome(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    faults.meets = "UpdateItem"
    faults.plan += [Fault.LOSE_RESPONSE] * 2
    limit = versioned_limit_of(ada.member_id, LimitKind.BOOKINGS)
    assert outcome(lambda: updates.raise_limit(world.table, limit)) is OutcomeUnknown
    assert reads.versioned_limit(world.table, limit).version == 1


def test_an_update_is_counted_as_one_write_unit(world: World) -> None:
    """Catches a count of units that takes every single request for a read."""
    ada = world.member("Ada")
    with collect_metrics() as metrics:
        updates.bump_or_create_day(world.table, ada.member_id, NINE.date)
    assert (metrics.write_units, metrics.read_units) == (1, 0)


def test_r35_a_use_that_is_recorded_late_does_not_restore_a_revoked_key(world: World) -> None:
    ada = world.member("Ada")
    key = world.api_key(ada, Scope.READ).key
    assert try_commit(world, WriteSet(api_key=KeyRevoked(key))) is None
    with pytest.raises(Conflict):
        updates.record_use(world.table, key, USED, MONDAY.date())
    assert reads.api_key(world.table, key.digest) is None


def test_r33_a_use_that_is_recorded_late_leaves_nothing_in_a_tombstone(world: World) -> None:
    ada = world.member("Ada")
    world.leave(ada)
    before = read_whole_table(world.table)
    with pytest.raises(Conflict):
        updates.record_use(world.table, ada, USED, MONDAY.date())
    assert read_whole_table(world.table) == before


def test_r35_of_two_uses_that_read_the_same_record_one_conflicts(world: World) -> None:
    """Else the later one would remove the kind of the earlier one."""
    ada = world.member("Ada")
    key = world.api_key(ada, Scope.WRITE).key
    for credential in (ada, key):
        updates.record_use(world.table, credential, USED, MONDAY.date())
        with pytest.raises(Conflict):
            updates.record_use(world.table, credential, AccessRecord().with_use(WRITE, MONDAY.date()), MONDAY.date())
    stored = [reads.profile(world.table, ada.member_id), reads.api_key(world.table, key.digest)]
    assert [one.access for one in stored if one] == [USED, USED]
