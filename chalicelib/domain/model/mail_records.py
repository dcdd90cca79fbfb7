"""The records of sent mails and of the addresses to which they went (R43)."""

import zlib
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.model.document import Document

# The time for which a sent mail is remembered, longer than a queue keeps its message.
SENT_KEPT = timedelta(days=7)
# The time after which another run may send a mail whose first run has not ended.
LEASE = timedelta(minutes=2)
# The time for which an address is refused after a bounce or a complaint.
REFUSAL_KEPT = timedelta(days=365)
# The time for which the mails of a date are counted.
COUNT_KEPT = timedelta(days=2)
# The maximum number of mails to one address on a UTC date. Booking and cancelling in a loop sends a mail each time.
MOST_MAILS = 10_000
# One of this number of mails is counted and stands for all of them, so that the count costs little.
MAILS_PER_COUNT = 32


class SentMail(Document, frozen=True, kw_only=True):
    """The claim of one run to send one mail to a member, so that it is sent once.

    `mail_id` is that of the event or notice. `claimed_at` is the instant of the claim, and `sent_at` that of the
    accepted mail. `claimed_by` is the operation that claimed it, None in a claim of an earlier release.
    """

    member_id: str
    mail_id: str
    claimed_at: datetime
    claimed_by: str | None = None
    sent_at: datetime | None = None

    def is_leased(self, now: datetime) -> bool:
        """Return whether the run that claimed the mail may still be sending it."""
        return abs(now - self.claimed_at) < LEASE


class AddressRecord(Document, frozen=True, kw_only=True):
    """The record of one address, by its keyed digest and without its members.

    `refused_at` is the instant of a bounce or a complaint. `verifications` counts the verification mails of the UTC
    date `counted_on`, and `mails` one of `MAILS_PER_COUNT` of the other mails.
    """

    digest: str
    refused_at: datetime | None = None
    counted_on: date | None = None
    verifications: int = 0
    mails: int = 0

    def is_refused(self, now: datetime) -> bool:
        """Return whether a bounce or a complaint still keeps mails from the address."""
        return self.refused_at is not None and not self.is_expired(now)

    def has_room(self, on: date) -> bool:
        """Return whether the address may get another mail on a UTC date."""
        return self.counted_on != on or self.mails * MAILS_PER_COUNT < MOST_MAILS

    def verifications_of(self, on: date) -> int:
        """Return the number of verification mails to the address on a UTC date."""
        return self.verifications if self.counted_on == on else 0

    def counting(self, now: datetime, *, verifications: int = 0, mails: int = 0) -> "AddressRecord":
        """Return the record with more mails on the UTC date of `now`, those of an earlier date left out."""
        on = now.date()
        known = self if self.is_refused(now) else AddressRecord(version=self.version, digest=self.digest)
        return replace(
            known,
            counted_on=on,
            verifications=self.verifications_of(on) + verifications,
            mails=(self.mails if self.counted_on == on else 0) + mails,
            expires=max(known.expires or now, now + COUNT_KEPT),
        )


def is_counted(mail_id: str) -> bool:
    """Return whether this mail is the counted one of `MAILS_PER_COUNT` mails."""
    return zlib.crc32(mail_id.encode()) % MAILS_PER_COUNT == 0
