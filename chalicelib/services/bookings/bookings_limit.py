"""Open the versioned limit of a member's bookings. Concurrent bookings then cannot exceed it together (R36).

Far from the limit a booking counts the bookings in the days that it reads anyway, and writes nothing extra. The first
booking near the limit announces the versioned limit by creating it with version 1. Then it bumps the versions of all
dates ahead, missing ones included. Each decision that was made without the versioned limit fails its commit after that.
With version 2 the limit is in force, and each new booking of the member increments it. A booking that finds version 1
does the bumps too, since the one that announced the limit may have died.
"""

from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, versioned_limit_of
from chalicelib.services.context import Context
from chalicelib.services.transaction import ATTEMPTS
from chalicelib.services.version_bumps import bump_all_dates_ahead
from chalicelib.storage import reads, updates
from chalicelib.storage.errors import Conflict, OutcomeUnknown

ANNOUNCED = 1


def is_in_force(limit: VersionedLimit) -> bool:
    """Return whether every booking of the member that is made without this limit conflicts."""
    return limit.version > ANNOUNCED


def open_limit(context: Context, member_id: str) -> VersionedLimit:
    """Return the versioned limit of the member's bookings, put in force. Raises Busy or TableRequestFailed."""
    for _ in range(ATTEMPTS):
        limit = reads.versioned_limit(context.table, versioned_limit_of(member_id, LimitKind.BOOKINGS))
        if is_in_force(limit):
            return limit
        if limit.version == ANNOUNCED:
            bump_all_dates_ahead(context, member_id)
        try:
            updates.raise_limit(context.table, limit)
        except (Conflict, OutcomeUnknown):
            """A concurrent booking raised the limit, or the next read shows the outcome."""
    raise Busy
