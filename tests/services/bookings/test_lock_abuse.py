"""A day of locks that are made to be cancelled, after which the victim still has partners (R18, R36)."""

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from chalicelib.domain.model.errors import NotAvailable, RateLimited
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.slot_matching.scheduled_matching import finalize
from tests.harness import World, at

GRIEFERS = 10
SLOTS = [at(hours) for hours in range(1, 13)]
# The times before the start at which three griefers attack. At the last one no pair is moved any more, and a
# booking can still be locked.
ATTACKS = [timedelta(minutes=minutes) for minutes in (40, 11, 6, 2)]


class Griefer:
    """A member who locks the victim only to cancel, at once or after others were matched."""

    def __init__(self, world: World, member: Profile, victim: Profile) -> None:
        self.world, self.member, self.victim = world, member, victim
        self.locked, self.stopped = 0, 0
        world.favorite(member, victim)

    def attack(self, slot: Slot, *, hold: bool) -> None:
        with suppress(NotAvailable):
            try:
                session = self.world.lock(self.member, self.victim, slot)
            except RateLimited:
                self.stopped += 1
                return
            self.locked += 1
            if hold:
                self.world.deliver()
            self.world.cancel(self.member, session)


@pytest.mark.long  # Ten members book and cancel for a day.
def test_r36_a_day_of_lock_and_cancel_by_ten_leaves_the_victim_with_a_partner_in_every_slot(world: World) -> None:
    rng = Random(36)
    victim = world.member("Victim")
    for number, slot in enumerate(SLOTS):
        world.book(victim, slot)
        world.book(world.member(f"Companion {number}"), slot)
    griefers = [Griefer(world, world.member(f"Griefer {number}"), victim) for number in range(GRIEFERS)]
    for number, slot in enumerate(SLOTS):
        for before in ATTACKS:
            world.now = slot.start - before
            for griefer in rng.sample(griefers, 3):
                griefer.attack(slot, hold=rng.random() < 0.5)
            if rng.random() < 0.5:
                world.deliver()
            finalize(world.context)
        world.now = slot.start
        assert world.state(victim, slot) == ("matched", f"Companion {number}")
    assert {griefer.locked for griefer in griefers} <= set(range(1, 6))
    assert sum(griefer.locked for griefer in griefers) > 2 * len(SLOTS)
    assert sum(griefer.stopped for griefer in griefers) > 0


def test_r36_a_lock_that_the_bookers_block_ends_counts_as_cancelled(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, at(1))
    for _ in range(world.settings.limits.cancelled_locks):
        world.favorite(ada, ben)
        world.lock(ada, ben, at(1))
        world.say(ada, RelationKind.BLOCK, ben)
        world.take_back(ada, RelationKind.BLOCK, ben)
    with pytest.raises(RateLimited):
        world.lock(ada, ben, at(1))


def test_r36_a_lock_that_the_targets_block_ends_does_not_count(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, at(1))
    world.favorite(ada, ben)
    for _ in range(world.settings.limits.cancelled_locks + 1):
        world.lock(ada, ben, at(1))
        world.say(ben, RelationKind.BLOCK, ada)
        world.take_back(ben, RelationKind.BLOCK, ada)
    world.lock(ada, ben, at(1))


def test_r36_a_random_match_after_the_partner_cancelled_a_lock_is_no_lock_of_the_booker(world: World) -> None:
    """Ada asked for the lock with Ben, who cancels. Her cancel of the random match with Cy counts as no lock."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ben, at(1))
    world.favorite(ada, ben)
    session = world.lock(ada, ben, at(1))
    world.cancel(ben, world.seen(ben, at(1)))
    world.book(cy, at(1))
    assert world.state(ada, at(1)) == ("matched", "Cy")
    world.cancel(ada, session)
    assert world.day(ada, at(1)).cancelled_locks == {}
