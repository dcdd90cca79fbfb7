"""Metrics of a commit, computed from its changes of days without a read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.booking import Booking, State


class CommitMetrics(Struct, frozen=True):
    """The number of new locked-in pairs, and the waiting times that new random pairs ended.

    `side_by_side` has one time for each random pair of two waiting bookings, measured from the later of the instants
    since which each waited unmatched (R18). `rematched` has the same time for each displaced member of such a pair
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
    matched: dict[str, list[Booking]] = defaultdict(list)
    for booking_id, booking in after.items():
        if booking_id in before and before[booking_id].queue_position and booking.state is State.MATCHED:
            assert booking.partner  # noqa: S101 - a matched booking has a partner
            matched[booking.partner.pair_id].append(before[booking_id])
    both = [(pair, now - max(map(_unmatched_since, pair))) for pair in matched.values() if len(pair) == 2]
    return CommitMetrics(
        locks=len(_locked_in(after.values()) - _locked_in(before.values())),
        rematched=tuple(waited for pair, waited in both for booking in pair if _is_displaced(booking)),
        side_by_side=tuple(waited for _, waited in both),
    )


def _unmatched_since(booking: Booking) -> datetime:
    """Return when a waiting booking lost or gave up its last partner, or was made if it never had one."""
    if booking.seeks_again and booking.queue_position:
        return booking.queue_position.since
    return booking.last_change.at if booking.last_change else booking.requested_at


def _is_displaced(booking: Booking) -> bool:
    return booking.queue_position is not None and booking.queue_position.displaced


def _locked_in(bookings: Iterable[Booking]) -> set[str]:
    """Return the ids of the locked-in pairs of the bookings."""
    return {booking.partner.pair_id for booking in bookings if booking.partner and booking.state is State.LOCKED_IN}
