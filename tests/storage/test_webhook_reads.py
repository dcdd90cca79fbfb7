"""The reads of webhooks and of the deliveries to them (R43)."""

from datetime import timedelta

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Webhook
from chalicelib.domain.model.webhook_delivery import Outcome, RequestedDeliveries, WebhookDelivery
from chalicelib.services.transaction import run_transaction
from chalicelib.storage import webhook_reads
from tests.harness import MONDAY, World, at


def store(world: World, *documents: Document) -> None:
    changes = WriteSet(documents=tuple(DocumentChange(None, document) for document in documents))
    run_transaction(world.context, lambda _attempt: Decision(None, changes))


def delivered(minutes: int, webhook_id: str = "hook", member_id: str = "ada") -> WebhookDelivery:
    instant = MONDAY + timedelta(minutes=minutes)
    event = Event(f"evt_{minutes}", EventKind.BOOKED, member_id, instant, at(9), "booking")
    return WebhookDelivery(
        member_id=member_id,
        webhook_id=webhook_id,
        event=event,
        attempt=1,
        at=instant,
        outcome=Outcome(204),
        version=1,
        next_at=instant,
        test=True,
        expires=instant,
    )


def test_r43_the_deliveries_of_one_webhook_are_read_newest_first(world: World) -> None:
    rows = [delivered(minutes) for minutes in (3, 1, 12, 2)]
    store(world, *rows, delivered(5, "hook2"), delivered(6, member_id="ben"))
    newest = [rows[2], rows[0], rows[3], rows[1]]
    assert webhook_reads.deliveries(world.table, "ada", "hook", most=50) == newest
    assert webhook_reads.deliveries(world.table, "ada", "hook", most=2) == newest[:2]
    assert webhook_reads.delivery(world.table, "ada", "hook", rows[1].event) == rows[1]
    assert webhook_reads.delivery(world.table, "ada", "hook2", rows[1].event) is None
    assert webhook_reads.deliveries(world.table, "ada", "other", most=50) == []


def test_r43_webhooks_and_the_requested_deliveries_are_read_by_member(world: World) -> None:
    hook = Webhook(
        member_id="ada",
        webhook_id="hook",
        url="https://hooks.example/",
        kinds=(EventKind.BOOKED,),
        made_at=MONDAY,
        failing_since=MONDAY,
        disabled_at=MONDAY,
        version=1,
    )
    counted = RequestedDeliveries(member_id="ada", on=MONDAY.date(), count=3, version=1)
    store(world, hook, counted)
    assert webhook_reads.webhook(world.table, "ada", "hook") == hook
    assert webhook_reads.webhook(world.table, "ada", "other") is None
    assert webhook_reads.webhook(world.table, "ben", "hook") is None
    assert webhook_reads.requested_deliveries(world.table, "ada") == counted
    assert webhook_reads.requested_deliveries(world.table, "ben") is None
