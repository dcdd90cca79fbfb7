"""Open the versioned limit of a member's bookings. Concurrent bookings then cannot exceed it together (R36).

Far from the limit a booking counts the bookings in the days that it reads anyway, and writes nothing extra. The first
booking near the limit creates the versioned limit, in one transaction with a version bump of every day ahead. Each
decision that was made without the versioned limit then fails its commit. From then on each new booking of the member
increments the versioned limit.
"""

from chalicelib.domain.decisions.write_set import Decision, VersionBump, WriteSet
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, versioned_limit_of
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


def open_limit(context: Context, member_id: str) -> VersionedLimit:
    """Create the versioned limit of the member's bookings, unless a concurrent request has."""

    def decide(attempt: Attempt) -> Decision[VersionedLimit]:
        limit = reads.versioned_limit(context.table, versioned_limit_of(member_id, LimitKind.BOOKINGS))
        if limit.version:
            return Decision(limit)
        bump = VersionBump(member_id, dates_ahead(attempt.now))
        return Decision(limit.passed(), WriteSet(versioned_limit=limit, version_bump=bump))

    return run_transaction(context, decide)
