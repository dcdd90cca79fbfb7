"""The public schemas of reports, suspensions and the log of staff (R47)."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.model.report import ReportReason
from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.schema_types import Duration, Instant, NextCursor


class MadeReport(Schema):
    """A report that the caller made."""

    report_id: str


class OneReport(Schema):
    """The response to a report."""

    report: MadeReport


class Reporter(Schema):
    """The member who made a report."""

    user_id: str
    name: str


class ReportedMember(Reporter):
    """The reported member."""

    suspended: bool


class StaffReport(Schema):
    """A report as staff see it. `reporter` is null after the deletion of the reporter's account."""

    report_id: str
    reported_at: Instant
    reason: ReportReason
    text: str
    session_id: str
    start_time: Instant
    duration: Duration
    reporter: Reporter | None
    reported: ReportedMember


class ReportList(Schema):
    """The reports of members, newest first."""

    reports: list[StaffReport]
    next_cursor: NextCursor | UnsetType = UNSET


class MemberSuspension(Schema):
    """The suspension of a member."""

    at: Instant
    reason: str
    by_user_id: str


class FoundMember(Schema):
    """A member as staff see them."""

    user_id: str
    name: str
    photo_url: str | None
    member_since: Instant
    suspension: MemberSuspension | None


class MemberList(Schema):
    """The members that a search has found."""

    members: list[FoundMember]
    next_cursor: NextCursor | UnsetType = UNSET


class ActOfStaff(Schema):
    """An act of a member of staff."""

    line_id: str
    at: Instant
    act: StaffAct
    by_user_id: str
    user_id: Annotated[str, Meta(description="The concerned member.")] | None
    reason: str | None


class StaffLog(Schema):
    """The acts of staff, newest first."""

    lines: list[ActOfStaff]
    next_cursor: NextCursor | UnsetType = UNSET
