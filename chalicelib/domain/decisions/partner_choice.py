"""Whom random matching brings together (R18, R20)."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from chalicelib.domain.decisions.eligibility import may_meet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot


def may_pair(pair_relations: PairRelations, slot: Slot, days: Days, now: datetime) -> bool:
    """Whether the two may be paired at random there: they may meet, and neither cancelled on the other (R18)."""
    one, other = pair_relations.member, pair_relations.other
    if one is None or other is None or now >= slot.start:
        return False
    deserted = days[one.member_id, slot.date].members_who_cancelled(slot)
    deserted_too = days[other.member_id, slot.date].members_who_cancelled(slot)
    return other.member_id not in deserted and one.member_id not in deserted_too and may_meet(pair_relations, now)


def choose_partner(
    booking: Booking, pairs_relations: Sequence[PairRelations], days: Days, now: datetime, rng: Random
) -> Booking | None:
    """The waiting booking that suits `booking` best, or None where nobody fits (R20).

    Preferred, in this order: the displaced; who was asked for by name, then favorites where asked for; who works
    alike; who was not met lately; who waited longest. Ties are broken by `chance`.
    """
    own = days[booking.member_id, booking.slot.date].remembering(days.of(booking.member_id))

    def rank(pair_relations: PairRelations, other: Booking) -> tuple[bool, int, bool, bool, datetime, float]:
        queue_position = other.queue_position
        assert queue_position is not None  # noqa: S101 - a waiting booking has a turn
        return (
            not queue_position.displaced,
            _wish_rank(booking, pair_relations, other),
            not booking.work_style.goes_with(other.work_style),
            own.has_met(other.member_id) or days[other.member_id, other.slot.date].has_met(booking.member_id),
            queue_position.since,
            rng.random(),
        )

    ranked = [
        (rank(pair_relations, other), other)
        for pair_relations in pairs_relations
        if may_pair(pair_relations, booking.slot, days, now)
        and pair_relations.other is not None
        and (other := days.holding(pair_relations.other.member_id, booking.slot)) is not None
        and other.state is State.WAITING
    ]
    return min(ranked, key=lambda entry: entry[0])[1] if ranked else None


def _wish_rank(booking: Booking, pair_relations: PairRelations, other: Booking) -> int:
    """0 where either named the other, 1 where either asked for favorites and has the other among them, else 2."""
    if booking.preference.named == other.member_id or other.preference.named == booking.member_id:
        return 0
    wanted = booking.preference.favorites and pair_relations.outgoing.favorite
    wanted_back = other.preference.favorites and pair_relations.incoming.favorite
    return 1 if wanted or wanted_back else 2
