"""Calendar feeds, which a member makes, lists and revokes and which calendar programs read (R44)."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.calendar_feed import MOST_FEEDS, SHOWN_AFTER, CalendarFeed, FeedAddress, shows
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import NotFound, Suspended
from chalicelib.domain.model.ids import TOKEN_LENGTH, is_owned_by, owned_id, token_digest
from chalicelib.domain.model.input_texts import most_feeds
from chalicelib.domain.model.member import Profile, former_member
from chalicelib.domain.model.suspension import SUSPENDED_OWNER_DETAIL
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.sessions import (
    SessionView,
    VersionedSession,
    own_booking,
    own_day,
    view_of,
    views,
    with_titles,
)
from chalicelib.services.context import Context
from chalicelib.services.notices.new_documents import add_document
from chalicelib.services.pages import Page, read_page
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import feed_reads, reads

# The number of partners, the nearest in time, whose names a feed shows. Each costs half a unit (R36).
NAMED_PARTNERS = 100
# The name of the others.
UNNAMED_PARTNER = "a partner"


class NewFeed(Struct, frozen=True):
    """A new feed and its token, which is not stored and not shown again."""

    feed: CalendarFeed
    token: str


def make_feed(context: Context, caller: str) -> NewFeed:
    """Make a feed of the caller's sessions (R44). Raises InvalidRequest at the limit of feeds (R36)."""
    token, feed_id = context.token(TOKEN_LENGTH), owned_id(caller, context.token(16))
    feed = CalendarFeed(member_id=caller, feed_id=feed_id, digest=token_digest(token), made_at=context.clock())
    add_document(
        context,
        caller,
        (feed, FeedAddress(digest=feed.digest, member_id=caller, feed_id=feed_id)),
        count=lambda _: len(feed_reads.feeds_of(context.table, caller)),
        most=MOST_FEEDS,
        refusal=most_feeds(MOST_FEEDS),
        field="calendarFeeds",
    )
    return NewFeed(feed, token)


def list_feeds(context: Context, caller: str, *, after: str | None, limit: int | None) -> Page[CalendarFeed]:
    """Return a page of at most `limit` of the caller's feeds, in the order of their ids."""

    def rows(most: int | None) -> list[tuple[str, CalendarFeed | None]]:
        found = feed_reads.feeds_of(context.table, caller, after=after, limit=most)
        return [(feed.feed_id, feed) for feed in found]

    return read_page(rows, limit)


def revoke_feed(context: Context, caller: str, feed_id: str) -> None:
    """Revoke one of the caller's feeds. It is idempotent. Raises NotFound if another member owns the feed."""
    if not is_owned_by(caller, feed_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        feed = feed_reads.feed(context.table, caller, feed_id)
        if feed is None:
            return Decision(None)
        address = FeedAddress(digest=feed.digest, member_id=caller, feed_id=feed_id)
        return Decision(
            None, WriteSet(documents=(DocumentChange(feed, None), DocumentChange(address, None, regardless=True)))
        )

    run_transaction(context, decide)


def read_feed(context: Context, token: str) -> list[VersionedSession]:
    """Return the sessions that the feed of a token shows, by start.

    Raises NotFound for an unknown or revoked token, and after the deletion of the owner's account (R33). Raises
    Suspended for the feed of a suspended member (R47).
    """
    address, now = feed_reads.address(context.table, token_digest(token)), context.clock()
    if address is None:
        raise NotFound
    with context.table.parallel(2) as threads:
        account = threads.submit(reads.profile, context.table, address.member_id)
        stored = threads.submit(feed_reads.feed, context.table, address.member_id, address.feed_id)
        days = _days_shown(context, address.member_id, now)
        owner, feed = account.result(), stored.result()
    if feed is None or owner is None or not owner.is_of(feed.made_at):
        raise NotFound
    if owner.suspension:
        raise Suspended(SUSPENDED_OWNER_DETAIL)
    shown = [
        (booking, day.version)
        for day in days
        for booking in day.bookings
        if shows(booking, now) and owner.is_of(booking.requested_at)
    ]
    shown.sort(key=lambda held: held[0].slot)
    versions = [version for _, version in shown]
    return list(map(VersionedSession, _views(context, [booking for booking, _ in shown], now), versions))


def _days_shown(context: Context, member_id: str, now: datetime) -> list[Day]:
    """Read the days that a feed shows, for display.

    They may be older than the account. The bookings of a deleted account are left out by the instant of their request
    (R33), and a later request of the calendar program shows what this one misses.
    """
    first = (now - SHOWN_AFTER).date()
    return list(reads.days_between(context.table, member_id, first, date.max, consistent=False))


def versioned_session(
    context: Context, caller: Profile, booking_id: str, begun: Begun[Day] | None = None
) -> VersionedSession:
    """Return one of the caller's sessions for a calendar file. `begun` is the read of its day.

    Raises NotFound, also for another member's session.
    """
    day = begun() if begun else own_day(context, caller.member_id, booking_id)
    (view,) = views(context, [own_booking(caller, day.find(booking_id))], context.clock())
    return VersionedSession(view, day.version)


def _views(context: Context, bookings: Sequence[Booking], now: datetime) -> list[SessionView]:
    """Return the bookings as their owner sees them, with the names of the nearest partners."""
    nearest = sorted(bookings, key=lambda booking: abs(booking.slot.start - now))
    partners = dict.fromkeys(booking.partner.member_id for booking in nearest if booking.partner)
    named = list(partners)[:NAMED_PARTNERS]
    profiles = {profile.member_id: profile for profile in reads.profiles(context.table, named)} if named else {}
    for unnamed in list(partners)[NAMED_PARTNERS:]:
        profiles[unnamed] = replace(former_member(unnamed), name=UNNAMED_PARTNER)
    return [
        view_of(
            context,
            booking,
            profiles.get(booking.partner.member_id) if booking.partner else None,
            now,
            is_favorite=False,
        )
        for booking in with_titles(context, bookings)
    ]
