"""The part of a slot's queue that a booking reads, and the decision to open more queue shards."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.domain.model.slot import Slot

# Members per page. The order of R20 is exact within one page. A shard's first page holds the first of its queue.
PAGE = 8
# A slot gets SHARD_FACTOR times as many queue shards, at most MAX_QUEUE_SHARDS, if a whole page of members
# arrived within the surge window, or if bookings lose races for a partner while there is one shard.
# A partition takes 1,000 write units per second, and a pair takes 6 of them: 64 shards take 20,000 members per second.
SURGE_WINDOW = timedelta(seconds=1)
SHARD_FACTOR = 4
MAX_QUEUE_SHARDS = 64


class QueueView(Struct, frozen=True):
    """The members who wait longest in one queue shard and, if they fill a page, those who came last.

    Members with rare preferences may fill the first page. The second page still offers a newcomer other candidates.
    """

    queue_shard: int
    queue_shards: int
    longest: Sequence[WaitingRow] = ()
    latest: Sequence[WaitingRow] = ()

    @property
    def pages(self) -> Iterator[Sequence[WaitingRow]]:
        """The rows to compare with each other, a page at a time."""
        yield self.longest
        yield [row for row in self.latest if row not in self.longest]

    def opened(self, slot: Slot, now: datetime, *, contended: bool) -> QueueShardsOpened | None:
        """Return the shards to open, if members arrive faster than one shard pairs them or lose races."""
        full = len(self.latest) >= PAGE and self.queue_shards < MAX_QUEUE_SHARDS
        surge = full and all(now - row.queue_position.since < SURGE_WINDOW for row in self.latest)
        if not surge and not (contended and self.queue_shards == 1):
            return None
        return QueueShardsOpened(slot, self.queue_shards, self.queue_shards * SHARD_FACTOR)
