"""Find the slots in which somebody may be paired, and settle them: the schedules' work (R19, R21).

Which slots those are follows from the clock, so nothing has to be remembered: what one run misses the next finds. A
slot that cannot be settled now holds up no other.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import TypeVar

from chalicelib.domain.model.slot import FOOTPRINT_MINUTES, GRID, Slot, dates_ahead, day_start
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.slot_matching.match_slot import match_slot
from chalicelib.settings import SWEEP_EVERY
from chalicelib.storage import queue_reads
from chalicelib.storage.errors import NotCommitted
from chalicelib.storage.keys import POOL_SHARDS

T = TypeVar("T")

# Nothing is begun later than so long after a run began; a function has ten minutes.
RUN_FOR = timedelta(minutes=8)
# Each sweep begins with another date, so many further on: if none ever comes to its end, every date has its turn all
# the same. The number shares no divisor with that of the dates.
DATES_ON = 37
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def finalize(context: Context) -> int:
    """Pair whoever still waits in the slots that start soon, moving random pairs where that gains one (R21).

    Counts the pairs gained.
    """
    now = context.clock()
    slots = _slots_until(now, now + context.settings.finalize_ahead)
    return _match_each(context, slots, now + RUN_FOR, move=True)


def sweep(context: Context) -> int:
    """Pair whoever waits anywhere ahead, whatever the stream did or did not do (R19); counts the pairs gained."""
    now = context.clock()
    places = ((on, shard) for on in _dates_in_turn(now) for shard in range(POOL_SHARDS))
    in_time = takewhile(lambda _: context.clock() < now + RUN_FOR, places)
    # Slots that have started are past helping (R23).
    slots = (slot for on, shard in in_time for slot in _crowded(context, on, shard) if now < slot.start)
    return _match_each(context, slots, now + RUN_FOR, move=False)


def _match_each(context: Context, slots: Iterable[Slot], until: datetime, *, move: bool) -> int:
    return sum(_or_left_for_later(partial(match_slot, context, slot, until, move=move), 0) for slot in slots)


def _crowded(context: Context, on: date, shard: int) -> list[Slot]:
    return _or_left_for_later(lambda: list(queue_reads.contended_slots(context.table, on, shard)), [])


def _or_left_for_later(work: Callable[[], T], otherwise: T) -> T:
    """What comes of some work, or `otherwise` where it cannot be done now: the next run does it."""
    try:
        return work()
    except NotCommitted:
        current_metrics().left += 1
    except Exception as error:  # noqa: BLE001 - it is told, and holds up no other slot
        current_metrics().error = error
    return otherwise


def _dates_in_turn(now: datetime) -> tuple[date, ...]:
    """Every date ahead, from one on that is another for each sweep."""
    dates = dates_ahead(now)
    first = (now - _EPOCH) // SWEEP_EVERY * DATES_ON % len(dates)
    return (*dates[first:], *dates[:first])


def _slots_until(after: datetime, until: datetime) -> Iterator[Slot]:
    """Every slot that starts after one instant and not after another."""
    midnight = day_start(after.date())
    start = midnight + ((after - midnight) // GRID + 1) * GRID
    while start <= until:
        yield from (Slot(start, minutes) for minutes in FOOTPRINT_MINUTES)
        start += GRID
