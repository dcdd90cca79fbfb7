"""Replay of a trace with the deployed use cases on an engine, at simulated instants. The ledger counts each request.

Nothing depends on the wall clock or on threads, so the same options give the same requests. A race is two bookings of
one slot: the second runs completely between the reads and the commit of the first.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any

from bench.entry_labels import (
    CANCEL_OF,
    FINALIZES,
    FINDS_NO_PARTNER,
    LISTS,
    LOCK_OVER,
    LOCK_OWN,
    LOCK_REFUSED,
    MATCHES,
    MATCHES_DISPLACED,
    PAIRS,
    REMATCHES,
    SETUP,
    SWEEPS,
    TRACE_READS,
    WAITS,
)
from bench.plan import FIRST_DAY, PlannedBooking, TraceOptions, draw_bookings, draw_settings
from bench.request_units import Entry, RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest, bookings_losing_partners
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.booking import Booking, PartnerPreference, State
from chalicelib.domain.model.errors import NotAvailable
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import KeyedRequest, book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.bookings.sessions import list_sessions
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import Claims, change_profile, get_or_create_member
from chalicelib.services.members.relationships import set_relation
from chalicelib.services.slot_matching.rematch import is_due, match_waiting, rematch
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.settings import from_environment
from chalicelib.storage import reads
from chalicelib.storage.connection import Table
from chalicelib.storage.keys import POOL, waiting_row

_TRANSACTION = "before-call.dynamodb.TransactWriteItems"

LOCKS = 0.05
CANCELS = 0.10
KEYED = 0.05
RACES = 0.02
LOCKS_BY_BOOKED_MEMBERS = 0.4
LISTED_MEMBERS = 50
FAVORED = 0.3
SNOOZING = 0.1


def environment() -> dict[str, str]:
    """Return the environment of a deployment without HTTP, whose use cases are called directly."""
    return {
        "LOCKSTEP_TABLE": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LOCKSTEP_STREAM_ARN": "unused",
        "LOCKSTEP_ISSUER": "https://issuer.invalid",
        "LOCKSTEP_AUDIENCE": "bench",
        "LOCKSTEP_JWKS_URL": "https://issuer.invalid/keys",
        "LOCKSTEP_APP_URL": "https://app.example.org",
        "LOCKSTEP_INVITE_URL": "https://lockstep.example.org/i",
        "LOCKSTEP_CURSOR_KEY": "unused",
        "LOCKSTEP_IDENTITY_KEY": "unused",
    }


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the instant of the clock."""
        return self.now


def deployment(table: Table, clock: Clock, seed: int) -> Context:
    """Return a context for direct calls of use cases. Each context of one run needs its own seed."""
    settings = from_environment(environment())
    return Context(settings, table, clock, Random(seed), Random(f"ids {seed}"), pause=lambda _seconds: None)


@dataclass(frozen=True, slots=True, order=True)
class _TraceEvent:
    at: datetime
    number: int
    action: Callable[[], None] = field(compare=False)


class TraceReplay:
    """The replay of one trace on one table."""

    def __init__(self, table: Table, options: TraceOptions, ledger: RequestUnitLedger) -> None:
        self.events = 0
        self._options = options
        self._ledger = ledger
        self._rng = Random(options.seed)
        self._clock = Clock(FIRST_DAY - timedelta(days=8))
        self._context = deployment(table, self._clock, options.seed + 1)
        self._numbers = count()
        self._agenda: list[_TraceEvent] = []
        self._profiles: list[Profile] = []
        # The booking ids of each member by slot. The replay records them, so that it needs no reads.
        self._held: defaultdict[str, dict[Slot, str]] = defaultdict(dict)
        self._holders: defaultdict[Slot, list[str]] = defaultdict(list)

    @property
    def now(self) -> datetime:
        """The present instant of the replay."""
        return self._clock.now

    def run(self) -> None:
        """Create the members, then run all events in the order of their instants."""
        with self._ledger.entry(SETUP):
            self._create_members()
        planned = draw_bookings(self._options, self._rng)
        for booking in planned:
            self._plan(booking.at, partial(self._book_or_lock, booking))
        for start in sorted({booking.slot.start for booking in planned}):
            self._plan(start - self._context.settings.finalize_ahead, self._finalize)
        middle = FIRST_DAY + timedelta(days=self._options.days) / 2
        self._plan(middle, self._sweep)
        self._plan(middle, self._list)
        while self._agenda:
            event = heapq.heappop(self._agenda)
            self._clock.now = event.at
            self.events += 1
            event.action()

    def _plan(self, at: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, _TraceEvent(at, next(self._numbers), action))

    def _create_members(self) -> None:
        for number in range(self._options.members):
            name = f"Member {number:04d}"
            claims = Claims("https://issuer.invalid", str(number), name, None, "Europe/Berlin", self._clock())
            made = get_or_create_member(self._context, claims)
            settings = partial(draw_settings, rng=self._rng)
            self._profiles.append(change_profile(self._context, made.member_id, settings))
        for profile in self._profiles:
            if self._rng.random() < FAVORED:
                for other in self._others(profile, 3):
                    set_relation(self._context, profile.member_id, other.member_id, RelationKind.FAVORITE)
            if self._rng.random() < SNOOZING:
                for other in self._others(profile, 2):
                    until = FIRST_DAY + timedelta(days=self._rng.randrange(1, 20))
                    set_relation(self._context, profile.member_id, other.member_id, RelationKind.SNOOZE, until=until)

    def _others(self, profile: Profile, number: int) -> list[Profile]:
        found = self._rng.sample(self._profiles, number + 1)
        return [other for other in found if other != profile][:number]

    def _book_or_lock(self, planned: PlannedBooking) -> None:
        if self._rng.random() < LOCKS and self._lock(planned.slot):
            return
        rival = self._rng.random() < RACES
        self._book(planned.slot, meanwhile=partial(self._book, planned.slot) if rival else None)

    def _book(self, slot: Slot, meanwhile: Callable[[], None] | None = None) -> None:
        profile = self._free_for(slot)
        if profile is None:
            return
        keyed = KeyedRequest(self._context.token(16), self._context.token(32)) if self._rng.random() < KEYED else None
        booking_request = BookingRequest(slot, preference=PartnerPreference(favorites=self._rng.random() < 0.2))
        # Marked as held before the rival books, so that the rival is another member.
        self._held[profile.member_id][slot] = ""
        with self._ledger.entry(WAITS) as entry, _before_next_transaction(self._context.table, meanwhile):
            view = book_session(self._context, profile, booking_request, keyed).view
            if view.booking.partner:
                entry.label = PAIRS
        self._record(profile, view.booking)
        self._deliver_stream(entry, MATCHES)

    def _record(self, profile: Profile, booking: Booking) -> None:
        """Record a booking, and plan its cancellation for a random share of the bookings."""
        slot = booking.slot
        if not self._held[profile.member_id].get(slot):
            self._held[profile.member_id][slot] = booking.booking_id
            self._holders[slot].append(profile.member_id)
        if self._rng.random() < CANCELS:
            at = self._clock.now + (slot.start - self._clock.now) * self._rng.random()
            self._plan(at, partial(self._cancel, profile, slot, booking.booking_id))

    def _lock(self, slot: Slot) -> bool:
        """Lock with a holder of the slot, if there is one, after making that member a favorite (R7)."""
        holders = self._holders[slot]
        if not holders:
            return False
        target = self._rng.choice(holders)
        booked = self._rng.random() < LOCKS_BY_BOOKED_MEMBERS
        booker = self._rng.choice(self._profiles_of(holders)) if booked else self._free_for(slot)
        if booker is None or booker.member_id == target:
            return False
        with self._ledger.entry(TRACE_READS):
            own, theirs = self._holding(booker.member_id, slot), self._holding(target, slot)
        if theirs is None or State.LOCKED_IN in (theirs.state, own and own.state):
            return False
        with self._ledger.entry(SETUP):
            set_relation(self._context, booker.member_id, target, RelationKind.FAVORITE)
        with self._ledger.entry(_lock_label(own, theirs)) as entry:
            try:
                view = book_session(self._context, booker, BookingRequest(slot, lock_with=target), None).view
            except NotAvailable:
                entry.label = LOCK_REFUSED
                return True
        self._record(booker, view.booking)
        self._deliver_stream(entry, MATCHES_DISPLACED)
        return True

    def _cancel(self, profile: Profile, slot: Slot, booking_id: str) -> None:
        if self._held[profile.member_id].get(slot) != booking_id:
            return
        with self._ledger.entry(TRACE_READS):
            held = self._holding(profile.member_id, slot)
        assert held, f"{profile.member_id} lost a booking of {slot}"
        with self._ledger.entry(CANCEL_OF[held.state]) as entry:
            cancel_session(self._context, profile.member_id, booking_id)
        del self._held[profile.member_id][slot]
        self._holders[slot].remove(profile.member_id)
        self._deliver_stream(entry, REMATCHES)

    def _deliver_stream(self, entry: Entry, label: str) -> None:
        """Match the inserted waiting rows as the stream's function does."""
        planned: dict[Slot, bool] = {}
        for row in _inserted(entry):
            with self._ledger.entry(label) as matching:
                if is_due(self._context, row.slot):
                    rematch(self._context, row, planned)
                    continue
                partner = match_waiting(self._context, row)
                if partner is None:
                    matching.label = FINDS_NO_PARTNER

    def _finalize(self) -> None:
        with self._ledger.entry(FINALIZES):
            finalize(self._context)

    def _sweep(self) -> None:
        with self._ledger.entry(SWEEPS):
            sweep(self._context)

    def _list(self) -> None:
        end = FIRST_DAY + timedelta(days=self._options.days)
        busiest = sorted(self._profiles, key=lambda profile: -len(self._held[profile.member_id]))
        for profile in busiest[:LISTED_MEMBERS]:
            with self._ledger.entry(LISTS):
                list_sessions(self._context, profile, FIRST_DAY, end, before=None, limit=None)

    def _free_for(self, slot: Slot) -> Profile | None:
        """Return a random member without an overlapping booking, or None after 50 tries."""
        for _ in range(50):
            profile = self._rng.choice(self._profiles)
            if not any(held.overlaps(slot) for held in self._held[profile.member_id]):
                return profile
        return None

    def _profiles_of(self, members: list[str]) -> list[Profile]:
        return [profile for profile in self._profiles if profile.member_id in members]

    def _holding(self, member_id: str, slot: Slot) -> Booking | None:
        return reads.days(self._context.table, [(member_id, slot.date)]).holding(member_id, slot)


@contextmanager
def _before_next_transaction(table: Table, action: Callable[[], None] | None) -> Iterator[None]:
    """Run an action between the reads of a use case and its first transaction."""
    events = table.connection.client.meta.events
    left = [action] if action else []

    def run_once(**_call: Any) -> None:
        if left:
            left.pop()()

    events.register_first(_TRANSACTION, run_once)
    try:
        yield
    finally:
        events.unregister(_TRANSACTION, run_once)


def _lock_label(own: Booking | None, theirs: Booking) -> str:
    if own and own.partner and own.partner.member_id == theirs.member_id:
        return LOCK_OWN
    return LOCK_OVER[len(bookings_losing_partners(own, theirs)) if own else int(theirs.partner is not None)]


def _inserted(entry: Entry) -> list[WaitingRow]:
    return [
        waiting_row(*access.key)
        for request in entry.requests
        if request.refusal is None
        for access in request.accesses
        if access.action == "Put" and access.key.pk.startswith(POOL)
    ]
