"""The number of sessions that a member has completed (R34).

No booking maintains a counter. The profile stores the number at one UTC midnight. A later view adds the sessions that
were completed since, which takes one query of these days, and stores the number at the last midnight. So a view on the
same date by another member reads the profile only.
"""

from contextlib import suppress
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import SETTLE, SessionsCounted, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.room_times import OPENS_BEFORE
from chalicelib.domain.model.slot import ONE_DAY, day_start
from chalicelib.services.context import Context
from chalicelib.storage import reads
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.transactions import commit


class SessionCount(Struct, frozen=True):
    """The number of a member's completed sessions at the last UTC midnight, and up to now.

    `up_to_now` includes a session that has not ended, once both members joined (R37).
    """

    at_midnight: int
    up_to_now: int


def sessions_at_midnight(context: Context, profile: Profile) -> int:
    """Return the number of sessions that the member had completed at the last UTC midnight.

    The first view of a date counts them. Each later one takes no request.
    """
    now = context.clock()
    if profile.counted_until == day_start(now.date()):
        return profile.completed
    return count_sessions(context, profile).at_midnight


def count_sessions(context: Context, profile: Profile) -> SessionCount:
    """Count the member's completed sessions with one query, and store the number at the last UTC midnight.

    A failed write is ignored, because the next view counts again. In the first minute after midnight nothing is
    stored, because a member may just have joined a session that ended (R37).
    """
    now = context.clock()
    midnight = day_start(now.date())
    if profile.counted_until and profile.counted_until - now > ONE_DAY:
        # The clock was set back, so the number is of sessions that are ahead again.
        profile = replace(profile, completed=0, counted_until=None)
    completed = _completed_since(context, profile, now)
    counted = sum(booking.slot.end <= midnight for booking in completed)
    count = SessionCount(profile.completed + counted, profile.completed + len(completed))
    settled = not context.settings.attendance or now >= midnight + SETTLE
    if settled and (profile.counted_until is None or profile.counted_until < midnight):
        changes = WriteSet(counted=SessionsCounted(profile, count.at_midnight, midnight))
        with suppress(TableRequestFailed):
            commit(context.table, changes, token=context.token(26), now=now)
    return count


def _completed_since(context: Context, profile: Profile, now: datetime) -> list[Booking]:
    """Return the completed sessions of the account that did not end up to the stored midnight."""
    until = profile.counted_until
    if until and now < until:
        # The clock that counted was ahead of this one.
        return []
    # A session that began on the date before the midnight may have ended after it.
    first = until.date() - ONE_DAY if until else date.min
    # Both members may have joined a session that is about to start.
    last = (now + OPENS_BEFORE).date()
    days = reads.days_between(context.table, profile.member_id, first, last, consistent=False)
    own = (booking for day in days for booking in day.active if profile.is_of(booking.requested_at))
    uncounted = (booking for booking in own if until is None or until < booking.slot.end)
    has_attendance = context.settings.records_attendance_of
    return [booking for booking in uncounted if booking.is_completed(now, attendance=has_attendance(booking))]
