"""Sessions as events of a calendar (RFC 5545).

An event shows a session as its owner sees it, without the address of its room (R34). Calendars are copied to other
programs and other members.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr

from icalendar import Alarm, Calendar, Event, vCalAddress, vDatetime, vDuration, vInt, vText, vUri
from icalendar.parser import Contentline

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.member import FORMER_MEMBER
from chalicelib.services.bookings.sessions import SessionView

PRODUCT = "-//Lockstep//Lockstep//EN"
UID_SUFFIX = "@lockstep"
# The greatest sequence number that calendar programs read (RFC 5545, section 3.3.8).
GREATEST_SEQUENCE = 2**31 - 1
# The time between two requests of a calendar program for a feed.
REFRESH_EVERY = timedelta(hours=1)
# The time before the start at which a calendar program reminds.
REMIND_BEFORE = timedelta(minutes=10)

# A line with fewer bytes is not folded (RFC 5545, section 3.1).
LONGEST_LINE = 75

UNTITLED = "Session"
STATUSES = {
    State.WAITING: "TENTATIVE",
    State.MATCHED: "CONFIRMED",
    State.LOCKED_IN: "CONFIRMED",
    State.CANCELLED: "CANCELLED",
    State.MISSED: "TENTATIVE",
}


def vevent(view: SessionView, *, sequence: int, url: str | None, stamp: datetime) -> Event:
    """Return a session as an event, whose UID never changes.

    `sequence` is the version of the session's day, which grows with each change. `url` is the address at which a
    browser shows the session, and `stamp` the instant of the shown state.
    """
    booking = view.booking
    event = Event()
    # Values instead of `add`, which takes twice the time: a feed can have thousands of events.
    event["UID"] = vText(f"{booking.booking_id}{UID_SUFFIX}")
    event["DTSTAMP"] = vDatetime(stamp)
    event["DTSTART"] = vDatetime(booking.slot.start)
    event["DTEND"] = vDatetime(booking.slot.end)
    event["SUMMARY"] = vText(_summary(view))
    event["DESCRIPTION"] = vText(_description(view))
    event["SEQUENCE"] = vInt(min(sequence, GREATEST_SEQUENCE))
    event["STATUS"] = vText(STATUSES[booking.state])
    if not booking.active:
        # A cancelled session keeps no time busy.
        event["TRANSP"] = vText("TRANSPARENT")
    if url:
        event["URL"] = vUri(url)
    return event


def stamp_of(booking: Booking) -> datetime:
    """Return the instant of the latest change that a booking records, without fractions of a second."""
    return max([booking.requested_at, *(change.at for change in booking.changes)]).replace(microsecond=0)


def organizer(name: str, address: str) -> vCalAddress:
    """Return an ORGANIZER or ATTENDEE with a display name. `address` is an e-mail address, with or without a name."""
    found = vCalAddress(f"mailto:{parseaddr(address)[1]}")
    found.params["CN"] = name
    return found


def reminder(text: str) -> Alarm:
    """Return an alarm 10 minutes before the start of its event."""
    alarm = Alarm()
    alarm["ACTION"] = vText("DISPLAY")
    alarm["DESCRIPTION"] = vText(text)
    alarm["TRIGGER"] = vDuration(-REMIND_BEFORE)
    return alarm


def calendar(events: Iterable[Event], method: str | None = None, name: str | None = None) -> bytes:
    """Return a calendar file with the events.

    `method` is that of an invitation, such as REQUEST or CANCEL. `name` is shown for a calendar to which programs
    subscribe.
    """
    file = Calendar()
    file["VERSION"] = vText("2.0")
    file["PRODID"] = vText(PRODUCT)
    file["CALSCALE"] = vText("GREGORIAN")
    if method:
        file["METHOD"] = vText(method)
    if name:
        # The names of these properties before and after RFC 7986. Programs read the one or the other.
        file["NAME"] = file["X-WR-CALNAME"] = vText(name)
        file["X-PUBLISHED-TTL"] = vDuration(REFRESH_EVERY)
        refresh = vDuration(REFRESH_EVERY)
        refresh.params["VALUE"] = "DURATION"
        file["REFRESH-INTERVAL"] = refresh
    head, end, rest = file.to_ical().partition(b"END:VCALENDAR")
    return b"".join([head, *map(_content, events), end, rest])


def _content(event: Event) -> bytes:
    """Return the lines of an event as its `to_ical` does, in a quarter of the time if no value has parameters."""
    values = [(name, event[name]) for name in event.sorted_keys()]
    if event.subcomponents or any(value.params for _, value in values):
        content: bytes = event.to_ical()
        return content
    lines = [_folded(f"{name}:{_text(value.to_ical())}") for name, value in values]
    return b"\r\n".join([b"BEGIN:VEVENT", *lines, b"END:VEVENT", b""])


def _folded(line: str) -> bytes:
    """Return a line in pieces of at most 75 bytes."""
    if line.isascii() and len(line) < LONGEST_LINE:
        return line.encode()
    folded: bytes = Contentline(line).to_ical()  # type: ignore[no-untyped-call]  # icalendar does not annotate it
    return folded


def _text(content: bytes | str) -> str:
    return content if isinstance(content, str) else content.decode()


def _summary(view: SessionView) -> str:
    title, partner = view.booking.title, _partner_name(view)
    if partner is None:
        return title or UNTITLED
    return f"{title} (with {partner})" if title else f"{UNTITLED} with {partner}"


def _description(view: SessionView) -> str:
    booking, partner = view.booking, _partner_name(view)
    if booking.state is State.CANCELLED:
        return "Cancelled."
    if booking.state is State.MISSED:
        return "Missed. The partner asked for another partner."
    if partner is None:
        return "Waiting for a partner." if booking.may_be_matched(view.seen_at) else "No partner was found."
    return f"Locked in with {partner}." if booking.state is State.LOCKED_IN else f"Matched with {partner}."


def _partner_name(view: SessionView) -> str | None:
    """Return the name of the partner, None without one."""
    if view.booking.partner is None:
        return None
    return view.partner.name if view.partner else FORMER_MEMBER
