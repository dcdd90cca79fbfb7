"""Execution of a slot plan, step by step. Each step is checked again against the current days (R21, R22)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.partner_choice import may_pair
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.slot_matching.slot_plan import PlanStep

# A transaction holds 100 items. 23 new and 23 broken pairs write at most 47 days, 46 pair rows and 2 waiting rows.
PAIRS_PER_TRANSACTION = 23


def split(step: PlanStep) -> Iterator[PlanStep]:
    """Yield parts of a step that each fit into one transaction.

    Every part but the last makes as many pairs as it breaks. It pairs one waiting member, and one member that had a
    partner then waits, first in the queue.
    """
    for first in range(0, len(step.new_pairs), PAIRS_PER_TRANSACTION):
        until = first + PAIRS_PER_TRANSACTION
        yield PlanStep(step.new_pairs[first:until], step.broken_pairs[first:until])


def members_of(step: PlanStep) -> set[str]:
    """Return the ids of all members in the pairs of a step."""
    return {member for pair in (*step.new_pairs, *step.broken_pairs) for member in pair}


def can_be_moved(booking: Booking, now: datetime, move_cutoff: timedelta) -> bool:
    """Return true if the booking's random match may be broken, before the cut-off (R22) and once only (R21)."""
    return booking.state is State.MATCHED and not booking.moved and not booking.is_final(now, move_cutoff)


def can_be_applied(
    step: PlanStep,
    slot: Slot,
    pairs_relations: Sequence[PairRelations],
    days: Days,
    now: datetime,
    move_cutoff: timedelta,
) -> bool:
    """Return true if a step is still possible.

    The broken pairs must exist and be movable, all other members must wait, and the members of each new pair must be
    permitted to meet. `pairs_relations` are those of the new pairs.
    """
    bookings = {member: days.holding(member, slot) for member in members_of(step)}
    moved = {member for pair in step.broken_pairs for member in pair}
    for member, booking in bookings.items():
        # A member of no broken pair must wait.
        if booking is None or (member not in moved and booking.state is not State.WAITING):
            return False
    for one, other in step.broken_pairs:
        booking = bookings[one]
        # The pair must exist.
        if booking is None or booking.partner is None or booking.partner.member_id != other:
            return False
        # Both of its members must be movable.
        if not all(each and can_be_moved(each, now, move_cutoff) for each in (booking, bookings[other])):
            return False
    return all(may_pair(pair_relations, slot, days, now) for pair_relations in pairs_relations)


def apply(editor: DayEditor, step: PlanStep, slot: Slot, days: Days, pair_ids: Sequence[str]) -> None:
    """Break and make the pairs of a step in the editor. `can_be_applied` must be true."""
    for pair in step.broken_pairs:
        for member in pair:
            editor.move(_booking(days, member, slot))
    for (one, other), pair_id in zip(step.new_pairs, pair_ids, strict=True):
        half, other_half = (editor.booking(_booking(days, member, slot)) for member in (one, other))
        editor.match(half, other_half, pair_id)


def _booking(days: Days, member_id: str, slot: Slot) -> Booking:
    booking = days.holding(member_id, slot)
    assert booking  # noqa: S101 - `can_be_applied` saw it
    return booking
