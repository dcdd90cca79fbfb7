"""Search for a schedule with a violation, the likeliest ones first and then random ones."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count, islice, permutations, product
from random import Random
from typing import Protocol

from infra.simulation.faults import TRANSACT_WRITE, RequestFault, conditional_positions
from infra.simulation.interleaved_client import PlannedFault
from infra.simulation.interleaver import Task, TaskChooser
from tests.simulation.engine.memoization import MemoTables, memo_scope
from tests.simulation.engine.simulation_run import Rewrite, Scenario, SimulationRun
from tests.simulation.mutants.condition_mutants import Span, increments, observed_conditions
from tests.simulation.oracles.liveness import drain_and_check
from tests.simulation.scenarios.initial_states import PREPARATIONS, SPECIAL_PREPARATIONS, initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import random_schedule, run_schedule

OperationSequence = tuple[ActorOperation, ...]

MAX_SCHEDULES = 10_000
INITIAL_STATES = (*PREPARATIONS, *SPECIAL_PREPARATIONS)
OPERATIONS = (
    ActorOperation(UseCase.BOOK, "Ada"),
    ActorOperation(UseCase.BOOK, "Ben"),
    ActorOperation(UseCase.BOOK, "Cy"),
    ActorOperation(UseCase.BOOK, "Dee"),
    ActorOperation(UseCase.BOOK, "Eve"),
    ActorOperation(UseCase.BOOK, "Fay"),
    ActorOperation(UseCase.BOOK, "Eve", option="favorites"),
    ActorOperation(UseCase.BOOK, "Fay", option="favorites"),
    ActorOperation(UseCase.BOOK, "Dee", slot="half past nine"),
    ActorOperation(UseCase.BOOK, "Dee", slot="midnight"),
    ActorOperation(UseCase.BOOK, "Dee", slot="after midnight"),
    ActorOperation(UseCase.BOOK, "Cy", slot="half past nine", replaces=True),
    ActorOperation(UseCase.BOOK, "Cy", slot="midnight", replaces=True),
    ActorOperation(UseCase.BOOK, "Ada", option="a key"),
    ActorOperation(UseCase.BOOK, "Ada", slot="after midnight", option="a key"),
    ActorOperation(UseCase.BOOK, "Dee", option="a key"),
    ActorOperation(UseCase.LOCK, "Ada", "Ben"),
    ActorOperation(UseCase.LOCK, "Ada", "Cy"),
    ActorOperation(UseCase.LOCK, "Cy", "Ada"),
    ActorOperation(UseCase.LOCK, "Cy", "Dee"),
    ActorOperation(UseCase.LOCK, "Dee", "Ada"),
    ActorOperation(UseCase.LOCK, "Dee", "Ben"),
    ActorOperation(UseCase.ACCEPT, "Cy", "Ada"),
    ActorOperation(UseCase.ACCEPT, "Cy", "Ada", option="a key"),
    ActorOperation(UseCase.ACCEPT, "Dee", "Ada"),
    ActorOperation(UseCase.ACCEPT, "Dee", "Ada", slot="after midnight"),
    ActorOperation(UseCase.ACCEPT, "Dee", "Ben"),
    ActorOperation(UseCase.CANCEL, "Ada"),
    ActorOperation(UseCase.CANCEL, "Ben"),
    ActorOperation(UseCase.CANCEL, "Cy"),
    ActorOperation(UseCase.CANCEL, "Ada", slot="midnight"),
    ActorOperation(UseCase.BLOCK, "Ada", "Ben"),
    ActorOperation(UseCase.BLOCK, "Ada", "Cy"),
    ActorOperation(UseCase.BLOCK, "Dee", "Ada"),
    ActorOperation(UseCase.UNBLOCK, "Ada", "Ben"),
    ActorOperation(UseCase.UNBLOCK, "Ada", "Cy"),
    ActorOperation(UseCase.SNOOZE, "Ada", "Cy"),
    ActorOperation(UseCase.SNOOZE, "Eve", "Ada"),
    ActorOperation(UseCase.SNOOZE, "Dee", "Ada"),
    ActorOperation(UseCase.FAVORITE, "Ada", "Dee"),
    ActorOperation(UseCase.FAVORITE, "Eve", "Ada"),
    ActorOperation(UseCase.UNFAVORITE, "Ada", "Cy"),
    ActorOperation(UseCase.SET, "Ada", option="not available"),
    ActorOperation(UseCase.SET, "Ada", option="the same gender"),
    ActorOperation(UseCase.SET, "Eve", option="available to favorites"),
    ActorOperation(UseCase.EDIT, "Ada"),
    ActorOperation(UseCase.INVITE, "Ada", option="1"),
    ActorOperation(UseCase.INVITE, "Ben", option="1"),
    ActorOperation(UseCase.REVOKE, "Ada"),
    ActorOperation(UseCase.MAKE_KEY, "Ada"),
    ActorOperation(UseCase.CALL, "Ada"),
    ActorOperation(UseCase.REVOKE_KEY, "Ada"),
    ActorOperation(UseCase.DELETE, "Ada"),
    ActorOperation(UseCase.DELETE, "Eve"),
    ActorOperation(UseCase.RETURN, "Ada"),
    ActorOperation(UseCase.RETURN, "Eve"),
    ActorOperation(UseCase.VIEW, "Ada", "Cy"),
    ActorOperation(UseCase.COUNT, "Ben", "Ada"),
    ActorOperation(UseCase.DELIVER),
    ActorOperation(UseCase.FINALIZE),
    ActorOperation(UseCase.SWEEP),
    ActorOperation(UseCase.JOBS),
)
# The operations that interrupt the first one: none, any single one, or a sequence of two.
SEQUENCES: tuple[OperationSequence, ...] = (
    (),
    *((operation,) for operation in OPERATIONS),
    (ActorOperation(UseCase.RETURN, "Ada"), ActorOperation(UseCase.FAVORITE, "Ada", "Dee")),
    (ActorOperation(UseCase.RETURN, "Ada"), ActorOperation(UseCase.FAVORITE, "Ada", "Ben")),
    (ActorOperation(UseCase.RETURN, "Ada"), ActorOperation(UseCase.BOOK, "Ada")),
    (ActorOperation(UseCase.RETURN, "Eve"), ActorOperation(UseCase.SET, "Eve", option="available to favorites")),
    (ActorOperation(UseCase.CANCEL, "Ada"), ActorOperation(UseCase.BOOK, "Ada")),
    (ActorOperation(UseCase.UNFAVORITE, "Dee", "Ada"), ActorOperation(UseCase.UNBLOCK, "Dee", "Ada")),
    (ActorOperation(UseCase.LOCK, "Ada", "Cy"), ActorOperation(UseCase.SNOOZE, "Ada", "Cy")),
    *(tuple(ActorOperation(UseCase.BOOK, who) for who in two) for two in permutations(("Ben", "Dee", "Eve", "Fay"), 2)),
)
# The client library sends each request twice, and the commit is retried once.
EVERY_ATTEMPT = 4
Plan = Mapping[tuple[int, int], PlannedFault]
LATE = PlannedFault(RequestFault.LATE, times=EVERY_ATTEMPT)
NO_RESPONSE = PlannedFault(RequestFault.RESPONSE_LOST, times=EVERY_ATTEMPT)
ENDLESSLY_LATE = PlannedFault(RequestFault.LATE, times=100)
PARTIAL = PlannedFault(RequestFault.PARTIAL)


@dataclass(frozen=True, slots=True)
class Progress:
    """The number of requests and writes of an operation so far, and the kind of its next request."""

    sent: int = 0
    written: int = 0
    writes: bool = False

    def after_next(self) -> "Progress":
        """Return the progress after the next request."""
        return Progress(self.sent + 1, self.written + self.writes)


InterruptionTest = Callable[[Progress], bool]


def about_to_write(progress: Progress) -> bool:
    """Return True after all reads and before the first write."""
    return progress.writes


def about_to_write_again(progress: Progress) -> bool:
    """Return True before a second write."""
    return progress.writes and progress.written > 0


def about_to_read_again(progress: Progress) -> bool:
    """Return True before a read after the first write."""
    return not progress.writes and progress.written > 0


def at_the_end(_: Progress) -> bool:
    """Return False, so that the operation ends first."""
    return False


def about_to_send(number: int) -> InterruptionTest:
    """Return a condition that is true before the request of that number."""
    return lambda progress: progress.sent == number - 1


def about_to_send_write(number: int) -> InterruptionTest:
    """Return a condition that is true before the write of that number."""
    return lambda progress: progress.writes and progress.written == number - 1


@dataclass(frozen=True, slots=True)
class Interruption:
    """The moment at which the first operation is interrupted by the others, and its planned faults.

    With `others_read` the next operation runs to its first write before the first operation begins.
    """

    description: str
    until: InterruptionTest
    plan: Plan = field(default_factory=dict)
    others_read: bool = False


LATE_WRITE = Interruption("it has ended, and its write is applied late", at_the_end, {(0, -1): ENDLESSLY_LATE})
INTERRUPTIONS = (
    Interruption("it is about to write", about_to_write),
    Interruption("it has ended", at_the_end),
    LATE_WRITE,
    Interruption("it has written, got no response and reads again", about_to_read_again, {(0, -1): NO_RESPONSE}),
    *(
        Interruption(f"its request {number} had a partial response", about_to_send(number + 1), {(0, number): PARTIAL})
        for number in range(1, 3)
    ),
    *(Interruption(f"it is about to send its request {number}", about_to_send(number)) for number in range(2, 8)),
    *(
        Interruption(f"it has ended, and its write {number} is applied late", at_the_end, {(0, -number): LATE})
        for number in range(1, 5)
    ),
    Interruption("it is about to write again", about_to_write_again),
)
# Use cases with many writes. What such an operation must not delete can be read before it begins.
LONG_USE_CASES = frozenset({UseCase.DELETE, UseCase.DELIVER, UseCase.JOBS})
RACES = tuple(
    Interruption(
        f"it is about to send its write {number}, and the next one has read before",
        about_to_send_write(number),
        others_read=True,
    )
    # The fourth write of a deletion erases what others said.
    for number in (4, 3, 5, 2, 6, 1, 7)
)


@dataclass(frozen=True)
class InterruptionSchedule:
    """A sequence of operations. The later ones run one after the other while the first is interrupted."""

    initial_state: str
    operations: tuple[ActorOperation, ...]
    interruption: Interruption = INTERRUPTIONS[0]

    def __str__(self) -> str:
        first, *others = map(str, self.operations)
        when = f"; when {self.interruption.description}: {', then '.join(others)}" if others else ""
        alone = f"; {self.interruption.description}" if self.interruption.plan and not others else ""
        return f"{first}{when}{alone}"

    def run(self, rewrite: Rewrite | None = None) -> SimulationRun:
        """Run the schedule, drain it and check it."""
        run = SimulationRun(
            initial_state(self.initial_state), Scenario(self.operations, self.interruption.plan), rewrite
        )
        run.run(self._chooser())
        drain_and_check(run)
        return run

    def _chooser(self) -> TaskChooser:
        progress, interrupted = Progress(), False

        def choose(tasks: Sequence[Task], _last: Task | None) -> Task:
            nonlocal progress, interrupted
            first, others = tasks[0], [task for task in tasks if task.actor != 0]
            if first.actor != 0:
                return first
            if self.interruption.others_read and others and not progress.sent and _reads(others[0]):
                return others[0]
            progress = replace(progress, writes=first.pending is not None and first.pending[0] == TRANSACT_WRITE)
            interrupted = interrupted or self.interruption.until(progress)
            if interrupted and others:
                return others[0]
            progress = progress.after_next()
            return first

        return choose


def _reads(task: Task) -> bool:
    """Return True if the next request of a task is not a write."""
    return task.pending is None or task.pending[0] != TRANSACT_WRITE


@dataclass(frozen=True)
class RandomSchedule:
    """A random schedule that starts with an operation in an initial state."""

    initial_state: str
    first: ActorOperation
    seed: int

    def __str__(self) -> str:
        return f"{self.first}, and a random schedule with seed {self.seed}"

    def run(self, rewrite: Rewrite | None = None) -> SimulationRun:
        """Run the schedule, drain it and check it."""
        schedule = random_schedule(Random(f"{self.seed} {self.initial_state} {self.first}"))
        return run_schedule(
            initial_state(self.initial_state),
            replace(schedule, operations=(self.first, *schedule.operations[1:])),
            rewrite,
        )


@dataclass(frozen=True)
class MutantFinding:
    """The number of the first schedule with a violation, and its run."""

    schedules: int
    schedule: "SearchedSchedule"
    run: SimulationRun


class SearchedSchedule(Protocol):
    """A schedule of a search."""

    @property
    def initial_state(self) -> str:
        """The name of the initial state."""

    def run(self, rewrite: Rewrite | None = None) -> SimulationRun:
        """Run the schedule, drain it and check it."""


Start = tuple[str, ActorOperation]
Mutation = Callable[[], AbstractContextManager[None]]


def search(
    starts: Sequence[Start],
    *,
    mutation: Mutation = nullcontext,
    rewrite: Rewrite | None = None,
    only: int | None = None,
) -> MutantFinding | None:
    """Run one schedule after the other on a mutant until one has a violation, or return None.

    `starts` are the operations that can be affected, with their initial states. Each schedule begins with one of them.
    With `only`, the schedule of that number is the only one.
    """
    return search_schedules(schedules(starts), mutation=mutation, rewrite=rewrite, only=only)


def search_schedules(
    candidates: Iterable[SearchedSchedule],
    *,
    mutation: Mutation = nullcontext,
    rewrite: Rewrite | None = None,
    only: int | None = None,
) -> MutantFinding | None:
    """Run one schedule after the other on a mutant until one has a violation, or return None."""
    first, last = (1, MAX_SCHEDULES) if only is None else (only, only)
    memo_tables = MemoTables(dict)
    for number, schedule in islice(enumerate(candidates, 1), first - 1, last):
        # The initial states are made before the mutation, by the deployed code.
        initial_state(schedule.initial_state)
        with mutation(), memo_scope(memo_tables):
            run = schedule.run(rewrite)
        # A violation of the deployed code is not a finding.
        if run.violation and schedule.run().violation is None:
            return MutantFinding(number, schedule, run)
    return None


def schedules(starts: Sequence[Start]) -> Iterator[InterruptionSchedule | RandomSchedule]:
    """Yield schedules without end, first those with a commit between a read and a write."""
    likely = list(_ranked_sequences(starts))
    for rank in range(max(first_rank for first_rank, *_ in likely) + len(INTERRUPTIONS)):
        for first_rank, name, operations in likely:
            if rank >= first_rank:
                for interruption in _interruptions_of_rank(rank - first_rank, operations[0].use_case):
                    yield InterruptionSchedule(name, operations, interruption)
    rng = Random(len(starts))
    yield from (RandomSchedule(*rng.choice(starts), number) for number in count())


# The numbers of interruptions and of races that are tried before the next rank.
_INTERRUPTIONS_PER_RANK, _RACES_PER_RANK = 3, 1


def _interruptions_of_rank(rank: int, first: UseCase) -> Iterator[Interruption]:
    yield from INTERRUPTIONS[rank * _INTERRUPTIONS_PER_RANK : (rank + 1) * _INTERRUPTIONS_PER_RANK]
    if first in LONG_USE_CASES:
        yield from RACES[rank * _RACES_PER_RANK : (rank + 1) * _RACES_PER_RANK]


def _ranked_sequences(starts: Sequence[Start]) -> Iterator[tuple[int, str, tuple[ActorOperation, ...]]]:
    """Yield sequences of operations with their initial state and the rank at which they start."""
    known = frozenset(starts)
    initial_states: Counter[ActorOperation] = Counter()
    for name, first in starts:
        members = {first.member, first.other}
        for sequence in SEQUENCES:
            # The likeliest sequences are short, of the same members, and of affected operations. A sequence of several
            # operations may need all of them.
            other_members = any(members.isdisjoint({other.member, other.other}) for other in sequence)
            unaffected = len(sequence) == 1 and (name, sequence[0]) not in known
            yield (
                initial_states[first] // 3 + 2 * other_members + 2 * unaffected + len(sequence),
                name,
                (first, *sequence),
            )
        initial_states[first] += 1


@cache
def operations_by_condition() -> Mapping[Span, Sequence[Start]]:
    """Return the operations that send each condition when they run alone, with their initial states.

    Raises AssertionError if an operation sends a condition that is not in the source.
    """
    found: defaultdict[Span, list[Start]] = defaultdict(list)
    sent_conditions: list[Span] = []
    with observed_conditions(sent_conditions.append):
        for name, operation in product(INITIAL_STATES, OPERATIONS):
            start = initial_state(name)
            sent_conditions.clear()
            run = SimulationRun(start, Scenario((operation,)))
            run.run(lambda tasks, _: tasks[0])
            sent = sum(len(conditional_positions(one.request)) for one in run.sent if one.operation == TRANSACT_WRITE)
            observed = sum(1 for at in sent_conditions if at not in increments())
            # One action may have several conditions.
            assert sent <= observed, f"{operation} sends a condition that is not found in the source"
            for at in dict.fromkeys(sent_conditions):
                found[at].append((name, operation))
    return found
