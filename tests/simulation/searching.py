"""Search for a schedule in which something is wrong: the likeliest first, a seeded multitude of others after."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, count, islice, permutations, product
from random import Random

from infra.simulated.faults import WRITING, Fault, conditioned
from infra.simulated.stage import Lead, Task
from infra.simulated.staged_client import Planned
from tests.simulation.conditions import Span, increments, noted
from tests.simulation.operations import Operation, Verb
from tests.simulation.play import Play, Rewrite, Script
from tests.simulation.remembering import Memory, remembering_in
from tests.simulation.rest import come_to_rest
from tests.simulation.scenes import PRELUDES, SPECIAL, scene
from tests.simulation.scripts import drawn, played

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
        play = Play(scene(self.scene), Script(self.operations, self.manner.plan), self._lead(), rewrite)
        play.run()
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
    starts: Sequence[Start], *, variant: Variant = nullcontext, rewrite: Rewrite | None = None, hint: int = 0
) -> Found | None:
    """Play one schedule after the other on a variant of the code, until something is wrong.

    `starts` are the operations, each in its scene, that have to do with what is varied: each schedule begins with one.
    Number `hint` is played before all others.
    """
    for name in {name for name, _ in starts}:
        # Prepared by the code as it is.
        scene(name)
    everything = enumerate(islice(schedules(starts), MOST_SCHEDULES), 1)
    hinted = islice(enumerate(schedules(starts), 1), hint - 1, hint) if hint else ()
    memory = Memory(dict)
    for number, schedule in chain(hinted, everything):
        with variant(), remembering_in(memory):
            play = schedule.play(rewrite)
        # What is wrong with the code as it is, is no fault of the variant.
        if play.violation and schedule.play().violation is None:
            return Found(number, schedule, play)
    return None


def schedules(starts: Sequence[Start]) -> Iterator[Schedule | Drawn]:
    """Schedules without end, those first in which something comes between what was read and what is written."""
    known, ranked = frozenset(starts), defaultdict(list)
    scenes: Counter[Operation] = Counter()
    for name, first in starts:
        concerned = {first.who, first.other}
        for course in COURSES:
            # The likeliest: the same people, operations that all have to do with what is varied, and few of them.
            strange = any(concerned.isdisjoint({other.who, other.other}) for other in course)
            remote = any((name, other) not in known for other in course)
            least = scenes[first] // 3 + 2 * strange + 2 * remote + len(course)
            for number, manner in enumerate(MANNERS):
                ranked[least + number // 3].append((name, (first, *course), manner))
        scenes[first] += 1
    for rank in sorted(ranked):
        yield from (Schedule(name, operations, manner) for name, operations, manner in ranked[rank])
    chance = Random(len(starts))
    yield from (Drawn(*chance.choice(starts), number) for number in count())


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
            play = Play(begun, Script((operation,)), lambda tasks, _: tasks[0])
            play.run()
            sent = sum(len(conditioned(one.request)) for one in play.sent if one.operation == WRITING)
            asked = sum(1 for at in met if at not in increments())
            # One action may carry several.
            assert sent <= asked, f"{operation} sends a condition that is not found in the source"
            for at in dict.fromkeys(met):
                found[at].append((name, operation))
    return found
