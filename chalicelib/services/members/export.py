"""Everything stored about a member, for the member (R33)."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile
from chalicelib.services.bookings.sessions import SessionView, views
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import MemberView, view_self
from chalicelib.services.members.relationships import PersonView
from chalicelib.storage import reads


class Export(Struct, frozen=True):
    """A member's profile and settings, sessions, newest first, what the member says about others, links and keys."""

    member: MemberView
    sessions: list[SessionView]
    people: list[PersonView]
    links: list[InviteLink]
    keys: list[ApiKey]


def export_account(context: Context, caller: Profile) -> Export:
    """Everything that is the caller's: also cancelled sessions while they are kept, and snoozes that have ended.

    Stored answers tell of cancelled sessions that their days have forgotten. What others say about the caller is
    theirs. Of invite links and API keys the secret is stored nowhere.
    """
    me = caller.member_id
    # Before the days: whatever they do not hold of it then was cancelled, for days forget nothing else. When, and who
    # was the partner, is forgotten with it.
    answered = [
        replace(held.cancelled(held.requested_at), last_change=None)
        for held in reads.answered_bookings(context.table, me)
    ]
    days = reads.days_between(context.table, me, date.min, date.max)
    kept = {held.booking_id: held for held in (*answered, *(held for day in days for held in day.bookings))}
    own = (held for held in kept.values() if caller.is_of(held.requested_at))
    bookings = sorted(own, key=lambda held: held.slot, reverse=True)
    said = dict(reads.relations(context.table, me))
    known = reads.profiles_and_relations(context.table, me, said)
    people = [PersonView(other, known[other][0], relation) for other, relation in said.items()]
    links = list(filter(None, dict(reads.invites_of(context.table, me)).values()))
    keys = list(filter(None, dict(reads.api_keys_of(context.table, me)).values()))
    return Export(view_self(context, caller), views(context, bookings, context.clock()), people, links, keys)
