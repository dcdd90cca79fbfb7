"""Reports, members and the log as staff see them (R47)."""

from typing import Any

import msgspec
from msgspec.structs import replace

from chalicelib.domain.model.member import Tombstone
from chalicelib.domain.model.report import ListedReport, ReportReason
from chalicelib.domain.model.staff_line import StaffAct, StaffLine
from chalicelib.domain.model.suspension import Suspension
from chalicelib.handlers.http.responses import staff_serializers
from chalicelib.services.staff.report_list import ReportView
from tests.harness import MONDAY, World, at

STORED = ListedReport(
    report_id="one",
    reported_at=MONDAY,
    reported_id="b" * 24,
    reason=ReportReason.BEHAVIOUR,
    booking_id="20260302-one",
    slot=at(1),
    text="Shouted",
    reporter_id="a" * 24,
)
SUSPENSION = Suspension(MONDAY, "Rude", "s" * 24)


def shown(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return found


def test_r47_a_report_has_the_ids_times_and_present_names_of_both(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    view = ReportView(replace(STORED, reporter_id=ada.member_id, reported_id=ben.member_id), ada, ben)
    assert shown(staff_serializers.report(view)) == {
        "reportId": "one",
        "reportedAt": "2026-03-02T08:00:00+00:00",
        "reason": "behaviour",
        "text": "Shouted",
        "sessionId": "20260302-one",
        "startTime": "2026-03-02T09:00:00+00:00",
        "duration": 3000000,
        "reporter": {"userId": ada.member_id, "name": "Ada"},
        "reported": {"userId": ben.member_id, "name": "Ben", "suspended": False},
    }
    suspended = replace(view, reported=replace(ben, suspension=SUSPENSION))
    assert shown(staff_serializers.report(suspended))["reported"]["suspended"] is True


def test_r33_deleted_members_have_no_name_in_a_report(world: World) -> None:
    ada = world.member("Ada")
    gone = Tombstone("b" * 24, MONDAY, "revision", suspension=SUSPENSION)
    report = shown(staff_serializers.report(ReportView(replace(STORED, reporter_id=None), ada, gone)))
    assert report["reporter"] is None
    assert report["reported"] == {"userId": "b" * 24, "name": "Former member", "suspended": True}
    unknown = shown(staff_serializers.report(ReportView(STORED, None, None)))
    assert unknown["reporter"] == {"userId": "a" * 24, "name": "Former member"}
    assert unknown["reported"] == {"userId": "b" * 24, "name": "Former member", "suspended": False}


def test_r47_a_found_member_has_the_suspension_with_its_reason(world: World) -> None:
    ada = world.member("Ada")
    expected = {
        "userId": ada.member_id,
        "name": "Ada",
        "photoUrl": None,
        "memberSince": "2026-03-02T08:00:00+00:00",
        "suspension": None,
    }
    suspension = {"at": "2026-03-02T08:00:00+00:00", "reason": "Rude", "byUserId": "s" * 24}
    assert shown(staff_serializers.found_member(ada)) == expected
    found = shown(staff_serializers.found_member(replace(ada, suspension=SUSPENSION)))
    assert found == {**expected, "suspension": suspension}
    gone = shown(staff_serializers.found_member(Tombstone("b" * 24, MONDAY, "revision", suspension=SUSPENSION)))
    assert (gone["userId"], gone["name"], gone["suspension"]) == ("b" * 24, "Former member", suspension)


def test_r47_a_line_of_the_log_has_ids_and_the_reason() -> None:
    line = StaffLine(line_id="one", at=MONDAY, act=StaffAct.SUSPENDED, by="s" * 24, user_id="a" * 24, reason="Rude")
    assert shown(staff_serializers.act(line)) == {
        "lineId": "one",
        "at": "2026-03-02T08:00:00+00:00",
        "act": "suspended",
        "byUserId": "s" * 24,
        "userId": "a" * 24,
        "reason": "Rude",
    }
