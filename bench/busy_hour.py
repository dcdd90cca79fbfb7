"""A seeded simulation of the busiest half hour of bookings, which finds the busiest partition of each kind.

Each booking draws a slot by the shape of the week and the usual time ahead. Its work reads and writes the partitions of
the deployed keys, with the units that the ledger counted. The peak is the second in which a partition has the most.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from msgspec import Struct

from bench.plan import LEAST_AHEAD, LENGTHS, MOST_AHEAD, USUALLY_AHEAD
from bench.unit_shares import CALENDAR, DEMAND, EVENTS, PAIRS, PAIRS_AT_ONCE, POOL, START, WAITS, WorkUnits
from bench.week_shape import WEEK, starts_of_week
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.document_keys import hour_of_demand, start_row

SECONDS = 30 * 60
# The calendar is open before the booking, and reads the slots each minute.
CALENDAR_SECONDS = 300


class Peak(Struct, frozen=True):
    """The most units of one partition of a kind in a second."""

    kind: str
    partition: str
    units: float


class BusyHour(Struct, frozen=True):
    """The busiest partitions by kind, and the most bookings of one slot in a second and in the whole time."""

    bookings: int
    writes: Mapping[str, Peak]
    reads: Mapping[str, Peak]
    slot_in_second: int
    slot_in_all: int


class PartitionUse:
    """The units of each partition in each second."""

    def __init__(self) -> None:
        self._units: Counter[tuple[str, int]] = Counter()

    def add(self, partition: str, second: int, units: float) -> None:
        """Add the units of one request."""
        self._units[partition, second] += units

    def peaks(self) -> dict[str, Peak]:
        """Return the busiest partition of each kind."""
        found: dict[str, Peak] = {}
        for (partition, _), units in sorted(self._units.items()):
            kind = partition.partition("#")[0] + "#"
            if kind not in found or units > found[kind].units:
                found[kind] = Peak(kind, partition, units)
        return found


def simulate(
    began: datetime, bookings_a_second: float, calendars_a_booking: int, units: Mapping[str, WorkUnits], seed: int
) -> BusyHour:
    """Simulate the bookings of half an hour."""
    rng = Random(f"busy hour {seed}")
    writes, reads = PartitionUse(), PartitionUse()
    in_second: Counter[tuple[Slot, int]] = Counter()
    in_all: Counter[Slot] = Counter()
    bookings = round(bookings_a_second * SECONDS)
    for number, slot in enumerate(_slots(began, bookings, rng)):
        second = rng.randrange(SECONDS)
        work = WAITS if in_all[slot] % 2 == 0 else PAIRS_AT_ONCE
        in_second[slot, second] += 1
        in_all[slot] += 1
        places = {
            POOL: keys.pool_of(slot, 0),
            PAIRS: keys.pairs_of(slot, 0),
            START: start_row(slot, f"booking {number}").pk,
            DEMAND: hour_of_demand(slot.start).pk,
        }
        # The events function gets a record of each member whose day changed.
        _spend(writes, reads, places, second, (units[work], *[units[EVENTS]] * (1 if work == WAITS else 2)))
        here = {DEMAND: hour_of_demand(began).pk}
        for _ in range(calendars_a_booking):
            # The half hour before has the same rate, so that its end stands for the minutes before this one.
            _spend(writes, reads, here, (second - rng.randrange(CALENDAR_SECONDS)) % SECONDS, (units[CALENDAR],))
    return BusyHour(
        bookings, writes.peaks(), reads.peaks(), max(in_second.values(), default=0), max(in_all.values(), default=0)
    )


def _slots(began: datetime, number: int, rng: Random) -> Iterator[Slot]:
    """Yield a slot for each booking, drawn by the shape of the week and the time ahead."""
    shares = [(start + WEEK * week, share) for start, share in starts_of_week().items() for week in (0, 1)]
    starts = [start for start, _ in shares]
    weights = [share * _ahead(start - began) for start, share in shares]
    lengths, of_lengths = list(LENGTHS), list(accumulate(LENGTHS.values()))
    for start in rng.choices(starts, cum_weights=list(accumulate(weights)), k=number):
        (length,) = rng.choices(lengths, cum_weights=of_lengths)
        yield Slot(start, length)


def _ahead(time: timedelta) -> float:
    """Return the density of bookings that are made this time before their start."""
    return math.exp(-time / USUALLY_AHEAD) if LEAST_AHEAD <= time <= MOST_AHEAD else 0.0


def _spend(
    writes: PartitionUse, reads: PartitionUse, places: Mapping[str, str], second: int, done: tuple[WorkUnits, ...]
) -> None:
    for work in done:
        for kind, partition in places.items():
            writes.add(partition, second, work.writes.get(kind, 0))
            reads.add(partition, second, work.reads.get(kind, 0))
