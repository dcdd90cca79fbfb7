"""Search for a schedule in which something is wrong: the likeliest first, a seeded multitude of others after."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count, islice, permutations, product
from random import Random

from infra.simulation.faults import WRITING, Fault, conditioned
from infra.simulation.interleaved_client import Planned
from infra.simulation.interleaver import Lead, Task
from tests.simulation.engine.memoization import Memory, remembering_in
from tests.simulation.engine.play import Play, Rewrite, Script
from tests.simulation.mutants.condition_mutants import Span, increments, noted
from tests.simulation.oracles.liveness import come_to_rest
from tests.simulation.scenarios.initial_states import PRELUDES, SPECIAL, scene
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import drawn, played

Course = tuple[Operation, ...]

MOST_SCHEDULES = 10_000
SCENES = (*PRELUDES, *SPECIAL)
OPERATIONS = (
    Operation(Verb.BOOK, "Ada"),
    Operation(Verb.BOOK, "Ben"),
    Operation(Verb.BOOK, "Cy"),
    Operation(Verb.BOOK, "Dee"),
    Operation(Verb.BOOK, "Eve"),
    Operation(Verb.BOOK, "Fay"),
    Operation(Verb.BOOK, "Eve", manner="favorites"),
    Operation(Verb.BOOK, "Fay", manner="favorites"),
    Operation(Verb.BOOK, "Dee", slot="half past nine"),
    Operation(Verb.BOOK, "Dee", slot="midnight"),
    Operation(Verb.BOOK, "Dee", slot="after midnight"),
    Operation(Verb.BOOK, "Cy", slot="half past nine", replaces=True),
    Operation(Verb.BOOK, "Cy", slot="midnight", replaces=True),
    Operation(Verb.BOOK, "Ada", manner="a key"),
    Operation(Verb.BOOK, "Ada", slot="after midnight", manner="a key"),
    Operation(Verb.BOOK, "Dee", manner="a key"),
    Operation(Verb.LOCK, "Ada", "Ben"),
    Operation(Verb.LOCK, "Ada", "Cy"),
    Operation(Verb.LOCK, "Cy", "Ada"),
    Operation(Verb.LOCK, "Cy", "Dee"),
    Operation(Verb.LOCK, "Dee", "Ada"),
    Operation(Verb.LOCK, "Dee", "Ben"),
    Operation(Verb.ACCEPT, "Cy", "Ada"),
    Operation(Verb.ACCEPT, "Cy", "Ada", manner="a key"),
    Operation(Verb.ACCEPT, "Dee", "Ada"),
    Operation(Verb.ACCEPT, "Dee", "Ada", slot="after midnight"),
    Operation(Verb.ACCEPT, "Dee", "Ben"),
    Operation(Verb.CANCEL, "Ada"),
    Operation(Verb.CANCEL, "Ben"),
    Operation(Verb.CANCEL, "Cy"),
    Operation(Verb.CANCEL, "Ada", slot="midnight"),
    Operation(Verb.BLOCK, "Ada", "Ben"),
    Operation(Verb.BLOCK, "Ada", "Cy"),
    Operation(Verb.BLOCK, "Dee", "Ada"),
    Operation(Verb.UNBLOCK, "Ada", "Ben"),
    Operation(Verb.UNBLOCK, "Ada", "Cy"),
    Operation(Verb.SNOOZE, "Ada", "Cy"),
    Operation(Verb.SNOOZE, "Eve", "Ada"),
    Operation(Verb.FAVORITE, "Ada", "Dee"),
    Operation(Verb.FAVORITE, "Eve", "Ada"),
    Operation(Verb.UNFAVORITE, "Ada", "Cy"),
    Operation(Verb.SET, "Ada", manner="available to no one"),
    Operation(Verb.SET, "Ada", manner="the same gender"),
    Operation(Verb.SET, "Eve", manner="available to favorites"),
    Operation(Verb.EDIT, "Ada"),
    Operation(Verb.INVITE, "Ada", manner="1"),
    Operation(Verb.INVITE, "Ben", manner="1"),
    Operation(Verb.REVOKE, "Ada"),
    Operation(Verb.MAKE_KEY, "Ada"),
    Operation(Verb.CALL, "Ada"),
    Operation(Verb.REVOKE_KEY, "Ada"),
    Operation(Verb.DELETE, "Ada"),
    Operation(Verb.DELETE, "Eve"),
    Operation(Verb.RETURN, "Ada"),
    Operation(Verb.RETURN, "Eve"),
    Operation(Verb.LOOK, "Ada", "Cy"),
    Operation(Verb.DELIVER),
    Operation(Verb.FINALIZE),
    Operation(Verb.SWEEP),
    Operation(Verb.CHORES),
)
# What comes in between: nothing, any one operation, or some that people do one after the other.
COURSES: tuple[Course, ...] = (
    (),
    *((operation,) for operation in OPERATIONS),
    (Operation(Verb.RETURN, "Ada"), Operation(Verb.FAVORITE, "Ada", "Dee")),
    (Operation(Verb.RETURN, "Ada"), Operation(Verb.BOOK, "Ada")),
    (Operation(Verb.RETURN, "Eve"), Operation(Verb.SET, "Eve", manner="available to favorites")),
    (Operation(Verb.CANCEL, "Ada"), Operation(Verb.BOOK, "Ada")),
    (Operation(Verb.LOCK, "Ada", "Cy"), Operation(Verb.SNOOZE, "Ada", "Cy")),
    *(tuple(Operation(Verb.BOOK, who) for who in two) for two in permutations(("Ben", "Dee", "Eve", "Fay"), 2)),
)
# The client library sends everything twice, and the commit once more.
EVERY_SENDING = 4
Plan = Mapping[tuple[int, int], Planned]
LATE = Planned(Fault.LATE, times=EVERY_SENDING)
NO_ANSWER = Planned(Fault.ANSWER_LOST, times=EVERY_SENDING)
NEVER_ANSWERED = Planned(Fault.LATE, times=100)
IN_PARTS = Planned(Fault.SHORT)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many requests somebody has sent, how many of them wrote, and whether the next does."""

    sent: int = 0
    written: int = 0
    writes: bool = False

    def then(self) -> "Progress":
        """Once the next is sent."""
        return Progress(self.sent + 1, self.written + self.writes)


Until = Callable[[Progress], bool]


def about_to_write(progress: Progress) -> bool:
    """Everything is read, and nothing is written."""
    return progress.writes


def about_to_write_again(progress: Progress) -> bool:
    """The first write has failed, or there are several."""
    return progress.writes and progress.written > 0


def about_to_read_again(progress: Progress) -> bool:
    """What became of the first write is not known, or there is more to do."""
    return not progress.writes and progress.written > 0


def at_the_end(_: Progress) -> bool:
    """Nothing is left to send."""
    return False


def about_to_send(number: int) -> Until:
    """So many requests but one are sent."""
    return lambda progress: progress.sent == number - 1


@dataclass(frozen=True, slots=True)
class Manner:
    """When the first of some operations is interrupted by the others, in words and in fact, and what goes wrong."""

    words: str
    until: Until
    plan: Plan = field(default_factory=dict)


MANNERS = (
    Manner("it is about to write", about_to_write),
    Manner("it has ended", at_the_end),
    Manner("it has given up, and whatever it wrote comes late", at_the_end, {(0, -1): NEVER_ANSWERED}),
    Manner("it has written, got no answer and looks again", about_to_read_again, {(0, -1): NO_ANSWER}),
    *(
        Manner(f"its request {number} was answered in part", about_to_send(number + 1), {(0, number): IN_PARTS})
        for number in range(1, 3)
    ),
    *(Manner(f"it is about to send its request {number}", about_to_send(number)) for number in range(2, 8)),
    *(
        Manner(f"it has ended, and its write {number} comes late", at_the_end, {(0, -number): LATE})
        for number in range(1, 5)
    ),
    Manner("it is about to write again", about_to_write_again),
)


@dataclass(frozen=True)
class Schedule:
    """Operations, and an order for them: the first goes on until its manner says, then come the others in turn."""

    scene: str
    operations: tuple[Operation, ...]
    manner: Manner = MANNERS[0]

    def __str__(self) -> str:
        first, *others = map(str, self.operations)
        when = f"; when {self.manner.words}: {', then '.join(others)}" if others else ""
        alone = f"; {self.manner.words}" if self.manner.plan and not others else ""
        return f"{first}{when}{alone}"

    def play(self, rewrite: Rewrite | None = None) -> Play:
        """Play it, and bring it to rest."""
        play = Play(scene(self.scene), Script(self.operations, self.manner.plan), rewrite)
        play.run(self._lead())
        come_to_rest(play)
        return play

    def _lead(self) -> Lead:
        progress, interrupted = Progress(), False

        def choose(tasks: Sequence[Task], _last: Task | None) -> Task:
            nonlocal progress, interrupted
            first, others = tasks[0], [task for task in tasks if task.actor != 0]
            if first.actor != 0:
                return first
            progress = replace(progress, writes=first.pending is not None and first.pending[0] == WRITING)
            interrupted = interrupted or self.manner.until(progress)
            if interrupted and others:
                return others[0]
            progress = progress.then()
            return first

        return choose


@dataclass(frozen=True)
class Drawn:
    """Any play that begins with an operation in a scene."""

    scene: str
    first: Operation
    seed: int

    def __str__(self) -> str:
        return f"{self.first}, and whatever is drawn with seed {self.seed}"

    def play(self, rewrite: Rewrite | None = None) -> Play:
        """Play it, and bring it to rest."""
        draft = drawn(Random(f"{self.seed} {self.scene} {self.first}"))
        return played(scene(self.scene), replace(draft, operations=(self.first, *draft.operations[1:])), rewrite)


@dataclass(frozen=True)
class Found:
    """A play in which something is wrong, the last of so many that were played."""

    schedules: int
    schedule: Schedule | Drawn
    play: Play


Start = tuple[str, Operation]
Variant = Callable[[], AbstractContextManager[None]]


def search(
    starts: Sequence[Start],
    *,
    variant: Variant = nullcontext,
    rewrite: Rewrite | None = None,
    only: int | None = None,
) -> Found | None:
    """Play one schedule after the other on a variant of the code, until something is wrong.

    `starts` are the operations, each in its scene, that have to do with what is varied: each schedule begins with one.
    With `only`, none but the schedule of that number is played.
    """
    for name in {name for name, _ in starts}:
        # Prepared by the code as it is.
        scene(name)
    first, last = (1, MOST_SCHEDULES) if only is None else (only, only)
    memory = Memory(dict)
    for number, schedule in islice(enumerate(schedules(starts), 1), first - 1, last):
        with variant(), remembering_in(memory):
            play = schedule.play(rewrite)
        # What is wrong with the code as it is, is no fault of the variant.
        if play.violation and schedule.play().violation is None:
            return Found(number, schedule, play)
    return None


def schedules(starts: Sequence[Start]) -> Iterator[Schedule | Drawn]:
    """Schedules without end, those first in which something comes between what was read and what is written."""
    likely = list(_likelihoods(starts))
    for rank in range(max(least for least, *_ in likely) + len(MANNERS) // _MANNERS_A_RANK + 1):
        for least, name, operations in likely:
            further = max(0, rank - least + 1) * _MANNERS_A_RANK
            for manner in MANNERS[further - _MANNERS_A_RANK : further] if further else ():
                yield Schedule(name, operations, manner)
    rng = Random(len(starts))
    yield from (Drawn(*rng.choice(starts), number) for number in count())


# How many of the manners are tried before what is a little less likely.
_MANNERS_A_RANK = 3


def _likelihoods(starts: Sequence[Start]) -> Iterator[tuple[int, str, tuple[Operation, ...]]]:
    """What may lead to it in which scene, and from which rank on: the likeliest have the lowest."""
    known = frozenset(starts)
    scenes: Counter[Operation] = Counter()
    for name, first in starts:
        concerned = {first.who, first.other}
        for course in COURSES:
            # The likeliest: the same people, operations that have to do with what is varied, and few of them. Whatever
            # people do one after the other may lead to it only together.
            strange = any(concerned.isdisjoint({other.who, other.other}) for other in course)
            remote = len(course) == 1 and (name, course[0]) not in known
            yield scenes[first] // 3 + 2 * strange + 2 * remote + len(course), name, (first, *course)
        scenes[first] += 1


@cache
def touching() -> Mapping[Span, Sequence[Start]]:
    """Which operations send which condition, each in all scenes in which it does so when nobody else does anything.

    Raises AssertionError where a condition is sent that is not found in the source.
    """
    found: defaultdict[Span, list[Start]] = defaultdict(list)
    met: list[Span] = []
    with noted(met.append):
        for name, operation in product(SCENES, OPERATIONS):
            begun = scene(name)
            met.clear()
            play = Play(begun, Script((operation,)))
            play.run(lambda tasks, _: tasks[0])
            sent = sum(len(conditioned(one.request)) for one in play.sent if one.operation == WRITING)
            asked = sum(1 for at in met if at not in increments())
            # One action may carry several.
            assert sent <= asked, f"{operation} sends a condition that is not found in the source"
            for at in dict.fromkeys(met):
                found[at].append((name, operation))
    return found
