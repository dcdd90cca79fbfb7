"""The public schemas of calendar feeds."""

from msgspec import UNSET, UnsetType

from chalicelib.domain.model import calendar_feed
from chalicelib.handlers.http.responses import serializers
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.schema_types import Instant, NextCursor


class CalendarFeed(Schema):
    """A calendar feed of the caller."""

    calendar_feed_id: str
    created_at: Instant


class NewCalendarFeed(CalendarFeed):
    """A new calendar feed with its address, which no later response contains."""

    url: str


class OneCalendarFeed(Schema):
    """The response to the creation of a calendar feed."""

    calendar_feed: NewCalendarFeed


class CalendarFeedList(Schema):
    """The caller's calendar feeds that are not revoked."""

    calendar_feeds: list[CalendarFeed]
    next_cursor: NextCursor | UnsetType = UNSET


def shown_feed(feed: calendar_feed.CalendarFeed) -> CalendarFeed:
    """Return a feed without its address, which only the response to its creation contains."""
    return CalendarFeed(feed.feed_id, serializers.instant_text(feed.made_at))


def new_feed(feed: calendar_feed.CalendarFeed, url: str) -> NewCalendarFeed:
    """Return a new feed with its address."""
    return NewCalendarFeed(feed.feed_id, serializers.instant_text(feed.made_at), url=url)
