"""Search for a random partner of a booking in the queue of its slot (R20).

The queue of a popular slot has several shards, each in a partition of its own. A booking draws one shard, searches the
members that wait longest there, and waits there if none of them can be its partner. The stream's worker searches every
shard.
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

# Waiting rows read at once. The order of R20 is exact within one page. The first queue positions are on a shard's first
# page.
PAGE = 8
# A shard that receives more bookings than it can pair is multiplied by MORE_QUEUE_SHARDS, up to MOST_QUEUE_SHARDS. The
# sign is a full page that began to wait within SURGE_WINDOW, or conflicts about waiting members while there is only one
# shard. A partition takes 1,000 write units a second and a pair takes 6, so 64 shards take 20,000 members a second.
SURGE_WINDOW = timedelta(seconds=1)
MORE_QUEUE_SHARDS = 4
MOST_QUEUE_SHARDS = 64
# Popular slots whose number of shards a process caches, so that not every booking reads the first shard. Shards are
# never removed, so a cached number can only be too low.
MOST_REMEMBERED = 1000


class QueueView(Struct, frozen=True):
    """The ends of one queue shard of a slot, with its longest waiting rows and, if the page is full, its latest ones.

    So a page of rows with rare preferences does not hide the rows behind them.
    """

    queue_shard: int
    queue_shards: int
    longest: Sequence[WaitingRow]
    latest: Sequence[WaitingRow] = ()

    @property
    def pages(self) -> Iterator[Sequence[WaitingRow]]:
        """The pages to search, one after the other."""
        yield self.longest
        yield [row for row in self.latest if row not in self.longest]

    def opened(self, slot: Slot, now: datetime, *, contended: bool) -> QueueShardsOpened | None:
        """Return the new number of shards, None if it stays. A surge or a contended only shard raises it."""
        full = len(self.latest) >= PAGE and self.queue_shards < MOST_QUEUE_SHARDS
        rushed = full and all(now - row.queue_position.since < SURGE_WINDOW for row in self.latest)
        if not rushed and not (contended and self.queue_shards == 1):
            return None
        return QueueShardsOpened(slot, self.queue_shards, self.queue_shards * MORE_QUEUE_SHARDS)


class FoundPartner(Struct, frozen=True):
    """The partner's booking, if there is one, and the relations and days that the choice depends on."""

    booking: Booking | None
    pair_relations: PairRelations | None
    days: Days


def read_queue(context: Context, slot: Slot) -> QueueView:
    """Read one queue shard of the slot, drawn at random.

    One query, one more if the cached number of shards is wrong, and one more if the page is full. The reads are
    eventually consistent, for half the units. Every partner is read again before the decision, and the stream's worker
    finds a row that was missed.
    """
    known = context.queue_shards.get(slot, 1)
    window = _look_at(context, slot, known)
    if window.queue_shards != known:
        # Shards were added, or the cache is from another table. Every table has the first shard.
        if len(context.queue_shards) >= MOST_REMEMBERED:
            context.queue_shards.clear()
        context.queue_shards[slot] = window.queue_shards
        window = _look_at(context, slot, window.queue_shards)
    return window


def _look_at(context: Context, slot: Slot, queue_shards: int) -> QueueView:
    """Return the ends of a shard drawn from this number of shards."""
    queue_shard = context.rng.randrange(queue_shards) if queue_shards > 1 else 0
    page = next(queue_reads.waiting_in(context.table, slot, queue_shard, page=PAGE, consistent=False))
    latest = queue_reads.last_waiting_in(context.table, slot, queue_shard, PAGE) if len(page.rows) >= PAGE else ()
    return QueueView(queue_shard, page.queue_shards, page.rows, latest)


def find_partner(
    context: Context, booking: Booking, own: Days, pages: Iterable[Sequence[WaitingRow]], now: datetime
) -> FoundPartner:
    """Return the best partner of the first page that has a possible one.

    The member that the booking names is added to the first page, from any shard (R10). Days are read before relations
    (R1), all with strong consistency.
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
    """Yield the waiting rows of the slot by page, beginning with the given shard.

    Workers begin with different shards, so they do not all compete for the same rows.
    """
    queue_shards = 1
    for page in queue_reads.waiting_in(context.table, slot, queue_shard, page=PAGE):
        queue_shards = max(queue_shards, page.queue_shards)
        yield page.rows
    for step in range(1, queue_shards):
        shard = (queue_shard + step) % queue_shards
        yield from (page.rows for page in queue_reads.waiting_in(context.table, slot, shard, page=PAGE))
