"""Calendar feeds, secret addresses that calendar programs read again and again (R44)."""

from datetime import datetime, timedelta

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.document import Document

# The age of the oldest sessions that a feed shows.
SHOWN_AFTER = timedelta(days=30)
# The greatest number of feeds of a member.
MOST_FEEDS = 10


class CalendarFeed(Document, frozen=True, kw_only=True):
    """A calendar feed in its owner's list. The table holds only the `digest` of the token in its address."""

    member_id: str
    feed_id: str
    digest: str
    made_at: datetime


class FeedAddress(Document, frozen=True, kw_only=True):
    """The feed that a token opens, found by the digest of the token."""

    digest: str
    member_id: str
    feed_id: str


def shows(booking: Booking, now: datetime) -> bool:
    """Return whether a feed shows the booking, which ended in the last 30 days or is ahead."""
    return booking.slot.end > now - SHOWN_AFTER
