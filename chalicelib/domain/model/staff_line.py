"""Lines of the log of staff, which has one for each act of a member of staff (R47)."""

from datetime import datetime
from enum import StrEnum

from chalicelib.domain.model.document import Document


class StaffAct(StrEnum):
    """The acts of staff that the log records."""

    SUSPENDED = "suspended"
    LIFTED = "lifted"
    REPORTS_READ = "reports_read"
    MEMBERS_SEARCHED = "members_searched"
    LOG_READ = "log_read"


class StaffLine(Document, frozen=True, kw_only=True):
    """An act of a member of staff. It is stored once, never changed and never deleted.

    `by` is the id of the member of staff, and `user_id` that of the concerned member, None for a list. The line holds
    ids only, and the reason of a suspension.
    """

    line_id: str
    at: datetime
    act: StaffAct
    by: str
    user_id: str | None = None
    reason: str | None = None
