"""Every pair of use cases, in every scene and every order."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations_with_replacement
from random import Random

from tests.simulation.operations import Operation, Verb
from tests.simulation.orders import every_order
from tests.simulation.play import Play, Scene, Script
from tests.simulation.rest import come_to_rest

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
