"""What a committed change of days means to whoever operates the service: the change itself tells, nothing is read."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.booking import Booking, State
from chalicelib.domain.draft import DayChange


@dataclass(frozen=True, slots=True)
class Effects:
    """How many pairs were locked in, and how long those had waited who got a partner.

    `rematched` holds for each displaced member the time since the displacement (R13). `side_by_side` holds for each
    random pair of two who both waited the time since the later one began to: so long nobody had paired them (R18).
    """

    locks: int = 0
    rematched: tuple[timedelta, ...] = ()
    side_by_side: tuple[timedelta, ...] = ()


def effects_of(changes: Iterable[DayChange], now: datetime) -> Effects:
    """The effects of changes that are committed at `now`."""
    before: dict[str, Booking] = {}
    after: dict[str, Booking] = {}
    for change in changes:
        before |= {booking.booking_id: booking for booking in change.before.active}
        after |= {booking.booking_id: booking for booking in change.after.active}
    turns = {booking_id: booking.turn for booking_id, booking in before.items() if booking.turn}
    rematched: list[timedelta] = []
    matched = defaultdict(list)
    for booking_id, booking in after.items():
        turn = turns.get(booking_id)
        if turn is None or booking.partner is None:
            continue
        if turn.displaced:
            rematched.append(now - turn.since)
        if booking.state is State.MATCHED:
            matched[booking.partner.pair_id].append(now - turn.since)
    return Effects(
        locks=len(_locked_in(after.values()) - _locked_in(before.values())),
        rematched=tuple(rematched),
        side_by_side=tuple(min(waited) for waited in matched.values() if len(waited) == 2),
    )


def _locked_in(bookings: Iterable[Booking]) -> set[str]:
    """The pairs among the bookings that are locked in."""
    return {booking.partner.pair_id for booking in bookings if booking.partner and booking.state is State.LOCKED_IN}
