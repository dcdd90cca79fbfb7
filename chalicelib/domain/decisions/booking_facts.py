"""The facts on which a booking is decided, the terms of the decision, and its outcome."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.queue_view import QueueView
from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.errors import Suspended, Unauthenticated
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import MemberLimits, VersionedLimit
from chalicelib.domain.model.member import PairRelations, Profile


class BookerFacts(Struct, frozen=True):
    """The facts of the first reads, which are the booker's own days and the items that the request names.

    `has_limit` says that the booker has a versioned limit of bookings. `limit` is that limit, read before the days, and
    None far from the limit or if the request makes no booking. `failed_links` is the versioned limit of the invite
    links that failed today. `recorded` is the response to the request's idempotency key.
    """

    days: Days
    has_limit: bool = False
    limit: VersionedLimit | None = None
    link: InviteLink | None = None
    failed_links: VersionedLimit | None = None
    recorded: RecordedResponse | None = None


class SecondLook(Struct, frozen=True):
    """Items that are read again before an answer without a write, after every fact on which it rests (R14, R28)."""

    target: Booking | None = None
    link: InviteLink | None = None
    recorded: RecordedResponse | None = None


class TargetFacts(Struct, frozen=True):
    """The facts of a lock's second reads.

    The days of booker and target are read before their relations (R1). `days` include the booker's.
    `displaced_relations` are those of the two displaced partners, read in parallel with their days. They are None if
    fewer than two are displaced (R12).
    """

    days: Days
    relations: PairRelations
    displaced_relations: PairRelations | None = None


class WaitingMemberFacts(Struct, frozen=True):
    """The facts of a random booking's second reads.

    The queue is read first, then the candidates' days and relations in parallel. `days` include the booker's.
    `contended` says that the booking lost too many races for a partner and only waits. `account` is the booker's own,
    read only if no candidate fits.
    """

    days: Days
    queue: QueueView
    relations: Sequence[PairRelations] = ()
    contended: bool = False
    account: Profile | None = None


class ExistingFacts(Struct, frozen=True):
    """The facts of the second reads for a booking that exists already."""

    days: Days = Days()
    partner: Profile | None = None
    is_favorite: bool = False


class BookingFacts(Struct, frozen=True):
    """A request for a booking, and everything that was read for it.

    `lock_with` of the request is the member id that was looked up. `key` is the idempotency key, if there is one.
    Of `target`, `waiting_members` and `existing_facts` at most one is read. `second_look` is read if the other
    facts lead to an answer without a write.
    """

    caller: Profile
    request: BookingRequest
    booker: BookerFacts
    key: str | None = None
    target: TargetFacts | None = None
    waiting_members: WaitingMemberFacts | None = None
    existing_facts: ExistingFacts | None = None
    second_look: SecondLook | None = None


class Terms(Struct, frozen=True):
    """The instant, new ids and settings of one decision.

    `booking_token` is the random part of a new booking's id. It and `operation` are the same for every attempt.
    `least_attendance` is the least score in percent that the booker is below, else 0. Then `limits` allow fewer
    sessions ahead (R39).
    """

    now: datetime
    operation: str
    booking_token: str
    pair_ids: tuple[str, str]
    lock_cutoff: timedelta
    limits: MemberLimits
    least_attendance: int = 0


class BookingOutcome(Struct, frozen=True):
    """The caller's booking, and the partner as the caller may see them.

    `new` says that the request made the booking.
    """

    booking: Booking
    new: bool
    partner: Profile | None = None
    is_favorite: bool = False


def check_still_unanswered(facts: BookingFacts) -> None:
    """Raise StaleRead if a concurrent request with the same idempotency key recorded a response meanwhile.

    The next attempt repeats that response instead of an answer without a write.
    """
    if facts.second_look and facts.key and facts.second_look.recorded != facts.booker.recorded:
        raise StaleRead


def check_account(account: Profile | None) -> None:
    """Raise Unauthenticated if the booker's account was deleted after the request was authenticated (R33).

    Raise Suspended if it was suspended (R47). A deletion or a suspension after this read bumps the versions of the days
    that were read before, so the commit fails.
    """
    if account is None:
        raise Unauthenticated
    if account.suspension:
        raise Suspended
