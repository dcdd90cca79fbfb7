"""Personal API keys (R35)."""

import json
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.write_set import InviteMade, KeyRevoked, WriteSet
from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.model.ids import owned_id, token_digest
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import Profile
from chalicelib.services.members.api_keys import (
    list_api_keys,
    list_uses,
    member_of_api_key,
    record_use,
    revoke_api_key,
)
from chalicelib.services.members.export import export_account
from chalicelib.services.members.invite_links import LINKS_PER_KEY, InviteLimits, make_invite
from chalicelib.services.members.profiles import own_profile
from chalicelib.storage import reads
from chalicelib.storage.errors import Conflict
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World
from tests.storage.commit_outcome import try_commit
from tests.table_snapshot import read_whole_table, take_snapshot

READ, WRITE = AccessKind.READ, AccessKind.WRITE


def last_used(world: World, member_id: str) -> list[date | None]:
    """Return the last day of use of each of a member's keys."""
    return [key.last_used for key in list_api_keys(world.context, member_id, after=None, limit=None).items]


def use(world: World, text: str) -> Profile:
    """Authenticate by a key, record its use, and return its owner."""
    owner, key = member_of_api_key(world.context, text)
    record_use(world.context, key, AccessKind.READ)
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
    written = [request.operation for request in ledger.requests if not request.operation.startswith("Get")]
    assert written == ["UpdateItem"]
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
    # The client library sends the request twice.
    faults.meets, faults.plan = "UpdateItem", [Fault.LOSE_REQUEST] * 2
    assert use(world, text) == ada
    assert last_used(world, ada.member_id) == [None]


@pytest.mark.long  # Thirty days of uses.
def test_r35_the_uses_of_thirty_days_are_listed_the_latest_first(world: World) -> None:
    ada = world.member("Ada")
    text = world.api_key(ada, Scope.WRITE).text
    for _ in range(40):
        use(world, text)
        world.after(days=1)
    record_use(world.context, own_profile(world.context, ada.member_id), WRITE)
    uses = list_uses(world.context, own_profile(world.context, ada.member_id))
    today = world.now.date()
    assert [use.day for use in uses] == [today - timedelta(days=days) for days in range(30)]
    assert [(use.key is None, use.kinds) for use in uses[:2]] == [(True, {WRITE}), (False, {READ})]
    assert (
        list_uses(world.context, own_profile(world.context, ada.member_id)) == export_account(world.context, ada).uses
    )


def test_r35_a_change_of_the_profile_keeps_the_uses(world: World) -> None:
    ada = world.member("Ada")
    record_use(world.context, ada, READ)
    world.set(ada, time_zone="Europe/Vienna")
    assert [use.kinds for use in list_uses(world.context, own_profile(world.context, ada.member_id))] == [{READ}]


def test_r35_a_link_that_is_made_during_the_revocation_of_its_key_dies(world: World) -> None:
    """The link's transaction read the key before, and commits after or before the revocation."""
    ada = world.member("Ada")
    key = world.api_key(ada, Scope.WRITE).key
    limit = reads.versioned_limit(world.table, versioned_limit_of(ada.member_id, LimitKind.LINKS))
    link = InviteLink(owned_id(ada.member_id, "0" * 16), ada.member_id, "digest", MONDAY, made_by=key.key_id)
    late = WriteSet(invite=InviteMade(link), versioned_limit=limit, present=(ada.member_id,))
    revoked = WriteSet(api_key=KeyRevoked(key), versioned_limit=limit)
    revoke_api_key(world.context, ada.member_id, key.key_id)
    assert try_commit(world, late) is Conflict
    with pytest.raises(Unauthenticated):
        make_invite(world.context, ada.member_id, InviteLimits(), key)
    another = world.api_key(ada, Scope.WRITE).key
    make_invite(world.context, ada.member_id, InviteLimits(), another)
    assert try_commit(world, revoked) is Conflict
    revoke_api_key(world.context, ada.member_id, another.key_id)
    assert world.links(ada) == []


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_r35_a_link_that_is_made_between_two_reads_of_a_revocation_dies(world: World, number: int) -> None:
    """The versioned limit is read before the links. The new link then makes the write conflict."""
    ada = world.member("Ada")
    key = world.api_key(ada, Scope.WRITE).key
    events, reads_so_far = world.table.connection.client.meta.events, count(1)

    def make_a_link(model: Any, **_: Any) -> None:
        if model.name in ("GetItem", "Query") and next(reads_so_far) == number:
            events.unregister("before-call.dynamodb", make_a_link)
            make_invite(world.context, ada.member_id, InviteLimits(), key)

    events.register("before-call.dynamodb", make_a_link)
    revoke_api_key(world.context, ada.member_id, key.key_id)
    assert (next(reads_so_far), world.links(ada)) == (number + 1, [])


@pytest.mark.long  # Makes thirty links.
def test_r36_a_key_makes_at_most_thirty_links_that_one_transaction_revokes(world: World) -> None:
    ada = world.member("Ada")
    key = world.api_key(ada, Scope.WRITE).key
    expiring = InviteLimits(expires_at=MONDAY + timedelta(hours=1))
    for limits in (expiring, *(InviteLimits() for _ in range(LINKS_PER_KEY - 1))):
        make_invite(world.context, ada.member_id, limits, key)
    with pytest.raises(InvalidRequest, match="This API key has made 30 links, which is the limit of one key"):
        make_invite(world.context, ada.member_id, InviteLimits(), key)
    own = world.invite(ada)
    world.after(hours=2)
    make_invite(world.context, ada.member_id, InviteLimits(), key)
    assert len(world.links(ada)) == LINKS_PER_KEY + 1
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("revoked"):
        revoke_api_key(world.context, ada.member_id, key.key_id)
    assert [one.operation for one in ledger.requests].count("TransactWriteItems") == 1
    assert [link.digest for link in world.links(ada)] == [token_digest(own)]


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
