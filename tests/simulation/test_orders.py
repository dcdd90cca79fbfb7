"""Every order is played that makes a difference, each once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from math import comb

import pytest

from infra.simulated.stage import Lead, Pending, Stage
from tests.simulation.cast import MORNING
from tests.simulation.orders import every_order


def get(key: str) -> Pending:
    return "GetItem", {"Key": {"PK": {"S": key}, "SK": {"S": ""}}}


def query(pk: str, prefix: str) -> Pending:
    values = {":0": {"S": pk}, ":1": {"S": prefix}}
    condition = "(#0 = :0 AND begins_with (#1, :1))"
    names = {"#0": "PK", "#1": "SK"}
    return "Query", {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def write(*written: str) -> Pending:
    actions = [{"Put": {"Item": {"PK": {"S": key}, "SK": {"S": ""}}}} for key in written]
    return "TransactWriteItems", {"TransactItems": actions}


def played(*actors: Sequence[Pending]) -> list[str]:
    """The orders in which the requests of some actors are played."""

    def play(lead: Lead) -> str:
        stage = Stage(MORNING, timedelta(0), lead)
        order: list[str] = []

        def act(actor: int) -> None:
            for pending in actors[actor]:
                stage.pause(pending)
                order.append(str(actor))

        for actor in range(len(actors)):
            stage.spawn(actor, lambda actor=actor: act(actor))
        stage.run()
        return "".join(order)

    return list(every_order(play))


def test_where_everything_matters_every_order_is_played_once() -> None:
    ours, theirs = [write("a")] * 3, [write("a")] * 4
    orders = played(ours, theirs)
    assert len(orders) == comb(7, 3)
    assert set(orders) == {"".join(order) for order in permutations("0001111")}


@pytest.mark.parametrize(
    ("one", "other", "orders"),
    [
        ([get("a")] * 3, [get("a")] * 3, 1),
        # Whoever watches can tell.
        ([write("a")] * 3, [write("b")] * 3, comb(6, 3)),
        ([write("a")], [get("a")], 2),
        ([write("a")], [get("b")], 1),
        # A write before, between or after.
        ([write("a", "b")], [get("b"), get("b")], 3),
        ([write("a")], [query("a", "")], 2),
        ([write("a")], [query("a", "x")], 1),
    ],
)
def test_of_orders_that_nobody_can_tell_apart_one_is_played(
    one: list[Pending], other: list[Pending], orders: int
) -> None:
    assert len(played(one, other)) == len(played(other, one)) == orders


def test_every_turn_takes_its_time() -> None:
    stage = Stage(MORNING, timedelta(seconds=1), lambda tasks, _: tasks[-1])
    stage.spawn(0, stage.pause)
    stage.run()
    assert stage.now() == MORNING + timedelta(seconds=2)
