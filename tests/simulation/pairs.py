"""Every pair of use cases, in every scene and every order."""

from collections.abc import Iterator
from itertools import combinations_with_replacement

from infra.simulated.stage import Lead
from tests.simulation.operations import Operation, Verb
from tests.simulation.orders import every_order
from tests.simulation.play import Play, Rewrite, Scene, Script
from tests.simulation.rest import come_to_rest

OPERATIONS = (
    Operation(Verb.BOOK, "Dee"),
    Operation(Verb.CANCEL, "Ada"),
    Operation(Verb.CANCEL, "Ben"),
    Operation(Verb.LOCK, "Cy", "Ada"),
    Operation(Verb.LOCK, "Ada", "Cy"),
    Operation(Verb.LOCK, "Dee", "Ada"),
    Operation(Verb.BLOCK, "Ada", "Ben"),
    Operation(Verb.BLOCK, "Cy", "Ada"),
    Operation(Verb.DELIVER),
    Operation(Verb.SWEEP),
)


def pairs() -> list[tuple[Operation, Operation]]:
    """Every operation with every one, itself included."""
    return list(combinations_with_replacement(OPERATIONS, 2))


def every_play(scene: Scene, *operations: Operation, rewrite: Rewrite | None = None) -> Iterator[Play]:
    """Operations at once, in every order that makes a difference, each brought to rest."""

    def play(lead: Lead) -> Play:
        begun = Play(scene, Script(operations), lead, rewrite)
        begun.run()
        return begun

    for played in every_order(play):
        come_to_rest(played)
        yield played
