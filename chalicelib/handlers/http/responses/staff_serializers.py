"""The conversion of reports, members and the log into what staff see (R47)."""

from chalicelib.domain.model import suspension as model
from chalicelib.domain.model.member import FORMER_MEMBER, Account, Profile, former_member
from chalicelib.domain.model.staff_line import StaffLine
from chalicelib.handlers.http.inputs.photo_url import shown_photo_url
from chalicelib.handlers.http.responses import staff_schemas
from chalicelib.handlers.http.responses.serializers import instant_text, milliseconds
from chalicelib.services.staff.report_list import ReportView


def report(view: ReportView) -> staff_schemas.StaffReport:
    """Return a report with the current names of both members."""
    found, reporter = view.report, view.report.reporter_id
    suspended = view.reported is not None and view.reported.suspension is not None
    return staff_schemas.StaffReport(
        report_id=found.report_id,
        reported_at=instant_text(found.reported_at),
        reason=found.reason,
        text=found.text,
        session_id=found.booking_id,
        start_time=instant_text(found.slot.start),
        duration=milliseconds(found.slot),
        reporter=staff_schemas.Reporter(reporter, _name(view.reporter)) if reporter else None,
        reported=staff_schemas.ReportedMember(found.reported_id, _name(view.reported), suspended),
    )


def found_member(account: Account) -> staff_schemas.FoundMember:
    """Return a member with the suspension, a deleted account as a former member."""
    profile = account if isinstance(account, Profile) else former_member(account.member_id)
    return staff_schemas.FoundMember(
        profile.member_id,
        profile.name,
        shown_photo_url(profile.photo_url),
        instant_text(profile.member_since),
        _suspension(account.suspension),
    )


def act(line: StaffLine) -> staff_schemas.ActOfStaff:
    """Return a line of the log."""
    return staff_schemas.ActOfStaff(line.line_id, instant_text(line.at), line.act, line.by, line.user_id, line.reason)


def _name(account: Account | None) -> str:
    return account.name if isinstance(account, Profile) else FORMER_MEMBER


def _suspension(suspension: model.Suspension | None) -> staff_schemas.MemberSuspension | None:
    if suspension is None:
        return None
    return staff_schemas.MemberSuspension(instant_text(suspension.at), suspension.reason, suspension.by)
