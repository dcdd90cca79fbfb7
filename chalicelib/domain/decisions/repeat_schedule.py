"""The changes of a member's schedule of repeats, and of the list of due members with it (R40)."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import DocumentChange
from chalicelib.domain.model.document import NEW
from chalicelib.domain.model.repeat import RepeatSchedule, due_row


def schedule_changes(schedule: RepeatSchedule, due: datetime | None) -> tuple[DocumentChange, ...]:
    """Return the changes that make the member's repeats due at an instant.

    The version of the schedule guards the rows.
    """
    after = replace(schedule, due=due)
    own = DocumentChange(schedule if schedule.version != NEW else None, after)
    left, entered = due_row(schedule), due_row(after)
    if left == entered:
        return (own,)
    removed = (DocumentChange(left, None, regardless=True),) if left else ()
    added = (DocumentChange(None, entered, regardless=True),) if entered else ()
    return (own, *removed, *added)
