"""Reports, suspensions and the log of staff (R47)."""

from typing import Any

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem, is_instant
from tests.contract.slots import Slots


def staff_member(runner: Runner) -> Client:
    signed_in = runner.dev("POST", "/dev/sign-in", {"name": "Sol", "staff": True})
    return Client(runner, "Sol", signed_in["userId"], signed_in["token"])


def suspend(staff: Client, member: Client, reason: str = "Rude in the room") -> None:
    response = staff.put(f"/v1/staff/members/{member.user_id}/suspension", {"reason": reason})
    assert (response.status, response.data) == (204, b"")


def lift(staff: Client, member: Client) -> None:
    response = staff.delete(f"/v1/staff/members/{member.user_id}/suspension")
    assert (response.status, response.data) == (204, b"")


def only_report(staff: Client, reported: Client) -> dict[str, Any]:
    (found,) = [
        report
        for report in staff.get("/v1/staff/reports").json["reports"]
        if report["reported"]["userId"] == reported.user_id
    ]
    return found


def test_r47_staff_see_a_report_suspend_the_member_and_lift_it_again(controlled: Runner) -> None:
    slots = Slots()
    staff = staff_member(controlled)
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    slot = slots.near()
    ben_session = ben.book(slot)["sessionId"]
    mine = ada.book(slot)
    assert mine["state"] == "matched"
    response = ada.post("/v1/reports", {"sessionId": mine["sessionId"], "reason": "behaviour", "text": "Shouted"})
    assert response.status == 202
    report_id = response.json["report"]["reportId"]
    report = only_report(staff, ben)
    assert is_instant(report.pop("reportedAt"))
    assert report == {
        "reportId": report_id,
        "reason": "behaviour",
        "text": "Shouted",
        "sessionId": mine["sessionId"],
        "startTime": slot.text,
        "duration": 3_000_000,
        "reporter": {"userId": ada.user_id, "name": "Ada"},
        "reported": {"userId": ben.user_id, "name": "Ben", "suspended": False},
    }
    assert staff.get("/v1/me").json["user"]["staff"] is True
    assert ada.get("/v1/me").json["user"]["staff"] is False

    suspend(staff, ben)
    for path in ("/v1/me", f"/v1/sessions/{ben_session}", "/v1/calendar"):
        check_problem(ben.get(path), 403, "suspended")
    check_problem(ben.post("/v1/sessions", slots.near().body()), 403, "suspended")
    session = ada.session(mine["sessionId"])
    assert (session["state"], session["lastChange"]["kind"]) == ("waiting", "partner_cancelled")
    assert cy.book(slot)["state"] == "matched"
    (member,) = staff.get("/v1/staff/members", query=ben.user_id).json["members"]
    assert is_instant(member["suspension"].pop("at"))
    assert member["suspension"] == {"reason": "Rude in the room", "byUserId": staff.user_id}

    lift(staff, ben)
    assert ben.get("/v1/me").status == 200
    assert ben.session(ben_session)["state"] == "cancelled"
    assert ben.book(slots.near())["state"] == "waiting"
    lines = staff.get("/v1/staff/log").json["lines"]
    assert [(line["act"], line["userId"], line["reason"]) for line in lines if line["byUserId"] == staff.user_id] == [
        ("lifted", ben.user_id, None),
        ("members_searched", ben.user_id, None),
        ("suspended", ben.user_id, "Rude in the room"),
        ("reports_read", None, None),
    ]
