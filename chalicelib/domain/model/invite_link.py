"""Invite links, with which a member consents to be locked in by any guest who has the link (R24 to R29)."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking


class InviteLink(Struct, frozen=True):
    """A link for all of the owner's available slots, or for the one booking `session_id` (R25).

    The table holds only the `digest` of the token in its address. None for `expires_at` or `max_uses` means no such
    limit. `made_by` is the id of the API key that made it, None for a link made by the signed-in owner. Revoking the
    link or that key deletes it.
    """

    link_id: str
    owner_id: str
    digest: str
    made_at: datetime
    session_id: str | None = None
    expires_at: datetime | None = None
    max_uses: int | None = None
    uses: int = 0
    made_by: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether the link can be used at `now`. Expiry and number of uses both apply (R25)."""
        expired = self.expires_at is not None and now >= self.expires_at
        used_up = self.max_uses is not None and self.uses >= self.max_uses
        return not expired and not used_up

    def offers(self, booking: Booking) -> bool:
        """Return whether the link is for that booking of its owner."""
        return booking.member_id == self.owner_id and self.session_id in (None, booking.booking_id)

    def used(self) -> "InviteLink":
        """Return the link with one more use counted (R29)."""
        return replace(self, uses=self.uses + 1)
