"""The choice of a random partner for one booking (R18, R20)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from chalicelib.domain.decisions.eligibility import may_be_random_pair
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days, meeting_rank
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot

# Two reads of one attempt are less than a minute apart. The clocks of two functions may differ by minutes.
RECENT = timedelta(minutes=5)


def may_pair(pair_relations: PairRelations, slot: Slot, days: Days, now: datetime) -> bool:
    """Return whether two members may be a random pair in a slot.

    Needed: `may_be_random_pair`, no cancel of one on the other there (R18), and a slot that has not started. After the
    start both must have asked for a second chance (R38).
    """
    one, other = pair_relations.member, pair_relations.other
    if one is None or other is None:
        return False
    if now >= slot.start and not all(_seeks(days.holding(member.member_id, slot), now) for member in (one, other)):
        return False
    cancelled_on_one = days[one.member_id, slot.date].was_cancelled_by(slot, other.member_id)
    cancelled_on_other = days[other.member_id, slot.date].was_cancelled_by(slot, one.member_id)
    if cancelled_on_one or cancelled_on_other:
        return False
    return may_be_random_pair(pair_relations, now)


def _seeks(booking: Booking | None, now: datetime) -> bool:
    """Return whether the owner of a booking asked for a second chance, and may still get one."""
    return booking is not None and booking.may_be_matched(now)


def must_be_present(members: Iterable[str], slot: Slot, now: datetime) -> tuple[str, ...]:
    """Return those members of new pairs who must have an account at the commit (R33).

    A deletion cancels every pair that is ahead. It cancels none after the start, so a second chance checks its members.
    """
    return tuple(members) if now >= slot.start else ()


def choose_partner(
    booking: Booking, pairs_relations: Sequence[PairRelations], days: Days, now: datetime, rng: Random
) -> Booking | None:
    """Return the best waiting booking for `booking`, or None if no member fits (R20).

    The order of preference: displaced members; the preferred partner by name, then favorites, of either booking;
    the same work style; no recent meeting, or the one longest ago; the longest waiting. `rng` breaks ties.
    """
    own_day = days[booking.member_id, booking.slot.date].remembering(days.of(booking.member_id))

    def rank(pair_relations: PairRelations, other: Booking) -> tuple[bool, int, bool, int, datetime, float]:
        queue_position = other.queue_position
        assert queue_position is not None  # noqa: S101 - a waiting booking has a queue position
        return (
            not queue_position.displaced,
            _preference_rank(booking, pair_relations, other),
            not booking.work_style.matches(other.work_style),
            meeting_rank(
                own_day.days_since_pair_with(other.member_id),
                days[other.member_id, other.slot.date].days_since_pair_with(booking.member_id),
            ),
            other.wait_counts_from,
            rng.random(),
        )

    ranked = [
        (rank(pair_relations, other), other) for pair_relations, other in fitting(booking, pairs_relations, days, now)
    ]
    return min(ranked, key=lambda entry: entry[0])[1] if ranked else None


def fitting(
    booking: Booking, pairs_relations: Sequence[PairRelations], days: Days, now: datetime
) -> Iterator[tuple[PairRelations, Booking]]:
    """Yield the waiting bookings that may be paired with `booking`, each with the relations of the two (R18, R20)."""
    for pair_relations in pairs_relations:
        if pair_relations.other and may_pair(pair_relations, booking.slot, days, now):
            other = days.holding(pair_relations.other.member_id, booking.slot)
            if other and other.state is State.WAITING:
                yield pair_relations, other


def unread_block(day: Day, other: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the block by the day's owner that both reads can have missed, as blocker and blocked, or nothing (R1).

    The relations with the other were read in parallel with the day. A block between the two reads is missing in the
    first, and has bumped the day before the second. So the latest bump is recent.
    """
    return ((day.member_id, other),) if day.bumped_at and abs(now - day.bumped_at) < RECENT else ()


def _preference_rank(booking: Booking, pair_relations: PairRelations, other: Booking) -> int:
    """Return 0 if one named the other, 1 if one prefers favorites and the other is its favorite, else 2."""
    if booking.preference.named == other.member_id or other.preference.named == booking.member_id:
        return 0
    wanted = booking.preference.favorites and pair_relations.outgoing.favorite
    wanted_back = other.preference.favorites and pair_relations.incoming.favorite
    return 1 if wanted or wanted_back else 2
