"""The days of a suspended member, whose bookings ahead are cancelled as if by the member (R47).

The suspension is committed first. Then each existing day from yesterday on is written, so that a decision on an earlier
read of it conflicts. A booking in flight that creates a day looks at its owner's account after its commit.
"""

from collections.abc import Iterator
from datetime import date, datetime

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.services.version_bumps import bump_days
from chalicelib.storage import reads

# A cancelled booking changes the partner's day and two rows.
CANCELS_PER_TRANSACTION = 6
# The days without a booking ahead that one step writes, each for up to 3 units (R36).
DAYS_PER_STEP = 12


def cancel_ahead(context: Context, suspended: Profile) -> Iterator[None]:
    """Cancel the bookings ahead of a suspended member. Yield after each step."""
    now, member_id = context.clock(), suspended.member_id
    # From yesterday on: a second chance in flight could pair a session that has begun.
    days = list(reads.days_between(context.table, member_id, now.date() - ONE_DAY, date.max))
    empty = [day.key for day in days if not any(_ahead(day, now))]
    for day in days:
        if day.key not in empty:
            yield from cancel_day(context, suspended, day.date)
    while empty:
        bumped, empty = empty[:DAYS_PER_STEP], empty[DAYS_PER_STEP:]
        bump_days(context, bumped)
        yield
        # Read again after the bumps: a booking in flight may have been committed before its day's bump.
        for day in reads.days(context.table, bumped):
            if any(_ahead(day, now)):
                yield from cancel_day(context, suspended, day.date)


def cancel_day(context: Context, suspended: Profile, on: date) -> Iterator[None]:
    """Cancel the bookings ahead of one date, some in each transaction. Yield after each one."""
    key = (suspended.member_id, on)

    def decide(attempt: Attempt) -> Decision[bool]:
        account = reads.profile(context.table, suspended.member_id)
        if account is None or account.suspension != suspended.suspension:
            return Decision(False)
        days = reads.days(context.table, [key, (suspended.member_id, on + ONE_DAY)])
        ahead = list(_ahead(days[key], attempt.now))
        cancelled = ahead[:CANCELS_PER_TRANSACTION]
        editor = DayEditor(days | reads.days(context.table, partners_of(cancelled)), attempt.operation, attempt.now)
        for booking in cancelled:
            editor.cancel(booking, counted=False)
        changed = editor.changes()
        changes = WriteSet(days=changed, suspended=account) if changed else WriteSet()
        return Decision(len(ahead) > len(cancelled), changes)

    while run_transaction(context, decide):
        yield
    yield


def _ahead(day: Day, now: datetime) -> Iterator[Booking]:
    return (booking for booking in day.active if now < booking.slot.start)
