"""What is recalled is what would have been done: the same plays, with everything done and with nothing done again."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

import pytest

from tests.simulation.engine.memoization import Memory, remembering_in
from tests.simulation.engine.operation_replay import recalling
from tests.simulation.engine.play import Play
from tests.simulation.mutants.condition_mutants import conditions
from tests.simulation.scenarios.initial_states import SCENES, scene
from tests.simulation.scenarios.operation_pairs import at_once, every_play
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import drawn, played

pytestmark = pytest.mark.usefixtures("stage")
MATCHED = "Ada and Ben are matched, Cy waits"
MISSED = "Ada and Cy wait and have missed each other"
LOCKS = at_once(Operation(Verb.LOCK, "Ada", "Ben"), Operation(Verb.LOCK, "Dee", "Ada", manner="a key"))


THREE = at_once(*LOCKS.operations, Operation(Verb.DELIVER))


def plays() -> Iterator[Play]:
    """Two operations in every order, three in some, and whatever is drawn."""
    yield from every_play(scene(MATCHED), LOCKS)
    yield from islice(every_play(scene(MISSED), THREE), 60)
    for seed in range(40):
        rng = Random(seed)
        yield played(scene(rng.choice(SCENES)), replace(drawn(rng), step_milliseconds=0))


def everything(play: Play) -> Any:
    """What was sent, on the way to rest too, and what came of it."""
    acts = play.acts[: len(play.script.operations)]
    ends = [(repr(act.answer), repr(act.refusal), repr(act.failed), act.began, act.ended) for act in acts]
    return play.trace(), play.violation, ends, play.turns


def test_what_is_recalled_is_what_would_have_been_done() -> None:
    with remembering_in(Memory(dict)):
        done = [everything(play) for play in plays()]
        for _ in range(2):
            with recalling():
                assert [everything(play) for play in plays()] == done


def test_what_is_known_is_not_done_again() -> None:
    with remembering_in(Memory(dict)), recalling():
        first, again = ([act.answer for act in next(every_play(scene(MATCHED), LOCKS)).acts[:2]] for _ in range(2))
    assert first[0]
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_what_is_wrong_is_found_from_memory_too() -> None:
    (removed,) = (one for one in conditions() if one.name == "_put_day: DayItem.version == change.before.version")
    with removed.gone(), remembering_in(Memory(dict)):
        done = [play.violation and str(play.violation) for play in every_play(scene(MATCHED), LOCKS)]
        with recalling():
            for _ in range(2):
                assert [play.violation and str(play.violation) for play in every_play(scene(MATCHED), LOCKS)] == done
    assert any(done)
