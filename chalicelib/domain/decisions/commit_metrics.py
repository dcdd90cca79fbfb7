"""Metrics of a commit, computed from its changes of days without a read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.booking import Booking, QueuePosition, State


class CommitMetrics(Struct, frozen=True):
    """The number of new locked-in pairs, and the waiting times that new random pairs ended.

    `side_by_side` has one time for each random pair of two waiting bookings, measured from the later queue position,
    since when both waited unmatched (R18). `rematched` has the same time for each displaced member of such a pair
    (R13). The time before does not count, because this partner did not wait yet.
    """

    locks: int = 0
    rematched: tuple[timedelta, ...] = ()
    side_by_side: tuple[timedelta, ...] = ()


def commit_metrics_of(changes: Iterable[DayChange], now: datetime) -> CommitMetrics:
    """Return the metrics of changes that are committed at `now`."""
    before: dict[str, Booking] = {}
    after: dict[str, Booking] = {}
    for change in changes:
        before |= {booking.booking_id: booking for booking in change.before.active}
        after |= {booking.booking_id: booking for booking in change.after.active}
    positions = {booking_id: booking.queue_position for booking_id, booking in before.items() if booking.queue_position}
    matched: dict[str, list[QueuePosition]] = defaultdict(list)
    for booking_id, booking in after.items():
        if booking_id in positions and booking.partner and booking.state is State.MATCHED:
            matched[booking.partner.pair_id].append(positions[booking_id])
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
    """Return the ids of the locked-in pairs of the bookings."""
    return {booking.partner.pair_id for booking in bookings if booking.partner and booking.state is State.LOCKED_IN}
