"""What can be out of joint though no request fails: clocks, the stream, the schedules."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from tests.simulation.engine.play import Script
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import MANNERS, Draft

CLOCKS = "clocks two minutes apart"
OFF = "the stream is off"
TICK = "a tick in between"
TWICE = "ticks twice and at once"
NO_TICK = "ticks late or missing"
STREAM = {manner: f"the stream comes {manner or 'in order'}" for manner in MANNERS}
DISORDERS = (CLOCKS, OFF, *STREAM.values(), TICK, TWICE, NO_TICK)

TICKING = (Verb.FINALIZE, Verb.CHORES, Verb.SWEEP)
_TICKS = tuple(map(Operation, TICKING))
# Who is in the way of nearly everybody.
_OTHER = Operation(Verb.LOCK, "Cy", "Ada")


def disorders(script: Script) -> Iterator[str]:
    """What is out of joint in a play."""
    if any(script.clocks):
        yield CLOCKS
    if not script.stream:
        yield OFF
    for manner in {operation.manner for operation in script.operations if operation.verb is Verb.DELIVER}:
        yield STREAM[manner]
    ticks = Counter(operation for operation in script.operations if operation in _TICKS)
    yield TWICE if max(ticks.values(), default=0) > 1 else TICK if ticks else NO_TICK


def disordered(operation: Operation, rng: Random) -> Iterator[Draft]:
    """An operation with everything that can be out of joint, one after the other, in an order that is drawn."""

    def drawn(*others: Operation, clocks: tuple[int, ...] = (), stream: bool = True) -> Draft:
        operations = (operation, *others)
        turns = tuple(rng.randrange(len(operations)) for _ in range(8 * len(operations)))
        return Draft(operations, turns, clocks=clocks, stream=stream)

    yield drawn(_OTHER, clocks=(60, -60))
    yield drawn(_OTHER, clocks=(-60, 60))
    yield drawn(_OTHER, stream=False)
    for manner in MANNERS:
        comes = Operation(Verb.DELIVER, manner=manner)
        yield drawn(_OTHER, comes)
        # One after the other: by then there is something to come.
        yield Draft((operation, _OTHER, comes))
    yield drawn(*_TICKS)
    yield drawn(*_TICKS, *_TICKS)
    yield drawn(_OTHER)
