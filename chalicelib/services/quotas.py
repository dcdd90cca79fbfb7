"""Count a member's bookings before one more is made, so that no two at once pass the limit together (R36).

Far from the limit that costs no write: nothing is read but the days, which a booking needs anyway. Who comes near the
limit for the first time has a guard put up, in one transaction with a new version of every day ahead: whatever was
decided without the guard is void. From then on each new booking of the member passes the guard.
"""

from datetime import date, datetime

from msgspec import Struct

from chalicelib.domain.changes import Changes, Decision, Fence
from chalicelib.domain.day import Days
from chalicelib.domain.quotas import Guard, Quota, guard_of, is_far_from
from chalicelib.domain.slot import dates_ahead
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads


class OwnDays(Struct, frozen=True):
    """A member's days, and the guard that a new booking must pass; None far from the limit."""

    days: Days
    guard: Guard | None


def read_own_days(lockstep: Lockstep, caller: str, first: date, last: date, now: datetime) -> OwnDays:
    """The caller's days from `first` to `last` and all ahead; with a guard, they were read after it."""
    found = reads.days_and_guard(lockstep.table, caller, first, last)
    if not found.guarded and is_far_from(lockstep.settings.quotas.bookings, found.days, now):
        return OwnDays(found.days, None)
    guard = reads.guard(lockstep.table, guard_of(caller, Quota.BOOKINGS))
    if guard.version == 0:
        guard = _put_up(lockstep, caller)
    return OwnDays(reads.days_and_guard(lockstep.table, caller, first, last).days, guard)


def _put_up(lockstep: Lockstep, caller: str) -> Guard:
    """Put up the guard of the caller's bookings, unless another has."""

    def decide(attempt: Attempt) -> Decision[Guard]:
        guard = reads.guard(lockstep.table, guard_of(caller, Quota.BOOKINGS))
        if guard.version:
            return Decision(guard)
        return Decision(guard.passed(), Changes(guard=guard, fence=Fence(caller, dates_ahead(attempt.now))))

    return carry_out(lockstep, decide)
