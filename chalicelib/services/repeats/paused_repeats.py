"""The repeats of a suspended member, which make no occurrences until the suspension ends (R47)."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.decisions.occurrences import next_due
from chalicelib.domain.decisions.repeat_schedule import schedule_changes
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.member import Profile
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import repeat_reads


def pause_repeats(context: Context, suspended: Profile) -> None:
    """Take a suspended member from the list of those with due repeats. It is idempotent."""

    def decide(_attempt: Attempt) -> Decision[None]:
        schedule = repeat_reads.repeats_of(context.table, suspended.member_id).schedule
        if schedule.due is None:
            return Decision(None)
        return Decision(None, WriteSet(documents=schedule_changes(schedule, None), suspended=suspended))

    run_transaction(context, decide)


def resumed_repeats(context: Context, member_id: str, now: datetime) -> tuple[DocumentChange, ...]:
    """Return the changes that list a member for the next occurrences of the repeats, none without repeats.

    The occurrences of the time before `now` are left out, as after a change of the repeat.
    """
    found = repeat_reads.repeats_of(context.table, member_id)
    resumed = [replace(repeat, changed_at=now) for repeat in found.repeats]
    changed = map(DocumentChange, found.repeats, resumed)
    due = next_due(resumed, found.ended)
    return (*changed, *(() if due == found.schedule.due else schedule_changes(found.schedule, due)))
