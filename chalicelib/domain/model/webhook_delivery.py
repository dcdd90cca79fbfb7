"""The deliveries of events to webhooks, as their owner sees them (R43)."""

from datetime import date, datetime, timedelta

from msgspec import Struct

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import Event

# The time for which a delivery is listed and can be repeated.
DELIVERIES_KEPT = timedelta(days=7)
# The document with the requested deliveries of a date expires this time after its last change.
COUNT_KEPT = timedelta(days=2)
# The deliveries of one webhook that are listed and kept. One event in 32 deletes older ones, at most this number.
MOST_LISTED = 50
MOST_TRIMMED = 45
_TRIMMING = "0"
_GONE = 410


def is_trimming(event: Event) -> bool:
    """Return whether the delivery of this event deletes the deliveries that are no longer listed (R36).

    The last character of an id is one of 32, each equally probable.
    """
    return event.event_id.endswith(_TRIMMING)


class Outcome(Struct, frozen=True):
    """The result of one attempt, which is the status of the response or the reason for having none."""

    status: int | None = None
    reason: str | None = None

    @property
    def succeeded(self) -> bool:
        """True for a status from 200 to 299. A redirect is a failure, because it is not followed."""
        return self.status is not None and 200 <= self.status <= 299

    @property
    def gone(self) -> bool:
        """True if the receiver wants no more events."""
        return self.status == _GONE


class WebhookDelivery(Document, frozen=True, kw_only=True):
    """One event for one webhook, with its latest attempt.

    `attempt` counts from 1, and `next_at` is the instant of the next one. `test` marks an event that only the test of
    the webhook made.
    """

    member_id: str
    webhook_id: str
    event: Event
    attempt: int
    at: datetime
    outcome: Outcome
    next_at: datetime | None = None
    test: bool = False


class RequestedDeliveries(Document, frozen=True, kw_only=True):
    """The number of deliveries that the member requested on a UTC date, which are tests and repetitions (R36)."""

    member_id: str
    on: date
    count: int

    def count_on(self, today: date) -> int:
        """Return the number of that date."""
        return self.count if self.on == today else 0
