"""The property of a slot's last minutes. No member stays alone who a permitted move could pair (R13, R21, R22)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random

import networkx
import pytest

from bench.stored_slot import relation_items
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.errors import NotAvailable, TimeConflict
from chalicelib.domain.model.ids import member_id
from chalicelib.domain.model.member import Gender, PartnerGender, Profile, Relation, accepts_gender
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.slot_matching.scheduled_matching import finalize
from chalicelib.storage import reads
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment, settings

NINE = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), 50)
MOVES_BEGIN, MOVES_END = settings().finalize_ahead, settings().move_cutoff
# Longer than the deliveries of the stream that one change causes.
SETTLED = timedelta(seconds=0.9)
SLOTS = 100


class RandomSlot:
    """A slot with random members, who book, lock and cancel at random seconds of the last minutes."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        # True once a run of the schedule has finalized the slot.
        self.finalized = False
        self.world = SimulatedDeployment(DeploymentOptions(NINE.start - timedelta(hours=1), seed=seed, schedules=False))
        genders = [Gender.WOMAN, Gender.MAN, None]
        self.members = [
            Profile(
                member_id("last minutes", str(n)),
                f"Member {n}",
                "UTC",
                NINE.start - timedelta(days=1),
                "first",
                gender=self.rng.choice(genders),
                partner_gender=self.rng.choice([PartnerGender.ANY, PartnerGender.ANY, PartnerGender.SAME]),
            )
            for n in range(self.rng.randint(5, 9))
        ]
        self.world.load_members(self.members)
        everyone = [one.member_id for one in self.members]
        self.apart = {frozenset(pair) for pair in combinations(everyone, 2) if self.rng.random() < 0.4}
        for pair in combinations(everyone, 2):
            snoozed_until = NINE.end if frozenset(pair) in self.apart else None
            for one, other in (pair, pair[::-1]):
                relation = Relation(favorite=True, snoozed_until=snoozed_until, revision="first")
                self.world.table.load(item.serialize() for item in relation_items(one, other, relation))

    def play(self) -> Iterator[datetime]:
        """Yield after each change, once the stream is delivered."""
        for member in self.rng.sample(self.members, self.rng.randint(3, len(self.members))):
            self._book(member)
            yield self._settle()
        seconds = self.rng.sample(range(1, 12 * 60), self.rng.randint(3, 8))
        # The schedule runs every minute, at the same second of it.
        runs = range(self.rng.randrange(60), 12 * 60, 60)
        for second in sorted({*seconds, *runs}, reverse=True):
            self.world.scheduler.run(NINE.start - timedelta(seconds=second))
            if second in runs:
                finalize(self.world.context)
                self.finalized = timedelta(seconds=second) <= MOVES_BEGIN
            if second in seconds:
                self._change()
            yield self._settle()

    def _settle(self) -> datetime:
        self.world.scheduler.run(self.world.scheduler.now() + SETTLED)
        assert not self.world.crashes
        return self.world.scheduler.now()

    def _change(self) -> None:
        member, other = self.rng.sample(self.members, 2)
        booking = self._booking(member)
        with suppress(NotAvailable, TimeConflict):
            match self.rng.choice(["lock", "lock", "cancel", "book"]):
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

    def _booking(self, member: Profile) -> Booking | None:
        return self.bookings().get(member.member_id)

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


@pytest.mark.parametrize("tens", range(SLOTS // 10))
def test_r21_no_permitted_move_could_gain_a_pair_after_any_change(tens: int) -> None:
    """A sample of the slots of the long test."""
    for seed in range(10 * tens, 10 * tens + 10):
        check_slot(seed)


@pytest.mark.long  # Plays 2,000 slots.
@pytest.mark.parametrize("hundreds", range(20))
def test_r21_no_permitted_move_could_gain_a_pair_in_2000_slots(hundreds: int) -> None:
    for seed in range(100 * hundreds, 100 * hundreds + 100):
        check_slot(seed)
