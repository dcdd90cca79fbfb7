"""The views of `/v1/calendar-feeds`, the caller's calendar feeds, and of the feeds themselves (R44)."""

from chalice.app import Request

from chalicelib.domain.model.errors import Busy, InvalidRequest, NotFound, Suspended
from chalicelib.handlers.http.call import Call, PublicCall, called_at
from chalicelib.handlers.http.inputs.requests import PageQuery, refuse_fields
from chalicelib.handlers.http.operations import CalendarFile, Created, Done, Ok, calendar_file, refuses
from chalicelib.handlers.http.responses import feed_schemas
from chalicelib.services.notices.calendar_feeds import list_feeds, make_feed, read_feed, revoke_feed
from chalicelib.settings import Messaging

FEEDS = "/v1/calendar-feeds"
# The end of a feed's address. Some programs know a calendar by it.
SUFFIX = ".ics"


def address(messaging: Messaging, request: Request, token: str) -> str:
    """Return the address of a feed, below the public address or below that of this request."""
    return f"{messaging.public_url or called_at(request)}/c/{token}{SUFFIX}"


@refuses(InvalidRequest)
def post_feed(call: Call) -> Created[feed_schemas.OneCalendarFeed]:
    """Create a calendar feed of the caller's sessions. Only this response contains its address."""
    refuse_fields(call.request.raw_body, call)
    made = make_feed(call.context, call.caller.member_id)
    url = address(call.context.settings.messaging, call.request, made.token)
    # A feed has no GET of its own.
    return Created(feed_schemas.OneCalendarFeed(feed_schemas.new_feed(made.feed, url)), FEEDS)


def get_feeds(call: Call, query: PageQuery) -> Ok[feed_schemas.CalendarFeedList]:
    """List the caller's calendar feeds that are not revoked."""
    page = list_feeds(call.context, call.caller.member_id, after=call.position(FEEDS, query), limit=query.size)
    feeds = [feed_schemas.shown_feed(feed) for feed in page.items]
    return Ok(feed_schemas.CalendarFeedList(feeds, call.next_cursor(FEEDS, page)))


@refuses(NotFound)
def delete_feed(call: Call, calendarFeedId: str) -> Done:  # noqa: N803 - the name in the path
    """Revoke one of the caller's calendar feeds. A repeated request has no further effect."""
    revoke_feed(call.context, call.caller.member_id, calendarFeedId)
    return Done()


@refuses(NotFound, Suspended, Busy)
def get_feed_file(call: PublicCall, file: str) -> CalendarFile:
    """Get the sessions of a calendar feed as an iCalendar file, of the last 30 days and all ahead.

    Cancelled sessions show as cancelled. The file has no address of a room.
    """
    # Imported with the first file: no other request writes calendars.
    from chalicelib.handlers.calendars.session_calendar import calendar, stamp_of, vevent

    token, suffix, rest = file.partition(SUFFIX)
    # A gateway also matches the route with a slash at the end.
    if not suffix or rest or call.request.context.get("path", "").endswith("/"):
        raise NotFound
    events = [
        vevent(shown.view, sequence=shown.version, url=None, stamp=stamp_of(shown.view.booking))
        for shown in read_feed(call.context, token)
    ]
    return calendar_file(calendar(events, name=call.context.settings.messaging.product_name))
