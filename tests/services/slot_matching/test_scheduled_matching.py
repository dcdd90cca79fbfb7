"""Finalizing a slot: as many pairs as can be, moving as little as that takes (R19, R21, R22)."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, count

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.context import Context
from chalicelib.services.slot_matching.match_slot import ROUNDS, match_slot
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.services.transaction import ATTEMPTS
from chalicelib.settings import DEFAULTS
from tests.fault_proxy import Fault, FaultyEngine
from tests.harness import World, at

NINE = at(1)
WINDOW = timedelta(minutes=DEFAULTS["LOCKSTEP_FINALIZE_MINUTES"])
FINAL = timedelta(minutes=DEFAULTS["LOCKSTEP_FINAL_MINUTES"])


class Slot:
    """Members of one slot, of whom only those fit who are named together."""

    def __init__(
        self, world: World, names: str, fits: Sequence[str], pairs: Sequence[str] = (), later: str = ""
    ) -> None:
        self.world = world
        self.members = {name: world.member(name) for name in names}
        apart = (two for two in combinations(names, 2) if not {"".join(two), "".join(two[::-1])} & set(fits))
        world.relate(((self.members[one], self.members[other]) for one, other in apart), blocked=True)
        for name in [*"".join(pairs), *sorted(set(names) - set("".join(pairs) + later))]:
            world.book(self.members[name], NINE)
        assert self.pairs() == sorted(pairs)
        world.now = NINE.start - WINDOW

    def pairs(self) -> list[str]:
        """Who is paired with whom."""
        states = {name: self.world.state(member, NINE) for name, member in self.members.items()}
        return sorted({"".join(sorted((name, other))) for name, (_, other) in states.items() if other})

    def moved(self) -> str:
        """Whose random match was moved."""
        held = {name: self.world.day(member, NINE).holding(NINE) for name, member in self.members.items()}
        return "".join(name for name, booking in held.items() if booking and booking.moved)

    def member(self, name: str) -> Profile:
        """The member of that name."""
        return self.members[name]


def path(world: World) -> Slot:
    """Two who wait and can only be paired if the pair between them is given up."""
    return Slot(world, "abcd", ["ab", "bc", "cd"], ["bc"])


def test_r21_a_random_pair_is_moved_where_that_gains_one(world: World) -> None:
    slot = path(world)
    assert finalize(world.context) == 1
    assert (slot.pairs(), slot.moved()) == (["ab", "cd"], "bc")
    world.check()
    session = world.seen(slot.member("b"), NINE)
    assert session is not None
    assert (session["state"], session["lastChange"]["kind"]) == ("matched", "matched")


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r21_nothing_is_moved_before_the_window_nor_by_the_sweep(world: World) -> None:
    slot = path(world)
    sweep(world.context)
    world.now -= timedelta(seconds=1)
    finalize(world.context)
    assert slot.pairs() == ["bc"]


def test_r22_a_final_match_is_not_moved(world: World) -> None:
    slot = path(world)
    world.now = NINE.start - FINAL
    assert finalize(world.context) == 0
    assert slot.pairs() == ["bc"]
    world.now -= timedelta(microseconds=1)
    assert finalize(world.context) == 1


def test_r21_a_pair_is_not_moved_where_nothing_is_gained(world: World) -> None:
    slot = Slot(world, "abcd", ["ab", "bc", "ac"], ["bc"])
    assert finalize(world.context) == 0
    assert (slot.pairs(), slot.moved()) == (["bc"], "")


def test_r1_a_locked_in_pair_is_left_alone_whatever_could_be_gained(world: World) -> None:
    slot = path(world)
    world.now -= timedelta(hours=1)
    world.favorite(slot.member("b"), slot.member("c"))
    world.lock(slot.member("b"), slot.member("c"), NINE)
    world.now = NINE.start - WINDOW
    assert finalize(world.context) == 0
    assert slot.pairs() == ["bc"]


def test_r21_a_booking_is_moved_once(world: World) -> None:
    """b and c are moved for a and d; e and f, who come later, could only be paired if they were moved again."""
    slot = Slot(world, "abcdef", ["ab", "bc", "cd", "ea", "bf"], ["bc"], later="ef")
    assert finalize(world.context) == 1
    assert slot.pairs() == ["ab", "cd"]
    for name in "ef":
        world.book(slot.member(name), NINE)
    world.after(minutes=1)
    assert finalize(world.context) == 0
    assert (slot.pairs(), slot.moved()) == (["ab", "cd"], "bc")


def test_r21_everybody_is_paired_where_greed_would_leave_some_out(world: World) -> None:
    """Whoever came first took whom others needed: all pairs move along."""
    slot = Slot(world, "abcdef", ["ab", "bc", "cd", "de", "ef"], ["bc", "de"])
    assert finalize(world.context) == 1
    assert (slot.pairs(), slot.moved()) == (["ab", "cd", "ef"], "bcde")


def test_r19_two_runs_at_once_and_the_next_end_as_one_does(world: World) -> None:
    slot = Slot(world, "abcdefgh", ["ab", "bc", "cd", "ef", "fg", "gh"], ["bc", "fg"])
    runs = [threading.Thread(target=lambda: finalize(world.context)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    world.check()
    finalize(world.context)
    assert len(slot.pairs()) == 4
    world.check()


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r19_a_run_that_was_killed_halfway_is_made_up_for_by_the_next(world: World, faults: FaultyEngine) -> None:
    survived, done = 0, False
    while not done:
        world.clear()
        world.now = at(0).start
        slot = Slot(world, "abcdefgh", ["ab", "bc", "cd", "ef", "fg", "gh"], ["bc", "fg"])
        lost = [Fault.CONFLICT] * ATTEMPTS * 20
        faults.plan[:] = [*([None] * survived), *lost]
        finalize(world.context)
        done = len(faults.plan) == len(lost)
        faults.plan.clear()
        world.check()
        finalize(world.after(minutes=1).context)
        assert slot.pairs() == ["ab", "cd", "ef", "gh"]
        survived += 1
    assert survived == 3


def test_r21_a_step_whose_answer_was_lost_is_not_taken_twice(world: World, faults: FaultyEngine) -> None:
    slot = path(world)
    faults.plan[:] = [Fault.LOSE_ANSWER] * 2
    assert finalize(world.context) == 1
    faults.plan.clear()
    assert (slot.pairs(), slot.moved()) == (["ab", "cd"], "bc")


@pytest.mark.parametrize("meanwhile", ["cancels", "is blocked", "is locked in"])
def test_r21_what_changed_since_it_was_planned_is_judged_again(
    world: World, faults: FaultyEngine, meanwhile: str
) -> None:
    """The step is planned; then, before its days are read or its transaction arrives, something happens."""
    slot = path(world)
    slot.world.favorite(slot.member("b"), slot.member("c"))
    faults.hold_next()
    run = threading.Thread(target=lambda: finalize(world.context))
    run.start()
    assert faults.held.wait(10)
    if meanwhile == "cancels":
        world.cancel(slot.member("a"), world.seen(slot.member("a"), NINE))
    elif meanwhile == "is blocked":
        world.say(slot.member("a"), RelationKind.BLOCK, slot.member("b"))
    else:
        world.lock(slot.member("b"), slot.member("c"), NINE)
    faults.hold_nothing()
    run.join()
    world.check()
    assert slot.pairs() == ["bc"]


@pytest.mark.parametrize("lost", [4, 5, 6])
def test_r19_a_slot_whose_step_is_lost_again_and_again_is_left_to_the_next_run(
    world: World, faults: FaultyEngine, lost: int
) -> None:
    """A step is tried so often, and so often it is planned again; what was lost then is not lost for good."""
    slot = path(world)
    faults.plan[:] = [Fault.CONFLICT] * (ATTEMPTS * ROUNDS - 5 + lost)
    assert finalize(world.context) == (1 if lost < 5 else 0)
    faults.plan.clear()
    finalize(world.context)
    assert slot.pairs() == ["ab", "cd"]


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r19_a_slot_that_cannot_be_read_holds_up_no_other(world: World, faults: FaultyEngine) -> None:
    """The first look is answered by nobody: at the first slot, or at who waits today."""
    for slot in (at(1, minutes=25), at(1, minutes=75), at(25)):
        ada, ben = world.members("Ada", "Ben")
        world.say(ada, RelationKind.BLOCK, ben)
        for member in (ada, ben):
            world.book(member, slot)
        world.take_back(ada, RelationKind.BLOCK, ben)
    world.now = NINE.start - WINDOW
    faults.meets = "Query"
    faults.plan[:] = [Fault.LOSE_REQUEST] * 2
    assert finalize(world.context) == 1
    faults.plan[:] = [Fault.LOSE_REQUEST] * 2
    gained = sweep(world.context)
    assert not faults.plan
    assert gained in (1, 2)
    assert gained + sweep(world.context) == 2
    world.check()


def slow(world: World, look: timedelta) -> Context:
    """The deployment with a clock on which so much time passes whenever it is looked at."""
    looks = count()
    return replace(world.context, clock=lambda: world.now + next(looks) * look)


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r19_if_no_sweep_comes_to_its_end_every_date_has_its_turn_all_the_same(world: World) -> None:
    """Two wait far ahead, and there is time for a few dates only, whatever is found there."""
    ada, ben = world.members("Ada", "Ben")
    slot = at(24 * 40)
    world.say(ada, RelationKind.BLOCK, ben)
    for member in (ada, ben):
        world.book(member, slot)
    world.take_back(ada, RelationKind.BLOCK, ben)
    gained = []
    while not sum(gained) and len(gained) < 93:
        gained.append(sweep(slow(world, timedelta(seconds=30))))
        world.after(minutes=10)
    assert 1 < len(gained) < 93
    assert world.state(ada, slot) == ("matched", "Ben")


def test_r19_a_table_that_does_not_answer_keeps_no_sweep_beyond_its_time(world: World, faults: FaultyEngine) -> None:
    faults.meets = "Query"
    faults.plan[:] = [Fault.LOSE_REQUEST] * 100
    assert sweep(slow(world, timedelta(minutes=1))) == 0
    # Seven shards are looked at until eight minutes are over, and every look is sent twice.
    assert len(faults.plan) == 100 - 2 * 7
    faults.plan.clear()


def test_r21_no_step_is_begun_once_a_run_has_had_its_time(world: World) -> None:
    slot = path(world)
    assert match_slot(world.context, NINE, world.now, move=True) == 0
    # Time for a plan, and none for its step.
    assert match_slot(slow(world, timedelta(minutes=1)), NINE, world.now + timedelta(minutes=1), move=True) == 0
    assert slot.pairs() == ["bc"]
    assert match_slot(world.context, NINE, world.now + timedelta(microseconds=1), move=True) == 1


def test_r23_an_hour_late_nothing_moves_any_more(world: World) -> None:
    slot = path(world)
    world.now = NINE.start + timedelta(hours=1)
    world.tick()
    assert slot.pairs() == ["bc"]


@pytest.mark.parametrize("before", [timedelta(minutes=4), timedelta(microseconds=1)])
def test_r22_who_waits_is_paired_by_a_late_run_too(world: World, before: timedelta) -> None:
    slot = Slot(world, "ab", [])
    world.take_back(slot.member("a"), RelationKind.BLOCK, slot.member("b"))
    world.now = NINE.start - before
    assert finalize(world.context) == 1
    assert slot.pairs() == ["ab"]
