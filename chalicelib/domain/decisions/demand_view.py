"""The demand of slots as one member sees it (R46)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from chalicelib.domain.decisions.eligibility import may_be_random_pair
from chalicelib.domain.model.day import Days, id_prefix
from chalicelib.domain.model.demand import Demand, WaitingMember, demand_of
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot

# The maximum number of waiting members that one view judges. Each costs a read of the profile and of the relation.
MOST_JUDGED = 50

Waiting = Mapping[Slot, tuple[WaitingMember, ...]]


def nearest_hours(hours: Iterable[Waiting]) -> Iterator[Waiting]:
    """Yield the waiting members of each hour, up to the hour with the last member that one view judges.

    No later hour is read, so that a view does not pay for slots that it cannot judge (R36).
    """
    found: set[str] = set()
    for waiting in hours:
        yield waiting
        found.update(member.member_id for members in waiting.values() for member in members)
        if len(found) >= MOST_JUDGED:
            return


def members_to_judge(waiting: Waiting, caller: str) -> list[str]:
    """Return the waiting members whose relations the view needs, the first of each slot before any second one.

    The choice does not depend on a relation, so that a block changes no read (R11).
    """
    places = sorted((place, slot) for slot, members in waiting.items() for place in range(len(members)))
    ordered = (waiting[slot][place].member_id for place, slot in places)
    return [member_id for member_id in dict.fromkeys(ordered) if member_id != caller][:MOST_JUDGED]


def demands(
    waiting: Waiting, judged: Mapping[str, PairRelations], caller: str, own: Days, now: datetime
) -> dict[Slot, Demand]:
    """Return the demand of each slot in which a member waits that the caller could meet there.

    The caller could meet a member if random matching could pair the two (R6, R18).
    """
    may_meet = {member_id for member_id, relations in judged.items() if may_be_random_pair(relations, now)}
    cancelled_by = {day.date: day for day in own.of(caller)}

    def could_meet(slot: Slot, member: WaitingMember) -> bool:
        if member.member_id not in may_meet or id_prefix(caller) in member.cancelled_by:
            return False
        day = cancelled_by.get(slot.date)
        return day is None or not day.was_cancelled_by(slot, member.member_id)

    numbers = {slot: sum(could_meet(slot, member) for member in members) for slot, members in waiting.items()}
    return {slot: demand_of(number) for slot, number in numbers.items() if number}
