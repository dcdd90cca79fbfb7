"""The events of members whose favorite became lockable (R45).

The stream's function judges the first watchers of a change at once. The schedule judges the others, page by page. Each
watcher is judged by the relations and days of now, as the views of availability judge (R9), so that a favorite who
hides hours causes no event (R10).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import lockable_now
from chalicelib.domain.decisions.eligibility import may_lock
from chalicelib.domain.decisions.new_availability import newly_lockable
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.document import NEW
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.domain.model.watch import ROUND_KEPT, Watcher, WatchRound, unused_hour
from chalicelib.services.context import Context
from chalicelib.services.notices.event_log import announce
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads, watch_reads
from chalicelib.storage.stream_images import DayWrite

# The watchers that are judged together, and at once by the stream's function. Each costs at most 25 units.
PAGE = 20
# The time in which one run of the schedule starts pages.
RUN_FOR = timedelta(seconds=20)


class NewAvailability(Struct, frozen=True):
    """The bookings of a favorite that became lockable by one change at `at`, by start."""

    favorite_id: str
    change: str
    at: datetime
    bookings: Sequence[Booking]


def announce_available(context: Context, write: DayWrite) -> None:
    """Announce the bookings that a write made lockable to the first watchers, and leave the others to the schedule."""
    bookings = newly_lockable(write.before, write.after, context.clock())
    if bookings:
        day = write.after
        announce_bookings(context, NewAvailability(day.member_id, f"{day.version}", write.at, bookings))


def announce_bookings(context: Context, available: NewAvailability) -> None:
    """Announce a favorite's bookings to the first watchers. At most 10 changes of a favorite in an hour are judged."""
    watchers = watch_reads.watchers_of(context.table, available.favorite_id, most=PAGE + 1)
    if watchers and _begin_round(context, available, has_more=len(watchers) > PAGE, last=watchers[:PAGE][-1]):
        _announce_page(context, available, watchers[:PAGE])


def run_rounds(context: Context) -> int:
    """Judge the watchers that the stream's function has left. Return the number of rounds that are done."""
    began, done = context.clock(), 0
    for found in watch_reads.open_rounds(context.table):
        for _page in _pages(context, found):
            if context.clock() >= began + RUN_FOR:
                return done
        done += 1
    return done


def _pages(context: Context, found: WatchRound) -> Iterator[None]:
    """Judge a round page by page, and yield after each one that is not the last."""
    while True:
        available = _still_available(context, found)
        watchers = watch_reads.watchers_of(context.table, found.favorite_id, after=found.after, most=PAGE)
        if available and watchers:
            _announce_page(context, available, watchers)
        if available is None or len(watchers) < PAGE:
            _store(context, DocumentChange(found, None, regardless=True))
            return
        later = replace(found, after=watchers[-1].member_id)
        _store(context, DocumentChange(found, later, regardless=True))
        found = later
        yield


def _store(context: Context, change: DocumentChange) -> None:
    run_transaction(context, lambda _attempt: Decision(None, WriteSet(documents=(change,))))


def _still_available(context: Context, found: WatchRound) -> NewAvailability | None:
    """Return the current bookings of a round, or None if all are cancelled or the round is too old."""
    if context.clock() - found.at > ROUND_KEPT:
        return None
    key = (found.favorite_id, found.date)
    day = reads.days(context.table, [key])[key]
    bookings = [booking for one in found.booking_ids if (booking := day.find(one)) and booking.active]
    return NewAvailability(found.favorite_id, found.change, found.at, bookings) if bookings else None


def _begin_round(context: Context, available: NewAvailability, *, has_more: bool, last: Watcher) -> bool:
    """Count a change of the favorite, and store the round for the schedule if there are more watchers.

    A repeated change counts once. Return False if the hour has no round left.
    """

    def decide(attempt: Attempt) -> Decision[bool]:
        count = watch_reads.watched_hour(context.table, available.favorite_id)
        count = count or unused_hour(available.favorite_id, attempt.now)
        change = event_id(available.bookings[0].booking_id, available.change)
        if change in count.judged(attempt.now):
            return Decision(True)
        if count.is_over(attempt.now):
            return Decision(False)
        counted = DocumentChange(count if count.version != NEW else None, count.counting(change, attempt.now))
        if not has_more:
            return Decision(True, WriteSet(documents=(counted,)))
        left = WatchRound(
            favorite_id=available.favorite_id,
            booking_ids=tuple(booking.booking_id for booking in available.bookings),
            date=available.bookings[0].slot.date,
            change=available.change,
            at=available.at,
            after=last.member_id,
            expires=attempt.now + ROUND_KEPT,
        )
        # A change that is repeated in a later hour begins the round again.
        return Decision(True, WriteSet(documents=(counted, DocumentChange(None, left, regardless=True))))

    return run_transaction(context, decide)


def _announce_page(context: Context, available: NewAvailability, watchers: Sequence[Watcher]) -> None:
    """Announce to each watcher the first booking that this one can lock.

    The favorite's bookings are read again, since a record may be late. Days are read before relations (R1).
    """
    now = context.clock()
    notified = _repeat_events(context, available, watchers)
    awake = [one.member_id for one in watchers if one.member_id not in notified and not one.is_silent(now)]
    if not awake:
        return
    slots = [booking.slot for booking in available.bookings]
    first, last = min(slots).date - ONE_DAY, max(slots).date + ONE_DAY
    dates = [first + ONE_DAY * number for number in range((last - first).days + 1)]
    favorite = available.favorite_id
    days = reads.days(context.table, [(member_id, on) for member_id in (favorite, *awake) for on in dates])
    current = [days[favorite, one.slot.date].find(one.booking_id) for one in available.bookings]
    for relations in reads.pairs_relations(context.table, [(member_id, favorite) for member_id in awake]):
        watcher = relations.member
        if watcher is None or not may_lock(relations, now):
            continue
        own = Days(days.of(watcher.member_id))
        cutoff = context.settings.lock_cutoff
        # The partner of the favorite there learns from the match.
        others = (one for one in current if one and not (one.partner and one.partner.member_id == watcher.member_id))
        lockable = (one for one in others if lockable_now(relations, own, one, now, cutoff))
        booking = next(lockable, None)
        if booking:
            _announce(context, available, booking, watcher.member_id)


def _repeat_events(context: Context, available: NewAvailability, watchers: Sequence[Watcher]) -> set[str]:
    """Send the events again that an earlier run has announced for this change. Return the ids of their members.

    The earlier run may have ended between the commit and the messages (R42).
    """
    notified = set()
    for watcher in watchers:
        for booking in available.bookings:
            if watcher.event_id == _event_id(available, booking, watcher.member_id):
                _announce(context, available, booking, watcher.member_id)
                notified.add(watcher.member_id)
    return notified


def _event_id(available: NewAvailability, booking: Booking, watcher: str) -> str:
    return event_id(EventKind.FAVORITE_AVAILABLE, watcher, booking.booking_id, available.change)


def _announce(context: Context, available: NewAvailability, booking: Booking, watcher: str) -> None:
    """Announce a lockable booking to one watcher, unless the watch is silent (R45)."""
    key = _event_id(available, booking, watcher)
    kind, favorite = EventKind.FAVORITE_AVAILABLE, available.favorite_id
    event = Event(key, kind, watcher, available.at, booking.slot, other_id=favorite)

    def claim(attempt: Attempt) -> tuple[DocumentChange, ...] | None:
        stored = watch_reads.watcher(context.table, available.favorite_id, watcher)
        if stored is None or stored.is_silent(attempt.now):
            return None
        return (DocumentChange(stored, replace(stored, notified_at=attempt.now, event_id=key)),)

    announce(context, key, [event], claim=claim)
