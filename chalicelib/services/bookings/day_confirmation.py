"""The second look of a booking that created its owner's day (R1, R33).

A block or a deletion of the account first commits what it changes, and then bumps or erases each day that exists. A
decision on an earlier read of such a day conflicts. A day that did not exist has no version to bump, so the booking
that creates it looks again after its commit. Of two that both write first and then look, at least one sees the other.
"""

from contextlib import suppress

from chalicelib.domain.model.errors import OUTCOME_UNKNOWN_DETAIL, Busy, Unauthenticated
from chalicelib.domain.model.member import Profile, Tombstone
from chalicelib.services.bookings.sessions import SessionView, get_session
from chalicelib.services.context import Context
from chalicelib.services.members.blocked_pairs import part
from chalicelib.services.members.delete import erase_day
from chalicelib.storage import reads
from chalicelib.storage.errors import TableRequestFailed


def confirm_new_day(context: Context, view: SessionView) -> SessionView:
    """Return the current booking after the second look, which parts it from a partner that its owner has blocked.

    Raises Unauthenticated, after the booking is erased, if the owner's account was deleted. Raises Busy if the second
    look fails. The stored job then does its work.
    """
    booking = view.booking
    try:
        account, relation = reads.account_and_relation(
            context.table, booking.member_id, booking.partner.member_id if booking.partner else None
        )
        if isinstance(account, Tombstone):
            # The job erases it if this fails.
            with suppress(Busy, TableRequestFailed):
                erase_day(context, account, booking.slot.date)
        if not isinstance(account, Profile):
            raise Unauthenticated
        if not relation.blocked:
            return view
        part(context, booking)
        return get_session(context, account, booking.booking_id)
    except (Busy, TableRequestFailed) as failure:
        raise Busy(OUTCOME_UNKNOWN_DETAIL) from failure
