"""The start of the web app without the service, without storage, and after the back button."""

import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import OpenMember
from tests.browser.member_browser import MemberBrowser

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

WELCOME = "Work side by side"
BEFORE_SCRIPTS = "Page.addScriptToEvaluateOnNewDocument"
# A browser that blocks all data of sites throws at each use.
WITHOUT_STORAGE = """
for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}
"""


def fail_requests(browser: MemberBrowser, pattern: str | None) -> None:
    """Let requests to addresses of a pattern fail from now on, or none."""
    browser.command("Network.enable")
    browser.command("Network.setBlockedURLs", urls=[pattern] if pattern else [])


def test_a_service_that_does_not_answer_gets_words_and_another_try(open_member: OpenMember) -> None:
    ada = open_member()
    ada.allowed_messages.append("net::ERR_BLOCKED_BY_CLIENT")
    fail_requests(ada, "*/v1/config")
    ada.open("/sessions?code=made-up&state=s#id_token=t")
    ada.sees("The app could not start, because the service did not answer.")
    assert ada.violations() == []
    # A code leaves the address also if the app does not start.
    assert ada.browser.current_url == f"{ada.run.url}/sessions"
    fail_requests(ada, None)
    ada.click("button", "Try again")
    ada.sees(WELCOME)


def test_a_browser_that_stores_nothing_gets_words(open_member: OpenMember) -> None:
    ada = open_member()
    ada.command(BEFORE_SCRIPTS, source=WITHOUT_STORAGE)
    ada.open("/")
    ada.sees(WELCOME)
    ada.click("button", "Sign in")
    ada.sees("Your browser does not let this page sign in.")


def test_a_token_endpoint_that_does_not_answer_gets_words_and_the_way_in(open_member: OpenMember) -> None:
    ada = open_member()
    ada.allowed_messages.append("net::ERR_BLOCKED_BY_CLIENT")
    fail_requests(ada, "*/dev/token")
    ada.open("/sessions")
    ada.click("button", "Sign in")
    ada.click("button", "Mara")
    ada.sees("The connection was lost during the sign-in. Please sign in again.")
    fail_requests(ada, None)
    ada.click("button", "Sign in")
    ada.sees("Signed in as Mara")
    assert ada.browser.current_url == f"{ada.run.url}/sessions"


def test_the_back_button_skips_the_sign_in_without_a_question(open_member: OpenMember) -> None:
    ada = open_member()
    ada.allowed_messages.append("Page entered Back-Forward Cache")
    ada.sign_in_as("Mara", "/sessions")
    ada.open("/people")
    ada.sees("Signed in as Mara")
    ada.browser.back()
    ada.sees("Signed in as Mara")
    assert ada.browser.current_url == f"{ada.run.url}/sessions"


def test_a_visitor_who_leaves_the_provider_by_the_back_button_finds_the_way_in(open_member: OpenMember) -> None:
    ada = open_member()
    ada.open("/")
    ada.click("button", "Sign in")
    ada.until(lambda: ada.browser.find_element(By.ID, "new"), "no provider")
    ada.browser.back()
    ada.one("button", "Sign in")


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "/%5cevil.example/"])
def test_no_path_leads_to_another_origin(open_member: OpenMember, path: str) -> None:
    ada = open_member()
    ada.open(path)
    ada.click("button", "Sign in")
    ada.click("button", "Noor")
    ada.sees("Signed in as Noor")
    assert ada.browser.current_url.startswith(f"{ada.run.url}/")
