"""The events of sessions that enter the next two weeks of their watchers by time alone (R45)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from chalicelib.domain.decisions.eligibility import AVAILABLE_AHEAD
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.slot import Slot, slots_between
from chalicelib.domain.model.watch import WatchHorizon
from chalicelib.services.context import Context
from chalicelib.services.notices.watch_rounds import NewAvailability, announce_bookings
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import queue_reads, reads, watch_reads

# A run starts no slot after this time. The next run does the rest.
RUN_FOR = timedelta(minutes=2)
# A run makes up for the missed runs of this time.
MADE_UP = timedelta(hours=3)
ENTERED = "two weeks"


def announce_entering(context: Context) -> int:
    """Announce the lockable sessions that have entered the next two weeks since the last run, at most for 3 hours.

    Return the number of slots.
    """
    now = context.clock()
    end = now + AVAILABLE_AHEAD
    before = watch_reads.watch_horizon(context.table)
    # A clock that was set back begins again.
    since = max(min(before.until, end), end - MADE_UP) if before else end - MADE_UP
    done, until = 0, end
    for slot in slots_between(since, end):
        if context.clock() >= now + RUN_FOR:
            until = slot.start - timedelta(microseconds=1)
            break
        _announce_slot(context, slot)
        done += 1
    _store(context, WatchHorizon(until=until))
    return done


def _announce_slot(context: Context, slot: Slot) -> None:
    for member_id in _members_of(context, slot):
        # Most members have no watcher, and cost one unit.
        if not watch_reads.watchers_of(context.table, member_id, most=1):
            continue
        booking = reads.days(context.table, [(member_id, slot.date)])[member_id, slot.date].holding(slot)
        if booking and booking.state is not State.LOCKED_IN:
            entered_at = slot.start - AVAILABLE_AHEAD
            announce_bookings(context, NewAvailability(member_id, ENTERED, entered_at, [booking]))


def _members_of(context: Context, slot: Slot) -> Iterator[str]:
    """Yield the members who wait or have a random partner in the slot."""
    first, *others = queue_reads.waiting_in(context.table, slot, page=queue_reads.ROWS_PER_PAGE)
    queue_shards = range(first.queue_shards)
    later = (
        page
        for queue_shard in queue_shards[1:]
        for page in queue_reads.waiting_in(context.table, slot, queue_shard, page=queue_reads.ROWS_PER_PAGE)
    )
    for page in chain([first, *others], later):
        yield from (row.member_id for row in page.rows)
    for queue_shard in queue_shards:
        for pair in queue_reads.pairs_in(context.table, slot, queue_shard):
            yield from pair.members


def _store(context: Context, horizon: WatchHorizon) -> None:
    def decide(_attempt: Attempt) -> Decision[None]:
        # No condition: of two concurrent runs the later one judges the slots of the other again, with the same ids.
        return Decision(None, WriteSet(documents=(DocumentChange(None, horizon, regardless=True),)))

    run_transaction(context, decide)
