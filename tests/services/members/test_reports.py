"""Reports of a session's partner (R47)."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import Busy, NotAvailable, NotFound, RateLimited, Suspended
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.report import KEPT, ListedReport, Report, ReportReason
from chalicelib.services.members.reports import ReportRequest, report_partner
from chalicelib.services.rooms.second_chance import ask_again
from chalicelib.services.staff.report_list import list_reports
from chalicelib.storage import erasure_reads, reads
from chalicelib.version import FORMER_SCHEMA
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.staff_acts import SOL, begin_to_suspend
from tests.table_snapshot import read_whole_table

NINE, LATER = at(1), at(3)


def report(
    world: World,
    member: Profile,
    session: dict[str, Any],
    reason: ReportReason = ReportReason.OTHER,
    text: str = "",
    about: Profile | None = None,
) -> Report:
    request = ReportRequest(session["sessionId"], reason, text, about.member_id if about else None)
    return report_partner(world.context, member, request)


def listed(world: World) -> list[ListedReport]:
    return [view.report for view in list_reports(world.context, SOL, after=None, limit=None).items]


def own(world: World, member: Profile) -> list[Report]:
    found = erasure_reads.documents_of(world.table, member.member_id)
    return [document for document in found if isinstance(document, Report)]


def test_r47_a_report_names_the_partner_and_a_second_one_changes_it(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    made = report(world, ada, session, ReportReason.BEHAVIOUR, "Shouted")
    world.after(hours=2)
    changed = report(world, ada, session, ReportReason.NO_SHOW, "Did not come")
    assert (made.report_id, made.reported_id, made.reported_at) == (
        changed.report_id,
        ben.member_id,
        changed.reported_at,
    )
    (found,) = listed(world)
    assert (found.reporter_id, found.reported_id, found.booking_id, found.slot) == (
        ada.member_id,
        ben.member_id,
        session["sessionId"],
        NINE,
    )
    assert (found.reason, found.text) == (ReportReason.NO_SHOW, "Did not come")
    assert (found.reported_at, found.expires) == (MONDAY, MONDAY + KEPT)
    assert len(own(world, ada)) == 1
    world.check()


def test_r47_both_partners_can_report_each_other(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    sessions = {ben: world.book(ben, NINE), ada: world.book(ada, NINE)}
    for member, session in sessions.items():
        report(world, member, session)
    assert {(one.reporter_id, one.reported_id) for one in listed(world)} == {
        (ada.member_id, ben.member_id),
        (ben.member_id, ada.member_id),
    }


@pytest.mark.parametrize("way", ["cancel", "block by the reporter", "block by the other"])
def test_r47_a_session_without_a_partner_reports_who_was_lost_there(world: World, way: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    if way == "cancel":
        world.cancel(ben, world.seen(ben, NINE) or {})
    elif way == "block by the reporter":
        world.say(ada, RelationKind.BLOCK, ben)
    else:
        world.say(ben, RelationKind.BLOCK, ada)
    assert world.state(ada, NINE) == ("waiting", None)
    assert report(world, ada, session).reported_id == ben.member_id


def test_r47_a_current_partner_is_reported_before_a_lost_one(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    world.cancel(ben, world.seen(ben, NINE) or {})
    world.book(cy, NINE)
    assert world.state(ada, NINE) == ("matched", "Cy")
    assert report(world, ada, session).reported_id == cy.member_id
    world.cancel(cy, world.seen(cy, NINE) or {})
    # A further member is another report.
    assert report(world, ada, session).reported_id == cy.member_id
    assert len(listed(world)) == 1


def test_r47_a_session_that_never_had_a_partner_and_that_of_another_member_name_no_one(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    with pytest.raises(NotAvailable):
        report(world, ada, world.book(ada, LATER))
    with pytest.raises(NotFound):
        report(world, ada, world.seen(ben, NINE) or {})
    assert listed(world) == []


def test_r47_an_absent_partner_is_reported_after_a_second_chance(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    missed = world.book(ben, NINE)
    session = world.book(ada, NINE)
    give_up(world, ada, session)
    assert report(world, ada, session, ReportReason.NO_SHOW).reported_id == ben.member_id
    # The member who was left there is the partner of the one who left.
    assert report(world, ben, missed).reported_id == ada.member_id


def test_r47_partners_who_were_lost_before_the_present_one_are_reported_by_id(world: World) -> None:
    ada, ben, cy, dee, eve = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    world.cancel(ben, world.seen(ben, NINE) or {})
    world.book(cy, NINE)
    world.say(ada, RelationKind.BLOCK, cy)
    # Otherwise Dee could be matched with Cy.
    world.cancel(cy, world.seen(cy, NINE) or {})
    world.book(dee, NINE)
    assert [report(world, ada, session, about=one).reported_id for one in (ben, cy, dee)] == [
        ben.member_id,
        cy.member_id,
        dee.member_id,
    ]
    assert report(world, ada, session).reported_id == dee.member_id
    assert len(listed(world)) == 3
    for other in (eve, ada):
        with pytest.raises(NotAvailable):
            report(world, ada, session, about=other)
    give_up(world, ada, session)
    assert report(world, ada, session, about=ben).reported_id == ben.member_id


def test_r47_who_cancels_can_report_the_partner_after_it(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    world.cancel(ada, session)
    again = world.book(ada, NINE)
    assert report(world, ada, session).reported_id == ben.member_id
    # The session that was booked again has lost no partner.
    if again["state"] == "waiting":
        with pytest.raises(NotAvailable):
            report(world, ada, again)


def give_up(world: World, member: Profile, session: dict[str, Any]) -> None:
    """Let a member join, and ask for another partner after 4 minutes."""
    world.now = NINE.start
    world.join(member, session)
    world.after(minutes=4)
    ask_again(world.context, member, session["sessionId"])


def test_r36_the_twenty_first_new_report_of_a_date_is_refused_and_a_change_is_not(world: World) -> None:
    world.allow(reports=2)
    ada, ben = world.members("Ada", "Ben")
    sessions = []
    for hours in (1, 3, 5):
        world.book(ben, at(hours))
        sessions.append(world.book(ada, at(hours)))
    first, second, third = sessions
    report(world, ada, first)
    report(world, ada, second)
    with pytest.raises(RateLimited) as refused:
        report(world, ada, third)
    assert refused.value.retry_after == timedelta(hours=16)
    report(world, ada, first, text="More")
    world.after(days=1)
    report(world, ada, third)
    assert len(listed(world)) == 3


def test_r47_a_lost_response_makes_one_report(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    faults.plan += [Fault.LOSE_RESPONSE] * 2
    report(world, ada, session)
    assert len(listed(world)) == len(own(world, ada)) == 1


def test_r33_the_deletion_of_the_reporter_leaves_the_report_without_the_reporter(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    report(world, ada, world.book(ada, NINE), text="Shouted")
    world.leave(ada)
    world.deliver()
    (found,) = listed(world)
    assert (found.reporter_id, found.reported_id, found.text) == (None, ben.member_id, "Shouted")
    assert own(world, ada) == []
    world.check()


def test_r47_a_report_is_shown_for_a_year(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    report(world, ada, world.book(ada, NINE))
    world.after(days=364)
    assert len(listed(world)) == 1
    world.after(days=1)
    assert listed(world) == []


def test_r47_a_report_changes_no_item_of_the_reported_member(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    before = {key: item for key, item in read_whole_table(world.table).items() if ben.member_id in key.pk}
    report(world, ada, session)
    after = read_whole_table(world.table)
    assert {key: item for key, item in after.items() if ben.member_id in key.pk} == before


def test_r47_a_reporter_who_is_suspended_meanwhile_is_refused(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    begin_to_suspend(world, ada)
    with pytest.raises(Suspended):
        report(world, ada, session)
    assert reads.profile(world.table, ben.member_id) == ben


def test_r47_a_report_waits_until_no_function_of_the_former_release_runs(world: World) -> None:
    """The former release cannot read a report, and so could not erase the account of the reporter."""
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    session = world.book(ada, NINE)
    world.context.settings = replace(world.settings, schema=FORMER_SCHEMA)
    with pytest.raises(Busy):
        report(world, ada, session)
    assert own(world, ada) == []
    world.context.settings = world.settings
    report(world, ada, session)
    assert len(own(world, ada)) == 1
