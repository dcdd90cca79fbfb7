"""The count of the members who wait in each hour, which the calendar shows as demand (R46).

The stream counts the slots again in which a member began or ceased to wait. The sweep counts those that differ from
their queue, so that a late, repeated or missing record leaves no lasting error (R19). Booking pays nothing.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby

from chalicelib.domain.decisions.queue_rows import ROWS_KEPT
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.demand import HourOfDemand, hour_of
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import demand_reads
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.queue_reads import Queue

PARALLEL_HOURS = 8

# The queues that a sweep has read, by date.
Queues = dict[date, list[Queue]]


def count_demand(context: Context, slots: Iterable[Slot]) -> int:
    """Count the waiting members of these slots again, in one transaction for each hour. Return the number of hours.

    The hours run in parallel. One that fails is left to the sweep. A slot that has started needs no count.
    """
    now = context.clock()
    ahead = sorted(slot for slot in set(slots) if now < slot.start)
    hours = [(hour, list(of_hour)) for hour, of_hour in groupby(ahead, key=hour_of)]
    with context.table.parallel(PARALLEL_HOURS) as threads:
        counted = list(threads.map(lambda one: _is_counted(context, *one), hours))
    current_metrics().left += counted.count(False)
    return len(hours)


def _is_counted(context: Context, hour: datetime, slots: Collection[Slot]) -> bool:
    try:
        _count_hour(context, hour, slots)
    except (Busy, TableRequestFailed):
        return False
    return True


def _count_hour(context: Context, hour: datetime, slots: Collection[Slot]) -> None:
    def decide(_attempt: Attempt) -> Decision[None]:
        # The document is read before the queue. A concurrent count of a later queue then makes this one conflict.
        before = demand_reads.hour_counted(context.table, hour)
        counted = {slot: demand_reads.waiting_now(context.table, slot) for slot in slots}
        known = before or HourOfDemand(hour=hour, expires=hour + timedelta(hours=1) + ROWS_KEPT)
        after = known.counting(counted)
        if after == known:
            return Decision(None)
        return Decision(None, WriteSet(documents=(DocumentChange(before, after),)))

    run_transaction(context, decide)


def recount_demand(context: Context, queues: Queues) -> int:
    """Count the slots again whose demand differs from the queues that a sweep has read. Return the number of hours.

    `queues` has every queue of its dates. A queue with several queue shards is counted in any case.
    """
    if not queues:
        return 0
    first, last = day_start(min(queues)), day_start(max(queues)) + timedelta(hours=23)
    counted = {
        slot: [member.member_id for member in members]
        for hour in demand_reads.hours_counted(context.table, first, last)
        for slot, members in hour.waiting.items()
        if slot.date in queues
    }
    found = {queue.slot: queue for of_date in queues.values() for queue in of_date if queue.members or queue.sharded}
    differ = {slot for slot, queue in found.items() if queue.sharded or counted.get(slot) != queue.members}
    return count_demand(context, differ | (counted.keys() - found.keys()))
