"""The export of all data stored about a member, for that member (R33)."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile
from chalicelib.services.bookings.sessions import SessionView, views
from chalicelib.services.context import Context
from chalicelib.services.members.api_keys import CredentialUse, recent_uses
from chalicelib.services.members.profiles import MemberView, own_profile, view_self
from chalicelib.services.members.relationships import PersonView
from chalicelib.storage import erasure_reads, reads, watch_reads


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
    # Read before the days. A day drops only cancelled bookings, so a booking of a recorded response that is in no day
    # was cancelled. Its cancel time and partner are lost.
    answered = [
        replace(booking.cancelled(booking.requested_at), changes=())
        for booking in reads.answered_bookings(context.table, me)
    ]
    days = reads.days_between(context.table, me, date.min, date.max)
    stored = (booking for day in days for booking in day.bookings)
    by_id = {booking.booking_id: booking for booking in (*answered, *stored)}
    own = (booking for booking in by_id.values() if caller.is_of(booking.requested_at))
    bookings = sorted(own, key=lambda booking: booking.slot, reverse=True)
    relations = dict(reads.relations(context.table, me))
    profiles = {profile.member_id: profile for profile in reads.profiles(context.table, relations)}
    watched = {watch.favorite_id for watch in watch_reads.watches_of(context.table, me)}
    people = [
        PersonView(other, profiles.get(other), relation, watched=other in watched)
        for other, relation in relations.items()
    ]
    links = list(filter(None, dict(reads.invites_of(context.table, me)).values()))
    keys = list(filter(None, dict(reads.api_keys_of(context.table, me)).values()))
    now = context.clock()
    uses = recent_uses(own_profile(context, me), keys, now.date())
    documents = list(erasure_reads.documents_of(context.table, me))
    return Export(view_self(context, caller), views(context, bookings, now), people, links, keys, uses, documents)
