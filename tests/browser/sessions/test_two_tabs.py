"""One member with the screen Sessions in two tabs of a browser."""

import pytest

from tests.browser.conftest import OpenMember
from tests.browser.known_member import ahead, sign_in

# Browsers take seconds for each test.
pytestmark = pytest.mark.long

TOASTS = "return document.querySelectorAll('.toast').length"


def test_r17_a_cancel_in_one_tab_ends_the_question_in_the_other(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/sessions")
    browser = ada.page.browser
    session_id = ada.book(ahead(8, 3, 30), title="Thesis")["sessionId"]
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    second = browser.current_window_handle
    ada.page.open("/sessions")
    ada.page.click("button", "Cancel")
    ada.page.one("dialog", "Cancel this session?")
    browser.switch_to.window(first)
    ada.page.click("button", "Cancel")
    ada.page.click("button", "Cancel the session")
    ada.page.sees("Cancelled", ".session .state")
    browser.switch_to.window(second)
    ada.page.sees("You have no sessions ahead.")
    assert ada.page.found("dialog", "Cancel this session?") == []
    assert ada.page.text(".toasts") == ""
    assert ada.session(session_id)["state"] == "cancelled"
    browser.close()
    browser.switch_to.window(first)


def test_r43_each_tab_shows_one_message_about_a_lock(open_member: OpenMember) -> None:
    ada, ben = sign_in(open_member(), "Ada", "/sessions"), sign_in(open_member(), "Ben", "/people")
    browser = ada.page.browser
    at = ahead(8, 4, 30)
    ada.book(at)
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    second = browser.current_window_handle
    ada.page.open("/sessions")
    ada.page.sees("Waiting for a partner", ".session .state")
    ben.add_favorites(ada)
    ben.book(at, partner=ada)
    for tab in (second, first):
        browser.switch_to.window(tab)
        ada.page.sees("You and Ben are locked in", ".toasts")
        ada.page.sees("Locked in", ".session .state")
        assert browser.execute_script(TOASTS) == 1
    browser.switch_to.window(second)
    browser.close()
    browser.switch_to.window(first)
