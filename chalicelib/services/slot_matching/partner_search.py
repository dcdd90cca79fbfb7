"""Find a random partner for a booking among those who wait in its slot (R20).

The queue of a popular slot has several lanes, each in a partition of its own: whoever books draws one, looks at those
who wait longest there, and waits there if nobody fits. The stream's worker looks at every lane until somebody does.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.decisions.partner_choice import choose_partner
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot
from chalicelib.services.context import Context
from chalicelib.storage import queue_reads, reads

# How many who wait are looked at together. The order of R20 is exact within one page; whoever comes first in turn is
# on the first of the lane.
PAGE = 8
# There shall be so many times as many lanes, up to a limit, where more come than one lane can pair: where a whole page
# began to wait within so short a time, or, as long as there is but one lane, where races for who waits there are lost.
# A partition takes 1,000 write units a second, two who are paired take 6 of a lane: 64 lanes take 20,000 people a
# second.
SURGE_WINDOW = timedelta(seconds=1)
MORE_QUEUE_SHARDS = 4
MOST_QUEUE_SHARDS = 64
# Of so many popular slots a process remembers how many lanes they have: whoever books there need not ask the first
# lane, which all would ask. None is ever closed, so what is remembered is at the worst too little.
MOST_REMEMBERED = 1000


class QueueView(Struct, frozen=True):
    """Who waits in one lane of a slot, drawn from all its lanes: those who wait longest and, behind a full page of
    them, those who came last. However many wait for somebody rare, whoever comes is not lost behind them.
    """

    queue_shard: int
    queue_shards: int
    longest: Sequence[WaitingRow]
    latest: Sequence[WaitingRow] = ()

    @property
    def pages(self) -> Iterator[Sequence[WaitingRow]]:
        """Who is to be looked at together."""
        yield self.longest
        yield [row for row in self.latest if row not in self.longest]

    def opened(self, slot: Slot, now: datetime, *, contended: bool) -> QueueShardsOpened | None:
        """More lanes, where more come here than can be paired and more may be, or where the only one is contended."""
        full = len(self.latest) >= PAGE and self.queue_shards < MOST_QUEUE_SHARDS
        rushed = full and all(now - row.queue_position.since < SURGE_WINDOW for row in self.latest)
        if not rushed and not (contended and self.queue_shards == 1):
            return None
        return QueueShardsOpened(slot, self.queue_shards, self.queue_shards * MORE_QUEUE_SHARDS)


class FoundPartner(Struct, frozen=True):
    """Who was found for a booking, if anybody, and the days that the choice rests on."""

    booking: Booking | None
    pair_relations: PairRelations | None
    days: Days


def read_queue(context: Context, slot: Slot) -> QueueView:
    """Look at one lane of the slot: one query where it has one lane or is known to be popular, one more where that is
    news, and one where a whole page waits.

    What it sees may be a moment old, at half the price: a partner is read again before anything is decided, and
    whoever is overlooked is found by the stream's worker.
    """
    known = context.queue_shards.get(slot, 1)
    window = _look_at(context, slot, known)
    if window.queue_shards != known:
        # More were opened, or the process remembers another table's: the first lane is there whatever it remembers.
        if len(context.queue_shards) >= MOST_REMEMBERED:
            context.queue_shards.clear()
        context.queue_shards[slot] = window.queue_shards
        window = _look_at(context, slot, window.queue_shards)
    return window


def _look_at(context: Context, slot: Slot, queue_shards: int) -> QueueView:
    """Who waits in one of so many lanes."""
    queue_shard = context.rng.randrange(queue_shards) if queue_shards > 1 else 0
    page = next(queue_reads.waiting_in(context.table, slot, queue_shard, page=PAGE, consistent=False))
    latest = queue_reads.last_waiting_in(context.table, slot, queue_shard, PAGE) if len(page.rows) >= PAGE else ()
    return QueueView(queue_shard, page.queue_shards, page.rows, latest)


def find_partner(
    context: Context, booking: Booking, own: Days, pages: Iterable[Sequence[WaitingRow]], now: datetime
) -> FoundPartner:
    """Find the one of those who wait that suits the booking best, page by page until somebody does.

    Whoever it asks for by name is looked at with the first page, in whatever lane (R10). Reads the days of both before
    what they say about each other (R1), all strongly consistent.
    """
    me, named = booking.member_id, booking.preference.named
    first = [named] if named and named != me else []
    for page in pages:
        others = [*first, *(row.member_id for row in page if row.member_id not in (me, named))]
        found = _best_of(context, booking, own, others, now) if others else None
        if found:
            return found
        first = []
    return FoundPartner(None, None, own)


def _best_of(
    context: Context, booking: Booking, own: Days, others: Sequence[str], now: datetime
) -> FoundPartner | None:
    days = own | reads.days(context.table, ((other, booking.slot.date) for other in others))
    pairs_relations = reads.pairs_relations(context.table, [(booking.member_id, other) for other in others])
    chosen = choose_partner(booking, pairs_relations, days, now, context.rng)
    if chosen is None:
        return None
    pair_relations = next(one for one in pairs_relations if one.other and one.other.member_id == chosen.member_id)
    return FoundPartner(chosen, pair_relations, days)


def all_waiting(context: Context, slot: Slot, queue_shard: int) -> Iterator[Sequence[WaitingRow]]:
    """All who wait in the slot, page by page, lane by lane from one on: workers do not all run after the same few."""
    queue_shards = 1
    for page in queue_reads.waiting_in(context.table, slot, queue_shard, page=PAGE):
        queue_shards = max(queue_shards, page.queue_shards)
        yield page.rows
    for step in range(1, queue_shards):
        shard = (queue_shard + step) % queue_shards
        yield from (page.rows for page in queue_reads.waiting_in(context.table, slot, shard, page=PAGE))
