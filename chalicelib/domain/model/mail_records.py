"""The records of sent mails and of the addresses to which they went (R43)."""

from datetime import date, datetime, timedelta

from chalicelib.domain.model.document import Document

# The time for which a sent mail is remembered, longer than a queue keeps its message.
SENT_KEPT = timedelta(days=7)
# The time after which another run may send a mail whose first run has not ended.
LEASE = timedelta(minutes=2)
# The time for which an address is refused after a bounce or a complaint.
REFUSAL_KEPT = timedelta(days=365)
# The time for which the verification mails of a date are counted.
COUNT_KEPT = timedelta(days=2)


class SentMail(Document, frozen=True, kw_only=True):
    """The claim of one run to send one mail to a member, so that it is sent once.

    `mail_id` is that of the event or notice. `claimed_at` is the instant of the claim, and `sent_at` that of the
    accepted mail.
    """

    member_id: str
    mail_id: str
    claimed_at: datetime
    sent_at: datetime | None = None

    def is_leased(self, now: datetime) -> bool:
        """Return whether the run that claimed the mail may still be sending it."""
        return abs(now - self.claimed_at) < LEASE


class AddressRecord(Document, frozen=True, kw_only=True):
    """What is known of one address, by its keyed digest and without its members.

    `refused_at` is the instant of a bounce or a complaint. `verifications` counts the verification mails of the UTC
    date `counted_on`.
    """

    digest: str
    refused_at: datetime | None = None
    counted_on: date | None = None
    verifications: int = 0

    def verifications_of(self, on: date) -> int:
        """Return the number of verification mails to the address on a UTC date."""
        return self.verifications if self.counted_on == on else 0
