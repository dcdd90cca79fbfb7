"""The starts of sessions, from which the schedule derives events (R42)."""

from datetime import datetime, timedelta

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.slot import Slot

# The time before its start at which a session is about to start.
STARTING_BEFORE = timedelta(minutes=10)
# The time for which the schedule makes up for runs that were missed.
STARTS_KEPT = timedelta(days=2)


class StartRow(Document, frozen=True, kw_only=True):
    """A session in the list of those that start on a date. It names the session and its member."""

    member_id: str
    booking_id: str
    slot: Slot


class AnnouncedStarts(Document, frozen=True, kw_only=True):
    """The instant up to which the schedule has announced the starts of sessions, except the `failed` ones."""

    until: datetime
    failed: tuple[StartRow, ...] = ()
