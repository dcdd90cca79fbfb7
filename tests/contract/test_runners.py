"""Runners in processes of their own: ready at once, and apart from each other."""

from functools import partial

import pytest

from tests.contract.client import Runner, at_once
from tests.contract.shapes import check_problem
from tests.contract.slots import Slot

# Starts runners of its own.
pytestmark = pytest.mark.long


def test_the_first_calls_after_a_start_may_come_all_at_once() -> None:
    with Runner(patient=False) as runner:
        clients = at_once([partial(runner.sign_in, f"Member {number}") for number in range(16)])
        assert len({client.user_id for client in clients}) == 16


def test_two_runners_on_different_ports_share_nothing(api: Runner, lab: Runner) -> None:
    here, there = api.sign_in("Ada"), lab.sign_in("Ben")
    check_problem(here.on(lab).get("/v1/me"), 401, "unauthenticated")
    check_problem(there.on(api).get("/v1/me"), 401, "unauthenticated")
    check_problem(here.get(f"/v1/users/{there.user_id}"), 404, "not_found", ...)
    check_problem(there.get(f"/v1/users/{here.user_id}"), 404, "not_found", ...)
    slot = api.slots.far()
    same = Slot(slot.after(minutes=30))
    here.book(same)
    there.book(same)
    api.tick()
    lab.tick()
    assert [here.in_slot(same)["state"], there.in_slot(same)["state"]] == ["waiting"] * 2
