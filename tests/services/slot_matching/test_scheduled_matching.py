"""Finalize and sweep, with conflicts, lost responses and late runs (R19, R21, R22)."""

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
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World, at

NINE = at(1)
WINDOW = timedelta(minutes=DEFAULTS["LOCKSTEP_FINALIZE_MINUTES"])
MOVE_CUTOFF = timedelta(minutes=DEFAULTS["LOCKSTEP_FINAL_MINUTES"])


class NamedMembers:
    """Members of one slot named by letters. Only the listed pairs of letters are compatible."""

    def __init__(
        self, world: World, names: str, compatible: Sequence[str], pairs: Sequence[str] = (), later: str = ""
    ) -> None:
        self.world = world
        self.members = {name: world.member(name) for name in names}
        blocks = (two for two in combinations(names, 2) if not {"".join(two), "".join(two[::-1])} & set(compatible))
        world.relate(((self.members[one], self.members[other]) for one, other in blocks), blocked=True)
        for name in [*"".join(pairs), *sorted(set(names) - set("".join(pairs) + later))]:
            world.book(self.members[name], NINE)
        assert self.pairs() == sorted(pairs)
        world.now = NINE.start - WINDOW

    def pairs(self) -> list[str]:
        """Return the pairs of letters, each in alphabetical order."""
        states = {name: self.world.state(member, NINE) for name, member in self.members.items()}
        return sorted({"".join(sorted((name, other))) for name, (_, other) in states.items() if other})

    def moved(self) -> str:
        """Return the letters of the members whose random match was moved."""
        held = {name: self.world.day(member, NINE).holding(NINE) for name, member in self.members.items()}
        return "".join(name for name, booking in held.items() if booking and booking.moved)

    def member(self, name: str) -> Profile:
        """Return the member of that letter."""
        return self.members[name]


def path(world: World) -> NamedMembers:
    """Return two waiting members who can only be paired if the pair between them is broken."""
    return NamedMembers(world, "abcd", ["ab", "bc", "cd"], ["bc"])


def test_r21_a_random_pair_is_broken_to_gain_one(world: World) -> None:
    slot = path(world)
    assert finalize(world.context) == 1
    assert (slot.pairs(), slot.moved()) == (["ab", "cd"], "bc")
    world.check()
    session = world.seen(slot.member("b"), NINE)
    assert session is not None
    assert (session["state"], session["lastChange"]["kind"]) == ("matched", "matched")


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r21_no_pair_is_broken_before_the_window_or_by_the_sweep(world: World) -> None:
    slot = path(world)
    sweep(world.context)
    world.now -= timedelta(seconds=1)
    finalize(world.context)
    assert slot.pairs() == ["bc"]


def test_r22_a_match_is_not_moved_after_the_cut_off(world: World) -> None:
    slot = path(world)
    world.now = NINE.start - MOVE_CUTOFF
    assert finalize(world.context) == 0
    assert slot.pairs() == ["bc"]
    world.now -= timedelta(microseconds=1)
    assert finalize(world.context) == 1


def test_r21_no_pair_is_broken_without_a_gain(world: World) -> None:
    slot = NamedMembers(world, "abcd", ["ab", "bc", "ac"], ["bc"])
    assert finalize(world.context) == 0
    assert (slot.pairs(), slot.moved()) == (["bc"], "")


def test_r1_a_locked_in_pair_is_never_broken_to_gain_one(world: World) -> None:
    slot = path(world)
    world.now -= timedelta(hours=1)
    world.favorite(slot.member("b"), slot.member("c"))
    world.lock(slot.member("b"), slot.member("c"), NINE)
    world.now = NINE.start - WINDOW
    assert finalize(world.context) == 0
    assert slot.pairs() == ["bc"]


def test_r21_a_booking_is_moved_once(world: World) -> None:
    """Moving b and c pairs a and d. Later e and f could only be paired if b and c were moved again."""
    slot = NamedMembers(world, "abcdef", ["ab", "bc", "cd", "ea", "bf"], ["bc"], later="ef")
    assert finalize(world.context) == 1
    assert slot.pairs() == ["ab", "cd"]
    for name in "ef":
        world.book(slot.member(name), NINE)
    world.after(minutes=1)
    assert finalize(world.context) == 0
    assert (slot.pairs(), slot.moved()) == (["ab", "cd"], "bc")


def test_r21_all_members_are_paired_where_a_greedy_matching_leaves_two_out(world: World) -> None:
    """The first bookings took the partners that others need, so every pair is broken."""
    slot = NamedMembers(world, "abcdef", ["ab", "bc", "cd", "de", "ef"], ["bc", "de"])
    assert finalize(world.context) == 1
    assert (slot.pairs(), slot.moved()) == (["ab", "cd", "ef"], "bcde")


def test_r19_two_concurrent_runs_and_the_next_have_the_result_of_one(world: World) -> None:
    slot = NamedMembers(world, "abcdefgh", ["ab", "bc", "cd", "ef", "fg", "gh"], ["bc", "fg"])
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
def test_r19_the_next_run_completes_a_run_that_was_killed_halfway(world: World, faults: FaultProxy) -> None:
    survived, done = 0, False
    while not done:
        world.clear()
        world.now = at(0).start
        slot = NamedMembers(world, "abcdefgh", ["ab", "bc", "cd", "ef", "fg", "gh"], ["bc", "fg"])
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


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("lost", [2, 4])  # The client repeats a request, and the service an attempt.
def test_r21_a_step_whose_response_was_lost_is_committed_once(world: World, faults: FaultProxy, lost: int) -> None:
    slot = path(world)
    faults.plan[:] = [Fault.LOSE_RESPONSE] * lost
    assert finalize(world.context) == 1
    faults.plan.clear()
    assert (slot.pairs(), slot.moved()) == (["ab", "cd"], "bc")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("meanwhile", ["cancels", "is blocked", "is locked in"])
def test_r21_a_step_is_checked_again_after_a_change_since_the_plan(
    world: World, faults: FaultProxy, meanwhile: str
) -> None:
    """The change comes after the plan, before the step's days are read or its transaction arrives."""
    slot = path(world)
    slot.world.favorite(slot.member("b"), slot.member("c"))
    faults.hold_next()
    run = threading.Thread(target=lambda: finalize(world.context))
    run.start()
    assert faults.held.wait(60)
    if meanwhile == "cancels":
        world.cancel(slot.member("a"), world.seen(slot.member("a"), NINE))
    elif meanwhile == "is blocked":
        world.say(slot.member("a"), RelationKind.BLOCK, slot.member("b"))
    else:
        world.lock(slot.member("b"), slot.member("c"), NINE)
    faults.release_held()
    run.join()
    world.check()
    assert slot.pairs() == ["bc"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("lost", [4, 5, 6])
def test_r19_a_slot_with_too_many_conflicts_is_left_to_the_next_run(
    world: World, faults: FaultProxy, lost: int
) -> None:
    """A step has a number of attempts in each round of a run."""
    slot = path(world)
    faults.plan[:] = [Fault.CONFLICT] * (ATTEMPTS * ROUNDS - 5 + lost)
    assert finalize(world.context) == (1 if lost < 5 else 0)
    faults.plan.clear()
    finalize(world.context)
    assert slot.pairs() == ["ab", "cd"]


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r19_a_slot_that_cannot_be_read_does_not_stop_the_others(world: World, faults: FaultProxy) -> None:
    """The first query fails, that of the first slot or that of today's queues."""
    for slot in (at(1, minutes=25), at(1, minutes=75), at(25)):
        ada, ben = world.members("Ada", "Ben")
        world.say(ada, RelationKind.BLOCK, ben)
        for member in (ada, ben):
            world.book(member, slot)
        world.take_back(ada, RelationKind.BLOCK, ben)
    # No session that has begun can have a second chance.
    world.now = NINE.start - timedelta(minutes=4)
    faults.meets = "Query"
    faults.plan[:] = [Fault.LOSE_REQUEST] * 2
    assert finalize(world.context) == 1
    faults.plan[:] = [Fault.LOSE_REQUEST] * 2
    gained = sweep(world.context)
    assert not faults.plan
    assert gained in (1, 2)
    assert gained + sweep(world.context) == 2
    world.check()


def slow(world: World, step: timedelta) -> Context:
    """Return the deployment with a clock that advances by a step at each read."""
    clock_reads = count()
    return replace(world.context, clock=lambda: world.now + next(clock_reads) * step)


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r19_sweeps_that_never_reach_their_end_visit_every_date(world: World) -> None:
    """Two members wait far ahead, and a sweep has time for a few dates only."""
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


@pytest.mark.long  # Waits for 14 lost requests.
def test_r19_a_table_without_responses_does_not_prolong_a_sweep(world: World, faults: FaultProxy) -> None:
    faults.meets = "Query"
    faults.plan[:] = [Fault.LOSE_REQUEST] * 100
    assert sweep(slow(world, timedelta(minutes=1))) == 0
    # Seven shards are queried until eight minutes are over, and every query is sent twice.
    assert len(faults.plan) == 100 - 2 * 7
    faults.plan.clear()


def test_r21_no_step_starts_after_the_time_of_a_run(world: World) -> None:
    slot = path(world)
    assert match_slot(world.context, NINE, world.now, move=True).gained == 0
    # There is time for a plan, but not for its step.
    assert match_slot(slow(world, timedelta(minutes=1)), NINE, world.now + timedelta(minutes=1), move=True).gained == 0
    assert slot.pairs() == ["bc"]
    assert match_slot(world.context, NINE, world.now + timedelta(microseconds=1), move=True).gained == 1


def test_r23_a_run_an_hour_late_changes_nothing(world: World) -> None:
    slot = path(world)
    world.now = NINE.start + timedelta(hours=1)
    world.tick()
    assert slot.pairs() == ["bc"]


@pytest.mark.parametrize("before", [timedelta(minutes=4), timedelta(microseconds=1)])
def test_r22_a_late_run_pairs_waiting_members(world: World, before: timedelta) -> None:
    slot = NamedMembers(world, "ab", [])
    world.take_back(slot.member("a"), RelationKind.BLOCK, slot.member("b"))
    world.now = NINE.start - before
    assert finalize(world.context) == 1
    assert slot.pairs() == ["ab"]
