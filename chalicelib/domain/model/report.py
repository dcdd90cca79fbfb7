"""Reports of a session's partner, which staff read (R47)."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.ids import encode
from chalicelib.domain.model.slot import Slot

# The time for which a report is kept.
KEPT = timedelta(days=365)
LONGEST_TEXT = 2000
_ID_LENGTH = 26


class ReportReason(StrEnum):
    """The reasons of a report."""

    NO_SHOW = "no_show"
    BEHAVIOUR = "behaviour"
    OTHER = "other"


class ListedReport(Document, frozen=True, kw_only=True):
    """A report in the list of staff. It has no reporter after the deletion of the reporter's account (R33)."""

    report_id: str
    reported_at: datetime
    reported_id: str
    reason: ReportReason
    booking_id: str
    slot: Slot
    text: str = ""
    reporter_id: str | None = None


class Report(Document, frozen=True, kw_only=True):
    """A member's report of another member in one session. A second one of the same two and session changes it.

    `reported_at` is the instant of the first one, and places the report in the list of staff.
    """

    member_id: str
    report_id: str
    reported_at: datetime
    reported_id: str
    reason: ReportReason
    booking_id: str
    slot: Slot
    text: str = ""


def report_id(reporter: str, booking_id: str, reported: str) -> str:
    """Return the id of a member's report of another member in a session."""
    digest = hashlib.sha256(f"{reporter}\n{booking_id}\n{reported}".encode()).digest()
    return encode(digest, _ID_LENGTH)


def listed(report: Report) -> ListedReport:
    """Return the report as staff see it."""
    return ListedReport(
        report_id=report.report_id,
        reported_at=report.reported_at,
        reported_id=report.reported_id,
        reason=report.reason,
        booking_id=report.booking_id,
        slot=report.slot,
        text=report.text,
        reporter_id=report.member_id,
        expires=report.expires,
    )
