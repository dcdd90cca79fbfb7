"""New documents of a member stay within their limit, also with concurrent requests."""

import pytest

from chalicelib.domain.model.errors import InvalidRequest, Unauthenticated
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import NoticeSettings, Subscriptions, Webhook
from chalicelib.services.notices.new_documents import add_document
from chalicelib.storage import notice_reads
from tests.fault_proxy import Fault, FaultProxy, meanwhile
from tests.harness import World

MOST = 2


def add(world: World, member: Profile, name: str) -> None:
    hook = Webhook(member_id=member.member_id, webhook_id=name, url="", kinds=(), made_at=world.now)
    add_document(world.context, member.member_id, (hook,), count=count, most=MOST, refusal="at most two")


def count(found: Subscriptions) -> int:
    return len(found.webhooks)


def names(world: World, member: Profile) -> list[str]:
    return [hook.webhook_id for hook in notice_reads.subscriptions(world.table, member.member_id).webhooks]


def test_r36_a_document_above_the_limit_is_refused_with_the_reason(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for name in ("one", "two"):
        add(world, ada, name)
    with pytest.raises(InvalidRequest, match="at most two"):
        add(world, ada, "three")
    add(world, ben, "three")
    assert (names(world, ada), names(world, ben)) == (["one", "two"], ["three"])


def test_r36_two_concurrent_requests_cannot_pass_the_limit_together(world: World, faults: FaultProxy) -> None:
    """The settings of the member have a version that each of them increments."""
    ada = world.member("Ada")
    add(world, ada, "one")
    before = notice_reads.subscriptions(world.table, ada.member_id).settings
    add(world, ada, "two")
    after = notice_reads.subscriptions(world.table, ada.member_id).settings
    assert (before, after) == tuple(NoticeSettings(member_id=ada.member_id, version=n) for n in (1, 2))
    faults.plan += [Fault.CONFLICT]
    with pytest.raises(InvalidRequest):
        add(world, ada, "three")


def test_r33_a_document_that_is_added_during_a_deletion_is_not_stored(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    assert meanwhile(faults, lambda: add(world, ada, "one"), lambda: world.begin_to_leave(ada)) is Unauthenticated
    assert names(world, ada) == []


def test_r33_a_deleted_member_gets_no_document(world: World) -> None:
    ada = world.member("Ada")
    world.leave(ada)
    with pytest.raises(Unauthenticated):
        add(world, ada, "one")
    assert names(world, ada) == []
