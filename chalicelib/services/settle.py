"""Pair as many as can be of those who wait in one slot (R19, R21).

A slot is read, planned as a whole by a pure function, and carried out a step at a time. Every step is read again and
decided again in a transaction of its own, so two runs at once, a late one or one that is killed do no harm: a step that
is no longer possible is left out, and what is left is planned again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice

from chalicelib.domain.changes import Changes, Decision
from chalicelib.domain.day import beginning
from chalicelib.domain.draft import Draft
from chalicelib.domain.entrant import Entrant, entrant_of, entrant_seen
from chalicelib.domain.errors import Busy
from chalicelib.domain.finalizing import Pair, Plan, Step, plan_pairs
from chalicelib.domain.looking import choose_pairs
from chalicelib.domain.moving import can_be_moved, can_be_taken, members_of, pieces, take
from chalicelib.domain.slot import Slot
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.book import ROOM_LENGTH
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads
from chalicelib.storage.outcomes import NotCommitted

# What one run takes on of one slot: a larger crowd is paired in several runs.
MOST_WAITING = 10_000
# So many random pairs are all looked at where some must be moved; of more, those that may be of use.
FEW_PAIRS = 200
# How often what was lost to others is planned again within one run.
ROUNDS = 3
STEPS_AT_ONCE = 16
ROWS_AT_ONCE = 1000
# A step of several pieces is not begun so near to the instant from which matches are final: cut there, it would leave
# somebody without a partner for good.
TIME_FOR_PIECES = timedelta(minutes=1)
NOTHING_TO_DO = Plan((), 0)


def settle(lockstep: Lockstep, slot: Slot, until: datetime, *, move: bool, most_waiting: int = MOST_WAITING) -> int:
    """Pair as many as can be of those who wait in the slot; counts the pairs gained.

    So many who wait are taken on at the most, however often what was lost is planned again, and nothing is begun from
    `until` on: what is left is for the next run. With `move` random pairs are given up where that gains one. Raises
    NotCommitted where the table cannot be read.
    """
    gained = 0
    for _round in range(ROUNDS):
        if lockstep.clock() >= until:
            break
        plan = _plan(lockstep, slot, move=move, most_waiting=most_waiting - 2 * gained)
        with lockstep.table.side_by_side(STEPS_AT_ONCE) as threads:
            taken = list(threads.map(lambda step: _carry_out(lockstep, slot, step, until), plan.steps))
        gained += sum(taken)
        if all(taken):
            break
    return gained


def _plan(lockstep: Lockstep, slot: Slot, *, move: bool, most_waiting: int) -> Plan:
    """What is to become of those who wait, and of random pairs only where two or more would be left without them."""
    lanes = _lanes(lockstep, slot)
    queue = _queue(lockstep, slot, lanes, most_waiting)
    if len(queue) < 2:
        return NOTHING_TO_DO
    # Once matches are final none can be moved (R22).
    pairs = _pairs(lockstep, slot, lanes) if move and lockstep.clock() < slot.start - lockstep.settings.final else []
    members = {beginning(member): member for member in chain(queue, *pairs)}
    waiting = [entrant for entrant in _entrants(lockstep, slot, queue, members) if entrant.turn]
    plan = plan_pairs(waiting, (), lockstep.chance)
    left = plan.left_of(waiting)
    if not pairs or len(left) < 2:
        return plan
    useful = pairs if len(pairs) <= FEW_PAIRS else _useful(lockstep, left, pairs)
    paired = list(chain.from_iterable(useful))
    movable = {one.member_id: one for one in _entrants(lockstep, slot, paired, members) if one.turn is None}
    whole = [pair for pair in useful if movable.keys() >= set(pair)]
    return plan_pairs(waiting, [(movable[one], movable[other]) for one, other in whole], lockstep.chance)


def _lanes(lockstep: Lockstep, slot: Slot) -> list[int]:
    """The lanes of the slot in random order: where one run cannot take on everybody, none is always the last."""
    lanes = next(reads.waiting_in(lockstep.table, slot, page=1)).lanes
    return lockstep.chance.sample(range(lanes), lanes)


def _queue(lockstep: Lockstep, slot: Slot, lanes: Sequence[int], most: int) -> list[str]:
    """Those who wait in the slot, so many at the most."""
    pages = chain.from_iterable(reads.waiting_in(lockstep.table, slot, lane, page=ROWS_AT_ONCE) for lane in lanes)
    return [row.member_id for row in islice(chain.from_iterable(page.rows for page in pages), most)]


def _pairs(lockstep: Lockstep, slot: Slot, lanes: Sequence[int]) -> list[Pair]:
    """The random pairs of the slot; whoever was read in two, one after the other, stays where that is by now."""
    rows = chain.from_iterable(reads.pairs_in(lockstep.table, slot, lane) for lane in lanes)
    pairs = [(min(row.members), max(row.members)) for row in rows]
    times = Counter(chain.from_iterable(pairs))
    return [pair for pair in pairs if all(times[member] == 1 for member in pair)]


def _useful(lockstep: Lockstep, left: Sequence[Entrant], pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that may be of use to those left, by the profiles of their members."""
    seen = {
        profile.member_id: entrant_seen(profile)
        for profile in reads.profiles(lockstep.table, list(chain.from_iterable(pairs)))
    }
    known = [(seen[one], seen[other]) for one, other in pairs if one in seen and other in seen]
    return choose_pairs(left, known, lockstep.chance)


def _entrants(lockstep: Lockstep, slot: Slot, wanted: list[str], members: Mapping[str, str]) -> Iterator[Entrant]:
    """Members as the matcher sees them: whoever waits, or is in a random pair that may be moved.

    `members` are all who enter, by the beginnings of their ids. Days are read before what their members say about each
    other (R1).
    """
    now, final = lockstep.clock(), lockstep.settings.final
    if now >= slot.start:
        return
    days = reads.days(lockstep.table, ((member, slot.date) for member in wanted))
    for known in reads.known(lockstep.table, wanted):
        day = days[known.profile.member_id, slot.date]
        booking = day.holding(slot)
        if booking and (booking.turn or can_be_moved(booking, now, final)):
            yield entrant_of(booking, day, known, members, now)


def _carry_out(lockstep: Lockstep, slot: Slot, step: Step, until: datetime) -> bool:
    """Take a step, in as many transactions as it needs; gives whether it was taken to its end."""
    parts, now = list(pieces(step)), lockstep.clock()
    too_near = len(parts) > 1 and now >= slot.start - lockstep.settings.final - TIME_FOR_PIECES
    if too_near or now >= until:
        return False
    try:
        return all(_take(lockstep, slot, part) for part in parts)
    except (Busy, NotCommitted):
        # Lost to others too often: the next round, or the next run, plans again.
        return False


def _take(lockstep: Lockstep, slot: Slot, step: Step) -> bool:
    def decide(attempt: Attempt) -> Decision[bool]:
        days = reads.days(lockstep.table, ((member, slot.date) for member in members_of(step)))
        if any(attempt.operation in day.operations for day in days):
            # An earlier attempt was carried out, and its answer lost.
            return Decision(True)
        standings = reads.standings(lockstep.table, step.made)
        if not can_be_taken(step, slot, standings, days, attempt.now, lockstep.settings.final):
            return Decision(False)
        draft = Draft(days, attempt.operation, attempt.now)
        take(draft, step, slot, days, [lockstep.token(ROOM_LENGTH) for _ in step.made])
        return Decision(True, Changes(days=draft.changes()))

    return carry_out(lockstep, decide)
