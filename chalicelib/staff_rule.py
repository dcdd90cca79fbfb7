"""The rule by which a token is that of a member of staff (R47)."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class StaffRule(Struct, frozen=True):
    """A claim of a token and the value that it has for staff. Without a claim there is no staff."""

    claim: str = ""
    value: str = "staff"

    def admits(self, claims: Mapping[str, Any]) -> bool:
        """Return whether the claim is the value, or a list that contains it."""
        if not (self.claim and self.value):
            return False
        found = claims.get(self.claim)
        return self.value in found if isinstance(found, list) else found == self.value


NO_STAFF = StaffRule()
