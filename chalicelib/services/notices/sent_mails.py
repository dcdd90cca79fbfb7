"""The claims to send mails, so that each mail is sent once (R43)."""

from enum import Enum

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.mail_records import SENT_KEPT, SentMail
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import mail_reads, reads


class Claim(Enum):
    """The outcome of a claim. `LEASED` means that another run may be sending the mail."""

    OURS = "ours"
    LEASED = "leased"
    SENT = "sent"
    NOT_WANTED = "not wanted"


def claim_mail(context: Context, member_id: str, mail_id: str) -> Claim:
    """Claim the sending of a mail to a member.

    A claim whose run has ended without a result is free again after 2 minutes. SES takes no id of a message, so in that
    case alone a mail may be sent twice. A deleted account gets no mail (R33).
    """

    def decide(attempt: Attempt) -> Decision[Claim]:
        if reads.profile(context.table, member_id) is None:
            return Decision(Claim.NOT_WANTED)
        before = mail_reads.sent_mail(context.table, member_id, mail_id)
        if before is not None and before.sent_at is not None:
            return Decision(Claim.SENT)
        if before is not None and before.is_leased(attempt.now):
            return Decision(Claim.LEASED)
        claimed = SentMail(
            member_id=member_id, mail_id=mail_id, claimed_at=attempt.now, expires=attempt.now + SENT_KEPT
        )
        return Decision(Claim.OURS, WriteSet(documents=(DocumentChange(before, claimed),), present=(member_id,)))

    return run_transaction(context, decide)


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
