"""Who may be paired with whom: at random, and by locking in. The one place where either is decided."""

from datetime import datetime, timedelta

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.member import Availability, PairRelations

# How far ahead a member's bookings are available to others (R8): absolute time, whatever clocks do.
AVAILABLE_AHEAD = timedelta(days=14)


def may_meet(pair_relations: PairRelations, now: datetime) -> bool:
    """Whether the two may be paired at random (R6, R20): nothing shuts out either, and both preferences are met."""
    one, other = pair_relations.member, pair_relations.other
    if one is None or other is None or one.member_id == other.member_id:
        return False
    if pair_relations.outgoing.shuts_out(now) or pair_relations.incoming.shuts_out(now):
        return False
    return one.accepts_gender_of(other) and other.accepts_gender_of(one)


def may_lock(pair_relations: PairRelations, now: datetime) -> bool:
    """Whether `member` may lock in with `other`, as far as the two themselves go (R5, R6, R7)."""
    booker, target = pair_relations.member, pair_relations.other
    if booker is None or target is None or booker.member_id == target.member_id:
        return False
    if pair_relations.outgoing.shuts_out(now) or pair_relations.incoming.shuts_out(now):
        return False
    if not pair_relations.outgoing.favorite:
        return False
    match target.availability:
        case Availability.EVERYONE:
            return target.accepts_gender_of(booker)
        case Availability.FAVORITES:
            # Having favorited the booker outranks the target's gender preference.
            return pair_relations.incoming.favorite
        case Availability.NO_ONE:
            return False


def may_lock_by_invite(pair_relations: PairRelations, now: datetime) -> bool:
    """Whether `member` may lock in with `other` by a link of `other`'s, which is `other`'s consent (R26).

    It stands above availability setting, favorites and gender preference; not above a block either way or a snooze of
    the link's owner.
    """
    guest, owner = pair_relations.member, pair_relations.other
    if guest is None or owner is None or guest.member_id == owner.member_id:
        return False
    return not pair_relations.outgoing.blocked and not pair_relations.incoming.shuts_out(now)


def is_lockable(booking: Booking | None, now: datetime, final: timedelta) -> bool:
    """Whether a booking can be locked by somebody who may (R8, R15, R22): ahead, near enough, not locked, not final."""
    return (
        booking is not None
        and booking.state in (State.WAITING, State.MATCHED)
        and now < booking.slot.start <= now + AVAILABLE_AHEAD
        and not booking.is_final(now, final)
    )
