"""What a committed change of days means to whoever operates the service: the change itself tells, nothing is read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.booking import Booking, QueuePosition, State


class CommitMetrics(Struct, frozen=True):
    """How many pairs were locked in, and how long those had waited who were matched with each other.

    `side_by_side` holds for each random pair of two who both waited the time since the later one began to: so long
    nobody had paired them (R18). `rematched` holds the same for each of them who had been displaced (R13): it counts
    from when there was somebody to be matched with.
    """

    locks: int = 0
    rematched: tuple[timedelta, ...] = ()
    side_by_side: tuple[timedelta, ...] = ()


def commit_metrics_of(changes: Iterable[DayChange], now: datetime) -> CommitMetrics:
    """The effects of changes that are committed at `now`."""
    before: dict[str, Booking] = {}
    after: dict[str, Booking] = {}
    for change in changes:
        before |= {booking.booking_id: booking for booking in change.before.active}
        after |= {booking.booking_id: booking for booking in change.after.active}
    turns = {booking_id: booking.queue_position for booking_id, booking in before.items() if booking.queue_position}
    matched: dict[str, list[QueuePosition]] = defaultdict(list)
    for booking_id, booking in after.items():
        if booking_id in turns and booking.partner and booking.state is State.MATCHED:
            matched[booking.partner.pair_id].append(turns[booking_id])
    both = [
        (pair, now - max(queue_position.since for queue_position in pair))
        for pair in matched.values()
        if len(pair) == 2
    ]
    return CommitMetrics(
        locks=len(_locked_in(after.values()) - _locked_in(before.values())),
        rematched=tuple(waited for pair, waited in both for queue_position in pair if queue_position.displaced),
        side_by_side=tuple(waited for _, waited in both),
    )


def _locked_in(bookings: Iterable[Booking]) -> set[str]:
    """The pairs among the bookings that are locked in."""
    return {booking.partner.pair_id for booking in bookings if booking.partner and booking.state is State.LOCKED_IN}
