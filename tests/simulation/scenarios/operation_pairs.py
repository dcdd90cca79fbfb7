"""Every pair of use cases, in every scene and every order."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import combinations_with_replacement
from random import Random

from tests.simulation.engine.partial_order_reduction import every_order
from tests.simulation.engine.play import Play, Scene, Script
from tests.simulation.oracles.liveness import come_to_rest
from tests.simulation.scenarios.initial_states import SCENES, scene
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import Draft, played

# A deletion, and whatever goes on with one, take so many writes that all orders of two of them end only where there is
# little to do.
LONG = {Verb.DELETE, Verb.DELIVER, Verb.CHORES}
LITTLE_TO_DELETE, LITTLE_TO_DO = "nobody has booked", "Ada was about to part from Ben, whom she has blocked"

# Every use case at least once, as those ask for it who are in each other's way.
OPERATIONS = (
    Operation(Verb.BOOK, "Dee"),
    Operation(Verb.BOOK, "Dee", manner="a key"),
    Operation(Verb.BATCH, "Dee"),
    Operation(Verb.CANCEL, "Ada"),
    Operation(Verb.CANCEL, "Ben"),
    Operation(Verb.LOCK, "Cy", "Ada"),
    Operation(Verb.LOCK, "Ada", "Cy"),
    Operation(Verb.LOCK, "Ada", "Ben"),
    Operation(Verb.LOCK, "Dee", "Ada", manner="a key"),
    Operation(Verb.LOCK, "Ben", "Dee", replaces=True),
    Operation(Verb.ACCEPT, "Dee", "Ada", manner="another key"),
    Operation(Verb.BLOCK, "Ada", "Ben"),
    Operation(Verb.BLOCK, "Cy", "Ada"),
    Operation(Verb.UNBLOCK, "Ada", "Ben"),
    Operation(Verb.SNOOZE, "Ada", "Cy"),
    Operation(Verb.FAVORITE, "Ada", "Dee"),
    Operation(Verb.UNFAVORITE, "Cy", "Ada"),
    Operation(Verb.SET, "Ada", manner="available to no one"),
    Operation(Verb.EDIT, "Ada"),
    Operation(Verb.INVITE, "Ada", manner="2"),
    Operation(Verb.REVOKE, "Ada"),
    Operation(Verb.DELETE, "Ada"),
    Operation(Verb.RETURN, "Ada"),
    Operation(Verb.MAKE_KEY, "Ada"),
    Operation(Verb.CALL, "Ada"),
    Operation(Verb.REVOKE_KEY, "Ada"),
    Operation(Verb.LOOK, "Cy", "Ada"),
    Operation(Verb.DELIVER),
    Operation(Verb.FINALIZE),
    Operation(Verb.SWEEP),
    Operation(Verb.CHORES),
)


def pairs() -> list[tuple[Operation, Operation]]:
    """Every operation with every one, itself included."""
    return list(combinations_with_replacement(OPERATIONS, 2))


def places(one: Operation, other: Operation) -> tuple[str, ...]:
    """All scenes, beginning with one where both have something to do: for every two another one, as far as can be."""
    at = pairs().index((one, other)) % len(SCENES)
    verbs = {one.verb, other.verb}

    def is_left_for_later(where: str) -> bool:
        if verbs <= LONG:
            return where != (LITTLE_TO_DELETE if Verb.DELETE in verbs else LITTLE_TO_DO)
        return not (_has_to_do(one, where) and _has_to_do(other, where))

    return tuple(sorted(SCENES[at:] + SCENES[:at], key=is_left_for_later))


@cache
def _has_to_do(operation: Operation, where: str) -> bool:
    """Whether an operation sends anything if it is alone."""
    return any(sent.actor == 0 for sent in played(scene(where), Draft((operation,), step_milliseconds=0)).sent)


def at_once(*operations: Operation) -> Script:
    """Operations that take no time."""
    return Script(operations, step=timedelta(0))


def every_play(scene: Scene, script: Script) -> Iterator[Play]:
    """A script in every order that makes a difference, each brought to rest."""

    def begin() -> Play:
        play = Play(scene, script)
        play.begin()
        return play

    for play in every_order(begin, Random(f"{scene.name} {', '.join(map(str, script.operations))}")):
        come_to_rest(play)
        yield play
