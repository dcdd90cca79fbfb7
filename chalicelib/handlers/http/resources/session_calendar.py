"""The view of `/v1/sessions/{sessionId}/calendar`, a session as a file for calendar programs."""

from typing import Annotated
from urllib.parse import quote

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import NotFound
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.operations import CalendarFile, begins, calendar_file, refuses
from chalicelib.handlers.http.resources.invites import address
from chalicelib.handlers.http.resources.sessions import read_own_day
from chalicelib.services.begun_reads import Begun
from chalicelib.services.notices.calendar_feeds import versioned_session


class FileQuery(Struct, kw_only=True):
    """The invite link by which the session was booked."""

    link: (
        Annotated[str, Meta(description="The token of an invite link, whose address becomes that of the event.")]
        | UnsetType
    ) = UNSET


@begins(read_own_day)
@refuses(NotFound)
def get_session_calendar(
    call: Call,
    sessionId: str,  # noqa: N803 - the name in the path
    query: FileQuery,
    begun: Begun[Day],
) -> CalendarFile:
    """Get one of the caller's sessions as an iCalendar file with a reminder. It has no address of a room."""
    # Imported with the first file: no other request writes calendars.
    from chalicelib.handlers.calendars.session_calendar import calendar, organizer, reminder, stamp_of, vevent

    found = versioned_session(call.context, call.caller, sessionId, begun)
    messaging = call.context.settings.messaging
    # A member of the API who knows no link comes back by the public address.
    link = None if isinstance(query.link, UnsetType) else quote(query.link, safe="")
    url = address(call.context.settings, call.request, link) if link else messaging.public_url or None
    event = vevent(found.view, sequence=found.version, url=url, stamp=stamp_of(found.view.booking))
    if messaging.mail_from:
        event["ORGANIZER"] = organizer(messaging.product_name, messaging.mail_from)
    event.add_component(reminder(str(event["SUMMARY"])))
    return calendar_file(calendar([event]))
