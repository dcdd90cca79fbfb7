"""Reports of a session's partner to staff (R47).

A report changes nothing that the reported member sees. Its answer depends on the reporter's own day alone.
"""

from msgspec import Struct

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import NotAvailable
from chalicelib.domain.model.limits import check_reports, versioned_limit_of_reports
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.report import KEPT, Report, ReportReason, listed, report_id
from chalicelib.services.bookings.sessions import own_booking, own_day
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.services.upgrade import check_upgraded
from chalicelib.storage import reads, staff_reads

NO_ONE_DETAIL = "This session has no partner to report."
NO_PARTNER_DETAIL = "This member was not your partner in this session."


class ReportRequest(Struct, frozen=True):
    """A member's request to report the partner of a session, or another member who was the partner there."""

    booking_id: str
    reason: ReportReason
    text: str
    reported_id: str | None = None


def report_partner(context: Context, caller: Profile, request: ReportRequest) -> Report:
    """Report the partner of the caller's session, or without one the member who was lost there last.

    The request may name one of the latest lost partners instead. A second report of the same member in the session
    changes the first. Raises NotFound for another member's session, NotAvailable without a member to report, and
    RateLimited at the limit of new reports of the date (R36). Raises Busy while the former release also runs, which
    could not erase a member with a report.
    """
    check_upgraded(context)

    def decide(attempt: Attempt) -> Decision[Report]:
        booking = own_booking(caller, own_day(context, caller.member_id, request.booking_id).find(request.booking_id))
        reported = _reported(booking, request.reported_id)
        # Read before the report, so that of two new reports at once one conflicts.
        limit = reads.versioned_limit(context.table, versioned_limit_of_reports(caller.member_id, attempt.now))
        own_profile(context, caller.member_id)
        own_id = report_id(caller.member_id, booking.booking_id, reported)
        found = staff_reads.report(context.table, caller.member_id, own_id)
        before = None if found is None or found.is_expired(attempt.now) else found
        if before is None:
            check_reports(context.settings.limits.reports, limit, attempt.now)
        reported_at = before.reported_at if before else attempt.now
        report = Report(
            member_id=caller.member_id,
            report_id=own_id,
            reported_at=reported_at,
            reported_id=reported,
            reason=request.reason,
            booking_id=booking.booking_id,
            slot=booking.slot,
            text=request.text,
            version=found.version if found else 0,
            expires=reported_at + KEPT,
        )
        if report == found:
            return Decision(report)
        documents = (
            DocumentChange(found, report),
            # It follows from the report, whose version has a condition.
            DocumentChange(listed(before) if before else None, listed(report), regardless=True),
        )
        changes = WriteSet(documents=documents, versioned_limit=None if before else limit, present=(caller.member_id,))
        return Decision(report, changes)

    return run_transaction(context, decide)


def _reported(booking: Booking, wanted: str | None) -> str:
    reportable = booking.reportable
    if not reportable:
        raise NotAvailable(NO_ONE_DETAIL)
    if wanted is None:
        return reportable[0]
    if wanted not in reportable:
        # One answer for a member of another session and for an id of no member.
        raise NotAvailable(NO_PARTNER_DETAIL)
    return wanted
