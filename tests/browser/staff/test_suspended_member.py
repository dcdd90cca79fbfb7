"""The page of a suspended member (R47)."""

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember
from tests.browser.provider_page import choose_member
from tests.browser.staff.past_session import StaffMember

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

TITLE = "Your account is suspended"
# Without it the page learns of the suspension within a minute.
LOOK_AGAIN = "window.dispatchEvent(new Event('focus')); document.dispatchEvent(new Event('visibilitychange'))"


def test_r47_an_open_page_of_a_suspended_member_has_words_and_the_sign_out(
    run: LocalRun, open_member: OpenMember
) -> None:
    ben, staff = KnownMember(run, "Ben"), StaffMember(run, "Stella")
    page = ben.browser(open_member, size=(320, 640))
    page.click("link", "People")
    page.one("heading", "Favorites")
    staff.suspend(ben, "A secret reason")
    page.browser.execute_script(LOOK_AGAIN)
    page.one("heading", TITLE)
    assert page.found("link", "People") == []
    assert "A secret reason" not in page.text("body")
    assert page.violations() == []
    page.browser.refresh()
    page.one("heading", TITLE)
    staff.lift(ben)
    page.click("button", "Look again")
    page.one("heading", "People")
    staff.suspend(ben, "A secret reason")
    page.browser.execute_script(LOOK_AGAIN)
    page.one("heading", TITLE)
    page.click("button", "Sign out")
    page.one("button", "Sign in")


def test_r47_a_suspended_member_who_signs_in_comes_to_the_words(run: LocalRun, open_member: OpenMember) -> None:
    ben, staff = KnownMember(run, "Ben"), StaffMember(run, "Stella")
    page = ben.browser(open_member)
    page.click("button", "Sign out")
    staff.suspend(ben, "Spam")
    page.click("button", "Sign in")
    page.until(lambda: page.browser.find_element("id", "new"), "no form of the provider")
    choose_member(page.browser, ben.user_id)
    page.one("heading", TITLE)
    assert page.text("nav") == ""
