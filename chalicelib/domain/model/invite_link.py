"""Invite links: a member's consent to be locked in with by whoever has the link (R24 to R29)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.eligibility import is_lockable, may_lock_by_invite
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import InviteUnavailable
from chalicelib.domain.model.member import PairRelations
from chalicelib.domain.model.slot import Slot


class InviteLink(Struct, frozen=True):
    """A link for all of the owner's available slots, or for the one booking `session_id` (R25).

    `digest` stands for the token in its address, which is stored nowhere. None for `expires_at` or `max_uses` sets no
    such limit. A link that was revoked is gone.
    """

    link_id: str
    owner_id: str
    digest: str
    made_at: datetime
    session_id: str | None = None
    expires_at: datetime | None = None
    max_uses: int | None = None
    uses: int = 0

    def is_open(self, now: datetime) -> bool:
        """Whether it can be used at `now`: expiry and number of uses hold at once (R25)."""
        expired = self.expires_at is not None and now >= self.expires_at
        used_up = self.max_uses is not None and self.uses >= self.max_uses
        return not expired and not used_up

    def offers(self, booking: Booking) -> bool:
        """Whether it is for that booking of its owner."""
        return booking.member_id == self.owner_id and self.session_id in (None, booking.booking_id)

    def used(self) -> "InviteLink":
        """The same link with one use spent (R29)."""
        return replace(self, uses=self.uses + 1)


def judge_invite(link: InviteLink | None, pair_relations: PairRelations, now: datetime) -> InviteLink:
    """The link by which `member` may lock in with its owner `other`.

    Raises InviteUnavailable, one answer for every reason (R28). An open link is good for its owner too, who will find
    nobody to be locked in with: what is wrong with the owner's own request is told first (R11).
    """
    if link is None or not link.is_open(now):
        raise InviteUnavailable
    if pair_relations.member and pair_relations.member.member_id == link.owner_id:
        return link
    if not may_lock_by_invite(pair_relations, now):
        raise InviteUnavailable
    return link


def offered_slots(link: InviteLink, bookings: Iterable[Booking], now: datetime, final: timedelta) -> list[Slot]:
    """The slots that an open link shows to anybody (R26, R27), by start: the lock's own judgement of each booking."""
    return sorted(booking.slot for booking in bookings if link.offers(booking) and is_lockable(booking, now, final))
