"""Schedules that Hypothesis draws and shrinks."""

from dataclasses import replace
from itertools import combinations, islice
from random import Random

from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from infra.simulation.faults import RequestFault
from infra.simulation.interleaved_client import PlannedFault
from tests.simulation.engine.simulation_run import InitialState, SimulationRun
from tests.simulation.scenarios.operation_pairs import OPERATIONS, runs_in_every_order
from tests.simulation.scenarios.schedules import Schedule, run_schedule

MAX_OPERATIONS = 3
MAX_TURNS = 24
# The limit of orders for fewer operations.
MAX_ORDERS = 200
_TRIES = settings(max_examples=2_000, database=None, deadline=None)
# One in 100 draws leaves an operation or fault out, and three more in 100 change the order. So the first examples
# resemble the whole schedule. Smaller draws, which Hypothesis counts as simpler, give smaller schedules.
_MUCH = 99
_OTHERS = 3


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Return a strategy for schedules of a few operations.

    Simpler ones have fewer operations, fewer changes of the actor and fewer faults.
    """
    operations = tuple(draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=MAX_OPERATIONS)))
    turns = tuple(draw(st.lists(st.integers(0, MAX_OPERATIONS - 1), max_size=MAX_TURNS)))
    requests = st.tuples(st.integers(0, len(operations) - 1), st.sampled_from((-1, -2, *range(1, 9))))
    faults = st.builds(PlannedFault, st.sampled_from(RequestFault), st.integers(0, 7), st.integers(1, 4))
    plan = draw(st.dictionaries(requests, faults, max_size=2))
    clocks = draw(st.just(()) | st.tuples(*(st.integers(-60, 60) for _ in operations)))
    return Schedule(operations, turns, plan, clocks, stream=draw(st.sampled_from((True, False))))


@st.composite
def reductions_of(draw: st.DrawFn, whole: Schedule) -> Schedule:
    """Return a strategy for parts of a schedule."""
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


def schedule_of(run: SimulationRun) -> Schedule:
    """Return the schedule that leads to the same trace."""
    scenario = run.scenario
    clocks = tuple(round(clock.total_seconds()) for clock in scenario.clocks)
    milliseconds = round(1000 * scenario.step.total_seconds())
    return Schedule(scenario.operations, tuple(run.turns), dict(scenario.plan), clocks, milliseconds, scenario.stream)


def simplest(initial_state: InitialState, strategy: st.SearchStrategy[Schedule]) -> SimulationRun | None:
    """Return the simplest run with a violation that Hypothesis finds, or None. The result is deterministic."""

    def is_wrong(schedule: Schedule) -> bool:
        return run_schedule(initial_state, schedule).violation is not None

    try:
        return run_schedule(initial_state, find(strategy, is_wrong, settings=_TRIES, random=Random(0)))
    except NoSuchExample:
        return None


def with_fewest_operations(run: SimulationRun) -> SimulationRun:
    """Return a run with a violation and fewer operations, or the same run if all are needed."""
    scenario = run.scenario
    for number in range(1, len(scenario.operations)):
        for kept in combinations(range(len(scenario.operations)), number):
            less = replace(
                scenario,
                operations=tuple(scenario.operations[actor] for actor in kept),
                plan={(kept.index(actor), at): one for (actor, at), one in scenario.plan.items() if actor in kept},
                clocks=tuple(scenario.clocks[actor] for actor in kept if scenario.clocks),
            )
            found = (one for one in islice(runs_in_every_order(run.initial_state, less), MAX_ORDERS) if one.violation)
            if one := next(found, None):
                return one
    return run


def shrink(run: SimulationRun) -> SimulationRun:
    """Return the smallest run with a violation that is found, or the same run."""
    few = with_fewest_operations(run)
    return simplest(few.initial_state, reductions_of(schedule_of(few))) or few
