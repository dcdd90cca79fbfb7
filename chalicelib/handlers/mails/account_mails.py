"""The mails that are about an account and not about an event."""

from collections.abc import Sequence

from chalicelib.channels.mail_service import MailNotSent, MailRefused
from chalicelib.domain.model.mail_address import sending_form
from chalicelib.domain.model.mail_tokens import unsubscribe_token
from chalicelib.handlers.mails.mail_message import Mail, message_of, one_line, rendered
from chalicelib.services.context import Context
from chalicelib.services.notices.notice_settings import mail_recipient
from chalicelib.services.notices.sent_mails import Claim, claim_mail, record_sent, release_claim

VERIFY, UNSUBSCRIBE = "/n/verify/", "/n/unsubscribe/"


def send_verification(context: Context, address: str, token: str) -> None:
    """Send the mail whose link verifies an address. Raise MailNotSent or MailRefused.

    It contains no text of a member: a member could otherwise write to any address by way of the service.
    """
    messaging = context.settings.messaging
    product = messaging.product_name
    text, html = rendered(
        "notice",
        headline=f"Confirm your address for {product}",
        lines=[
            f"A member of {product} asked for mails about sessions at this address.",
            "Open the link within 24 hours to confirm it. If you did not ask for this, ignore this mail.",
        ],
        link=f"{messaging.public_url}{VERIFY}{token}",
        link_text="Confirm this address",
        reason=f"{product} sends this mail once for each request. Without your confirmation you get no other.",
        unsubscribe=None,
    )
    mail = Mail(context.token(26), f"Confirm your address for {product}", text, html)
    _send(context, address, mail)


def send_notice(
    context: Context, member_id: str, notice_id: str, *, subject: str, lines: Sequence[str], link_path: str = "/"
) -> None:
    """Mail a notice about the account to the member, once for each `notice_id`.

    A member without a usable address, or who ended all mails, gets none. `link_path` is below the public address. Raise
    MailNotSent, after which a retry may succeed, also while another run may be sending it.
    """
    messaging = context.settings.messaging
    recipient = mail_recipient(context, member_id)
    if not sends_mails(context) or recipient is None or not recipient.kinds:
        return
    claim = claim_mail(context, member_id, notice_id, recipient.address)
    if claim is Claim.LEASED:
        raise MailNotSent(claim)
    if claim is Claim.SENT:
        return
    unsubscribe = unsubscribe_link(context, member_id, recipient.address)
    text, html = rendered(
        "notice",
        headline=one_line(subject),
        lines=[one_line(line) for line in lines],
        link=f"{messaging.public_url}{link_path}",
        link_text=f"Open {messaging.product_name}",
        reason=f"{messaging.product_name} sends you this about your account.",
        unsubscribe=unsubscribe,
    )
    send_claimed(context, member_id, recipient.address, Mail(notice_id, subject, text, html, unsubscribe=unsubscribe))


def send_claimed(context: Context, member_id: str, address: str, mail: Mail) -> None:
    """Send a mail whose claim is ours, and record it. Raise MailNotSent, after which the claim is free again."""
    try:
        _send(context, address, mail)
    except MailNotSent:
        release_claim(context, member_id, mail.mail_id)
        raise
    except MailRefused:
        # A retry would be refused too, so the mail counts as sent.
        record_sent(context, member_id, mail.mail_id)
        return
    record_sent(context, member_id, mail.mail_id)


def sends_mails(context: Context) -> bool:
    """Return whether the deployment sends mails, which need a sender and an address for their links."""
    return context.channels.mail.is_configured and bool(context.settings.messaging.public_url)


def unsubscribe_link(context: Context, member_id: str, address: str) -> str:
    """Return the address that ends the mails to the member's address."""
    token = unsubscribe_token(context.settings.identity_key, member_id, address)
    return f"{context.settings.messaging.public_url}{UNSUBSCRIBE}{token}"


def _send(context: Context, address: str, mail: Mail) -> None:
    service = context.channels.mail
    message = message_of(
        mail,
        sender=service.sender_address,
        sender_name=service.sender_name or context.settings.messaging.product_name,
        address=address,
        at=context.clock(),
    )
    # As in the message: SES takes addresses in ASCII only.
    service.send(sending_form(address), message)
