"""The reports as staff read them (R47)."""

from chalicelib.domain.model.report import ReportReason
from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.services.members.reports import ReportRequest, report_partner
from chalicelib.services.staff.report_list import list_reports
from chalicelib.services.staff.staff_log import list_acts
from tests.harness import World, at
from tests.staff_acts import SOL, suspend


def test_r47_reports_are_listed_newest_first_by_pages_and_each_read_leaves_a_line(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for hours in (1, 3, 5):
        world.book(ben, at(hours))
        session = world.book(ada, at(hours))
        report_partner(world.context, ada, ReportRequest(session["sessionId"], ReportReason.OTHER, f"{hours}"))
        world.after(minutes=1)
    suspend(world, ben)
    world.after(minutes=1)
    first = list_reports(world.context, SOL, after=None, limit=2)
    rest = list_reports(world.context, SOL, after=first.more_after, limit=2)
    views = [*first.items, *rest.items]
    assert [view.report.text for view in views] == ["5", "3", "1"]
    assert {view.reporter for view in views} == {ada}
    assert [view.reported is not None and view.reported.suspension is not None for view in views] == [True] * 3
    assert rest.more_after is None
    acts = [line.act for line in list_acts(world.context, after=None, limit=None).items]
    assert acts == [StaffAct.REPORTS_READ, StaffAct.REPORTS_READ, StaffAct.SUSPENDED]
