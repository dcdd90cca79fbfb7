"""The limits of one member (R36).

A counted write reads what it counts and increments the version of its limit. Of two concurrent writes one fails its
condition and retries. No count is stored, except that of failed links, which is the version of that limit.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import InvalidRequest, RateLimited
from chalicelib.domain.model.limit_use import LimitUse
from chalicelib.domain.model.member import Relation, RelationKind
from chalicelib.domain.model.slot import ONE_DAY, dates_ahead, day_start

# The items with the failed links and the reports of a date expire this time after the start of that date.
COUNTS_OF_DATE_KEPT = timedelta(days=2)
# The maximum number of verification mails of all members to one address on a UTC date.
MOST_VERIFICATIONS_OF_ADDRESS = 10
# The maximum number of bookings in one request.
LARGEST_BATCH = 30


class LimitKind(StrEnum):
    """The kinds of limits that have a version.

    That of `BATCHES` counts the transactions of batches with several bookings of one date, far from the limit of
    bookings.
    """

    BATCHES = "batches"
    BOOKINGS = "bookings"
    KEYS = "keys"
    LINKS = "links"
    RELATIONS = "relations"
    REPORTS = "reports"
    TRIES = "tries"


class MemberLimits(Struct, frozen=True):
    """The limits of each member.

    At one time: `bookings` ahead, `favorites`, `blocks` and running snoozes together, `links` that can be used, API
    `keys`. On one UTC date: `block_changes`, which are blocks and their removals; `cancelled_locks`, the locks with one
    target that the same booker cancels; `cancelled_locks_in_all`, the same with all targets; `tries` of invite links
    that cannot be used; `cancelled_matches`, the random matches that the same member cancels; `responses`
    that are recorded under idempotency keys; `verifications`, the mails that verify an address; `reports` of partners.
    """

    bookings: int = 200
    favorites: int = 200
    blocks: int = 500
    links: int = 50
    keys: int = 50
    block_changes: int = 100
    cancelled_locks: int = 5
    cancelled_locks_in_all: int = 50
    tries: int = 50
    cancelled_matches: int = 20
    responses: int = 500
    verifications: int = 5
    reports: int = 20


class VersionedLimit(Struct, frozen=True):
    """The version of one limit of a member. Each counted write increments it. 0 means none so far.

    `name` is that of the limit, with the date if it counts by date. Such an item expires at `expires`.
    `changes` is the number of changes on the UTC date `changed_on` that the limit counts beside its version. The last
    of them was at `changed_at`, which is None for one of an earlier release.
    """

    member_id: str
    name: str
    version: int = 0
    expires: datetime | None = None
    changes: int = 0
    changed_on: date | None = None
    changed_at: datetime | None = None

    def passed(self) -> "VersionedLimit":
        """Return the limit after one more counted write."""
        return replace(self, version=self.version + 1)

    def changes_of(self, on: date) -> int:
        """Return the number of counted changes on a UTC date, 0 for any other date than the latest."""
        return self.changes if self.changed_on == on else 0

    def counting(self, now: datetime) -> "VersionedLimit":
        """Return the limit with one more counted change on the UTC date of `now`."""
        on = now.date()
        return replace(self, changes=self.changes_of(on) + 1, changed_on=on, changed_at=now)


def versioned_limit_of(member_id: str, limit: LimitKind) -> VersionedLimit:
    """Return a versioned limit of the member at version 0."""
    return VersionedLimit(member_id, limit)


def versioned_limit_of_failed_links(member_id: str, now: datetime) -> VersionedLimit:
    """Return the versioned limit of the date's failed links at version 0. Its version is their number."""
    return VersionedLimit(
        member_id, f"{LimitKind.TRIES}#{now.date().isoformat()}", expires=day_start(now.date()) + COUNTS_OF_DATE_KEPT
    )


def versioned_limit_of_reports(member_id: str, now: datetime) -> VersionedLimit:
    """Return the versioned limit of the date's new reports at version 0. Its version is their number."""
    return VersionedLimit(
        member_id, f"{LimitKind.REPORTS}#{now.date().isoformat()}", expires=day_start(now.date()) + COUNTS_OF_DATE_KEPT
    )


def is_of_failed_links(name: str) -> bool:
    """Return whether this is the name of a limit of failed links."""
    return name.startswith(LimitKind.TRIES)


def bookings_ahead(days: Iterable[Day], now: datetime) -> list[Booking]:
    """Return the active bookings that have not started, by start."""
    found = (booking for day in days for booking in day.active if now < booking.slot.start)
    return sorted(found, key=lambda booking: booking.slot)


def is_far_below(limit: int, days: Iterable[Day], now: datetime) -> bool:
    """Return whether one more booking, or one more batch of bookings, needs no versioned limit.

    Concurrent bookings of one date conflict on its day, and concurrent batches with several bookings of one date
    conflict on the limit of batches. So beyond the counted bookings at most one for each date ahead and one batch can
    be in flight.
    """
    return len(bookings_ahead(days, now)) + len(dates_ahead(now)) + LARGEST_BATCH < limit


def uses_by_bookings(limits: MemberLimits, days: Iterable[Day], now: datetime) -> list[LimitUse]:
    """Return the uses of the limits of bookings, by the member's days."""
    days = list(days)
    locks = sum(sum(day.cancelled_locks.values()) for day in _counted_on(days, now))
    return [
        _use_of_bookings(limits.bookings, days, now),
        _use_of_matches(limits.cancelled_matches, days, now),
        _use_of_date("cancelled-locks", limits.cancelled_locks_in_all, locks, now),
        _use_of_responses(limits.responses, days, now),
    ]


def check_bookings(limit: int, days: Iterable[Day], replaced: int, now: datetime, *, least_attendance: int = 0) -> None:
    """Raise RateLimited at the limit of bookings ahead (R36).

    `replaced` is the number of bookings ahead that the same request cancels. They do not count. The detail names the
    `least_attendance`, a percentage, if that is why the limit is low (R39).
    """
    use = _use_of_bookings(limit, days, now)
    if use.used - replaced >= limit:
        detail = f"You have {limit} sessions ahead, as many as can be. Cancel one, or wait until one has started."
        if least_attendance:
            detail = (
                f"You joined fewer than {least_attendance} % of your last sessions in time, so you can have {limit} "
                "sessions ahead. Join the next ones within 5 minutes of their start, or cancel one."
            )
        # At a limit of 0 no session ends the wait, only another setting does.
        raise RateLimited(detail, retry_after=use.resets_in or ONE_DAY, use=use)


def check_cancelled_locks(limits: MemberLimits, days: Iterable[Day], target: str, now: datetime) -> None:
    """Raise RateLimited at the limit of cancelled locks of this UTC date, with the target or in all (R36)."""
    today = _counted_on(days, now)
    with_target = sum(day.cancelled_locks_with(target) for day in today)
    _check_date(
        _use_of_date("cancelled-locks-with-partner", limits.cancelled_locks, with_target, now),
        "You have cancelled too many sessions with this partner today. Book without naming a partner, or wait.",
    )
    in_all = sum(sum(day.cancelled_locks.values()) for day in today)
    _check_date(
        _use_of_date("cancelled-locks", limits.cancelled_locks_in_all, in_all, now),
        "You have cancelled too many locked-in sessions today. Book without naming a partner, or wait.",
    )


def check_cancelled_matches(limit: int, days: Iterable[Day], now: datetime) -> None:
    """Raise RateLimited at the limit of random matches that the member cancelled on this UTC date (R36)."""
    detail = "You have cancelled too many matched sessions today. Keep those that you have, or book tomorrow."
    _check_date(_use_of_matches(limit, days, now), detail)


def check_recorded_responses(limit: int, days: Iterable[Day], now: datetime) -> None:
    """Raise RateLimited at the limit of responses that were recorded on this UTC date (R36)."""
    detail = "You have used too many idempotency keys today. Send the request without a key, or tomorrow."
    _check_date(_use_of_responses(limit, days, now), detail)


def check_failed_links(limit: int, versioned_limit: VersionedLimit, now: datetime) -> None:
    """Raise RateLimited at the limit of tries of unusable links on this UTC date (R36)."""
    detail = "You have tried too many invite links that can't be used. Ask for a new one, and try tomorrow."
    _check_date(_use_of_date("failed-invite-links", limit, versioned_limit.version, now), detail)


def check_relations(
    limits: MemberLimits, relations: Iterable[Relation], before: Relation, kind: RelationKind, now: datetime
) -> None:
    """Raise InvalidRequest if one more favorite, snooze or block exceeds a limit at one time (R36).

    `relations` are all of the member, `before` is the one to change.
    """
    if kind is RelationKind.FAVORITE:
        if sum(relation.favorite for relation in relations) >= limits.favorites:
            raise InvalidRequest(input_texts.most_favorites(limits.favorites), field="favorites")
    elif not before.keeps_apart(now) and sum(relation.keeps_apart(now) for relation in relations) >= limits.blocks:
        raise InvalidRequest(input_texts.most_blocks(limits.blocks), field="userId")


def use_of_block_changes(limit: int, versioned_limit: VersionedLimit, now: datetime) -> LimitUse:
    """Return the use of the limit of blocks and their removals on this UTC date."""
    return _use_of_date("block-changes", limit, versioned_limit.changes_of(now.date()), now)


def check_block_changes(limit: int, versioned_limit: VersionedLimit, now: datetime) -> None:
    """Raise RateLimited at the limit of blocks and their removals on this UTC date (R36)."""
    detail = f"You have changed your blocks {limit} times today, which is the limit. Try again tomorrow."
    _check_date(use_of_block_changes(limit, versioned_limit, now), detail)


def check_reports(limit: int, versioned_limit: VersionedLimit, now: datetime) -> None:
    """Raise RateLimited at the limit of new reports on this UTC date (R36)."""
    detail = f"You have made {limit} reports today, which is the limit. Try again tomorrow."
    _check_date(_use_of_date("reports", limit, versioned_limit.version, now), detail)


def check_verifications(limit: int, used: int, now: datetime) -> None:
    """Raise RateLimited at the limit of verification mails that the member requested on this UTC date (R36)."""
    detail = f"You have requested {limit} verification mails today, which is the limit. Use the latest, or wait."
    _check_date(_use_of_date("verification-mails", limit, used, now), detail)


def check_verifications_of_address(used: int, now: datetime) -> None:
    """Raise RateLimited at the limit of verification mails of all members to one address on this UTC date (R36)."""
    detail = "This address has got as many verification mails today as it can. Use the latest, or try again tomorrow."
    _check_date(_use_of_date("verification-mails-of-address", MOST_VERIFICATIONS_OF_ADDRESS, used, now), detail)


def _use_of_date(name: str, quota: int, used: int, now: datetime) -> LimitUse:
    """Return the use of a limit that counts by UTC date."""
    return LimitUse(name, quota, used, window=ONE_DAY, resets_in=day_start(now.date() + ONE_DAY) - now)


def _check_date(use: LimitUse, detail: str) -> None:
    """Raise RateLimited if nothing is left of a limit that counts by date."""
    if not use.left:
        raise RateLimited(detail, retry_after=use.resets_in, use=use)


def _use_of_bookings(limit: int, days: Iterable[Day], now: datetime) -> LimitUse:
    held = bookings_ahead(days, now)
    # The first start frees a place.
    return LimitUse("bookings", limit, len(held), window=None, resets_in=held[0].slot.start - now if held else None)


def _use_of_matches(limit: int, days: Iterable[Day], now: datetime) -> LimitUse:
    count = sum(day.cancelled_matches for day in _counted_on(days, now))
    return _use_of_date("cancelled-matches", limit, count, now)


def _use_of_responses(limit: int, days: Iterable[Day], now: datetime) -> LimitUse:
    count = sum(day.recorded_responses for day in _counted_on(days, now))
    return _use_of_date("idempotency-keys", limit, count, now)


def _counted_on(days: Iterable[Day], now: datetime) -> list[Day]:
    """Return the days whose counts are of this UTC date."""
    return [day for day in days if day.cancelled_on == now.date()]
