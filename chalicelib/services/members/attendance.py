"""The attendance score of a member, and the limit of bookings that follows from it (R39)."""

from itertools import islice

from chalicelib.domain.decisions.attendance_score import AttendanceScore, score_of
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import FIRST_DATE
from chalicelib.services.context import Context
from chalicelib.storage import reads

# Only the latest days with bookings are searched for sessions that count, so that a score has a maximum cost (R36).
MOST_DAYS = 30
DAYS_A_PAGE = 10


def attendance_of(context: Context, profile: Profile) -> AttendanceScore:
    """Return the score of a member, without any session in a deployment without attendance.

    It reads the latest days page by page, until 20 sessions count or 30 days are read. A session counts at least 20
    minutes after the last change of its score, so an eventually consistent read suffices.
    """
    if not context.settings.attendance:
        return AttendanceScore()
    now = context.clock()
    days = reads.days_between(
        context.table,
        profile.member_id,
        FIRST_DATE,
        now.date(),
        newest_first=True,
        consistent=False,
        page=DAYS_A_PAGE,
    )
    by_day = (sorted(day.active, key=lambda held: held.slot, reverse=True) for day in islice(days, MOST_DAYS))
    own = (booking for held in by_day for booking in held if profile.is_of(booking.requested_at))
    return score_of(own, now)


def least_attendance_missed(context: Context, booker: Profile) -> int:
    """Return the deployment's least score in percent if the booker is below it, else 0.

    Without a least score it reads nothing.
    """
    least = context.settings.least_attendance
    return least if least and attendance_of(context, booker).is_below(least) else 0
