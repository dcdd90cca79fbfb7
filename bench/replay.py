"""Plays a trace: real use cases on a real engine, at simulated instants, every request in the ledger.

Nothing depends on the wall clock or on threads: the same options give the same requests. A race is two bookings of one
slot, the second carried out whole between what the first read and what it commits.
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
    FINDS_NOBODY,
    LISTS,
    LOCK_OVER,
    LOCK_OWN,
    LOCK_REFUSED,
    LOOKS,
    MATCHES,
    MATCHES_DISPLACED,
    PAIRS,
    REMATCHES,
    SETUP,
    SWEEPS,
    WAITS,
)
from bench.plan import FIRST_DAY, Options, Want, draw_settings, draw_wants
from bench.request_units import Entry, Ledger
from chalicelib.domain.decisions.booking_rules import BookingRequest, partnered_with_others
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
from chalicelib.services.slot_matching.rematch import match_waiting
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
LOCKS_BY_WHO_IS_BOOKED = 0.4
LISTED_MEMBERS = 50
FAVORED = 0.3
SNOOZING = 0.1


def environment() -> dict[str, str]:
    """The environment of a deployment of which only use cases are called."""
    return {
        "LOCKSTEP_TABLE": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LOCKSTEP_STREAM_ARN": "unused",
        "LOCKSTEP_ISSUER": "https://issuer.invalid",
        "LOCKSTEP_AUDIENCE": "bench",
        "LOCKSTEP_JWKS_URL": "https://issuer.invalid/keys",
        "LOCKSTEP_ROOM_URL": "https://rooms.example.org",
        "LOCKSTEP_INVITE_URL": "https://lockstep.example.org/i",
        "LOCKSTEP_CURSOR_KEY": "unused",
    }


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        """The instant it was set to."""
        return self.now


def deployment(table: Table, clock: Clock, seed: int) -> Context:
    """A deployment of which only use cases are called; no two of one run may share a seed."""
    settings = from_environment(environment())
    return Context(settings, table, clock, Random(seed), Random(f"ids {seed}"), pause=lambda _seconds: None)


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    at: datetime
    number: int
    happen: Callable[[], None] = field(compare=False)


class Player:
    """One trace being played."""

    def __init__(self, table: Table, options: Options, ledger: Ledger) -> None:
        self.events = 0
        self._options = options
        self._ledger = ledger
        self._chance = Random(options.seed)
        self._clock = Clock(FIRST_DAY - timedelta(days=8))
        self._lockstep = deployment(table, self._clock, options.seed + 1)
        self._numbers = count()
        self._agenda: list[_Event] = []
        self._profiles: list[Profile] = []
        # Who holds which slot, by the trace's own record: never asked of the table, so that it costs nothing.
        self._held: defaultdict[str, dict[Slot, str]] = defaultdict(dict)
        self._holders: defaultdict[Slot, list[str]] = defaultdict(list)

    @property
    def now(self) -> datetime:
        """The instant that the trace has come to."""
        return self._clock.now

    def play(self) -> None:
        """Admit the members, then let everything happen in its order."""
        with self._ledger.entry(SETUP):
            self._admit_members()
        wants = draw_wants(self._options, self._chance)
        for want in wants:
            self._plan(want.at, partial(self._claim, want))
        for start in sorted({want.slot.start for want in wants}):
            self._plan(start - self._lockstep.settings.finalize_ahead, self._finalize)
        middle = FIRST_DAY + timedelta(days=self._options.days) / 2
        self._plan(middle, self._sweep)
        self._plan(middle, self._list)
        while self._agenda:
            event = heapq.heappop(self._agenda)
            self._clock.now = event.at
            self.events += 1
            event.happen()

    def _plan(self, at: datetime, happen: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, _Event(at, next(self._numbers), happen))

    def _admit_members(self) -> None:
        for number in range(self._options.members):
            name = f"Member {number:04d}"
            claims = Claims("https://issuer.invalid", str(number), name, None, "Europe/Berlin", self._clock())
            made = get_or_create_member(self._lockstep, claims)
            settings = partial(draw_settings, rng=self._chance)
            self._profiles.append(change_profile(self._lockstep, made.member_id, settings))
        for profile in self._profiles:
            if self._chance.random() < FAVORED:
                for other in self._others(profile, 3):
                    set_relation(self._lockstep, profile.member_id, other.member_id, RelationKind.FAVORITE)
            if self._chance.random() < SNOOZING:
                for other in self._others(profile, 2):
                    until = FIRST_DAY + timedelta(days=self._chance.randrange(1, 20))
                    set_relation(self._lockstep, profile.member_id, other.member_id, RelationKind.SNOOZE, until=until)

    def _others(self, profile: Profile, number: int) -> list[Profile]:
        found = self._chance.sample(self._profiles, number + 1)
        return [other for other in found if other != profile][:number]

    def _claim(self, want: Want) -> None:
        if self._chance.random() < LOCKS and self._lock(want.slot):
            return
        rival = self._chance.random() < RACES
        self._book(want.slot, meanwhile=partial(self._book, want.slot) if rival else None)

    def _book(self, slot: Slot, meanwhile: Callable[[], None] | None = None) -> None:
        profile = self._free_for(slot)
        if profile is None:
            return
        keyed = (
            KeyedRequest(self._lockstep.token(16), self._lockstep.token(32)) if self._chance.random() < KEYED else None
        )
        booking_request = BookingRequest(slot, preference=PartnerPreference(favorites=self._chance.random() < 0.2))
        # Taken before the rival books: one member cannot be both.
        self._held[profile.member_id][slot] = ""
        with self._ledger.entry(WAITS) as entry, _before_the_next_write(self._lockstep.table, meanwhile):
            view = book_session(self._lockstep, profile, booking_request, keyed).view
            if view.booking.partner:
                entry.label = PAIRS
        self._note(profile, view.booking)
        self._stream(entry, MATCHES)

    def _note(self, profile: Profile, booking: Booking) -> None:
        """Keep in mind what was booked, and plan to cancel some of it."""
        slot = booking.slot
        if not self._held[profile.member_id].get(slot):
            self._held[profile.member_id][slot] = booking.booking_id
            self._holders[slot].append(profile.member_id)
        if self._chance.random() < CANCELS:
            at = self._clock.now + (slot.start - self._clock.now) * self._chance.random()
            self._plan(at, partial(self._cancel, profile, slot, booking.booking_id))

    def _lock(self, slot: Slot) -> bool:
        """Lock somebody's booking of that slot, where there is one to lock; favored first, as the rule wants."""
        holders = self._holders[slot]
        if not holders:
            return False
        target = self._chance.choice(holders)
        booked = self._chance.random() < LOCKS_BY_WHO_IS_BOOKED
        booker = self._chance.choice(self._profiles_of(holders)) if booked else self._free_for(slot)
        if booker is None or booker.member_id == target:
            return False
        with self._ledger.entry(LOOKS):
            own, theirs = self._holding(booker.member_id, slot), self._holding(target, slot)
        if theirs is None or State.LOCKED_IN in (theirs.state, own and own.state):
            return False
        with self._ledger.entry(SETUP):
            set_relation(self._lockstep, booker.member_id, target, RelationKind.FAVORITE)
        with self._ledger.entry(_lock_label(own, theirs)) as entry:
            try:
                view = book_session(self._lockstep, booker, BookingRequest(slot, lock_with=target), None).view
            except NotAvailable:
                entry.label = LOCK_REFUSED
                return True
        self._note(booker, view.booking)
        self._stream(entry, MATCHES_DISPLACED)
        return True

    def _cancel(self, profile: Profile, slot: Slot, booking_id: str) -> None:
        if self._held[profile.member_id].get(slot) != booking_id:
            return
        with self._ledger.entry(LOOKS):
            held = self._holding(profile.member_id, slot)
        assert held, f"{profile.member_id} lost a booking of {slot}"
        with self._ledger.entry(CANCEL_OF[held.state]) as entry:
            cancel_session(self._lockstep, profile.member_id, booking_id)
        del self._held[profile.member_id][slot]
        self._holders[slot].remove(profile.member_id)
        self._stream(entry, REMATCHES)

    def _stream(self, entry: Entry, label: str) -> None:
        """Do what the stream would have done about the waiting rows that were inserted."""
        for row in _inserted(entry):
            with self._ledger.entry(label) as matching:
                partner = match_waiting(self._lockstep, row)
                if partner is None:
                    matching.label = FINDS_NOBODY

    def _finalize(self) -> None:
        with self._ledger.entry(FINALIZES):
            finalize(self._lockstep)

    def _sweep(self) -> None:
        with self._ledger.entry(SWEEPS):
            sweep(self._lockstep)

    def _list(self) -> None:
        end = FIRST_DAY + timedelta(days=self._options.days)
        busiest = sorted(self._profiles, key=lambda profile: -len(self._held[profile.member_id]))
        for profile in busiest[:LISTED_MEMBERS]:
            with self._ledger.entry(LISTS):
                list_sessions(self._lockstep, profile, FIRST_DAY, end, before=None, limit=None)

    def _free_for(self, slot: Slot) -> Profile | None:
        """Somebody with nothing in the way, or None after many tries."""
        for _ in range(50):
            profile = self._chance.choice(self._profiles)
            if not any(held.overlaps(slot) for held in self._held[profile.member_id]):
                return profile
        return None

    def _profiles_of(self, members: list[str]) -> list[Profile]:
        return [profile for profile in self._profiles if profile.member_id in members]

    def _holding(self, member_id: str, slot: Slot) -> Booking | None:
        return reads.days(self._lockstep.table, [(member_id, slot.date)]).holding(member_id, slot)


@contextmanager
def _before_the_next_write(table: Table, happen: Callable[[], None] | None) -> Iterator[None]:
    """Let something happen between what a use case reads first and what it then writes."""
    events = table.connection.client.meta.events
    left = [happen] if happen else []

    def happens(**_call: Any) -> None:
        if left:
            left.pop()()

    events.register_first(_TRANSACTION, happens)
    try:
        yield
    finally:
        events.unregister(_TRANSACTION, happens)


def _lock_label(own: Booking | None, theirs: Booking) -> str:
    if own and own.partner and own.partner.member_id == theirs.member_id:
        return LOCK_OWN
    return LOCK_OVER[len(partnered_with_others(own, theirs)) if own else int(theirs.partner is not None)]


def _inserted(entry: Entry) -> list[WaitingRow]:
    return [
        waiting_row(*access.key)
        for request in entry.requests
        if request.refusal is None
        for access in request.accesses
        if access.action == "Put" and access.key.pk.startswith(POOL)
    ]
