"""Find a random partner for a booking among those who wait in its slot (R20).

The queue of a popular slot has several lanes, each in a partition of its own: whoever books draws one, looks at those
who wait longest there, and waits there if nobody fits. The stream's worker looks at every lane until somebody does.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.changes import LanesOpened
from chalicelib.domain.day import Days
from chalicelib.domain.matching import choose_partner
from chalicelib.domain.member import Standing
from chalicelib.domain.rows import WaitingRow
from chalicelib.domain.slot import Slot
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads

# How many who wait are looked at together. The order of R20 is exact within one page; whoever comes first in turn is
# on the first of the lane.
PAGE = 8
# There shall be so many times as many lanes, up to a limit, where more come than one lane can pair: where a whole page
# began to wait within so short a time, or, as long as there is but one lane, where races for who waits there are lost.
# A partition takes 1,000 write units a second, two who are paired take 6 of a lane: 64 lanes take 20,000 people a
# second.
RUSH = timedelta(seconds=1)
MORE_LANES = 4
MOST_LANES = 64
# Of so many popular slots a process remembers how many lanes they have: whoever books there need not ask the first
# lane, which all would ask. None is ever closed, so what is remembered is at the worst too little.
MOST_REMEMBERED = 1000


class Window(Struct, frozen=True):
    """Who waits in one lane of a slot, drawn from all its lanes: those who wait longest and, behind a full page of
    them, those who came last. However many wait for somebody rare, whoever comes is not lost behind them.
    """

    lane: int
    lanes: int
    longest: Sequence[WaitingRow]
    latest: Sequence[WaitingRow] = ()

    @property
    def pages(self) -> Iterator[Sequence[WaitingRow]]:
        """Who is to be looked at together."""
        yield self.longest
        yield [row for row in self.latest if row not in self.longest]

    def opened(self, slot: Slot, now: datetime, *, contended: bool) -> LanesOpened | None:
        """More lanes, where more come here than can be paired and more may be, or where the only one is contended."""
        full = len(self.latest) >= PAGE and self.lanes < MOST_LANES
        rushed = full and all(now - row.turn.since < RUSH for row in self.latest)
        if not rushed and not (contended and self.lanes == 1):
            return None
        return LanesOpened(slot, self.lanes, self.lanes * MORE_LANES)


class Found(Struct, frozen=True):
    """Who was found for a booking, if anybody, and the days that the choice rests on."""

    booking: Booking | None
    standing: Standing | None
    days: Days


def look_around(lockstep: Lockstep, slot: Slot) -> Window:
    """Look at one lane of the slot: one query where it has one lane or is known to be popular, one more where that is
    news, and one where a whole page waits.

    What it sees may be a moment old, at half the price: a partner is read again before anything is decided, and
    whoever is overlooked is found by the stream's worker.
    """
    known = lockstep.lanes.get(slot, 1)
    window = _look_at(lockstep, slot, known)
    if window.lanes != known:
        # More were opened, or the process remembers another table's: the first lane is there whatever it remembers.
        if len(lockstep.lanes) >= MOST_REMEMBERED:
            lockstep.lanes.clear()
        lockstep.lanes[slot] = window.lanes
        window = _look_at(lockstep, slot, window.lanes)
    return window


def _look_at(lockstep: Lockstep, slot: Slot, lanes: int) -> Window:
    """Who waits in one of so many lanes."""
    lane = lockstep.chance.randrange(lanes) if lanes > 1 else 0
    page = next(reads.waiting_in(lockstep.table, slot, lane, page=PAGE, consistent=False))
    latest = reads.latest_in(lockstep.table, slot, lane, PAGE) if len(page.rows) >= PAGE else ()
    return Window(lane, page.lanes, page.rows, latest)


def find_partner(
    lockstep: Lockstep, booking: Booking, own: Days, pages: Iterable[Sequence[WaitingRow]], now: datetime
) -> Found:
    """Find the one of those who wait that suits the booking best, page by page until somebody does.

    Whoever it asks for by name is looked at with the first page, in whatever lane (R10). Reads the days of both before
    what they say about each other (R1), all strongly consistent.
    """
    me, named = booking.member_id, booking.wish.named
    first = [named] if named and named != me else []
    for page in pages:
        others = [*first, *(row.member_id for row in page if row.member_id not in (me, named))]
        found = _best_of(lockstep, booking, own, others, now) if others else None
        if found:
            return found
        first = []
    return Found(None, None, own)


def _best_of(lockstep: Lockstep, booking: Booking, own: Days, others: Sequence[str], now: datetime) -> Found | None:
    days = own | reads.days(lockstep.table, ((other, booking.slot.date) for other in others))
    standings = reads.standings(lockstep.table, [(booking.member_id, other) for other in others])
    chosen = choose_partner(booking, standings, days, now, lockstep.chance)
    if chosen is None:
        return None
    standing = next(one for one in standings if one.other and one.other.member_id == chosen.member_id)
    return Found(chosen, standing, days)


def everybody(lockstep: Lockstep, slot: Slot, lane: int) -> Iterator[Sequence[WaitingRow]]:
    """All who wait in the slot, page by page, lane by lane from one on: workers do not all run after the same few."""
    lanes = 1
    for page in reads.waiting_in(lockstep.table, slot, lane, page=PAGE):
        lanes = max(lanes, page.lanes)
        yield page.rows
    for step in range(1, lanes):
        yield from (page.rows for page in reads.waiting_in(lockstep.table, slot, (lane + step) % lanes, page=PAGE))
