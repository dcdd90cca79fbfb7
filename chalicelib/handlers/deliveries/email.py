"""The delivery of events by e-mail (R43)."""

from chalicelib.channels.mail_service import MailNotSent
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Delivery
from chalicelib.handlers.deliveries.queue_messages import Undelivered
from chalicelib.handlers.mails.account_mails import send_claimed, sends_mails, unsubscribe_link
from chalicelib.handlers.mails.event_mail import Recipient, event_mail
from chalicelib.services.bookings.sessions import own_day
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import EventDetails, details_of
from chalicelib.services.notices.notice_settings import MailRecipient, mail_recipient
from chalicelib.services.notices.sent_mails import Claim, claim_mail


def deliver(context: Context, delivery: Delivery) -> None:
    """Mail an event to its member, once.

    A deleted account, an unverified or refused address and an unwanted kind get none, nor does an earlier event of a
    session that is cancelled by now. Raise Undelivered for a mail that the service does not accept for now, and for one
    that another run may be sending.
    """
    event = delivery.event
    if not sends_mails(context):
        return
    recipient = mail_recipient(context, event.member_id)
    if recipient is None or event.kind not in recipient.kinds:
        return
    claim = claim_mail(context, event.member_id, event.event_id, recipient.address)
    if claim is Claim.LEASED:
        raise Undelivered
    if claim is Claim.OURS:
        _send(context, event, recipient)


def _send(context: Context, event: Event, recipient: MailRecipient) -> None:
    # Read before the session: a later change then has a greater sequence number than the one in this mail.
    sequence = own_day(context, event.member_id, event.booking_id).version if event.booking_id else 0
    shown = details_of(context, recipient.member, [event])
    # The mail of its cancellation withdraws the invitation.
    if not shown or (event.kind is not EventKind.CANCELLED and _is_cancelled(shown[0])):
        return
    unsubscribe = unsubscribe_link(context, event.member_id, recipient.address)
    addressed = Recipient(recipient.address, recipient.member.time_zone, unsubscribe)
    mail = event_mail(shown[0], addressed, context.settings.messaging, sequence=sequence, now=context.clock())
    try:
        send_claimed(context, event.member_id, recipient.address, mail)
    except MailNotSent as error:
        raise Undelivered from error


def _is_cancelled(details: EventDetails) -> bool:
    return details.session is not None and not details.session.booking.active
