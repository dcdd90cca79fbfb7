"""Updates of one item outside of a transaction."""

import pytest

from chalicelib.domain.decisions.write_set import KeyRevoked, WriteSet
from chalicelib.domain.model.access_record import AccessKind, AccessRecord
from chalicelib.domain.model.api_key import Scope
from chalicelib.storage import reads, updates
from chalicelib.storage.errors import Conflict
from tests.harness import MONDAY, World
from tests.storage.commit_outcome import try_commit
from tests.table_snapshot import read_whole_table

WRITE = AccessKind.WRITE
USED = AccessRecord().with_use(AccessKind.READ, MONDAY.date())


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
