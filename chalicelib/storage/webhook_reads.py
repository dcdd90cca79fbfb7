"""The reads of webhooks and of the deliveries to them."""

from itertools import islice

from chalicelib.domain.model.event import Event
from chalicelib.domain.model.notices import Webhook
from chalicelib.domain.model.webhook_delivery import RequestedDeliveries, WebhookDelivery
from chalicelib.storage import document_keys, keys
from chalicelib.storage.connection import Table
from chalicelib.storage.documents import document, documents
from chalicelib.storage.items import Item


def webhook(table: Table, member_id: str, webhook_id: str) -> Webhook | None:
    """Return a webhook of the member, or None."""
    return document(table, document_keys.webhook(member_id, webhook_id), Webhook)


def delivery(table: Table, member_id: str, webhook_id: str, event: Event) -> WebhookDelivery | None:
    """Return the delivery of an event to a webhook after its latest attempt, or None before the first one."""
    return document(table, document_keys.webhook_delivery(member_id, webhook_id, event), WebhookDelivery)


def deliveries(table: Table, member_id: str, webhook_id: str, *, most: int) -> list[WebhookDelivery]:
    """Return the deliveries to a webhook, newest event first, at most `most`."""
    begins = Item.sk.startswith(document_keys.deliveries_to(webhook_id))
    found = documents(table, keys.member(member_id), begins, WebhookDelivery, backwards=True, page=most)
    return list(islice(found, most))


def requested_deliveries(table: Table, member_id: str) -> RequestedDeliveries | None:
    """Return the number of deliveries that the member requested, or None."""
    return document(table, document_keys.requested_deliveries(member_id), RequestedDeliveries)
