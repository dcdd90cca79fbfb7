"""Attacks by members who look for others in the demand of the calendar (R10, R46)."""

import pytest

from tests.contract.client import Client, Service
from tests.contract.slots import Slots
from tests.contract.test_demand import demand
from tests.contract.test_not_available import FOREVER
from tests.infra.poll import until


def test_r46_a_blocked_member_sees_no_demand_by_the_blocker(
    api: Service, ada: Client, ben: Client, slots: Slots
) -> None:
    """Watch the demand of a slot in which only the member may wait who blocked you."""
    slot, cy, dee = slots.far(), api.sign_in("Cy"), api.sign_in("Dee")
    ada.set_relation("block", ben)
    ada.set_relation("snooze", cy, FOREVER)
    ada.book(slot)
    until(lambda: demand(dee, slot) == "some")
    assert demand(ben, slot) == demand(cy, slot) == "none"


@pytest.mark.long  # It takes more than 1 s.
def test_r46_the_demand_names_no_member_and_no_number(api: Service, slots: Slots) -> None:
    """Book in turn to learn from the calendar how many wait, and who."""
    slot, eve = slots.far(), api.sign_in("Eve")
    waiting = [api.sign_in(f"Member {number}") for number in range(6)]
    for number, member in enumerate(waiting):
        for other in waiting[:number]:
            member.set_relation("block", other)
    seen = []
    for number, member in enumerate(waiting, 1):
        member.book(slot)
        until(lambda expected="many" if number >= 5 else "some": demand(eve, slot) == expected)
        response = eve.get("/v1/calendar", start=slot.text, end=slot.text)
        seen.append(response.json)
        assert not any(one.user_id.encode() in response.data for one in waiting)
    # The answers differ by the word alone.
    assert [seen.index(answer) for answer in seen] == [0, 0, 0, 0, 4, 4]
