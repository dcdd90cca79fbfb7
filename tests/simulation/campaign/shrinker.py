"""Plays that Hypothesis draws and shrinks: any at all, or what is left of one in which something is wrong."""

from dataclasses import replace
from itertools import combinations, islice
from random import Random

from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from infra.simulation.faults import Fault
from infra.simulation.interleaved_client import Planned
from tests.simulation.engine.play import Play, Scene
from tests.simulation.scenarios.operation_pairs import OPERATIONS, every_play
from tests.simulation.scenarios.scripts import Draft, played

MOST_OPERATIONS = 3
MOST_TURNS = 24
# In how many orders less is tried.
MOST_ORDERS = 200
_TRIES = settings(max_examples=2_000, database=None, deadline=None)
# Out of so many, one leaves something out and a few let somebody else go on: the first to be tried is much like the
# whole, and what Hypothesis finds simpler is less.
_MUCH = 99
_OTHERS = 3


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Any play of a few: simpler are fewer operations, fewer changes from one to another, fewer faults."""
    operations = tuple(draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=MOST_OPERATIONS)))
    turns = tuple(draw(st.lists(st.integers(0, MOST_OPERATIONS - 1), max_size=MOST_TURNS)))
    requests = st.tuples(st.integers(0, len(operations) - 1), st.sampled_from((-1, -2, *range(1, 9))))
    faults = st.builds(Planned, st.sampled_from(Fault), st.integers(0, 7), st.integers(1, 4))
    plan = draw(st.dictionaries(requests, faults, max_size=2))
    clocks = draw(st.just(()) | st.tuples(*(st.integers(-60, 60) for _ in operations)))
    return Draft(operations, turns, plan, clocks, stream=draw(st.sampled_from((True, False))))


@st.composite
def parts_of(draw: st.DrawFn, whole: Draft) -> Draft:
    """What is left of a draft when some of it is left out."""
    kept = [actor for actor in range(len(whole.operations)) if draw(st.integers(0, _MUCH))]
    plan = {
        (kept.index(actor), request): planned
        for (actor, request), planned in whole.plan.items()
        if draw(st.integers(0, _MUCH)) and actor in kept
    }
    turns = []
    for turn in whole.turns:
        drawn = draw(st.integers(0, _MUCH)) if turn else 0
        turns.append(turn if drawn > _OTHERS else drawn)
    in_time = whole.clocks and not draw(st.integers(0, _MUCH))
    clocks = () if in_time else tuple(whole.clocks[actor] for actor in kept if whole.clocks)
    operations = tuple(whole.operations[actor] for actor in kept)
    return replace(whole, operations=operations, turns=tuple(turns), plan=plan, clocks=clocks)


def draft_of(play: Play) -> Draft:
    """The draft that leads to the same trace, whoever led through the play."""
    script = play.script
    clocks = tuple(round(clock.total_seconds()) for clock in script.clocks)
    milliseconds = round(1000 * script.step.total_seconds())
    return Draft(script.operations, tuple(play.turns), dict(script.plan), clocks, milliseconds, script.stream)


def simplest(scene: Scene, strategy: st.SearchStrategy[Draft]) -> Play | None:
    """The simplest play that Hypothesis finds in which something is wrong, always the same; None if it finds none."""

    def is_wrong(draft: Draft) -> bool:
        return played(scene, draft).violation is not None

    try:
        return played(scene, find(strategy, is_wrong, settings=_TRIES, random=Random(0)))
    except NoSuchExample:
        return None


def fewest(play: Play) -> Play:
    """The first that is wrong with fewer operations, in any order; the play itself where all of them are needed."""
    script = play.script
    for number in range(1, len(script.operations)):
        for kept in combinations(range(len(script.operations)), number):
            less = replace(
                script,
                operations=tuple(script.operations[actor] for actor in kept),
                plan={(kept.index(actor), at): one for (actor, at), one in script.plan.items() if actor in kept},
                clocks=tuple(script.clocks[actor] for actor in kept if script.clocks),
            )
            found = (one for one in islice(every_play(play.scene, less), MOST_ORDERS) if one.violation)
            if one := next(found, None):
                return one
    return play


def shrunk(play: Play) -> Play:
    """What is left of a play in which something is wrong, and still is; the play itself where nothing less will do."""
    few = fewest(play)
    return simplest(few.scene, parts_of(draft_of(few))) or few
