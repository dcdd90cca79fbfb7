"""The rules of a lock through an invite link, and of the slots that a link shows (R26 to R28)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chalicelib.domain.decisions.eligibility import is_lockable
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import InviteUnavailable, Suspended
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.suspension import SUSPENDED_OWNER_DETAIL


def check_invite(link: InviteLink | None, guest_id: str, owner: Profile | None, now: datetime) -> InviteLink:
    """Return the link if it can be used at all, for every guest.

    Raises InviteUnavailable, with one answer for every reason (R28), and Suspended for a link of a suspended member
    (R47). `owner` is the profile of the link's owner, None
    after its deletion. Blocks and snoozes do not count here. The lock refuses them after the guest's own errors, like a
    slot that was just taken (R11). The lock also refuses the owner's own link, for which no owner is read (R27).
    """
    if link is None or not link.is_open(now) or (owner is None and guest_id != link.owner_id):
        raise InviteUnavailable
    if owner and owner.suspension:
        raise Suspended(SUSPENDED_OWNER_DETAIL)
    return link


def offered_slots(link: InviteLink, bookings: Iterable[Booking], now: datetime, lock_cutoff: timedelta) -> list[Slot]:
    """Return the slots that an open link shows, by start. Exactly these pass the check of a lock (R26, R27)."""
    lockable = (booking for booking in bookings if is_lockable(booking, now, lock_cutoff))
    return sorted(booking.slot for booking in lockable if link.offers(booking))
