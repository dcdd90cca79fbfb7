"""Search every queue shard of a slot for the partner of a waiting booking (R20)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.decisions import queue_view
from chalicelib.domain.decisions.partner_choice import choose_partner, fitting, unread_block
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.slot import Slot
from chalicelib.services.context import Context
from chalicelib.storage import booking_reads, queue_reads
from chalicelib.storage.read_plan import read_alone


class FoundPartner(Struct, frozen=True):
    """The best partner for a booking, if one fits, and the days on which the choice rests.

    `unblocked` is the block that the commit must exclude (R1).
    """

    booking: Booking | None
    days: Days
    unblocked: tuple[tuple[str, str], ...] = ()


def find_partner(
    context: Context, booking: Booking, own: Days, pages: Iterable[Sequence[WaitingRow]], now: datetime
) -> FoundPartner:
    """Choose the best partner on the first page on which one fits (R10, R20).

    Days and relations are strongly consistent.
    """
    plan = booking_reads.waiting_members(
        booking, own, pages, lambda relations, days: any(fitting(booking, relations, days, now))
    )
    found = read_alone(context.table, plan)
    partner = choose_partner(booking, found.relations, found.days, now, context.rng)
    if partner is None:
        return FoundPartner(None, found.days)
    day = found.days[partner.member_id, booking.slot.date]
    return FoundPartner(partner, found.days, unread_block(day, booking.member_id, now))


def all_waiting(context: Context, slot: Slot, queue_shard: int) -> Iterator[Sequence[WaitingRow]]:
    """Yield the waiting rows of the slot by page, beginning with the given shard.

    Workers begin with different shards, so they do not all compete for the same rows.
    """
    queue_shards = 1
    for page in queue_reads.waiting_in(context.table, slot, queue_shard, page=queue_view.PAGE):
        queue_shards = max(queue_shards, page.queue_shards)
        yield page.rows
    for step in range(1, queue_shards):
        shard = (queue_shard + step) % queue_shards
        yield from (page.rows for page in queue_reads.waiting_in(context.table, slot, shard, page=queue_view.PAGE))
