"""The log of staff, with a line for each act (R47)."""

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.staff_line import StaffAct, StaffLine
from chalicelib.services.staff.staff_log import list_acts, record_act
from chalicelib.storage.errors import Conflict
from chalicelib.storage.transactions import commit
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World
from tests.staff_acts import SOL


def lines(world: World) -> list[StaffLine]:
    return list_acts(world.context, after=None, limit=None).items


def test_r47_acts_are_listed_newest_first_across_months_and_pages(world: World) -> None:
    for _ in range(5):
        record_act(world.context, SOL, StaffAct.REPORTS_READ)
        world.after(days=20)
    found = lines(world)
    assert [(line.at - MONDAY).days for line in found] == [80, 60, 40, 20, 0]
    paged, after = [], None
    while True:
        page = list_acts(world.context, after=after, limit=2)
        paged += page.items
        after = page.more_after
        if after is None:
            break
    assert paged == found


def test_r47_a_line_is_never_written_twice(world: World) -> None:
    record_act(world.context, SOL, StaffAct.REPORTS_READ)
    (line,) = lines(world)
    again = WriteSet(documents=(DocumentChange(None, line),))
    try:
        commit(world.table, again, token=world.context.token(26), now=world.now)
    except Conflict:
        assert lines(world) == [line]
    else:
        raise AssertionError("The line was replaced.")


def test_r47_a_lost_response_adds_one_line(world: World, faults: FaultProxy) -> None:
    faults.plan += [Fault.LOSE_RESPONSE] * 2
    record_act(world.context, SOL, StaffAct.MEMBERS_SEARCHED)
    assert len(lines(world)) == 1
