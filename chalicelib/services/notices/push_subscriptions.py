"""Push subscriptions, the browsers of a member to which events are sent (R43)."""

from datetime import datetime
from email.utils import parseaddr

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.channels.web_push import BrowserKeys, PushSender
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.derived_secrets import derived_secret
from chalicelib.domain.model.document import NEW
from chalicelib.domain.model.errors import NotFound
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.ids import is_owned_by, owned_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import PushSubscription
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.settings import Settings
from chalicelib.storage import notice_reads, reads
from chalicelib.storage.document_keys import push_subscription
from chalicelib.storage.documents import document

# The greatest number of push subscriptions of a member.
MOST_SUBSCRIPTIONS = 10


class Browser(Struct, frozen=True):
    """A browser as it describes itself for push messages, with the instant at which its endpoint ends."""

    endpoint: str
    keys: BrowserKeys
    expires: datetime | None = None


class PushRecipient(Struct, frozen=True):
    """A member with the browser to which an event goes."""

    member: Profile
    subscription: PushSubscription


def push_secret(settings: Settings) -> bytes:
    """Return the secret from which the key for the push services is made."""
    return derived_secret(settings.identity_key, "vapid")


def push_sender(settings: Settings) -> PushSender:
    """Return the deployment as the sender of push messages."""
    messaging = settings.messaging
    mail = parseaddr(messaging.mail_from)[1]
    return PushSender(push_secret(settings), f"mailto:{mail}" if mail else messaging.public_url or settings.issuer)


def add_subscription(context: Context, caller: str, browser: Browser) -> PushSubscription:
    """Store a browser of the caller, and return it.

    A stored browser with the same endpoint keeps its id and gets the new keys. At the limit the oldest one is replaced:
    browsers change their endpoints without a notice, and a member cannot know which ones are left (R36).
    """
    own_id = owned_id(caller, context.token(16))

    def decide(attempt: Attempt) -> Decision[PushSubscription]:
        own_profile(context, caller)
        found = notice_reads.subscriptions(context.table, caller)
        same = next((one for one in found.push if one.endpoint == browser.endpoint), None)
        added = PushSubscription(
            member_id=caller,
            subscription_id=same.subscription_id if same else own_id,
            endpoint=browser.endpoint,
            p256dh=browser.keys.p256dh,
            auth=browser.keys.auth,
            made_at=same.made_at if same else attempt.now,
            expires=browser.expires,
        )
        if same and replace(added, version=same.version) == same:
            return Decision(same)
        oldest_first = sorted(found.push, key=lambda one: one.made_at)
        replaced = [] if same else oldest_first[: max(0, len(oldest_first) - MOST_SUBSCRIPTIONS + 1)]
        # Each write increments the version of the settings, so that of two concurrent ones one counts again.
        counted = DocumentChange(found.settings if found.settings.version != NEW else None, found.settings)
        changes = (counted, DocumentChange(same, added), *(DocumentChange(one, None) for one in replaced))
        return Decision(added, WriteSet(documents=changes, present=(caller,)))

    return run_transaction(context, decide)


def list_subscriptions(context: Context, caller: str) -> list[PushSubscription]:
    """Return the caller's push subscriptions that have not expired, the oldest first."""
    now = context.clock()
    found = notice_reads.subscriptions(context.table, caller).push
    return sorted((one for one in found if not one.is_expired(now)), key=lambda one: one.made_at)


def remove_subscription(context: Context, caller: str, subscription_id: str) -> None:
    """Remove one of the caller's push subscriptions. It is idempotent. Raises NotFound if another member owns it."""
    if not is_owned_by(caller, subscription_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        found = document(context.table, push_subscription(caller, subscription_id), PushSubscription)
        return Decision(None, WriteSet(documents=(DocumentChange(found, None),)) if found else WriteSet())

    run_transaction(context, decide)


def push_recipient(context: Context, member_id: str, subscription_id: str, kind: EventKind) -> PushRecipient | None:
    """Return the member and the browser for an event of a kind.

    It is None for a deleted account, a suspended member (R47), a removed or expired subscription, and a kind that the
    member does not want.
    """
    member = reads.profile(context.table, member_id)
    found = notice_reads.subscriptions(context.table, member_id)
    subscription = next((one for one in found.push if one.subscription_id == subscription_id), None)
    if member is None or member.suspension or subscription is None or subscription.is_expired(context.clock()):
        return None
    return PushRecipient(member, subscription) if kind in found.settings.push_kinds else None


def drop_endpoint(context: Context, gone: PushSubscription) -> None:
    """Remove a push subscription whose endpoint is gone, unless its browser has a new one meanwhile."""

    def decide(_attempt: Attempt) -> Decision[None]:
        found = document(context.table, push_subscription(gone.member_id, gone.subscription_id), PushSubscription)
        if found is None or found.endpoint != gone.endpoint:
            return Decision(None)
        return Decision(None, WriteSet(documents=(DocumentChange(found, None),)))

    run_transaction(context, decide)
