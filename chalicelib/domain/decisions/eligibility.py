"""Eligibility of two members for a random pair, a lock, and a lock by invite link, from their relations.

`may_pair` also checks the slot of a random pair (R18). `may_lock_booking` also checks the bookings of a lock (R22).
"""

from datetime import datetime, timedelta

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.member import Availability, PairRelations

# The time ahead in which a member's bookings are available to others (R8). Each day has 24 hours.
AVAILABLE_AHEAD = timedelta(days=14)


def may_be_random_pair(pair_relations: PairRelations, now: datetime) -> bool:
    """Return whether two members may be a random pair (R6, R20).

    Needed: no block or snooze in either direction, and both gender preferences met.
    """
    one, other = pair_relations.member, pair_relations.other
    if one is None or other is None or not pair_relations.may_meet:
        return False
    if pair_relations.outgoing.keeps_apart(now) or pair_relations.incoming.keeps_apart(now):
        return False
    return one.accepts_gender_of(other) and other.accepts_gender_of(one)


def may_lock(pair_relations: PairRelations, now: datetime) -> bool:
    """Return whether `member` may lock with `other`, apart from their bookings (R5, R6, R7)."""
    booker, target = pair_relations.member, pair_relations.other
    if booker is None or target is None or not pair_relations.may_meet:
        return False
    if pair_relations.outgoing.keeps_apart(now) or pair_relations.incoming.keeps_apart(now):
        return False
    if not pair_relations.outgoing.favorite:
        return False
    match target.availability:
        case Availability.EVERYONE:
            return target.accepts_gender_of(booker)
        case Availability.FAVORITES:
            # The target's favorite outranks the target's gender preference (R6).
            return pair_relations.incoming.favorite
        case Availability.NO_ONE:
            return False


def may_see_hours(pair_relations: PairRelations, now: datetime) -> bool:
    """Return whether `member` may see when `other` works (R10).

    A block in either direction or a snooze by `other` hides the hours. The member's own snooze of `other` does not.
    """
    return not pair_relations.outgoing.blocked and not pair_relations.incoming.keeps_apart(now)


def may_lock_by_invite(pair_relations: PairRelations, now: datetime) -> bool:
    """Return whether `member` may lock with `other` by an invite link of `other` (R26).

    The link outranks the availability setting, favorites and gender preference of its owner. It does not outrank a
    block in either direction or the owner's snooze. The guest's own snooze does not count.
    """
    return pair_relations.may_meet and may_see_hours(pair_relations, now)


def is_lockable(booking: Booking | None, now: datetime, lock_cutoff: timedelta) -> bool:
    """Return whether a booking can be locked by an eligible member (R8, R15, R22).

    Needed: waiting or matched, not started, at most two weeks ahead, and no random match after the cut-off.
    """
    return (
        booking is not None
        and booking.state in (State.WAITING, State.MATCHED)
        and now < booking.slot.start <= now + AVAILABLE_AHEAD
        and not booking.is_final(now, lock_cutoff)
    )
