"""Carry out what a slot's finalizing decided: a step at a time, each judged again by what stands now (R21, R22)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.partner_choice import may_pair
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.slot_matching.slot_plan import Step

# A transaction holds 100 items: so many pairs made and as many given up change twice as many days and one, and as many
# rows of pairs, and two rows of those who wait.
MADE_AT_ONCE = 23


def split(step: Step) -> Iterator[Step]:
    """A step in pieces that fit into one transaction each.

    Every piece but the last makes as many pairs as it gives up: whoever is left at its end waits ahead of everyone, in
    the place of who waited at its beginning.
    """
    for first in range(0, len(step.new_pairs), MADE_AT_ONCE):
        until = first + MADE_AT_ONCE
        yield Step(step.new_pairs[first:until], step.broken_pairs[first:until])


def members_of(step: Step) -> set[str]:
    """Everybody whom a step concerns."""
    return {member for pair in (*step.new_pairs, *step.broken_pairs) for member in pair}


def can_be_moved(booking: Booking, now: datetime, final: timedelta) -> bool:
    """Whether the booking is in a random pair that may be moved still: not final, and not moved before (R21, R22)."""
    return booking.state is State.MATCHED and not booking.moved and not booking.is_final(now, final)


def can_be_taken(
    step: Step, slot: Slot, pairs_relations: Sequence[PairRelations], days: Days, now: datetime, final: timedelta
) -> bool:
    """Whether a step is as possible now as when it was planned.

    The pairs to be given up are still there and may be moved, everybody else waits, and the pairs to be made, each
    with how its members stand to each other, may be paired.
    """
    held = {member: days.holding(member, slot) for member in members_of(step)}
    moved = {member for pair in step.broken_pairs for member in pair}
    for member, booking in held.items():
        if booking is None or (member not in moved and booking.state is not State.WAITING):
            return False
    for one, other in step.broken_pairs:
        booking = held[one]
        if booking is None or booking.partner is None or booking.partner.member_id != other:
            return False
        if not all(each and can_be_moved(each, now, final) for each in (booking, held[other])):
            return False
    return all(may_pair(pair_relations, slot, days, now) for pair_relations in pairs_relations)


def apply(editor: DayEditor, step: Step, slot: Slot, days: Days, pair_ids: Sequence[str]) -> None:
    """Give up the pairs of a step that can be taken, and make the new ones."""
    for pair in step.broken_pairs:
        for member in pair:
            editor.move(_held(days, member, slot))
    for (one, other), pair_id in zip(step.new_pairs, pair_ids, strict=True):
        half, other_half = (editor.booking(_held(days, member, slot)) for member in (one, other))
        editor.match(half, other_half, pair_id)


def _held(days: Days, member_id: str, slot: Slot) -> Booking:
    booking = days.holding(member_id, slot)
    assert booking  # noqa: S101 - `can_be_taken` saw it
    return booking
