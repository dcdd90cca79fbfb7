"""The reports, the members and the log on the screens of staff (R47)."""

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember
from tests.browser.staff.past_session import StaffMember, meet_in_the_past

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

# A member returns to the window after a minute without a network.
RETURN_LATER = (
    "const now = Date.now; Date.now = () => now() + 60_000;"
    "for (const name of ['offline', 'online', 'focus']) window.dispatchEvent(new Event(name))"
)
FOCUSED = "return document.activeElement.innerText"


def test_r47_staff_read_a_report_suspend_the_member_and_find_both_in_the_log(
    run: LocalRun, open_member: OpenMember
) -> None:
    met = meet_in_the_past(run, 9, "Bodo Bentham")
    met.ada.call("POST", "/v1/reports", {"sessionId": met.session_id, "reason": "other", "text": "Sold things."})
    staff = StaffMember(run, "Stella")
    page = staff.browser(open_member)
    page.click("link", "Staff")
    page.sees("Another reason: Bodo Bentham", "main")
    page.sees("Sold things.", "main blockquote")
    page.click("button", "Suspend Bodo Bentham ...")
    page.click("button", "Suspend the member")
    page.sees("Please write a reason of at most 500 characters.", "dialog")
    assert page.violations() == []
    page.fill("Reason", "Advertising")
    page.click("button", "Suspend the member")
    page.sees("Bodo Bentham is suspended.", ".toasts")
    page.until(lambda: page.browser.execute_script(FOCUSED) == "Reports", "the focus is lost")
    page.one("button", "Lift the suspension of Bodo Bentham")
    status, problem = run.call("GET", "/v1/me", met.ben.token)
    assert (status, problem["code"]) == (403, "suspended")
    page.click("link", "Log")
    page.sees("Member suspended", "main")
    page.sees("Advertising", "main")
    assert staff.acts() == ["log_read", "suspended", "reports_read"]


def test_r47_staff_find_a_member_by_a_part_of_the_name_or_the_id_and_lift(
    run: LocalRun, open_member: OpenMember
) -> None:
    kim = KnownMember(run, "Kimberley Quux")
    staff = StaffMember(run, "Stella")
    staff.suspend(kim, "Spam")
    page = staff.browser(open_member, "/staff/members", size=(320, 640))
    page.fill("Name, or the whole id", "ley quux")
    page.click("button", "Search")
    page.sees("1 entry", "main")
    page.sees("Spam", ".staff-entries")
    page.click("button", "Lift the suspension of Kimberley Quux")
    page.click("button", "Lift the suspension")
    page.sees("Kimberley Quux is not suspended any more.", ".toasts")
    page.one("button", "Suspend Kimberley Quux ...")
    kim.read("/v1/me")
    page.fill("Name, or the whole id", kim.user_id)
    page.click("button", "Search")
    page.sees("1 entry", "main")
    page.fill("Name, or the whole id", "a name that is not there")
    page.click("button", "Search")
    page.sees("No member was found.", "main")
    assert page.violations() == []


def test_r47_a_list_of_staff_is_read_when_it_is_opened_and_not_by_itself(
    run: LocalRun, open_member: OpenMember
) -> None:
    staff = StaffMember(run, "Stella")
    page = staff.browser(open_member, "/staff")
    page.one("heading", "Reports")
    page.until(lambda: page.text("main [role=status]"), "the reports are not read")
    page.browser.execute_script(RETURN_LATER)
    page.click("button", "Read again")
    page.click("link", "Log")
    page.sees("Reports read", "main")
    assert staff.acts() == ["log_read", "reports_read", "reports_read"]


def test_r47_for_other_members_there_is_no_screen_of_staff(run: LocalRun, open_member: OpenMember) -> None:
    page = KnownMember(run, "Ada").browser(open_member, "/staff")
    page.one("heading", "There is nothing at this address.")
    page.one("link", "Settings")
    assert page.found("link", "Staff") == []
