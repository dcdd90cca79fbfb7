"""Tests of push subscriptions as use cases (R43)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.channels.web_push import BrowserKeys
from chalicelib.domain.model.errors import NotFound, Unauthenticated
from chalicelib.domain.model.member import Profile
from chalicelib.services.notices.push_subscriptions import (
    MOST_SUBSCRIPTIONS,
    Browser,
    add_subscription,
    drop_endpoint,
    list_subscriptions,
    push_sender,
    remove_subscription,
)
from chalicelib.settings import Messaging
from tests.fault_proxy import Fault, FaultProxy, meanwhile
from tests.harness import World

KEYS = BrowserKeys("a point", "a secret")


def browser(number: int = 0, **changes: object) -> Browser:
    return replace(Browser(f"https://push.example/{number}", KEYS), **changes)


def endpoints(world: World, member: Profile) -> list[str]:
    return [one.endpoint for one in list_subscriptions(world.context, member.member_id)]


def test_r43_a_browser_that_subscribes_again_keeps_its_id_and_gets_its_new_keys(world: World) -> None:
    ada = world.member("Ada")
    first = add_subscription(world.context, ada.member_id, browser())
    again = add_subscription(world.context, ada.member_id, browser())
    changed = add_subscription(world.context, ada.member_id, browser(keys=BrowserKeys("another point", "a secret")))
    assert {first.subscription_id} == {again.subscription_id, changed.subscription_id}
    assert [one.p256dh for one in list_subscriptions(world.context, ada.member_id)] == ["another point"]


def test_r36_the_oldest_browser_is_replaced_at_the_limit(world: World) -> None:
    ada = world.member("Ada")
    for number in range(MOST_SUBSCRIPTIONS + 2):
        add_subscription(world.after(seconds=1).context, ada.member_id, browser(number))
    assert endpoints(world, ada) == [f"https://push.example/{number}" for number in range(2, MOST_SUBSCRIPTIONS + 2)]


def test_r36_of_two_concurrent_subscriptions_at_the_limit_one_counts_again(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    for number in range(MOST_SUBSCRIPTIONS):
        add_subscription(world.after(seconds=1).context, ada.member_id, browser(number))
    faults.plan[:] = [Fault.CONFLICT]
    add_subscription(world.after(seconds=1).context, ada.member_id, browser(99))
    assert len(endpoints(world, ada)) == MOST_SUBSCRIPTIONS


def test_r33_a_browser_that_subscribes_during_a_deletion_is_not_stored(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")

    def subscribe() -> object:
        return add_subscription(world.context, ada.member_id, browser())

    assert meanwhile(faults, subscribe, lambda: world.begin_to_leave(ada)) is Unauthenticated
    assert endpoints(world, ada) == []


def test_r43_a_subscription_whose_first_response_was_lost_is_stored_once(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    # The client library sends the request twice.
    faults.plan[:] = [Fault.LOSE_RESPONSE] * 2
    made = add_subscription(world.context, ada.member_id, browser())
    assert [one.subscription_id for one in list_subscriptions(world.context, ada.member_id)] == [made.subscription_id]


def test_r43_a_browser_is_not_listed_after_its_endpoint_ends(world: World) -> None:
    ada = world.member("Ada")
    add_subscription(world.context, ada.member_id, browser(expires=world.now + timedelta(hours=1)))
    assert len(endpoints(world.after(minutes=59), ada)) == 1
    assert endpoints(world.after(minutes=1), ada) == []


def test_r43_only_the_owner_removes_a_subscription_and_may_repeat_it(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    made = add_subscription(world.context, ada.member_id, browser())
    with pytest.raises(NotFound):
        remove_subscription(world.context, ben.member_id, made.subscription_id)
    assert len(endpoints(world, ada)) == 1
    remove_subscription(world.context, ada.member_id, made.subscription_id)
    remove_subscription(world.context, ada.member_id, made.subscription_id)
    assert endpoints(world, ada) == []


def test_r43_an_endpoint_that_is_gone_is_removed_unless_its_browser_has_a_new_one(world: World) -> None:
    ada = world.member("Ada")
    gone = add_subscription(world.context, ada.member_id, browser())
    drop_endpoint(world.context, replace(gone, endpoint="https://push.example/earlier"))
    assert len(endpoints(world, ada)) == 1
    drop_endpoint(world.context, gone)
    drop_endpoint(world.context, gone)
    assert endpoints(world, ada) == []


def test_r33_a_deleted_account_gets_no_subscription(world: World) -> None:
    ada = world.member("Ada")
    world.leave(ada)
    with pytest.raises(Unauthenticated):
        add_subscription(world.context, ada.member_id, browser())


def test_r43_push_services_reach_the_operator_by_the_address_of_the_sender_or_of_the_service(world: World) -> None:
    def contact(messaging: Messaging) -> str:
        return push_sender(replace(world.settings, messaging=messaging)).contact

    assert contact(Messaging(mail_from="Lockstep <no-reply@lockstep.example>")) == "mailto:no-reply@lockstep.example"
    assert contact(Messaging(public_url="https://app.example")) == "https://app.example"
    assert contact(Messaging()) == "https://issuer.example/"
