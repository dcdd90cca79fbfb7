"""Whom random matching brings together (R18, R20)."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from chalicelib.domain.booking import Booking, State
from chalicelib.domain.day import Days
from chalicelib.domain.eligibility import may_meet
from chalicelib.domain.member import Standing
from chalicelib.domain.slot import Slot


def may_pair(standing: Standing, slot: Slot, days: Days, now: datetime) -> bool:
    """Whether the two may be paired at random there: they may meet, and neither cancelled on the other (R18)."""
    one, other = standing.member, standing.other
    if one is None or other is None or now >= slot.start:
        return False
    deserted = days[one.member_id, slot.date].deserted_by(slot)
    deserted_too = days[other.member_id, slot.date].deserted_by(slot)
    return other.member_id not in deserted and one.member_id not in deserted_too and may_meet(standing, now)


def choose_partner(
    booking: Booking, standings: Sequence[Standing], days: Days, now: datetime, chance: Random
) -> Booking | None:
    """The waiting booking that suits `booking` best, or None where nobody fits (R20).

    Preferred, in this order: the displaced; who was asked for by name, then favorites where asked for; who works
    alike; who was not met lately; who waited longest. Ties are broken by `chance`.
    """
    own = days[booking.member_id, booking.slot.date].remembering(days.of(booking.member_id))

    def rank(standing: Standing, other: Booking) -> tuple[bool, int, bool, bool, datetime, float]:
        turn = other.turn
        assert turn is not None  # noqa: S101 - a waiting booking has a turn
        return (
            turn.settled,
            _wish_rank(booking, standing, other),
            not booking.mode.goes_with(other.mode),
            own.has_met(other.member_id) or days[other.member_id, other.slot.date].has_met(booking.member_id),
            turn.since,
            chance.random(),
        )

    ranked = [
        (rank(standing, other), other)
        for standing in standings
        if may_pair(standing, booking.slot, days, now)
        and standing.other is not None
        and (other := days.holding(standing.other.member_id, booking.slot)) is not None
        and other.state is State.WAITING
    ]
    return min(ranked, key=lambda entry: entry[0])[1] if ranked else None


def _wish_rank(booking: Booking, standing: Standing, other: Booking) -> int:
    """0 where either named the other, 1 where either asked for favorites and has the other among them, else 2."""
    if booking.wish.named == other.member_id or other.wish.named == booking.member_id:
        return 0
    wanted = booking.wish.favorites and standing.said.favorite
    wanted_back = other.wish.favorites and standing.heard.favorite
    return 1 if wanted or wanted_back else 2
