"""Scheduled matching, by which the schedules match every slot with waiting members (R19, R21).

The clock alone decides which slots a run visits, so a run needs no state. The next run does the work that a run leaves.
A slot that fails does not stop the others.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain, takewhile
from typing import TypeVar

from chalicelib.domain.model.room_times import SECOND_CHANCE_FROM, SECOND_CHANCE_UNTIL
from chalicelib.domain.model.slot import Slot, dates_ahead, slots_between
from chalicelib.event_sources import SWEEP_EVERY
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.slot_matching.match_slot import match_slot
from chalicelib.storage import queue_reads
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.keys import DATE_PARTITIONS
from chalicelib.storage.queue_reads import Queue

T = TypeVar("T")

# A run starts no work after this time. The function's timeout is ten minutes.
RUN_FOR = timedelta(minutes=8)
# The first date of each sweep is this number of dates after that of the sweep before. So every date is visited even if
# no sweep reaches its end. The number of dates (93) and this number have no common divisor above 1.
DATES_PER_SWEEP = 37
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def finalize(context: Context) -> int:
    """Match the slots that start soon, and break random pairs where that gains one (R21).

    Before them it matches the slots in which members may ask for a second chance, as those wait in a session that has
    begun (R38). Return the number of pairs gained.
    """
    now = context.clock()
    begun = slots_between(now - SECOND_CHANCE_UNTIL, now - SECOND_CHANCE_FROM)
    slots = chain(begun, slots_between(now, now + context.settings.finalize_ahead))
    return _match_each(context, slots, now + RUN_FOR, move=True)


def sweep(context: Context, read: dict[date, list[Queue]] | None = None) -> int:
    """Match every slot ahead, with or without a stream record (R19). Return the number of pairs gained.

    `read` receives the queues of each date that the run has read.
    """
    now, read = context.clock(), {} if read is None else read
    places = ((on, shard) for on in _dates_in_turn(now) for shard in range(DATE_PARTITIONS))
    in_time = takewhile(lambda _: context.clock() < now + RUN_FOR, places)
    # A slot that has started is not matched any more (R23).
    slots = (slot for on, shard in in_time for slot in _crowded(context, on, shard, read) if now < slot.start)
    return _match_each(context, slots, now + RUN_FOR, move=False)


def _match_each(context: Context, slots: Iterable[Slot], until: datetime, *, move: bool) -> int:
    return sum(_or_next_run(partial(_gained, context, slot, until, move=move), 0) for slot in slots)


def _gained(context: Context, slot: Slot, until: datetime, *, move: bool) -> int:
    return match_slot(context, slot, until, move=move).gained


def _crowded(context: Context, on: date, shard: int, read: dict[date, list[Queue]]) -> list[Slot]:
    queues: list[Queue] = _or_next_run(lambda: list(queue_reads.queues_of(context.table, on, shard)), [])
    read.setdefault(on, []).extend(queues)
    return [queue.slot for queue in queues if queue.contended]


def _or_next_run(work: Callable[[], T], otherwise: T) -> T:
    """Return the result of the work, or `otherwise` if it fails and the next run must do it."""
    try:
        return work()
    except TableRequestFailed:
        current_metrics().left += 1
    except Exception as error:  # noqa: BLE001 - it is logged, and does not stop other slots
        current_metrics().error = error
    return otherwise


def _dates_in_turn(now: datetime) -> tuple[date, ...]:
    """Return every date ahead, with another first date for each sweep."""
    dates = dates_ahead(now)
    first = (now - _EPOCH) // SWEEP_EVERY * DATES_PER_SWEEP % len(dates)
    return (*dates[first:], *dates[:first])
