"""Pair those who wait: one at the stream's word, all of a date or a slot at the schedule's (R18 to R21)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby

from chalicelib.domain.booking import State
from chalicelib.domain.changes import Changes, Decision
from chalicelib.domain.draft import Draft
from chalicelib.domain.errors import Busy
from chalicelib.domain.rows import WaitingRow
from chalicelib.domain.slot import FOOTPRINT_MINUTES, GRID, Slot, dates_ahead, day_start
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.book import ROOM_LENGTH
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.seek import seek_partner
from chalicelib.storage import reads
from chalicelib.storage.keys import POOL_SHARDS


def match_waiting(lockstep: Lockstep, row: WaitingRow) -> str | None:
    """Pair the member who waits there with whoever fits best, if anybody does (R20).

    Gives the partner's member id, or None where nobody fits or the member no longer waits: the same row twice, late
    or out of order has one effect (R19). Raises Busy when every race was lost.
    """

    def decide(attempt: Attempt) -> Decision[str | None]:
        days = reads.days([(row.member_id, row.slot.date)])
        booking = days.holding(row.member_id, row.slot)
        if booking is None or booking.state is not State.WAITING:
            return Decision(None)
        found = seek_partner(lockstep, booking, days, attempt.now, to_the_end=True)
        if found.booking is None:
            return Decision(None)
        draft = Draft(found.days, attempt.operation, attempt.now)
        draft.match(booking, found.booking, lockstep.token(ROOM_LENGTH))
        return Decision(found.booking.member_id, Changes(days=draft.changes()))

    return carry_out(lockstep, decide)


def match_all(lockstep: Lockstep, rows: Iterable[WaitingRow]) -> int:
    """Pair those who wait in one slot, in the order of their turns, and count the pairs made.

    A member whom too many races were lost for is left to the next sweep.
    """
    matched: set[str] = set()
    rows = list(rows)
    for row in rows if len(rows) > 1 else ():
        if row.member_id in matched:
            continue
        try:
            partner = match_waiting(lockstep, row)
        except Busy:
            continue
        if partner:
            matched |= {row.member_id, partner}
    return len(matched) // 2


def sweep(lockstep: Lockstep) -> int:
    """Pair whoever waits anywhere ahead, whatever the stream did or did not do (R19); counts the pairs made."""
    now = lockstep.clock()
    return sum(match_all(lockstep, rows) for on in dates_ahead(now) for rows in _slots_on(on, now))


def finalize(lockstep: Lockstep) -> int:
    """Pair whoever still waits in the slots that start soon (R21); counts the pairs made."""
    now = lockstep.clock()
    pairs = 0
    for slot in _slots_between(now, now + lockstep.settings.finalize_ahead):
        rows = [row for page in reads.waiting_in(slot, page=100) for row in page]
        pairs += match_all(lockstep, rows)
    return pairs


def _slots_on(on: date, now: datetime) -> Iterator[list[WaitingRow]]:
    """Who waits on a date, slot by slot; slots that have started are past helping (R23)."""
    for shard in range(POOL_SHARDS):
        for slot, rows in groupby(reads.waiting_on(on, shard), key=lambda row: row.slot):
            if slot.start > now:
                yield list(rows)


def _slots_between(after: datetime, until: datetime) -> Iterator[Slot]:
    """Every slot that starts after one instant and not after another."""
    midnight = day_start(after.date())
    start = midnight + ((after - midnight) // GRID + 1) * GRID
    while start <= until:
        yield from (Slot(start, minutes) for minutes in FOOTPRINT_MINUTES)
        start += GRID
