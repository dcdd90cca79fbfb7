"""The report of a partner, from the session and from its room (R47)."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember
from tests.browser.room.meeting import arrange
from tests.browser.staff.past_session import StaffMember, meet_in_the_past, set_clock

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

FOCUSED = "return document.activeElement.innerText"


def test_r47_a_past_partner_is_reported_once_with_a_reason_and_words(run: LocalRun, open_member: OpenMember) -> None:
    met = meet_in_the_past(run, 8)
    staff = StaffMember(run, "Stella")
    page = met.ada.browser(open_member, met.path, size=(320, 640))
    page.click("button", "Report Ben ...")
    page.click("button", "Send the report")
    page.sees("Please choose what happened.", "dialog")
    assert page.violations() == []
    page.click("radio", "They behaved badly towards me")
    page.fill("More about it (optional)", "Shouted at me.")
    page.click("button", "Send the report")
    page.sees("Thank you. The staff have your report.", ".toasts")
    page.until(lambda: page.browser.execute_script(FOCUSED) == "Report ...", "the focus is lost")
    (report,) = staff.reports_by(met.ada)
    shown = {name: report[name] for name in ("reason", "text", "sessionId", "duration")}
    assert shown == {
        "reason": "behaviour",
        "text": "Shouted at me.",
        "sessionId": met.session_id,
        "duration": 3_000_000,
    }
    assert report["reported"] == {"userId": met.ben.user_id, "name": "Ben", "suspended": False}
    page.click("button", "Report Ben ...")
    page.click("radio", "They did not come, or left at once")
    page.click("button", "Send the report")
    page.until(lambda: not page.found("button", "Send the report"), "the dialog stays")
    (again,) = staff.reports_by(met.ada)
    assert (again["reportId"], again["reason"], again["text"]) == (report["reportId"], "no_show", "")


def test_r47_sessions_ahead_and_without_a_partner_offer_no_report(run: LocalRun, open_member: OpenMember) -> None:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.book(start)
    ada.book(start, partner=ben)
    page = ada.browser(open_member, "/sessions")
    page.sees("Locked in", ".session .state")
    assert page.found("button", "Report Ben ...") == []


def test_r47_a_partner_is_reported_in_the_room_before_the_start(run: LocalRun, open_member: OpenMember) -> None:
    start = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=5)
    met = arrange(run, start)
    staff = StaffMember(run, "Stella")
    met.travel(-5)
    page = met.ada.browser(open_member, met.room[met.room.index("/rooms/") :])
    page.click("button", "Report Ben ...")
    page.click("radio", "Something else")
    page.fill("More about it (optional)", "Before the start.")
    page.click("button", "Send the report")
    page.sees("Thank you. The staff have your report.", ".toasts")
    assert page.violations() == []
    # The list begins at the present of the service.
    assert [each["text"] for each in staff.reports_by(met.ada)] == ["Before the start."]
    set_clock(run, None)


def test_r47_a_dialog_whose_partner_has_changed_sends_nothing(run: LocalRun, open_member: OpenMember) -> None:
    start = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0) + timedelta(days=6)
    set_clock(run, None)
    ben, cy = KnownMember(run, "Ben"), KnownMember(run, "Cy")
    ada = KnownMember(run, "Ada", ben)
    ben.book(start)
    session_id = ada.book(start, partner=ben)["sessionId"]
    set_clock(run, start - timedelta(minutes=9))
    page = ada.browser(open_member, "/sessions")
    page.click("button", "Report Ben ...")
    theirs = ben.sessions()[0]["sessionId"]
    ben.call("DELETE", f"/v1/sessions/{theirs}")
    page.one("button", "Send the report")
    cy.book(start)
    ada.await_partner(session_id, "Cy")
    page.sees("This partner is not in your session any more", "dialog")
    assert page.found("button", "Send the report") == []
    page.click("button", "Close")
    page.one("button", "Report Cy ...")
    set_clock(run, None)
