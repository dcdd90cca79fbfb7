"""Any two operations at once, in every order: nothing is ever wrong, and in the end nobody is left (R1, R3, R19)."""

from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from tests.simulation.engine.operation_replay import recalling
from tests.simulation.engine.play import stage_set
from tests.simulation.reporting.failure_report import story
from tests.simulation.scenarios.initial_states import SCENES, scene
from tests.simulation.scenarios.operation_pairs import at_once, every_play, pairs, places
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import Draft, played


@pytest.fixture(scope="module", autouse=True)
def _stage() -> Iterator[None]:
    with stage_set(), recalling():
        yield


# A share of the pairs, each in one of the scenes, in so many orders: `make simulate` plays all of them in all.
MOST_ORDERS = 40
PAIRS = [(*two, where) for two, where in zip(pairs()[::9], cycle(SCENES), strict=False)]


@pytest.mark.parametrize(("one", "other", "where"), PAIRS, ids=lambda named: str(named))
def test_two_operations_at_once_do_no_harm(one: Operation, other: Operation, where: str) -> None:
    for play in islice(every_play(scene(where), at_once(one, other)), MOST_ORDERS):
        assert play.violation is None, story(play)


def test_a_campaign_begins_with_every_pair_where_both_have_something_to_do() -> None:
    idle = set()
    for one, other in pairs():
        where = places(one, other)
        assert sorted(where) == sorted(SCENES)
        if not all(_sends(operation, where[0]) for operation in (one, other)):
            idle.add((one.verb, other.verb))
    # Where there is a key, Ben has booked nothing, no slot is about to be finalized and the stream has come; and what
    # the stream does because of a deletion begins with it.
    alone = {(key, other) for key in (Verb.CALL, Verb.REVOKE_KEY) for other in (Verb.DELIVER, Verb.FINALIZE)}
    assert idle == alone | {(Verb.CANCEL, Verb.CALL), (Verb.CANCEL, Verb.REVOKE_KEY), (Verb.DELETE, Verb.DELIVER)}


def _sends(operation: Operation, where: str) -> bool:
    return any(one.actor == 0 for one in played(scene(where), Draft((operation,))).sent)
