"""Count a member's bookings before one more is made, so that no two at once pass the limit together (R36).

Far from the limit that costs no write: nothing is read but the days, which a booking needs anyway. Who comes near the
limit for the first time has a guard put up, in one transaction with a new version of every day ahead: whatever was
decided without the guard is void. From then on each new booking of the member passes the guard.
"""

from datetime import date, datetime

from msgspec import Struct

from chalicelib.domain.decisions.write_set import Decision, VersionBump, WriteSet
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, is_far_from, versioned_limit_of
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


class OwnDays(Struct, frozen=True):
    """A member's days, and the guard that a new booking must pass; None far from the limit."""

    days: Days
    versioned_limit: VersionedLimit | None


def read_own_days(context: Context, caller: str, first: date, last: date, now: datetime) -> OwnDays:
    """The caller's days from `first` to `last` and all ahead; with a guard, they were read after it."""
    found = reads.days_and_limit(context.table, caller, first, last)
    if not found.has_limit and is_far_from(context.settings.limits.bookings, found.days, now):
        return OwnDays(found.days, None)
    versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.BOOKINGS))
    if versioned_limit.version == 0:
        versioned_limit = _put_up(context, caller)
    return OwnDays(reads.days_and_limit(context.table, caller, first, last).days, versioned_limit)


def _put_up(context: Context, caller: str) -> VersionedLimit:
    """Put up the guard of the caller's bookings, unless another has."""

    def decide(attempt: Attempt) -> Decision[VersionedLimit]:
        versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.BOOKINGS))
        if versioned_limit.version:
            return Decision(versioned_limit)
        return Decision(
            versioned_limit.passed(),
            WriteSet(versioned_limit=versioned_limit, version_bump=VersionBump(caller, dates_ahead(attempt.now))),
        )

    return run_transaction(context, decide)
