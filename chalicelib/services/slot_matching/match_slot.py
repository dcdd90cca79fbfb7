"""Pair as many as can be of those who wait in one slot (R19, R21).

A slot is read, planned as a whole by a pure function, and carried out a step at a time. Every step is read again and
decided again in a transaction of its own, so two runs at once, a late one or one that is killed do no harm: a step that
is no longer possible is left out, and what is left is planned again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.day import id_prefix
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.slot_matching.candidate import Candidate, candidate_from_profile, candidate_of
from chalicelib.domain.slot_matching.movable_pairs import choose_pairs
from chalicelib.domain.slot_matching.plan_execution import apply, can_be_moved, can_be_taken, members_of, split
from chalicelib.domain.slot_matching.slot_plan import Pair, Plan, Step, plan_pairs
from chalicelib.services.bookings.book import ROOM_LENGTH
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import queue_reads, reads
from chalicelib.storage.errors import NotCommitted

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


def match_slot(context: Context, slot: Slot, until: datetime, *, move: bool, most_waiting: int = MOST_WAITING) -> int:
    """Pair as many as can be of those who wait in the slot; counts the pairs gained.

    So many who wait are taken on at the most, however often what was lost is planned again, and nothing is begun from
    `until` on: what is left is for the next run. With `move` random pairs are given up where that gains one. Raises
    NotCommitted where the table cannot be read.
    """
    gained = 0
    for _round in range(ROUNDS):
        if context.clock() >= until:
            break
        plan = _plan(context, slot, move=move, most_waiting=most_waiting - 2 * gained)
        with context.table.parallel(STEPS_AT_ONCE) as threads:
            taken = list(threads.map(lambda step: _execute_step(context, slot, step, until), plan.steps))
        gained += sum(taken)
        if all(taken):
            break
    return gained


def _plan(context: Context, slot: Slot, *, move: bool, most_waiting: int) -> Plan:
    """What is to become of those who wait, and of random pairs only where two or more would be left without them."""
    queue_shards = _queue_shards(context, slot)
    queue = _queue(context, slot, queue_shards, most_waiting)
    if len(queue) < 2:
        return NOTHING_TO_DO
    # Once matches are final none can be moved (R22).
    pairs = (
        _pairs(context, slot, queue_shards) if move and context.clock() < slot.start - context.settings.final else []
    )
    members = {id_prefix(member): member for member in chain(queue, *pairs)}
    waiting = [candidate for candidate in _candidates(context, slot, queue, members) if candidate.queue_position]
    plan = plan_pairs(waiting, (), context.rng)
    left = plan.left_of(waiting)
    if not pairs or len(left) < 2:
        return plan
    useful = pairs if len(pairs) <= FEW_PAIRS else _useful(context, left, pairs)
    paired = list(chain.from_iterable(useful))
    movable = {one.member_id: one for one in _candidates(context, slot, paired, members) if one.queue_position is None}
    whole = [pair for pair in useful if movable.keys() >= set(pair)]
    return plan_pairs(waiting, [(movable[one], movable[other]) for one, other in whole], context.rng)


def _queue_shards(context: Context, slot: Slot) -> list[int]:
    """The lanes of the slot in random order: where one run cannot take on everybody, none is always the last."""
    queue_shards = next(queue_reads.waiting_in(context.table, slot, page=1)).queue_shards
    return context.rng.sample(range(queue_shards), queue_shards)


def _queue(context: Context, slot: Slot, queue_shards: Sequence[int], most: int) -> list[str]:
    """Those who wait in the slot, so many at the most."""
    pages = chain.from_iterable(
        queue_reads.waiting_in(context.table, slot, queue_shard, page=ROWS_AT_ONCE) for queue_shard in queue_shards
    )
    return [row.member_id for row in islice(chain.from_iterable(page.rows for page in pages), most)]


def _pairs(context: Context, slot: Slot, queue_shards: Sequence[int]) -> list[Pair]:
    """The random pairs of the slot; whoever was read in two, one after the other, stays where that is by now."""
    rows = chain.from_iterable(queue_reads.pairs_in(context.table, slot, queue_shard) for queue_shard in queue_shards)
    pairs = [(min(row.members), max(row.members)) for row in rows]
    times = Counter(chain.from_iterable(pairs))
    return [pair for pair in pairs if all(times[member] == 1 for member in pair)]


def _useful(context: Context, left: Sequence[Candidate], pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that may be of use to those left, by the profiles of their members."""
    seen = {
        profile.member_id: candidate_from_profile(profile)
        for profile in reads.profiles(context.table, list(chain.from_iterable(pairs)))
    }
    known = [(seen[one], seen[other]) for one, other in pairs if one in seen and other in seen]
    return choose_pairs(left, known, context.rng)


def _candidates(context: Context, slot: Slot, wanted: list[str], members: Mapping[str, str]) -> Iterator[Candidate]:
    """Members as the matcher sees them: whoever waits, or is in a random pair that may be moved.

    `members` are all who enter, by the beginnings of their ids. Days are read before what their members say about each
    other (R1).
    """
    now, final = context.clock(), context.settings.final
    if now >= slot.start:
        return
    days = reads.days(context.table, ((member, slot.date) for member in wanted))
    for known in reads.members_with_relations(context.table, wanted):
        day = days[known.profile.member_id, slot.date]
        booking = day.holding(slot)
        if booking and (booking.queue_position or can_be_moved(booking, now, final)):
            yield candidate_of(booking, day, known, members, now)


def _execute_step(context: Context, slot: Slot, step: Step, until: datetime) -> bool:
    """Take a step, in as many transactions as it needs; gives whether it was taken to its end."""
    parts, now = list(split(step)), context.clock()
    too_near = len(parts) > 1 and now >= slot.start - context.settings.final - TIME_FOR_PIECES
    if too_near or now >= until:
        return False
    try:
        return all(_take(context, slot, part) for part in parts)
    except (Busy, NotCommitted):
        # Lost to others too often: the next round, or the next run, plans again.
        return False


def _take(context: Context, slot: Slot, step: Step) -> bool:
    def decide(attempt: Attempt) -> Decision[bool]:
        days = reads.days(context.table, ((member, slot.date) for member in members_of(step)))
        if any(attempt.operation in day.operations for day in days):
            # An earlier attempt was carried out, and its answer lost.
            return Decision(True)
        pairs_relations = reads.pairs_relations(context.table, step.new_pairs)
        if not can_be_taken(step, slot, pairs_relations, days, attempt.now, context.settings.final):
            return Decision(False)
        editor = DayEditor(days, attempt.operation, attempt.now)
        apply(editor, step, slot, days, [context.token(ROOM_LENGTH) for _ in step.new_pairs])
        return Decision(True, WriteSet(days=editor.changes()))

    return run_transaction(context, decide)
