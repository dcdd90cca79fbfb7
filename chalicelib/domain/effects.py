"""What a committed change of days means to whoever operates the service: the change itself tells, nothing is read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.booking import Booking, State, Turn
from chalicelib.domain.draft import DayChange


class Effects(Struct, frozen=True):
    """How many pairs were locked in, and how long those had waited who were matched with each other.

    `side_by_side` holds for each random pair of two who both waited the time since the later one began to: so long
    nobody had paired them (R18). `rematched` holds the same for each of them who had been displaced (R13): it counts
    from when there was somebody to be matched with.
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
    matched: dict[str, list[Turn]] = defaultdict(list)
    for booking_id, booking in after.items():
        if booking_id in turns and booking.partner and booking.state is State.MATCHED:
            matched[booking.partner.pair_id].append(turns[booking_id])
    both = [(pair, now - max(turn.since for turn in pair)) for pair in matched.values() if len(pair) == 2]
    return Effects(
        locks=len(_locked_in(after.values()) - _locked_in(before.values())),
        rematched=tuple(waited for pair, waited in both for turn in pair if turn.displaced),
        side_by_side=tuple(waited for _, waited in both),
    )


def _locked_in(bookings: Iterable[Booking]) -> set[str]:
    """The pairs among the bookings that are locked in."""
    return {booking.partner.pair_id for booking in bookings if booking.partner and booking.state is State.LOCKED_IN}
