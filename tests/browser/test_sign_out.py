"""A sign-out in the web app, which reaches the other pages of the origin."""

import pytest
from selenium.webdriver.common.by import By

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.test_invite_page import NINE, InviteHost

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

SIGNED_OUT = "You are signed out on this page."


@pytest.mark.parametrize("way_out", ["Sign out", "Not you?"])
def test_a_sign_out_reaches_the_invite_page_and_the_reference(
    run: LocalRun, open_member: OpenMember, way_out: str
) -> None:
    """Leave in the web app on a shared computer, and find the other pages of the member still open."""
    ben = open_member()
    ben.sign_in_as_new("Ben")
    tabs = [ben.browser.current_window_handle]
    for address in (InviteHost(run, (NINE, 50)).link, f"{run.url}/docs"):
        ben.browser.switch_to.new_window("tab")
        tabs.append(ben.browser.current_window_handle)
        ben.browser.get(address)
        # The provider knows the member of this browser.
        ben.until(lambda: ben.browser.find_element(By.ID, "sign-in").is_displayed(), "no way to sign in")
        ben.browser.find_element(By.ID, "sign-in").click()
        ben.sees("You are signed in as Ben.")
    ben.browser.switch_to.window(tabs[0])
    ben.click("button", way_out)
    for tab in tabs[1:]:
        ben.browser.switch_to.window(tab)
        ben.sees(SIGNED_OUT)
        assert "You are signed in as" not in ben.text("body")
