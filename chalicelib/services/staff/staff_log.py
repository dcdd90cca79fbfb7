"""The log of staff, with one line for each act, which no function changes or deletes (R47)."""

from datetime import datetime

from msgspec import Struct

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.staff_line import StaffAct, StaffLine
from chalicelib.services.context import Context
from chalicelib.services.pages import Page
from chalicelib.services.staff.months import read_months
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.services.upgrade import check_upgraded
from chalicelib.storage import staff_reads


class StaffCall(Struct, frozen=True):
    """One act of a member of staff, whose line has the same key in every attempt."""

    by: str
    at: datetime
    line_id: str

    def line(self, act: StaffAct, *, user_id: str | None = None, reason: str | None = None) -> DocumentChange:
        """Return the new line of the act."""
        line = StaffLine(line_id=self.line_id, at=self.at, act=act, by=self.by, user_id=user_id, reason=reason)
        return DocumentChange(None, line)


def staff_call(context: Context, staff_id: str) -> StaffCall:
    """Return a new act of a member of staff. Raises Busy while the former release, which knows no staff, also runs."""
    check_upgraded(context)
    return StaffCall(staff_id, context.clock(), context.token(16))


def record_act(context: Context, staff_id: str, act: StaffAct, *, user_id: str | None = None) -> None:
    """Add the line of an act that changes nothing else. Raises Busy."""
    call = staff_call(context, staff_id)

    def decide(attempt: Attempt) -> Decision[None]:
        if attempt.number > 1 and staff_reads.staff_line(context.table, call.at, call.line_id):
            # An earlier attempt committed, but its response was lost.
            return Decision(None)
        return Decision(None, WriteSet(documents=(call.line(act, user_id=user_id),)))

    run_transaction(context, decide)


def read_log(context: Context, staff_id: str, *, after: str | None, limit: int | None) -> Page[StaffLine]:
    """Return a page of the log, newest first, and record that it was read.

    The page does not have the line of this reading. The next reading from the beginning does.
    """
    page = list_acts(context, after=after, limit=limit)
    record_act(context, staff_id, StaffAct.LOG_READ)
    return page


def list_acts(context: Context, *, after: str | None, limit: int | None) -> Page[StaffLine]:
    """Return a page of the log, newest first, without a record of it."""
    today = context.clock().date()
    return read_months(context.table, staff_reads.lines_of_month, today, after=after, limit=limit)
