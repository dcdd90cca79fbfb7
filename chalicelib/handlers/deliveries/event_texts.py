"""The texts of events for people, in mails and push messages (R43)."""

from collections.abc import Mapping

from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.time_zone import zone_of

HEADLINES: Mapping[EventKind, str] = {
    EventKind.BOOKED: "You booked a session",
    EventKind.MATCHED: "You have a partner",
    EventKind.LOCKED_IN: "You are locked in",
    EventKind.DISPLACED: "Your partner got another partner",
    EventKind.PARTNER_CANCELLED: "Your partner cancelled",
    EventKind.CANCELLED: "Your session is cancelled",
    EventKind.CHANGED: "Your session changed",
    EventKind.STARTING: "Your session starts soon",
    EventKind.UNMATCHED: "Your session started without a partner",
    EventKind.MISSED: "You missed your session",
    EventKind.FAVORITE_AVAILABLE: "A favorite of yours can be locked in",
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def short_time(slot: Slot, time_zone: str) -> str:
    """Return the start of a slot in a member's time zone."""
    start = slot.start.astimezone(zone_of(time_zone))
    return f"{DAYS[start.weekday()][:3]} {start.day} {MONTHS[start.month - 1][:3]}, {start:%H:%M}"
