"""Personal API keys (R35)."""

import json
from datetime import date, timedelta

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.write_set import KeyRevoked, KeyUsed, WriteSet
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import NotFound, Unauthenticated
from chalicelib.domain.model.member import Profile
from chalicelib.services.members.api_keys import list_api_keys, member_of_api_key, record_use, revoke_api_key
from chalicelib.services.members.export import export_account
from chalicelib.storage import reads
from chalicelib.storage.errors import Conflict
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World
from tests.storage.commit_outcome import try_commit
from tests.table_snapshot import read_whole_table, take_snapshot


def last_used(world: World, member_id: str) -> list[date | None]:
    """Return the last day of use of each of a member's keys."""
    return [key.last_used for key in list_api_keys(world.context, member_id, after=None, limit=None).items]


def use(world: World, text: str) -> Profile:
    """Authenticate by a key, record its use, and return its owner."""
    owner, key = member_of_api_key(world.context, text)
    record_use(world.context, key)
    return owner


def test_r35_a_key_authenticates_its_owner_and_only_its_hash_is_stored(world: World) -> None:
    ada = world.member("Ada")
    new = world.api_key(ada, Scope.WRITE)
    owner, key = member_of_api_key(world.context, new.text)
    assert (owner, key.scope) == (ada, Scope.WRITE)
    assert len(new.text.removeprefix("lockstep_")) * 5 >= 128
    table = json.dumps([[*key, str(raw)] for key, raw in read_whole_table(world.table).items()])
    assert new.text not in table
    assert new.text.removeprefix("lockstep_") not in table


def test_r35_keys_are_listed_in_pages_in_the_order_of_their_ids(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    new = sorted(world.api_key(ada, Scope.READ).key.key_id for _ in range(3))
    world.api_key(ben, Scope.READ)
    first = list_api_keys(world.context, ada.member_id, after=None, limit=2)
    assert [key.key_id for key in first.items] == new[:2]
    rest = list_api_keys(world.context, ada.member_id, after=first.more_after, limit=2)
    assert ([key.key_id for key in rest.items], rest.more_after) == (new[2:], None)


def test_r35_a_revoked_key_authenticates_no_member_and_revoking_is_idempotent(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    new = world.api_key(ada, Scope.WRITE)
    with pytest.raises(NotFound):
        revoke_api_key(world.context, ben.member_id, new.key.key_id)
    member_of_api_key(world.context, new.text)
    for _ in range(2):
        revoke_api_key(world.context, ada.member_id, new.key.key_id)
    with pytest.raises(Unauthenticated):
        member_of_api_key(world.context, new.text)
    assert list_api_keys(world.context, ada.member_id, after=None, limit=None).items == []


def test_r35_the_day_of_the_last_use_costs_one_write_a_day(world: World) -> None:
    ada = world.member("Ada")
    text = world.api_key(ada, Scope.READ).text
    assert last_used(world, ada.member_id) == [None]
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("three uses"):
        for _ in range(3):
            use(world, text)
    assert [request.operation for request in ledger.requests if request.operation.endswith("WriteItems")] == [
        "TransactWriteItems"
    ]
    assert last_used(world, ada.member_id) == [MONDAY.date()]
    world.after(days=1)
    use(world, text)
    assert last_used(world, ada.member_id) == [MONDAY.date() + timedelta(days=1)]
    world.after(days=-1)
    use(world, text)
    assert last_used(world, ada.member_id) == [MONDAY.date() + timedelta(days=1)]


def test_r35_a_use_that_cannot_be_recorded_fails_no_request(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    text = world.api_key(ada, Scope.READ).text
    faults.plan = [Fault.THROTTLED]
    assert use(world, text) == ada
    assert last_used(world, ada.member_id) == [None]


def test_r35_a_use_that_is_recorded_late_does_not_restore_a_revoked_key(world: World) -> None:
    ada = world.member("Ada")
    key = world.api_key(ada, Scope.READ).key
    used = WriteSet(api_key=KeyUsed(key, MONDAY.date()))
    assert try_commit(world, used) is None
    assert try_commit(world, used) is Conflict
    assert try_commit(world, WriteSet(api_key=KeyRevoked(key))) is None
    assert try_commit(world, WriteSet(api_key=KeyUsed(key, date(2026, 3, 9)))) is Conflict
    assert reads.api_key(world.table, key.digest) is None


def test_r33_a_deleted_account_has_no_key_and_can_make_none(world: World) -> None:
    ada = world.member("Ada")
    text = world.api_key(ada, Scope.WRITE).text
    world.leave(ada)
    with pytest.raises(Unauthenticated):
        member_of_api_key(world.context, text)
    with pytest.raises(Unauthenticated):
        world.api_key(ada, Scope.WRITE)
    seen = take_snapshot(world.table)
    assert (seen.api_keys, seen.listed_keys) == ({}, {})


def test_r33_the_export_lists_the_keys(world: World) -> None:
    ada = world.member("Ada")
    new = world.api_key(ada, Scope.WRITE)
    assert export_account(world.context, ada).keys == [new.key]
