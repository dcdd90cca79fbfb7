"""The attendance score of a member, and the limit of bookings that follows from it (R39)."""

from collections.abc import Iterator
from datetime import date
from itertools import chain, islice

from chalicelib.domain.decisions.attendance_score import AttendanceScore, score_of
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import FIRST_DATE
from chalicelib.metrics import current_metrics
from chalicelib.services.begun_reads import Begun
from chalicelib.services.context import Context
from chalicelib.storage import reads

# The search for sessions that count ends after this number of days with bookings, or of read units (R36). A member who
# books and cancels once on each of a few dates still has the score of the sessions before.
MOST_DAYS = 100
MOST_UNITS = 40
DAYS_A_PAGE = 10


def days_scored(context: Context, member_id: str) -> Iterator[Day]:
    """Return the days of a score, newest first, of which the first page is read at once.

    There are none in a deployment without attendance.
    """
    if not context.settings.attendance:
        return iter(())
    days = latest_days(context, member_id, context.clock().date())
    return chain(list(islice(days, 1)), days)


def attendance_of(context: Context, profile: Profile, begun: Begun[Iterator[Day]] | None = None) -> AttendanceScore:
    """Return the score of a member, without any session in a deployment without attendance.

    It reads the latest days page by page, until 20 sessions count or 100 days are read. A session counts at least 20
    minutes after the last change of its score, so an eventually consistent read suffices. Sessions of the time before
    the deployment had attendance do not count. `begun` is the read of `days_scored`.
    """
    now, days = context.clock(), begun() if begun else days_scored(context, profile.member_id)
    by_day = (sorted(day.active, key=lambda held: held.slot, reverse=True) for day in days)
    own = (booking for held in by_day for booking in held if profile.is_of(booking.requested_at))
    return score_of(filter(context.settings.records_attendance_of, own), now)


def latest_days(context: Context, member_id: str, last: date) -> Iterator[Day]:
    """Yield the latest days of a member with bookings, newest first, as far as the search goes."""
    metrics = current_metrics()
    before = metrics.read_units
    days = reads.days_between(
        context.table, member_id, FIRST_DATE, last, newest_first=True, consistent=False, page=DAYS_A_PAGE
    )
    for number, day in enumerate(islice(days, MOST_DAYS), start=1):
        yield day
        is_last_of_page = number % DAYS_A_PAGE == 0
        if is_last_of_page and metrics.read_units - before > MOST_UNITS:
            return


def least_attendance_missed(context: Context, booker: Profile) -> int:
    """Return the deployment's least score in percent if the booker is below it, else 0.

    Without a least score it reads nothing.
    """
    least = context.settings.least_attendance
    return least if least and attendance_of(context, booker).is_below(least) else 0
