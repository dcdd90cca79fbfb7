"""Several local runners, each in its own process and with its own data."""

from functools import partial

import pytest

from tests.contract.client import Runner, at_once
from tests.contract.shapes import check_problem
from tests.contract.slots import SlotStart

# These tests start their own runners.
pytestmark = pytest.mark.long


def test_a_runner_serves_concurrent_sign_ins_right_after_its_start() -> None:
    with Runner(wait_for_demo_members=False) as runner:
        clients = at_once([partial(runner.sign_in, f"Member {number}") for number in range(16)])
        assert len({client.user_id for client in clients}) == 16


def test_two_runners_on_different_ports_share_no_data(api: Runner, controlled: Runner) -> None:
    here, there = api.sign_in("Ada"), controlled.sign_in("Ben")
    check_problem(here.on(controlled).get("/v1/me"), 401, "unauthenticated")
    check_problem(there.on(api).get("/v1/me"), 401, "unauthenticated")
    check_problem(here.get(f"/v1/users/{there.user_id}"), 404, "not_found", ...)
    check_problem(there.get(f"/v1/users/{here.user_id}"), 404, "not_found", ...)
    slot = api.slots.far()
    same = SlotStart(slot.after(minutes=30))
    here.book(same)
    there.book(same)
    api.tick()
    controlled.tick()
    assert [here.in_slot(same)["state"], there.in_slot(same)["state"]] == ["waiting"] * 2
