"""Pair those who wait in a slot, as many as can be paired at all: the schedules' work (R19, R21).

A slot is read, planned as a whole by a pure function, and carried out a step at a time. Every step is read again and
decided again in a transaction of its own, so two runs at once, a late one or one that is killed do no harm: a step that
is no longer possible is left out, and what is left is planned again.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain, islice

from chalicelib.domain.changes import Changes, Decision
from chalicelib.domain.day import beginning
from chalicelib.domain.draft import Draft
from chalicelib.domain.entrant import Entrant, entrant_of
from chalicelib.domain.errors import Busy
from chalicelib.domain.finalizing import Plan, Step, plan_pairs
from chalicelib.domain.moving import can_be_moved, can_be_taken, members_of, pieces, take
from chalicelib.domain.slot import FOOTPRINT_MINUTES, GRID, Slot, dates_ahead, day_start
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.book import ROOM_LENGTH
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads
from chalicelib.storage.connection import side_by_side
from chalicelib.storage.keys import POOL_SHARDS
from chalicelib.storage.outcomes import NotCommitted

# What one run takes on of one slot: a larger crowd is paired in several runs.
MOST_WAITING = 10_000
# How many random pairs are looked at where some must be moved: among so many there is a way for everybody, unless the
# slot is smaller, and then they are all.
MOST_PAIRS = 200
# How often what was lost to others is planned again within one run.
ROUNDS = 3
STEPS_AT_ONCE = 16
ROWS_AT_ONCE = 1000
NOTHING_TO_DO = Plan((), 0)


def finalize(lockstep: Lockstep) -> int:
    """Pair whoever still waits in the slots that start soon, moving random pairs where that gains one (R21).

    Counts the pairs gained. The slots follow from the clock: what one run misses the next finds.
    """
    now = lockstep.clock()
    return sum(settle(lockstep, slot, move=True) for slot in _slots_until(now, now + lockstep.settings.finalize_ahead))


def sweep(lockstep: Lockstep) -> int:
    """Pair whoever waits anywhere ahead, whatever the stream did or did not do (R19); counts the pairs gained."""
    now = lockstep.clock()
    slots = (slot for on in dates_ahead(now) for shard in range(POOL_SHARDS) for slot in reads.crowded(on, shard))
    # Slots that have started are past helping (R23).
    return sum(settle(lockstep, slot, move=False) for slot in slots if now < slot.start)


def settle(lockstep: Lockstep, slot: Slot, *, move: bool) -> int:
    """Pair as many as can be of those who wait in the slot; counts the pairs gained.

    With `move` random pairs are given up where that gains one.
    """
    gained = 0
    for _round in range(ROUNDS):
        plan = _plan(lockstep, slot, move=move)
        with side_by_side(STEPS_AT_ONCE) as threads:
            taken = list(threads.map(lambda step: _carry_out(lockstep, slot, step), plan.steps))
        gained += sum(taken)
        if all(taken):
            break
    return gained


def _plan(lockstep: Lockstep, slot: Slot, *, move: bool) -> Plan:
    """What is to become of those who wait, and of random pairs only where two or more would be left without them."""
    queue = _queue(slot)
    if len(queue) < 2:
        return NOTHING_TO_DO
    pairs = _pairs(lockstep, slot) if move else []
    paired = [member for pair in pairs for member in pair]
    members = {beginning(member): member for member in (*queue, *paired)}
    waiting = [entrant for entrant in _entrants(lockstep, slot, queue, members) if entrant.turn]
    plan = plan_pairs(waiting, (), lockstep.chance)
    if not pairs or len(waiting) - 2 * len(plan.steps) < 2:
        return plan
    movable = {one.member_id: one for one in _entrants(lockstep, slot, paired, members) if one.turn is None}
    whole = [pair for pair in pairs if movable.keys() >= set(pair)]
    return plan_pairs(waiting, [(movable[one], movable[other]) for one, other in whole], lockstep.chance)


def _queue(slot: Slot) -> list[str]:
    """Those who wait in the slot, as many as one run takes on."""
    pages = reads.waiting_in(slot, page=ROWS_AT_ONCE)
    first = next(pages)
    others = (reads.waiting_in(slot, lane, page=ROWS_AT_ONCE) for lane in range(1, first.lanes))
    rows = chain(first.rows, (row for page in chain(pages, *others) for row in page.rows))
    return [row.member_id for row in islice(rows, MOST_WAITING)]


def _pairs(lockstep: Lockstep, slot: Slot) -> list[tuple[str, str]]:
    """Random pairs of the slot, drawn from all lanes where there are many."""
    lanes = next(reads.waiting_in(slot, page=1)).lanes
    drawn = lockstep.chance.sample(range(lanes), lanes)
    rows = islice(chain.from_iterable(reads.pairs_in(slot, lane) for lane in drawn), MOST_PAIRS)
    return [(min(row.members), max(row.members)) for row in rows]


def _entrants(lockstep: Lockstep, slot: Slot, wanted: list[str], members: Mapping[str, str]) -> Iterator[Entrant]:
    """Members as the matcher sees them: whoever waits, or is in a random pair that may be moved.

    `members` are all who enter, by the beginnings of their ids. Days are read before what their members say about each
    other (R1).
    """
    now, final = lockstep.clock(), lockstep.settings.final
    if now >= slot.start:
        return
    days = reads.days((member, slot.date) for member in wanted)
    for known in reads.known(wanted):
        day = days[known.profile.member_id, slot.date]
        booking = day.holding(slot)
        if booking and (booking.turn or can_be_moved(booking, now, final)):
            yield entrant_of(booking, day, known, members, now)


def _carry_out(lockstep: Lockstep, slot: Slot, step: Step) -> bool:
    """Take a step, in as many transactions as it needs; gives whether it was taken to its end."""
    try:
        return all(_take(lockstep, slot, piece) for piece in pieces(step))
    except (Busy, NotCommitted):
        # Lost to others too often: the next round, or the next run, plans again.
        return False


def _take(lockstep: Lockstep, slot: Slot, step: Step) -> bool:
    def decide(attempt: Attempt) -> Decision[bool]:
        days = reads.days((member, slot.date) for member in members_of(step))
        if any(attempt.operation in day.operations for day in days):
            # An earlier attempt was carried out, and its answer lost.
            return Decision(True)
        standings = reads.standings(step.made)
        if not can_be_taken(step, slot, standings, days, attempt.now, lockstep.settings.final):
            return Decision(False)
        draft = Draft(days, attempt.operation, attempt.now)
        take(draft, step, slot, days, [lockstep.token(ROOM_LENGTH) for _ in step.made])
        return Decision(True, Changes(days=draft.changes()))

    return carry_out(lockstep, decide)


def _slots_until(after: datetime, until: datetime) -> Iterator[Slot]:
    """Every slot that starts after one instant and not after another."""
    midnight = day_start(after.date())
    start = midnight + ((after - midnight) // GRID + 1) * GRID
    while start <= until:
        yield from (Slot(start, minutes) for minutes in FOOTPRINT_MINUTES)
        start += GRID
