"""The property of a slot's last minutes. No member stays alone who a permitted move could pair (R13, R21, R22)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random

import networkx
import pytest
from msgspec.structs import replace

from bench.stored_slot import relation_items
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.errors import NotAvailable, TimeConflict
from chalicelib.domain.model.ids import member_id
from chalicelib.domain.model.member import Availability, Gender, PartnerGender, Profile, Relation, accepts_gender
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.slot_matching.scheduled_matching import finalize
from chalicelib.storage import reads
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment, settings
from infra.simulation.stream_delivery import EventSource

NINE = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), 50)
MOVES_BEGIN, MOVES_END = settings().finalize_ahead, settings().move_cutoff
# Longer than the deliveries of the stream that one change causes.
SETTLED = timedelta(seconds=0.9)
SLOTS = 100
# Of the first six members of every tenth slot only these may be random pairs. The first member still locks the second
# in at a random second. That pairs the third with the fourth, although they could pair the fifth and the sixth.
PLANTED_EVERY = 10
PLANTED_FITS = {(0, 3), (1, 2), (2, 3), (2, 4), (3, 5)}
PLANTED_ORDER = (0, 3, 1, 2, 4, 5)


class RandomSlot:
    """A slot with random members, who book, lock and cancel at random seconds of the last minutes.

    All are favorites of each other. So a member with the setting `favorites` can be locked where genders do not fit. If
    such a lock displaces two members who fit, it pairs them, and no waiting row is inserted.
    """

    def __init__(self, seed: int, *, stream: bool = True) -> None:
        self.rng = Random(seed)
        planted = 6 if seed % PLANTED_EVERY == 0 else 0
        # True once a run of the schedule has finalized the slot.
        self.finalized = False
        source = EventSource() if stream else EventSource(poll_seconds=24 * 3600)
        self.world = SimulatedDeployment(
            DeploymentOptions(NINE.start - timedelta(hours=1), seed=seed, source=source, schedules=False)
        )
        genders = [Gender.WOMAN, Gender.MAN, None]
        self.members = [
            Profile(
                member_id("last minutes", str(n), b"key"),
                f"Member {n}",
                "UTC",
                NINE.start - timedelta(days=1),
                "first",
                gender=self.rng.choice(genders),
                partner_gender=self.rng.choice([PartnerGender.ANY, PartnerGender.ANY, PartnerGender.SAME]),
                availability=self.rng.choice([Availability.EVERYONE, Availability.FAVORITES]),
            )
            for n in range(self.rng.randint(max(5, planted), 10))
        ]
        if planted:
            self.members[0] = replace(self.members[0], gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
            self.members[1] = replace(self.members[1], gender=None, availability=Availability.FAVORITES)
            self.members[3] = replace(self.members[3], gender=Gender.WOMAN)
            for n in range(1, planted):
                self.members[n] = replace(self.members[n], partner_gender=PartnerGender.ANY)
        self.first = [self.members[n] for n in PLANTED_ORDER[:planted]]
        self.world.load_members(self.members)
        everyone = [one.member_id for one in self.members]
        share = self.rng.choice([0.2, 0.4, 0.7])
        self.apart = {frozenset(pair) for pair in combinations(everyone, 2) if self.rng.random() < share}
        for n, other in combinations(range(planted), 2):
            pair = frozenset((everyone[n], everyone[other]))
            # The lock of the first two needs no gender that fits.
            self.apart = self.apart - {pair} if (n, other) in PLANTED_FITS | {(0, 1)} else self.apart | {pair}
        for pair in combinations(everyone, 2):
            snoozed_until = NINE.end if frozenset(pair) in self.apart else None
            for one, other in (pair, pair[::-1]):
                relation = Relation(favorite=True, snoozed_until=snoozed_until)
                self.world.table.load(item.serialize() for item in relation_items(one, other, relation))

    def play(self) -> Iterator[datetime]:
        """Yield after each change, once the stream is delivered."""
        others = [member for member in self.members if member not in self.first]
        booked = self.rng.randint(0 if self.first else 3, len(others))
        for member in (*self.first, *self.rng.sample(others, booked)):
            self._book(member)
            yield self._settle()
        seconds = self.rng.sample(range(1, 12 * 60), self.rng.randint(3, 8))
        seconds += self.rng.sample(range(1, 10), self.rng.randint(0, 2))
        planted = self.rng.randrange(5 * 60, 10 * 60) if self.first else None
        # The schedule runs every minute, at the same second of it.
        runs = range(self.rng.randrange(60), 12 * 60, 60)
        for second in sorted({*seconds, *runs, *filter(None, [planted])}, reverse=True):
            self.world.scheduler.run(NINE.start - timedelta(seconds=second))
            if second in runs:
                finalize(self.world.context)
                self.finalized = timedelta(seconds=second) <= MOVES_BEGIN
            if second == planted:
                self._change("lock", self.members[:2])
            elif second in seconds:
                self._change_at_random()
            yield self._settle()

    def _settle(self) -> datetime:
        self.world.scheduler.run(self.world.scheduler.now() + SETTLED)
        assert not self.world.crashes
        return self.world.scheduler.now()

    def _change_at_random(self) -> None:
        bookings = self.bookings()
        matched = [
            one for one in self.members if one.member_id in bookings and bookings[one.member_id].state is State.MATCHED
        ]
        # Half of the changes concern two members with random partners.
        members = matched if len(matched) > 1 and self.rng.random() < 0.5 else self.members
        self._change(self.rng.choice(["lock", "lock", "cancel", "book"]), self.rng.sample(members, 2))

    def _change(self, change: str, members: list[Profile]) -> None:
        member, other = members
        booking = self.bookings().get(member.member_id)
        with suppress(NotAvailable, TimeConflict):
            match change:
                case "lock":
                    self._book(member, lock_with=other.member_id)
                case "book":
                    self._book(member)
                case "cancel" if booking:
                    if booking.partner:
                        self.apart.add(frozenset((member.member_id, booking.partner.member_id)))
                    cancel_session(self.world.context, member.member_id, booking.booking_id)

    def _book(self, member: Profile, lock_with: str | None = None) -> None:
        book_session(self.world.context, member, BookingRequest(NINE, lock_with=lock_with), None)

    def bookings(self) -> dict[str, Booking]:
        """Return the active booking of each member who has one."""
        days = reads.days(self.world.context.table, [(member.member_id, NINE.date) for member in self.members])
        return {booking.member_id: booking for day in days for booking in day.active}

    def pairs_to_gain(self, now: datetime) -> int:
        """Return how many pairs more a maximum matching has, with the moves that are permitted at an instant."""
        bookings = self.bookings()
        moves = self.finalized and now < NINE.start - MOVES_END
        movable = {
            one
            for one, booking in bookings.items()
            if moves
            and booking.state is State.MATCHED
            and not booking.moved
            and booking.partner
            and not bookings[booking.partner.member_id].moved
        }
        free = {one for one, booking in bookings.items() if booking.state is State.WAITING}
        graph = networkx.Graph(pair for pair in combinations(movable | free, 2) if self._fit(*pair))
        graph.add_edges_from((one, bookings[one].partner.member_id) for one in movable)  # type: ignore[union-attr]
        return len(networkx.max_weight_matching(graph, maxcardinality=True)) - len(movable) // 2

    def _fit(self, one: str, other: str) -> bool:
        by_id = {member.member_id: member for member in self.members}
        a, b = by_id[one], by_id[other]
        return (
            frozenset((one, other)) not in self.apart
            and accepts_gender(a.partner_gender, a.gender, b.gender)
            and accepts_gender(b.partner_gender, b.gender, a.gender)
        )


def check_slot(seed: int) -> None:
    slot = RandomSlot(seed)
    for now in slot.play():
        assert slot.pairs_to_gain(now) == 0 or now >= NINE.start, (seed, NINE.start - now)


@pytest.mark.parametrize("tens", [0, *(pytest.param(tens, marks=pytest.mark.long) for tens in range(1, SLOTS // 10))])
def test_r21_no_permitted_move_could_gain_a_pair_after_any_change(tens: int) -> None:
    """A sample of the slots of the long test."""
    for seed in range(10 * tens, 10 * tens + 10):
        check_slot(seed)


def test_r21_the_check_notices_that_the_stream_is_off() -> None:
    slots = [RandomSlot(seed, stream=False) for seed in range(10)]
    assert any(slot.pairs_to_gain(now) for slot in slots for now in slot.play() if now < NINE.start)


@pytest.mark.long  # Plays 2,000 slots.
@pytest.mark.parametrize("hundreds", range(20))
def test_r21_no_permitted_move_could_gain_a_pair_in_2000_slots(hundreds: int) -> None:
    for seed in range(100 * hundreds, 100 * hundreds + 100):
        check_slot(seed)
