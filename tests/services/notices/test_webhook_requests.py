"""The deliveries that a member lists, tests and repeats (R36, R43)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.model.errors import Busy, NotFound, RateLimited
from chalicelib.services.notices.webhook_requests import (
    MOST_REQUESTED,
    list_deliveries,
    request_repetition,
    request_test,
)
from chalicelib.storage import webhook_reads
from tests.channels.receiver import Receiver
from tests.harness import World
from tests.webhook_run import WebhookRun


@pytest.fixture
def run(world: World) -> Iterator[WebhookRun]:
    with Receiver() as receiver:
        yield WebhookRun(world, receiver)


def test_r43_a_repetition_needs_a_listed_event(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, other, event = run.webhook(ada), run.webhook(ada), run.booked(ada)
    run.send(webhook, event)
    run.run()
    again = request_repetition(world.context, ada.member_id, webhook.webhook_id, event.event_id)
    assert (again.event, again.next_at) == (event, world.now)
    run.run()
    assert [received.headers["webhook-id"] for received in run.receiver.received] == [event.event_id] * 2
    for hook, known in ((webhook, "evt_unknown"), (other, event.event_id)):
        with pytest.raises(NotFound):
            request_repetition(world.context, ada.member_id, hook.webhook_id, known)
    # An expired delivery is not listed, also if the table has not deleted it yet.
    world.after(days=7)
    assert list_deliveries(world.context, ada.member_id, webhook.webhook_id) == []


def test_r33_a_request_of_a_member_who_is_being_deleted_stores_and_sends_nothing(run: WebhookRun, world: World) -> None:
    """The webhook and its deliveries are erased after the account."""
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.send(webhook, event)
    run.run()
    world.begin_to_leave(ada)
    requests = (
        lambda: request_test(world.context, ada.member_id, webhook.webhook_id),
        lambda: request_repetition(world.context, ada.member_id, webhook.webhook_id, event.event_id),
    )
    for request in requests:
        with pytest.raises(Busy):
            request()
    assert run.messages == []
    assert [delivery.event for delivery in run.listed(webhook)] == [event]
    assert webhook_reads.requested_deliveries(world.table, ada.member_id) is None


# 100 requests.
@pytest.mark.long
def test_r36_a_member_requests_a_limited_number_of_deliveries_on_one_date(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    hooks = [run.webhook(ada), run.webhook(ada)]
    for number in range(MOST_REQUESTED):
        request_test(world.context, ada.member_id, hooks[number % 2].webhook_id)
    for hook in hooks:
        with pytest.raises(RateLimited) as refused:
            request_test(world.context, ada.member_id, hook.webhook_id)
        # Until midnight.
        assert refused.value.retry_after == timedelta(hours=16)
    assert len(run.messages) == MOST_REQUESTED
    world.after(days=1)
    request_test(world.context, ada.member_id, hooks[0].webhook_id)
