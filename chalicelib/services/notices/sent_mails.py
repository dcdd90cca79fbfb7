"""The claims to send mails, so that each mail is sent once (R43)."""

from datetime import datetime
from enum import Enum

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.document import NEW
from chalicelib.domain.model.mail_records import SENT_KEPT, SentMail, is_counted
from chalicelib.domain.model.mail_tokens import address_digest
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import mail_reads


class Claim(Enum):
    """The outcome of a claim. `LEASED` says that another run may be sending the mail."""

    OURS = "ours"
    LEASED = "leased"
    SENT = "sent"


def claim_mail(context: Context, member_id: str, mail_id: str, address: str) -> Claim:
    """Claim the sending of a mail to a member whose account the caller has just read, and count some of the mails.

    A claim whose run has ended without a result is free again after 2 minutes. SES takes no id of a message, so in that
    case alone a mail may be sent twice. A deletion in between erases the claim with its last repeat (R33).
    """

    def decide(attempt: Attempt) -> Decision[Claim]:
        before = mail_reads.sent_mail(context.table, member_id, mail_id)
        if before is not None and before.sent_at is not None:
            return Decision(Claim.SENT)
        if before is not None and before.claimed_by == attempt.operation:
            # An earlier attempt committed, but its response was lost.
            return Decision(Claim.OURS)
        if before is not None and before.is_leased(attempt.now):
            return Decision(Claim.LEASED)
        claimed = SentMail(
            member_id=member_id,
            mail_id=mail_id,
            claimed_at=attempt.now,
            claimed_by=attempt.operation,
            expires=attempt.now + SENT_KEPT,
        )
        changes = (DocumentChange(before, claimed), *_count(context, mail_id, address, attempt.now))
        return Decision(Claim.OURS, WriteSet(documents=changes))

    return run_transaction(context, decide)


def _count(context: Context, mail_id: str, address: str, now: datetime) -> tuple[DocumentChange, ...]:
    """Return the count of a mail to the address, none for a mail that is not counted (R36)."""
    if not is_counted(mail_id):
        return ()
    record = mail_reads.address_record(context.table, address_digest(context.settings.identity_key, address))
    return (DocumentChange(record if record.version != NEW else None, record.counting(now, mails=1)),)


def record_sent(context: Context, member_id: str, mail_id: str) -> None:
    """Record that a claimed mail was accepted by the mail service."""

    def decide(attempt: Attempt) -> Decision[None]:
        before = mail_reads.sent_mail(context.table, member_id, mail_id)
        if before is None or before.sent_at is not None:
            return Decision(None)
        return Decision(None, WriteSet(documents=(DocumentChange(before, replace(before, sent_at=attempt.now)),)))

    run_transaction(context, decide)


def release_claim(context: Context, member_id: str, mail_id: str) -> None:
    """Give up the claim to a mail that was not sent, so that the next delivery sends it at once."""

    def decide(_attempt: Attempt) -> Decision[None]:
        before = mail_reads.sent_mail(context.table, member_id, mail_id)
        if before is None or before.sent_at is not None:
            return Decision(None)
        return Decision(None, WriteSet(documents=(DocumentChange(before, None),)))

    run_transaction(context, decide)
