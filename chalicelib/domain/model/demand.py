"""Demand, the number of members who wait in a slot, and the documents from which the calendar shows it (R46)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.day import Day
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.slot import Slot

# The number of members from which the demand of a slot is `many`.
MANY = 5
# A document keeps the first members of each slot, and the first of all slots of its hour. A member with a block in
# either direction does not count, so that a slot keeps more than `MANY`.
KEPT_IN_SLOT = 8
# `MANY` for each of the 12 slots that start in an hour.
KEPT_IN_HOUR = 12 * MANY
# The cancels that all waiting members of an hour keep together, at least one for each member that has any.
KEPT_CANCELS = KEPT_IN_HOUR


class Demand(StrEnum):
    """The number of members who wait in a slot and could meet the caller, `many` from 5 on (R46)."""

    NONE = "none"
    SOME = "some"
    MANY = "many"


def demand_of(number: int) -> Demand:
    """Return the demand of a number of members."""
    if number >= MANY:
        return Demand.MANY
    return Demand.SOME if number else Demand.NONE


class WaitingMember(Struct, frozen=True, array_like=True):
    """A member who waits in a slot, with the id prefixes of the members who cancelled on this one there (R18)."""

    member_id: str
    cancelled_by: tuple[str, ...] = ()

    def with_first_cancels(self, number: int) -> "WaitingMember":
        """Return the member with at most that number of cancels."""
        return replace(self, cancelled_by=self.cancelled_by[:number])


class WaitingInSlot(Struct, frozen=True, array_like=True):
    """The waiting members of one slot in the order of the queue. `minute` is that of the start in its hour."""

    minute: int
    minutes: int
    members: tuple[WaitingMember, ...]


class HourOfDemand(Document, frozen=True, kw_only=True):
    """The members who wait in the slots that start in one hour.

    It follows from the queue and is counted again after each change. It stays when no member waits any more: the
    version of a document that is written again after its deletion would not show a change in between.
    """

    hour: datetime
    slots: tuple[WaitingInSlot, ...] = ()

    @property
    def waiting(self) -> dict[Slot, tuple[WaitingMember, ...]]:
        """The waiting members by slot."""
        return {Slot(self.hour + timedelta(minutes=one.minute), one.minutes): one.members for one in self.slots}

    def counting(self, counted: Mapping[Slot, tuple[WaitingMember, ...]]) -> "HourOfDemand":
        """Return the document with the members of those slots replaced, the first of each slot if there are many.

        If they have more than `KEPT_CANCELS` together, those with the most cancels keep fewer, so that crowded hours
        stay cheap to read (R36).
        """
        waiting = self.waiting | dict(counted)
        places = ((place, slot) for slot, members in waiting.items() for place in range(len(members[:KEPT_IN_SLOT])))
        kept = sorted(places)[:KEPT_IN_HOUR]
        number = {slot: sum(slot == other for _, other in kept) for _, slot in kept}
        most = _most_cancels([len(waiting[slot][place].cancelled_by) for place, slot in kept])
        slots = (
            WaitingInSlot(slot.start.minute, slot.minutes, _first(waiting[slot], number, most))
            for slot, number in number.items()
        )
        return replace(self, slots=tuple(sorted(slots, key=lambda one: (one.minute, one.minutes))))


def _most_cancels(numbers: Sequence[int]) -> int:
    """Return the most cancels that a member keeps, if the members of an hour have these numbers of them."""
    fewer = range(max(numbers, default=0), -1, -1)
    return next(most for most in fewer if sum(min(number, most) for number in numbers) <= KEPT_CANCELS)


def _first(members: tuple[WaitingMember, ...], number: int, cancels: int) -> tuple[WaitingMember, ...]:
    return tuple(member.with_first_cancels(cancels) for member in members[:number])


def hour_of(slot: Slot) -> datetime:
    """Return the hour in which a slot starts."""
    return slot.start.replace(minute=0)


def slots_with_other_queue(before: Day | None, after: Day) -> set[Slot]:
    """Return the slots in which a write of a day began or ended the waiting of its owner."""
    return _waiting(before) ^ _waiting(after)


def _waiting(day: Day | None) -> set[Slot]:
    return {booking.slot for booking in day.active if booking.queue_position} if day else set()


def waiting_members(slot: Slot, days: Iterable[Day]) -> tuple[WaitingMember, ...]:
    """Return the owners of those days who wait in the slot, in the order of the days."""
    return tuple(
        WaitingMember(day.member_id, tuple(sorted(day.members_who_cancelled(slot))))
        for day in days
        if (held := day.holding(slot)) and held.queue_position
    )
