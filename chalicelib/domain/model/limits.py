"""How much one member may have and do (R36).

What is counted is read and not kept, so that no count can disagree with what it counts. Two who counted at the same
time must not both add one more: each passes the guard of that quota as it was read, and the second decides again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import RateLimited
from chalicelib.domain.model.slot import dates_ahead, day_start

ONE_DAY = timedelta(days=1)
# How long after its day a guard of tries is kept.
TRIES_KEPT = timedelta(days=2)


class LimitKind(StrEnum):
    """What is guarded."""

    BOOKINGS = "bookings"
    FAVORITES = "favorites"
    KEYS = "keys"
    LINKS = "links"
    TRIES = "tries"


class MemberLimits(Struct, frozen=True):
    """The most that one member may have: bookings ahead, favorites, invite links that can be used, API keys.

    And do in a day (UTC): `given_up` locks of one target that the same booker cancels, `given_up_in_all` of any, and
    `tries` of invite links that cannot be used.
    """

    bookings: int = 200
    favorites: int = 200
    links: int = 50
    keys: int = 50
    cancelled_locks: int = 5
    cancelled_locks_in_all: int = 50
    tries: int = 50


class VersionedLimit(Struct, frozen=True):
    """What everything passes that one quota of a member counts; `version` tells how much has passed, 0 nothing yet.

    `name` is the quota's, with the date where the quota is of a day; such a one is not kept for long.
    """

    member_id: str
    name: str
    version: int = 0
    expires: datetime | None = None

    def passed(self) -> "VersionedLimit":
        """The same guard once one more has passed."""
        return replace(self, version=self.version + 1)


def versioned_limit_of(member_id: str, limit: LimitKind) -> VersionedLimit:
    """The guard of a quota that nothing has passed yet."""
    return VersionedLimit(member_id, limit)


def versioned_limit_of_tries(member_id: str, now: datetime) -> VersionedLimit:
    """The guard of the day's tries, likewise: its version is how many there were."""
    return VersionedLimit(
        member_id, f"{LimitKind.TRIES}#{now.date().isoformat()}", expires=day_start(now.date()) + TRIES_KEPT
    )


def ahead(days: Iterable[Day], now: datetime) -> list[Booking]:
    """The bookings that have not started, in the order of their starts."""
    found = (booking for day in days for booking in day.active if now < booking.slot.start)
    return sorted(found, key=lambda booking: booking.slot)


def is_far_from(limit: int, days: Iterable[Day], now: datetime) -> bool:
    """Whether a booking more needs no guard.

    Two bookings that do not know of each other are of different dates, since a date has one versioned day. So no more
    can be on their way, beyond those counted, than there are dates.
    """
    return len(ahead(days, now)) + len(dates_ahead(now)) + 1 < limit


def check_bookings(limit: int, days: Iterable[Day], replaced: int, now: datetime) -> None:
    """Refuse one booking more than a member may have ahead, `replaced` of which are about to be cancelled (R36)."""
    held = ahead(days, now)
    if len(held) - replaced >= limit:
        detail = f"You have {limit} sessions ahead, as many as can be. Cancel one, or wait until one has started."
        # Where nobody may have any, only another setting helps.
        raise RateLimited(detail, retry_after=held[0].slot.start - now if held else ONE_DAY)


def check_cancelled_locks(limits: MemberLimits, days: Iterable[Day], target: str, now: datetime) -> None:
    """Refuse a lock of somebody whom the booker locked in and cancelled on too often on this day (R36)."""
    today = [day for day in days if day.cancelled_locks_on == now.date()]
    if sum(day.cancelled_locks_with(target) for day in today) >= limits.cancelled_locks:
        raise RateLimited(
            "You have cancelled too many sessions with this partner today. Book without naming a partner, or wait.",
            retry_after=_until_midnight(now),
        )
    if sum(sum(day.cancelled_locks.values()) for day in today) >= limits.cancelled_locks_in_all:
        raise RateLimited(
            "You have cancelled too many locked-in sessions today. Book without naming a partner, or wait.",
            retry_after=_until_midnight(now),
        )


def check_tries(limit: int, versioned_limit: VersionedLimit, now: datetime) -> None:
    """Refuse one more try of a link after too many that could not be used on this day (R36)."""
    if versioned_limit.version >= limit:
        detail = "You have tried too many invite links that can't be used. Ask for a new one, and try tomorrow."
        raise RateLimited(detail, retry_after=_until_midnight(now))


def _until_midnight(now: datetime) -> timedelta:
    return day_start(now.date() + ONE_DAY) - now
