"""Reports, suspensions and the log of staff (R47)."""

from typing import Any

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem, is_instant


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
    slots = controlled.slots
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


def test_r47_the_routes_of_staff_look_like_unknown_paths(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    unknown = ada.get("/v1/no-such-path")
    for path in ("/v1/staff/log", "/v1/staff/reports", "/v1/staff/members"):
        response = ada.get(path)
        assert response.status == unknown.status == 404
        assert response.without_instance == unknown.without_instance


def test_r47_links_feeds_and_keys_of_a_suspended_member_are_refused_and_work_again_after_it(
    controlled: Runner,
) -> None:
    slots = controlled.slots
    staff = staff_member(controlled)
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    token = ada.post("/v1/invite-links", {}).json["inviteLink"]["url"].rpartition("/")[2]
    feed = ada.request("POST", "/v1/calendar-feeds").json["calendarFeed"]["url"].removeprefix(controlled.base)
    keys = [
        ada.post("/v1/api-keys", {"name": scope, "scope": scope}).json["apiKey"]["key"]
        for scope in ("read", "write", "export")
    ]
    slot = slots.near()
    ada.book(slot)
    suspend(staff, ada)
    guest = {"startTime": slot.text, "duration": 3_000_000}
    check_problem(ben.request("GET", f"/i/{token}"), 403, "suspended")
    check_problem(controlled.request("GET", f"/i/{token}"), 403, "suspended")
    check_problem(ben.post(f"/i/{token}", guest), 403, "suspended")
    check_problem(controlled.request("GET", feed), 403, "suspended")
    page = controlled.request("GET", f"/i/{token}", headers={"Accept": "text/html"})
    assert (page.status, page.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert b"Rude" not in page.data
    for key in keys:
        check_problem(controlled.request("GET", "/v1/me", headers={"X-API-KEY": key}), 403, "suspended")
    lift(staff, ada)
    ada.book(slots.near())
    assert ben.request("GET", f"/i/{token}").status == 200
    assert controlled.request("GET", feed).status == 200
    for key in keys:
        assert controlled.request("GET", "/v1/me", headers={"X-API-KEY": key}).status == 200


def test_r47_a_report_is_refused_in_words_and_limited(controlled: Runner) -> None:
    slots = controlled.slots
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    slot = slots.near()
    ben.book(slot)
    mine, waiting = ada.book(slot)["sessionId"], ada.book(slots.near())["sessionId"]
    for invalid, field in (
        ({"sessionId": mine}, "reason"),
        ({"sessionId": mine, "reason": "rude"}, "reason"),
        ({"reason": "other"}, "sessionId"),
        ({"sessionId": mine, "reason": "other", "text": "x" * 2001}, "text"),
        ({"sessionId": mine, "reason": "other", "text": "\x00"}, "text"),
        ({"sessionId": mine, "reason": "other", "userId": 1}, "userId"),
    ):
        check_problem(ada.post("/v1/reports", invalid), 422, "invalid_request", field)
    check_problem(ada.post("/v1/reports", {"sessionId": waiting, "reason": "other"}), 409, "not_available")
    for stranger in (controlled.sign_in("Cy").user_id, ada.user_id, "unknown"):
        about = {"sessionId": mine, "reason": "other", "userId": stranger}
        check_problem(ada.post("/v1/reports", about), 409, "not_available")
    check_problem(ben.post("/v1/reports", {"sessionId": mine, "reason": "other"}), 404, "not_found")
    report = {"sessionId": mine, "reason": "other", "text": "é" * 2000}
    first = ada.post("/v1/reports", report)
    for same in (report, {**report, "userId": ben.user_id}):
        assert (first.status, first.json) == (202, ada.post("/v1/reports", same).json)
    key = ada.post("/v1/api-keys", {"name": "read", "scope": "read"}).json["apiKey"]["key"]
    refused = controlled.request(
        "POST",
        "/v1/reports",
        headers={"X-API-KEY": key, "Content-Type": "application/json"},
        body=b'{"sessionId": "some", "reason": "other"}',
    )
    check_problem(refused, 403, "forbidden")


def test_r47_what_staff_send_is_judged(controlled: Runner) -> None:
    staff = staff_member(controlled)
    ada = controlled.sign_in("Ada")
    path = f"/v1/staff/members/{ada.user_id}/suspension"
    for invalid in ({}, {"reason": ""}, {"reason": " \u200b"}, {"reason": "x" * 501}, {"reason": 1}):
        check_problem(staff.put(path, invalid), 422, "invalid_request", "reason")
    own = f"/v1/staff/members/{staff.user_id}/suspension"
    check_problem(staff.put(own, {"reason": "Me"}), 422, "invalid_request", "userId")
    for method in ("PUT", "DELETE"):
        unknown = staff.request(method, "/v1/staff/members/unknown/suspension", {"reason": "No"})
        check_problem(unknown, 404, "not_found")
    check_problem(staff.get("/v1/staff/members"), 422, "invalid_request", "query")
    check_problem(staff.get("/v1/staff/members", query=""), 422, "invalid_request", "query")
    check_problem(staff.get("/v1/staff/reports", limit=1, cursor="made-up"), 400, "invalid_cursor", "cursor")
    check_problem(staff.get("/v1/staff/members", query="a", cursor="made-up"), 400, "invalid_cursor", "cursor")


def test_r47_a_report_changes_no_answer_that_the_reported_member_gets(controlled: Runner) -> None:
    slots = controlled.slots
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    slot = slots.near()
    session = ben.book(slot)["sessionId"]
    mine = ada.book(slot)["sessionId"]
    paths = (
        "/v1/me",
        "/v1/people",
        f"/v1/sessions/{session}",
        f"/v1/users/{ada.user_id}",
        f"/v1/users/{ada.user_id}/availability",
        "/v1/availability/favorites",
        "/v1/invite-links",
        "/v1/calendar-feeds",
        "/v1/webhooks",
        "/v1/me/notices",
        "/v1/repeats",
    )

    def seen() -> list[bytes]:
        return [ben.request("GET", path).data for path in paths]

    ben.get("/v1/me/notices")
    before = seen()
    assert ada.post("/v1/reports", {"sessionId": mine, "reason": "behaviour", "text": "Rude"}).status == 202
    assert seen() == before
