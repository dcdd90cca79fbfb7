"""The mail of an event, which shows the current session (R43)."""

from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.mail_address import sending_form
from chalicelib.domain.model.member import FORMER_MEMBER
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.time_zone import zone_of
from chalicelib.handlers.calendars.session_calendar import calendar, organizer, vevent
from chalicelib.handlers.deliveries.event_texts import DAYS, HEADLINES, MONTHS, short_time
from chalicelib.handlers.mails.mail_message import Invitation, Mail, isolated, rendered
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.notices.event_details import EventDetails
from chalicelib.settings import Messaging

REQUEST, CANCEL = "REQUEST", "CANCEL"
# These change nothing in the member's calendar.
_WITHOUT_INVITATION = frozenset(
    {EventKind.STARTING, EventKind.UNMATCHED, EventKind.MISSED, EventKind.FAVORITE_AVAILABLE}
)


class Recipient(Struct, frozen=True):
    """A member as a mail addresses them. `unsubscribe` is the address that ends the mails."""

    address: str
    time_zone: str
    unsubscribe: str


def event_mail(
    details: EventDetails, recipient: Recipient, messaging: Messaging, *, sequence: int, now: datetime
) -> Mail:
    """Return the mail of an event.

    `sequence` is the version of the session's day, which orders the invitations of one session.
    """
    event = details.event
    view = details.session or _cancelled_view(event, now)
    headline = HEADLINES[event.kind]
    link = f"{messaging.public_url}/"
    if event.booking_id:
        link += f"?session={quote(event.booking_id)}"
    text, html = rendered(
        "notice",
        headline=headline,
        lines=[when(event.slot, recipient.time_zone), *_lines(details)],
        link=link,
        link_text=f"Open in {messaging.product_name}",
        reason=f"{messaging.product_name} sends you this because you chose mails about your sessions.",
        unsubscribe=recipient.unsubscribe,
    )
    invitation = None
    if view is not None and event.kind not in _WITHOUT_INVITATION:
        invitation = _invitation(view, recipient, messaging, link, sequence=sequence, now=now)
    return Mail(
        mail_id=event.event_id,
        subject=f"{headline}: {short_time(event.slot, recipient.time_zone)}",
        text=text,
        html=html,
        thread_id=event.booking_id,
        unsubscribe=recipient.unsubscribe,
        invitation=invitation,
    )


def when(slot: Slot, time_zone: str) -> str:
    """Return a slot in a member's time zone, with the offset from UTC at its start."""
    start, end = (instant.astimezone(zone_of(time_zone)) for instant in (slot.start, slot.end))
    day = f"{DAYS[start.weekday()]} {start.day} {MONTHS[start.month - 1]} {start.year}"
    offset = start.isoformat()[-len("+00:00") :]
    return f"{day}, {start:%H:%M} to {end:%H:%M} (UTC{offset}, {time_zone})"


def _lines(details: EventDetails) -> list[str]:
    """Return what the member sees of the session or the favorite now."""
    event, view = details.event, details.session
    if event.kind is EventKind.FAVORITE_AVAILABLE:
        name = details.favorite.name if details.favorite else FORMER_MEMBER
        return [f"{isolated(name)} can be locked in for this time."]
    if view is None:
        return []
    booking = view.booking
    lines = [f"Title: {isolated(booking.title)}"] if booking.title else []
    return [*lines, _state(view)]


def _state(view: SessionView) -> str:
    booking = view.booking
    name = isolated(view.partner.name if view.partner else FORMER_MEMBER)
    match booking.state:
        case State.CANCELLED:
            return "The session is cancelled."
        case State.MATCHED:
            return f"Partner: {name}. The partner can change until shortly before the start."
        case State.LOCKED_IN:
            return f"Partner: {name}. You stay partners unless one of you cancels."
        case State.MISSED:
            return "You had not joined, so your partner asked for another partner."
        case _:
            if not booking.may_be_matched(view.seen_at):
                return "No partner was found."
            return "You have no partner yet. You get one as soon as a member fits."


def _cancelled_view(event: Event, now: datetime) -> SessionView | None:
    """Return the view of a cancelled session that its day no longer keeps, so that its invitation is withdrawn."""
    if event.kind is not EventKind.CANCELLED or event.booking_id is None:
        return None
    booking = Booking(event.booking_id, event.member_id, event.slot, event.at, State.CANCELLED)
    return SessionView(booking, partner=None, is_favorite=False, seen_at=now, final=True)


def _invitation(
    view: SessionView, recipient: Recipient, messaging: Messaging, link: str, *, sequence: int, now: datetime
) -> Invitation:
    """Return the invitation to a session, or its withdrawal if the session is cancelled now (RFC 5546)."""
    method = REQUEST if view.booking.active else CANCEL
    event = vevent(view, sequence=sequence, url=link, stamp=now.replace(microsecond=0))
    event["ORGANIZER"] = organizer(messaging.product_name, messaging.mail_from)
    address = sending_form(recipient.address)
    attendee = organizer(address, address)
    attendee.params |= {"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    event["ATTENDEE"] = attendee
    return Invitation(method, calendar([event], method))
