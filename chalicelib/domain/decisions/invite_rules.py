"""The rules of a lock through an invite link, and of the slots that a link shows (R26 to R28)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chalicelib.domain.decisions.eligibility import is_lockable, may_lock_by_invite
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import InviteUnavailable
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot


def check_invite(link: InviteLink | None, pair_relations: PairRelations, now: datetime) -> InviteLink:
    """Return the link if `member` may lock with its owner `other` through it.

    Raises InviteUnavailable, with one answer for every reason (R28). An open link is returned for its own owner too:
    the caller's own errors come first, and the lock refuses the owner after them (R11, R27).
    """
    if link is None or not link.is_open(now):
        raise InviteUnavailable
    if pair_relations.member and pair_relations.member.member_id == link.owner_id:
        return link
    if not may_lock_by_invite(pair_relations, now):
        raise InviteUnavailable
    return link


def offered_slots(link: InviteLink, bookings: Iterable[Booking], now: datetime, lock_cutoff: timedelta) -> list[Slot]:
    """Return the slots that an open link shows, by start. Exactly these pass the check of a lock (R26, R27)."""
    lockable = (booking for booking in bookings if is_lockable(booking, now, lock_cutoff))
    return sorted(booking.slot for booking in lockable if link.offers(booking))
