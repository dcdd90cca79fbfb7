"""Partial-order reduction runs each order that matters once."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, permutations
from math import comb
from random import Random
from typing import Any

import pytest

from infra.simulation.interleaver import Interleaver, Pending, TaskId
from tests.simulation.engine.partial_order_reduction import access_of, explore_orders
from tests.simulation.scenarios.cast import MORNING


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


class Orders:
    """Actors with their requests, and the order in which these are sent."""

    def __init__(self, actors: Sequence[Sequence[Pending]], order: str = "", *, forks: bool = False) -> None:
        self.order = order
        self.forks = forks
        self._actors = actors

    @property
    def pending(self) -> dict[TaskId, Pending | None]:
        sent = [self.order.count(str(actor)) for actor in range(len(self._actors))]
        return {
            (actor, 0): requests[sent[actor]]
            for actor, requests in enumerate(self._actors)
            if sent[actor] < len(requests)
        }

    def step(self, task_id: TaskId) -> None:
        self.order += str(task_id[0])

    def wake(self) -> None:
        """Do nothing, since this run is never suspended."""

    def end(self) -> None:
        """Do nothing, since no task is left."""

    def fork(self) -> "Orders":
        return Orders(self._actors, self.order, forks=True)


def explored(*actors: Sequence[Pending], forks: bool = False, seed: int = 0) -> list[str]:
    """Return the orders in which the requests of some actors are run."""
    return [one.order for one in explore_orders(lambda: Orders(actors, forks=forks), Random(seed))]


def test_all_orders_of_conflicting_requests_are_run_once() -> None:
    ours, theirs = [write("a")] * 3, [write("a")] * 4
    orders = explored(ours, theirs)
    assert len(orders) == comb(7, 3)
    assert set(orders) == {"".join(order) for order in permutations("0001111")}


@pytest.mark.parametrize(
    ("one", "other", "orders"),
    [
        ([get("a")] * 3, [get("a")] * 3, 1),
        # The oracles see the order of two writes.
        ([write("a")] * 3, [write("b")] * 3, comb(6, 3)),
        ([write("a")], [get("a")], 2),
        ([write("a")], [get("b")], 1),
        # The write comes before, between or after the reads.
        ([write("a", "b")], [get("b"), get("b")], 3),
        ([write("a")], [query("a", "")], 2),
        ([write("a")], [query("a", "x")], 1),
    ],
)
def test_one_of_several_equivalent_orders_is_run(one: list[Pending], other: list[Pending], orders: int) -> None:
    assert len(explored(one, other)) == len(explored(other, one)) == orders


def random_requests(rng: Random) -> list[Pending]:
    """Return a few requests for a few keys."""
    requests = (get("a"), get("b"), query("a", ""), query("b", "x"), write("a"), write("b"), write("a", "b"))
    return [rng.choice(requests) for _ in range(rng.randint(1, 3))]


def equivalence_class(order: str, actors: Sequence[Sequence[Pending]]) -> frozenset[Any]:
    """Return the equivalence class of an order, which is the order of every two conflicting requests."""
    sent = Counter[str]()
    events = []
    for actor in order:
        events.append((actor, sent[actor], access_of(actors[int(actor)][sent[actor]][1])))
        sent[actor] += 1
    return frozenset((one[:2], other[:2]) for one, other in combinations(events, 2) if one[2].conflicts_with(other[2]))


@pytest.mark.parametrize("forks", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_each_equivalence_class_is_run_once(seed: int, forks: bool) -> None:
    rng = Random(seed)
    actors = [random_requests(rng) for _ in range(3)]
    letters = "".join(str(actor) * len(requests) for actor, requests in enumerate(actors))
    every = {equivalence_class("".join(order), actors) for order in set(permutations(letters))}
    found = [equivalence_class(order, actors) for order in explored(*actors, forks=forks, seed=seed)]
    assert len(found) == len(set(found))
    assert set(found) == every


def test_every_turn_takes_one_step_of_time() -> None:
    interleaver = Interleaver(MORNING, timedelta(seconds=1))
    interleaver.spawn(0, interleaver.pause)
    interleaver.run(lambda tasks, _: tasks[-1])
    assert interleaver.now() == MORNING + timedelta(seconds=2)
