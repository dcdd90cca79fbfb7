"""The reports as staff read them, newest first (R47)."""

from msgspec import Struct

from chalicelib.domain.model.member import Account
from chalicelib.domain.model.report import KEPT, ListedReport
from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.services.context import Context
from chalicelib.services.pages import Page
from chalicelib.services.staff.months import read_months
from chalicelib.services.staff.staff_log import record_act
from chalicelib.storage import reads, staff_reads


class ReportView(Struct, frozen=True):
    """A report with the current accounts of both members. `reporter` is None after a deletion without a return."""

    report: ListedReport
    reporter: Account | None
    reported: Account | None


def list_reports(context: Context, staff_id: str, *, after: str | None, limit: int | None) -> Page[ReportView]:
    """Return a page of the reports, newest first, and record that they were read."""
    now = context.clock()
    page = read_months(
        context.table, staff_reads.reports_of_month, now.date(), after=after, limit=limit, oldest=(now - KEPT).date()
    )
    shown = [report for report in page.items if not report.is_expired(now)]
    members = {report.reported_id for report in shown} | {report.reporter_id for report in shown if report.reporter_id}
    # For display only.
    accounts = reads.accounts(context.table, members, consistent=False) if members else {}
    record_act(context, staff_id, StaffAct.REPORTS_READ)
    views = [
        ReportView(report, accounts.get(report.reporter_id or ""), accounts.get(report.reported_id)) for report in shown
    ]
    return Page(views, page.more_after)
