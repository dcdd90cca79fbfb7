"""Matching of all waiting members of one slot (R19, R21).

A pure function plans the whole slot. Each step of the plan is then read, checked and committed in a transaction of its
own. So a concurrent, late or killed run does no harm. A step that is no longer possible is left out, and the slot is
planned again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.partner_choice import must_be_present
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.day import id_prefix
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.slot_matching.candidate import Candidate, candidate_from_profile, candidate_of
from chalicelib.domain.slot_matching.movable_pairs import choose_pairs
from chalicelib.domain.slot_matching.plan_execution import apply, can_be_applied, can_be_moved, members_of, split
from chalicelib.domain.slot_matching.slot_plan import Pair, Plan, PlanStep, plan_pairs
from chalicelib.services.bookings.book import ROOM_LENGTH
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import queue_reads, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import TableRequestFailed

# Waiting members of a slot that one run pairs. A longer queue takes several runs.
MAX_WAITING = 10_000
# Up to this number all random pairs of a slot are read in full. Of more pairs only those of `_useful` are.
MAX_PAIRS_READ = 200
# The maximum number of plans of one run. Steps that conflicts prevented are planned again.
ROUNDS = 3
PARALLEL_STEPS = 16
# A step of several parts does not start within this time before the cut-off of moves (R22). A step that stopped halfway
# would leave a member unmatched who had a partner before.
TIME_FOR_PARTS = timedelta(minutes=1)
EMPTY_PLAN = Plan((), 0)


class SlotRun(Struct, frozen=True):
    """The number of pairs that a run gained, and what its last round left.

    `complete` means that no step failed. `waiting` is the number of waiting members that the plan considered.
    """

    gained: int = 0
    complete: bool = False
    waiting: int = 0


def match_slot(
    context: Context,
    slot: Slot,
    until: datetime,
    *,
    move: bool,
    max_waiting: int = MAX_WAITING,
    max_pairs: int | None = None,
) -> SlotRun:
    """Pair a maximum number of waiting members of the slot.

    At most `max_waiting` members are paired in all rounds together, and no step starts at `until` or later. The next
    run does the rest. With `move` random pairs are broken where that gains a pair, of at most `max_pairs` pairs. Raises
    TableRequestFailed if the table cannot be read.
    """
    run = SlotRun()
    for _round in range(ROUNDS):
        if run.complete or context.clock() >= until:
            break
        queue_shards = _queue_shards(context, slot)
        queue = _queue(context, slot, queue_shards, max_waiting - 2 * run.gained)
        plan = _plan(context, slot, queue_shards, queue, move=move, max_pairs=max_pairs)
        with context.table.parallel(PARALLEL_STEPS) as threads:
            done = list(threads.map(lambda step: _execute_step(context, slot, step, until), plan.steps))
        run = SlotRun(run.gained + done.count(True), complete=False not in done, waiting=len(queue))
    return run


def _plan(
    context: Context, slot: Slot, queue_shards: list[int], queue: list[str], *, move: bool, max_pairs: int | None
) -> Plan:
    """Plan the slot. Consider breaking pairs only if two or more members stay unmatched."""
    if len(queue) < 2:
        return EMPTY_PLAN
    # After the cut-off no pair is moved (R22).
    pairs = (
        _pairs(context, slot, queue_shards, max_pairs)
        if move and context.clock() < slot.start - context.settings.move_cutoff
        else []
    )
    ids = {id_prefix(member): member for member in chain(queue, *pairs)}
    waiting = [candidate for candidate in _candidates(context, slot, queue, ids) if candidate.queue_position]
    plan = plan_pairs(waiting, (), context.rng)
    unmatched = plan.unmatched_of(waiting)
    if not pairs or len(unmatched) < 2:
        return plan
    useful = pairs if len(pairs) <= MAX_PAIRS_READ else _useful(context, unmatched, pairs)
    paired = list(chain.from_iterable(useful))
    movable = {one.member_id: one for one in _candidates(context, slot, paired, ids) if one.queue_position is None}
    whole = [pair for pair in useful if movable.keys() >= set(pair)]
    return plan_pairs(waiting, [(movable[one], movable[other]) for one, other in whole], context.rng)


def _queue_shards(context: Context, slot: Slot) -> list[int]:
    """Return the queue shards of the slot in random order, so that no shard is always the last."""
    queue_shards = next(queue_reads.waiting_in(context.table, slot, page=1)).queue_shards
    return context.rng.sample(range(queue_shards), queue_shards)


def _queue(context: Context, slot: Slot, queue_shards: Sequence[int], most: int) -> list[str]:
    """Return the ids of at most `most` waiting members. After the start only those count who asked again (R38)."""
    read = _waiting if context.clock() < slot.start else queue_reads.seeking_in
    rows = chain.from_iterable(read(context.table, slot, queue_shard) for queue_shard in queue_shards)
    return [row.member_id for row in islice(rows, most)]


def _waiting(table: Table, slot: Slot, queue_shard: int) -> Iterator[WaitingRow]:
    pages = queue_reads.waiting_in(table, slot, queue_shard, page=queue_reads.ROWS_PER_PAGE)
    return chain.from_iterable(page.rows for page in pages)


def _pairs(context: Context, slot: Slot, queue_shards: Sequence[int], most: int | None) -> list[Pair]:
    """Return the random pairs of the slot, at most `most`, without the members that the queries found in two pairs."""
    rows = chain.from_iterable(queue_reads.pairs_in(context.table, slot, queue_shard) for queue_shard in queue_shards)
    pairs = [(min(row.members), max(row.members)) for row in islice(rows, most)]
    times = Counter(chain.from_iterable(pairs))
    return [pair for pair in pairs if all(times[member] == 1 for member in pair)]


def _useful(context: Context, unmatched: Sequence[Candidate], pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs that may be on an augmenting path, by the profiles of their members."""
    paired = {
        profile.member_id: candidate_from_profile(profile)
        for profile in reads.profiles(context.table, list(chain.from_iterable(pairs)))
    }
    known = [(paired[one], paired[other]) for one, other in pairs if one in paired and other in paired]
    return choose_pairs(unmatched, known, context.rng)


def _candidates(context: Context, slot: Slot, members: list[str], ids: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield the candidates of these members who may be matched or whose random pair may be moved.

    `ids` maps id prefixes to the member ids of the whole slot. A suspended member is no candidate (R47). Days are read
    before relations. So a block between the two reads is seen (R1).
    """
    now, move_cutoff = context.clock(), context.settings.move_cutoff
    days = reads.days(context.table, ((member, slot.date) for member in members))
    for relations in reads.members_with_relations(context.table, members):
        day = days[relations.profile.member_id, slot.date]
        booking = day.holding(slot) if relations.profile.suspension is None else None
        if booking and (booking.may_be_matched(now) or can_be_moved(booking, now, move_cutoff)):
            yield candidate_of(booking, day, relations, ids, now)


def _execute_step(context: Context, slot: Slot, step: PlanStep, until: datetime) -> bool | None:
    """Commit the parts of a step, one transaction each.

    Return true if all of them committed, and None for a step that must not start so shortly before the cut-off.
    """
    parts, now = list(split(step)), context.clock()
    # A step of several parts needs time.
    if len(parts) > 1 and now >= slot.start - context.settings.move_cutoff - TIME_FOR_PARTS:
        return None
    if now >= until:
        return False
    try:
        return all(_commit_part(context, slot, part) for part in parts)
    except (Busy, TableRequestFailed):
        # The retries are used up. The next round or the next run plans again.
        return False


def _commit_part(context: Context, slot: Slot, part: PlanStep) -> bool:
    def decide(attempt: Attempt) -> Decision[bool]:
        days = reads.days(context.table, ((member, slot.date) for member in members_of(part)))
        if any(attempt.operation in day.operations for day in days):
            # An earlier attempt committed, but its response was lost.
            return Decision(True)
        pairs_relations = reads.pairs_relations(context.table, part.new_pairs)
        if not can_be_applied(part, slot, pairs_relations, days, attempt.now, context.settings.move_cutoff):
            return Decision(False)
        editor = DayEditor(days, attempt.operation, attempt.now)
        apply(editor, part, slot, days, [context.token(ROOM_LENGTH) for _ in part.new_pairs])
        present = must_be_present(chain.from_iterable(part.new_pairs), slot, attempt.now)
        return Decision(True, WriteSet(days=editor.changes(), present=present))

    return run_transaction(context, decide)
