"""The reads of the demand that one member sees in the calendar (R46).

They are the same with and without a block or snooze by another member (R11).
"""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.decisions.demand_view import Waiting, members_to_judge, nearest_hours
from chalicelib.domain.model.member import PairRelations, Profile, Relation
from chalicelib.domain.model.slot import LONGEST_FOOTPRINT, Slot
from chalicelib.services.context import Context
from chalicelib.storage import demand_reads


def waiting_ahead(context: Context, start: datetime, end: datetime, now: datetime) -> Waiting:
    """Return the members who wait in the slots from `start` to `end` that have not started.

    The hours are read from the nearest one on, until they have as many members as a view judges.
    """
    # A slot that begins before `start` is shown if it ends after it.
    first = now if start <= now else max(start - LONGEST_FOOTPRINT, now)
    if end < first:
        return {}

    def shown(slot: Slot) -> bool:
        return now < slot.start and start <= slot.end and slot.start <= end

    hours = demand_reads.hours_counted(context.table, first, end)
    waiting = ({slot: hour.waiting[slot] for slot in filter(shown, hour.waiting)} for hour in hours)
    return {slot: members for hour in nearest_hours(waiting) for slot, members in hour.items()}


def judged_members(
    context: Context, caller: Profile, outgoing: Mapping[str, Relation], waiting: Waiting
) -> dict[str, PairRelations]:
    """Return the relations of the caller and the waiting members, at most those that one view judges."""
    others = members_to_judge(waiting, caller.member_id)
    return demand_reads.relations_to_judge(context.table, caller, outgoing, others) if others else {}
