"""The export of all data stored about a member, for that member (R33)."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.sessions import SessionView, VersionedSession, views
from chalicelib.services.context import Context
from chalicelib.services.members.api_keys import CredentialUse, all_keys, recent_uses
from chalicelib.services.members.profiles import MemberView, own_profile, view_self
from chalicelib.services.members.relationships import PersonView
from chalicelib.storage import erasure_reads, reads, watch_reads

# A booking with the version of its day.
StoredBooking = tuple[Booking, int]


class Export(Struct, frozen=True):
    """A member's profile, sessions (newest first), relations to others, invite links, API keys and their uses.

    `documents` are those about events and notices.
    """

    member: MemberView
    sessions: list[SessionView]
    people: list[PersonView]
    links: list[InviteLink]
    keys: list[ApiKey]
    uses: list[CredentialUse]
    documents: list[Document]


def export_account(context: Context, caller: Profile) -> Export:
    """Return all data of the caller, including kept cancelled sessions and ended snoozes.

    A recorded response may hold a cancelled session that its day has already dropped. The relations of others to the
    caller are their data. Secrets of invite links and API keys are not stored.
    """
    me = caller.member_id
    bookings = [booking for booking, _ in _own(caller, stored_bookings(context, me))]
    relations = dict(reads.relations(context.table, me))
    profiles = {profile.member_id: profile for profile in reads.profiles(context.table, relations)}
    watched = {watch.favorite_id for watch in watch_reads.watches_of(context.table, me)}
    people = [
        PersonView(other, profiles.get(other), relation, watched=other in watched)
        for other, relation in relations.items()
    ]
    links = list(filter(None, dict(reads.invites_of(context.table, me)).values()))
    keys = all_keys(context, me)
    now = context.clock()
    uses = recent_uses(own_profile(context, me), keys, now.date())
    documents = list(erasure_reads.documents_of(context.table, me))
    return Export(view_self(context, caller), views(context, bookings, now), people, links, keys, uses, documents)


def export_sessions(
    context: Context, caller: Profile, begun: Begun[list[StoredBooking]] | None = None
) -> list[VersionedSession]:
    """Return the sessions of `export_account` with the versions of their days, newest first.

    `begun` is the read of `stored_bookings`.
    """
    found = _own(caller, begun() if begun else stored_bookings(context, caller.member_id))
    shown = views(context, [booking for booking, _ in found], context.clock())
    return [VersionedSession(view, version) for view, (_, version) in zip(shown, found, strict=True)]


def stored_bookings(context: Context, member_id: str) -> list[StoredBooking]:
    """Read all bookings of a member."""
    # Read before the days. A day drops only cancelled bookings, so a booking of a recorded response that is in no day
    # was cancelled. Its cancel time, partner and version are lost.
    answered = {
        booking.booking_id: (replace(booking.cancelled(booking.requested_at), changes=()), 0)
        for booking in reads.answered_bookings(context.table, member_id)
    }
    days = reads.days_between(context.table, member_id, date.min, date.max)
    stored = {booking.booking_id: (booking, day.version) for day in days for booking in day.bookings}
    return list((answered | stored).values())


def _own(caller: Profile, found: list[StoredBooking]) -> list[StoredBooking]:
    """Return the bookings of the caller's present account, newest first."""
    own = (held for held in found if caller.is_of(held[0].requested_at))
    return sorted(own, key=lambda held: held[0].slot, reverse=True)
