"""The property of second chances in random slots with absent members (R38).

Of the members who ask, as many are paired as a maximum matching pairs.
"""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random

import networkx
import pytest

from bench.stored_slot import member_items, paired_bookings, relation_items, waiting_booking
from chalicelib.domain.model.booking import Booking, QueuePosition, State
from chalicelib.domain.model.ids import member_id
from chalicelib.domain.model.member import Gender, PartnerGender, Profile, Relation, accepts_gender
from chalicelib.domain.model.slot import Slot
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import ask_again
from chalicelib.services.slot_matching.scheduled_matching import finalize
from chalicelib.storage import reads
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment
from infra.simulation.stream_delivery import EventSource

NINE = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), 50)
MINUTE = timedelta(minutes=1)
SNOOZED = Relation(snoozed_until=NINE.end)


class SlotWithAbsentees:
    """A slot with pairs and unmatched members. Some members join, and some of these ask for another partner."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.world = SimulatedDeployment(
            DeploymentOptions(NINE.start, seed=seed, source=EventSource(poll_seconds=24 * 3600), schedules=False)
        )
        self.members = {one.member_id: one for one in (self._profile(n) for n in range(self.rng.randint(12, 30)))}
        share = self.rng.choice([0.1, 0.3, 0.5, 0.7])
        self.apart = {frozenset(pair) for pair in combinations(self.members, 2) if self.rng.random() < share}
        self._store()
        self.present: set[str] = set()
        self.asked: set[str] = set()
        self._join_and_ask()

    def _profile(self, number: int) -> Profile:
        return Profile(
            member_id("absentees", str(number), b"key"),
            f"Member {number}",
            "UTC",
            NINE.start - timedelta(days=1),
            "first",
            gender=self.rng.choice([Gender.WOMAN, Gender.MAN, None]),
            partner_gender=self.rng.choice([PartnerGender.ANY, PartnerGender.ANY, PartnerGender.SAME]),
        )

    def _store(self) -> None:
        """Store the members in pairs that they may form or once formed, and the rest without a partner."""
        waiting = [
            waiting_booking(one, NINE, QueuePosition(displaced=False, since=NINE.start - timedelta(minutes=60 - n)))
            for n, one in enumerate(self.members.values())
        ]
        unmatched = self.rng.randint(0, 3)
        paired, bookings = waiting[unmatched:], waiting[:unmatched]
        bookings += [
            half for one, other in zip(paired[::2], paired[1::2], strict=False) for half in paired_bookings(one, other)
        ]
        bookings += paired[len(paired) // 2 * 2 :]
        items = [item for held in bookings for item in member_items(self.members[held.member_id], held)]
        items += [item for pair in self.apart for item in relation_items(*self.rng.sample(sorted(pair), 2), SNOOZED)]
        self.world.table.load({(item.pk, item.sk): item.serialize() for item in items}.values())

    def _join_and_ask(self) -> None:
        before = self.bookings()
        likely = self.rng.choice([0.4, 0.5, 0.5])
        self.present = {one for one, held in before.items() if held.partner and self.rng.random() < likely}
        for one in sorted(self.present):
            join_session(self.world.context, self.members[one], before[one].booking_id)
        self.world.scheduler.run(NINE.start + self.rng.randint(3, 9) * MINUTE)
        alone = [one for one in sorted(self.present) if self.partner_of(before[one]) not in self.present]
        for one in self.rng.sample(alone, round(len(alone) * self.rng.choice([0.7, 1, 1]))):
            ask_again(self.world.context, self.members[one], before[one].booking_id)
            self.asked.add(one)

    def partner_of(self, booking: Booking) -> str | None:
        """Return the id of the partner, None without one."""
        return booking.partner.member_id if booking.partner else None

    def bookings(self) -> dict[str, Booking]:
        """Return the booking of each member."""
        days = reads.days(self.world.context.table, [(one, NINE.date) for one in self.members])
        return {booking.member_id: booking for day in days for booking in day.active}

    def most_pairs(self) -> int:
        """Return the number of pairs in a maximum matching of the members that asked."""
        graph = networkx.Graph(pair for pair in combinations(sorted(self.asked), 2) if self._fit(*pair))
        return len(networkx.max_weight_matching(graph, maxcardinality=True))

    def _fit(self, one: str, other: str) -> bool:
        a, b = self.members[one], self.members[other]
        return (
            frozenset((one, other)) not in self.apart
            and accepts_gender(a.partner_gender, a.gender, b.gender)
            and accepts_gender(b.partner_gender, b.gender, a.gender)
        )


def check_slot(seed: int) -> tuple[int, int]:
    """Check one slot, and return the number of members who asked and of new pairs."""
    slot = SlotWithAbsentees(seed)
    before = slot.bookings()
    assert finalize(slot.world.context) == slot.most_pairs(), seed
    after = slot.bookings()
    paired = {one for one in slot.asked if after[one].state is State.MATCHED}
    assert len(paired) == 2 * slot.most_pairs(), seed
    assert all(slot.partner_of(after[one]) in slot.asked for one in paired), seed
    # Every other booking is unchanged, so that no member loses a partner who is there.
    assert {one: after[one] for one in after if one not in paired} == {
        one: before[one] for one in before if one not in paired
    }, seed
    missed = {one for one, held in after.items() if held.state is State.MISSED}
    assert len(missed) == len(slot.asked), seed
    assert missed.isdisjoint(slot.present), seed
    return len(slot.asked), len(paired) // 2


def check_slots(seeds: range) -> None:
    asked, pairs = map(sum, zip(*map(check_slot, seeds), strict=True))
    # Many pairs could be made, and not all members who ask could be paired.
    assert len(seeds) / 2 < pairs < asked / 2


def test_r38_of_the_members_who_ask_as_many_as_possible_are_paired() -> None:
    """A sample of the slots of the long test."""
    check_slots(range(100))


@pytest.mark.long  # Plays 2,000 slots.
@pytest.mark.parametrize("hundreds", range(20))
def test_r38_of_the_members_who_ask_as_many_as_possible_are_paired_in_2000_slots(hundreds: int) -> None:
    check_slots(range(100 * hundreds, 100 * hundreds + 100))
