"""A member's webhooks, which are addresses to which events are posted (R43)."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.errors import NotFound
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.ids import is_owned_by, owned_id
from chalicelib.domain.model.input_texts import most_webhooks
from chalicelib.domain.model.notices import Webhook
from chalicelib.services.context import Context
from chalicelib.services.notices.new_documents import add_document
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import notice_reads, webhook_reads

# The webhooks that one member can have.
MOST_WEBHOOKS = 10


def make_webhook(context: Context, caller: str, url: str, kinds: tuple[EventKind, ...]) -> Webhook:
    """Make a webhook. Raises InvalidRequest at the limit (R36)."""
    own_id = owned_id(caller, context.token(16))
    webhook = Webhook(member_id=caller, webhook_id=own_id, url=url, kinds=kinds, made_at=context.clock())
    add_document(
        context,
        caller,
        (webhook,),
        count=lambda found: len(found.webhooks),
        most=MOST_WEBHOOKS,
        refusal=most_webhooks(MOST_WEBHOOKS),
    )
    return webhook


def list_webhooks(context: Context, caller: str) -> list[Webhook]:
    """Return the caller's webhooks, oldest first."""
    found = notice_reads.subscriptions(context.table, caller).webhooks
    return sorted(found, key=lambda webhook: (webhook.made_at, webhook.webhook_id))


def get_webhook(context: Context, caller: str, webhook_id: str) -> Webhook:
    """Return one of the caller's webhooks. Raises NotFound."""
    found = webhook_reads.webhook(context.table, caller, webhook_id) if is_owned_by(caller, webhook_id) else None
    if found is None:
        raise NotFound
    return found


def change_webhook(
    context: Context, caller: str, webhook_id: str, change: Callable[[Webhook, datetime], Webhook]
) -> Webhook:
    """Store the webhook that `change` returns for the current one and the instant. Raises NotFound."""

    def decide(attempt: Attempt) -> Decision[Webhook]:
        before = get_webhook(context, caller, webhook_id)
        after = change(before, attempt.now)
        changed = () if after == before else (DocumentChange(before, after),)
        return Decision(after, WriteSet(documents=changed))

    return run_transaction(context, decide)


def remove_webhook(context: Context, caller: str, webhook_id: str) -> None:
    """Delete one of the caller's webhooks. It is idempotent. Raises NotFound for another member's.

    What is queued for it is not sent. Its deliveries expire after 7 days.
    """
    if not is_owned_by(caller, webhook_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        found = webhook_reads.webhook(context.table, caller, webhook_id)
        return Decision(None, WriteSet(documents=(DocumentChange(found, None),) if found else ()))

    run_transaction(context, decide)
