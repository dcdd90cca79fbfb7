"""The use of one limit of a member (R36)."""

from datetime import timedelta

from msgspec import Struct

# A use is near its limit with this many or fewer left, or with less than a tenth.
FEW_LEFT = 3


class LimitUse(Struct, frozen=True):
    """A limit with its quota and the number that the member has used.

    `window` is the period for which the limit counts, None for one that holds at all times. `resets_in` is the time
    after which there is more to use, None if only the member can free some of it.
    """

    name: str
    quota: int
    used: int
    window: timedelta | None
    resets_in: timedelta | None

    @property
    def left(self) -> int:
        """The number of uses that are left."""
        return max(0, self.quota - self.used)

    @property
    def is_near(self) -> bool:
        """True if the member should be warned."""
        return self.left <= FEW_LEFT or self.left * 10 < self.quota
