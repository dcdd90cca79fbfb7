"""The log of staff, with a line for each act (R47)."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.staff_line import StaffAct, StaffLine
from chalicelib.services.staff.member_search import search_members
from chalicelib.services.staff.report_list import list_reports
from chalicelib.services.staff.staff_log import list_acts, read_log, record_act
from chalicelib.storage.errors import Conflict
from chalicelib.storage.transactions import commit
from chalicelib.version import FORMER_SCHEMA
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World
from tests.staff_acts import SOL, lift, suspend
from tests.table_snapshot import read_whole_table

ACTS: dict[str, Callable[[World], object]] = {
    "suspend": lambda world: suspend(world, world.member("Ada")),
    "lift": lambda world: lift(world, world.member("Ada")),
    "read reports": lambda world: list_reports(world.context, SOL, after=None, limit=None),
    "read the log": lambda world: read_log(world.context, SOL, after=None, limit=None),
    "search members": lambda world: search_members(world.context, SOL, "Ada", after=None, limit=None),
}


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


@pytest.mark.parametrize("act", ACTS)
def test_r47_staff_act_only_once_no_function_of_the_former_release_runs(world: World, act: str) -> None:
    """The former release can read neither the lines nor the job of a suspension, and loses the suspension."""
    world.member("Ben")
    world.context.settings = replace(world.settings, schema=FORMER_SCHEMA)
    stored = set(read_whole_table(world.table))
    with pytest.raises(Busy) as refused:
        ACTS[act](world)
    assert refused.value.retry_after
    added = set(read_whole_table(world.table)) - stored
    assert {key.sk for key in added} <= {"PROFILE"}
    world.context.settings = world.settings
    ACTS[act](world)
    assert len(lines(world)) == (0 if act == "lift" else 1)


def test_r47_each_reading_of_the_log_leaves_a_line_that_only_the_next_one_shows(world: World) -> None:
    def read(after: str | None = None) -> list[tuple[StaffAct, str]]:
        return [(line.act, line.by) for line in read_log(world.context, SOL, after=after, limit=1).items]

    assert read() == []
    world.after(seconds=1)
    assert read() == [(StaffAct.LOG_READ, SOL)]
    world.after(seconds=1)
    page = read_log(world.context, SOL, after=None, limit=1)
    # The further pages of one list have its older lines only.
    assert (read(page.more_after), read(page.more_after)) == ([(StaffAct.LOG_READ, SOL)], [(StaffAct.LOG_READ, SOL)])
    assert [line.act for line in lines(world)] == [StaffAct.LOG_READ] * 5
