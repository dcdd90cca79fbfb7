"""Signals between the pages of a pair, with which their browsers connect to each other (R41).

A signal is sent at once or never. The service neither stores nor reads it.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.model.booking import Booking, Partner, State
from chalicelib.domain.model.errors import NotAvailable, NotFound, TooLate
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.room_times import closes_at, opens_at
from chalicelib.services.bookings.sessions import own_booking, own_day
from chalicelib.services.context import Context
from chalicelib.services.rooms.attendance import ENDED_DETAIL, NO_PARTNER_DETAIL, NOT_OPEN_DETAIL
from chalicelib.storage import notice_reads, reads

NOT_JOINED_DETAIL = "Join the session first."


class SignalRecipient(Struct, frozen=True):
    """The partner's session and the connections of the partner's pages. There is none while the partner is away."""

    session_id: str = ""
    connections: Sequence[str] = ()


NO_RECIPIENT = SignalRecipient()


def recipient_of_signals(context: Context, member_id: str, booking_id: str, *, real_now: datetime) -> SignalRecipient:
    """Return the recipient of the member's signals in a session while its room is open (R41).

    The sender must have joined. There is no recipient while the partner is away or has not joined. It is the same after
    the partner has left the service, or either has blocked the other since the start (R1). `real_now` is real time, as
    the expiry of a connection.
    Raises NotFound for another member's session. Raises NotAvailable without a partner, and before the sender has
    joined or the room opens. Raises TooLate for a session that was cancelled or missed, and after the room has closed.
    """
    booking = own_day(context, member_id, booking_id).find(booking_id)
    if booking is None:
        raise NotFound
    partner = _check_open(booking, context.clock())
    partner_day = reads.days(context.table, [(partner.member_id, booking.slot.date)])
    # After both days (R1).
    relations = reads.pair_relations(context.table, member_id, partner.member_id)
    if relations.member is None or relations.member.suspension:
        raise NotFound
    own_booking(relations.member, booking)
    theirs = partner_day.holding(partner.member_id, booking.slot)
    reaches = theirs is not None and _may_reach(booking, theirs, relations)
    # A block costs what a closed page costs (R1): the read of an owner without pages, since the id of a pair has none.
    found = notice_reads.live_connections_of(context.table, partner.member_id if reaches else partner.pair_id)
    pages = [one.connection_id for one in found if one.may_write and not one.is_expired(real_now)]
    return SignalRecipient(theirs.booking_id, pages) if theirs and pages else NO_RECIPIENT


def _check_open(booking: Booking, now: datetime) -> Partner:
    """Return the partner in a room that is open, and that the owner of the booking has joined.

    Raises TooLate and NotAvailable.
    """
    if booking.state in (State.CANCELLED, State.MISSED):
        raise TooLate
    if booking.partner is None:
        raise NotAvailable(NO_PARTNER_DETAIL)
    if now >= closes_at(booking.slot):
        raise TooLate(ENDED_DETAIL)
    if now < opens_at(booking.slot):
        raise NotAvailable(NOT_OPEN_DETAIL)
    if booking.joined_at is None:
        raise NotAvailable(NOT_JOINED_DETAIL)
    return booking.partner


def _may_reach(booking: Booking, theirs: Booking, relations: PairRelations) -> bool:
    """Return whether the partner has joined the same room, and neither has blocked the other since the start."""
    partner, other = theirs.partner, relations.other
    is_same_room = partner is not None and booking.partner is not None and partner.pair_id == booking.partner.pair_id
    is_there = theirs.joined_at is not None and other is not None and other.is_of(theirs.requested_at)
    is_present = is_there and relations.may_meet
    return is_same_room and is_present and not (relations.outgoing.blocked or relations.incoming.blocked)
