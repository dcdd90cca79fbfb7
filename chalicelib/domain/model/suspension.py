"""Suspensions, by which staff keep a member out of the service (R47)."""

from datetime import datetime

from msgspec import Struct

# The detail of the refusal for other people, such as the guest of an invite link.
SUSPENDED_OWNER_DETAIL = "This address belongs to a suspended account."
LONGEST_REASON = 500


class Suspension(Struct, frozen=True):
    """The suspension of a member, with its reason and the id of the member of staff who decided it."""

    at: datetime
    reason: str
    by: str
