"""The second look of a booking that created its owner's day (R1, R33, R47).

A block, a deletion of the account or a suspension first commits what it changes, and then writes each day that exists.
A decision on an earlier read of such a day conflicts. A day that did not exist has no version, so the booking that
creates it looks again after its commit. Of two that both write first and then look, at least one sees the other.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from chalicelib.domain.model.errors import OUTCOME_UNKNOWN_DETAIL, Busy, NotFound, Refusal, Suspended, Unauthenticated
from chalicelib.domain.model.member import Account, Profile, Relation, Tombstone
from chalicelib.services.bookings.sessions import SessionView, get_session
from chalicelib.services.bookings.suspended_days import cancel_day
from chalicelib.services.context import Context
from chalicelib.services.members.blocked_pairs import part
from chalicelib.services.members.delete import erase_day
from chalicelib.storage import reads
from chalicelib.storage.errors import TableRequestFailed


def confirm_new_day(context: Context, view: SessionView) -> SessionView:
    """Return the current booking after the second look, which parts it from a partner that its owner has blocked.

    Raises Unauthenticated, after the booking is erased, if the owner's account was deleted, and Suspended, after it is
    cancelled, if the account was suspended. Raises Busy if the second look fails. The stored job then does its work.
    """
    (confirmed,) = confirm_new_days(context, [view])
    if isinstance(confirmed, Refusal):
        raise confirmed
    return confirmed


def confirm_new_days(context: Context, views: Sequence[SessionView]) -> list[SessionView | Refusal]:
    """Return the current bookings of one owner after one second look for all, or the refusal of each."""
    if not views:
        return []
    partners = {view.booking.partner.member_id for view in views if view.booking.partner}
    try:
        account, relations = reads.account_and_relations(context.table, views[0].booking.member_id, partners)
    except TableRequestFailed:
        return [Busy(OUTCOME_UNKNOWN_DETAIL) for _ in views]
    return [_confirmed(context, view, account, relations) for view in views]


def _confirmed(
    context: Context, view: SessionView, account: Account | None, relations: Mapping[str, Relation]
) -> SessionView | Refusal:
    booking = view.booking
    try:
        if isinstance(account, Tombstone):
            # The job erases it if this fails.
            with suppress(Busy, TableRequestFailed):
                erase_day(context, account, booking.slot.date)
        if not isinstance(account, Profile):
            return Unauthenticated()
        if account.suspension:
            # The job cancels it if this fails.
            with suppress(Busy, TableRequestFailed):
                list(cancel_day(context, account, booking.slot.date))
            return Suspended()
        if booking.partner is None or not relations[booking.partner.member_id].blocked:
            return view
        part(context, booking)
        return get_session(context, account, booking.booking_id)
    except NotFound:
        # The account was deleted after the second look.
        return Unauthenticated()
    except (Busy, TableRequestFailed):
        return Busy(OUTCOME_UNKNOWN_DETAIL)
