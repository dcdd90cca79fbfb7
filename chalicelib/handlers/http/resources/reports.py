"""The view of `/v1/reports`, by which a member reports a session's partner (R47)."""

from chalicelib.domain.model.errors import NotAvailable, NotFound, RateLimited
from chalicelib.domain.model.report import ReportReason
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.inputs import display_text
from chalicelib.handlers.http.inputs.requests import Body
from chalicelib.handlers.http.operations import Accepted, refuses
from chalicelib.handlers.http.responses import staff_schemas
from chalicelib.services.members.reports import ReportRequest, report_partner


class ReportBody(Body):
    """A report of a session's partner. `userId` may name one of the latest lost ones instead."""

    session_id: str
    reason: ReportReason
    text: display_text.ReportText = ""
    user_id: str | None = None

    def request(self) -> ReportRequest:
        """Return the request of the body."""
        text = display_text.report_text(self.text, "text")
        return ReportRequest(self.session_id, self.reason, text, self.user_id)


@refuses(NotFound, NotAvailable, RateLimited)
def post_report(call: Call, body: ReportBody) -> Accepted[staff_schemas.OneReport]:
    """Report the partner of one of the caller's sessions to staff, also one that the session has lost.

    A second report of the same member in the session changes the first. The reported member sees nothing of it.
    """
    report = report_partner(call.context, call.caller, body.request())
    return Accepted(staff_schemas.OneReport(staff_schemas.MadeReport(report.report_id)))
