"""A member's webhooks and their limit (R36, R43)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import Busy, InvalidRequest, NotFound
from chalicelib.domain.model.event import EventKind
from chalicelib.services.notices.webhooks import (
    MOST_WEBHOOKS,
    change_webhook,
    get_webhook,
    list_webhooks,
    make_webhook,
    remove_webhook,
)
from tests.harness import World

URL = "https://hooks.example/in"


def test_r43_webhooks_are_listed_oldest_first_and_changed_and_removed(world: World) -> None:
    ada = world.member("Ada").member_id
    made = [make_webhook(world.after(seconds=1).context, ada, URL, (EventKind.BOOKED,)) for _ in range(3)]
    assert list_webhooks(world.context, ada) == [replace(one, version=1) for one in made]
    other = "https://other.example/"
    changed = change_webhook(world.context, ada, made[1].webhook_id, lambda one, _: replace(one, url=other))
    assert changed.url == other
    assert get_webhook(world.context, ada, made[1].webhook_id) == replace(made[1], url=other, version=2)
    for _ in range(2):
        remove_webhook(world.context, ada, made[0].webhook_id)
    assert [one.webhook_id for one in list_webhooks(world.context, ada)] == [one.webhook_id for one in made[1:]]
    with pytest.raises(NotFound):
        change_webhook(world.context, ada, made[0].webhook_id, lambda one, _: one)


def test_r43_another_members_webhook_does_not_exist(world: World) -> None:
    ada, ben = (member.member_id for member in world.members("Ada", "Ben"))
    hook = make_webhook(world.context, ada, URL, ()).webhook_id
    for attempt in (
        lambda: get_webhook(world.context, ben, hook),
        lambda: change_webhook(world.context, ben, hook, lambda one, _: one),
        lambda: remove_webhook(world.context, ben, hook),
        lambda: get_webhook(world.context, ada, "none"),
    ):
        with pytest.raises(NotFound):
            attempt()


# Ten requests at the same time conflict, and each pauses and retries.
@pytest.mark.long
def test_r36_concurrent_requests_make_at_most_the_limit(world: World) -> None:
    ada = world.member("Ada").member_id
    for _ in range(MOST_WEBHOOKS - 2):
        make_webhook(world.context, ada, URL, ())

    def make(_: int) -> bool:
        try:
            make_webhook(world.context, ada, URL, ())
        except (InvalidRequest, Busy):
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        made = sum(pool.map(make, range(10)))
    assert made <= 2
    assert len(list_webhooks(world.context, ada)) == MOST_WEBHOOKS - 2 + made


def test_r36_one_more_webhook_than_the_limit_is_refused(world: World) -> None:
    ada = world.member("Ada").member_id
    hooks = [make_webhook(world.context, ada, URL, ()) for _ in range(MOST_WEBHOOKS)]
    with pytest.raises(InvalidRequest, match="10 webhooks"):
        make_webhook(world.context, ada, URL, ())
    remove_webhook(world.context, ada, hooks[0].webhook_id)
    make_webhook(world.context, ada, URL, ())
