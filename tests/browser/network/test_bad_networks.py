"""Lost, late and refused requests of the web app.

Nothing is lost, nothing happens twice, and words say so.
"""

from datetime import datetime
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead, sign_in
from tests.browser.member_browser import MemberBrowser
from tests.browser.network.browser_proxy import BrowserProxy, ProxyFault

# Browsers take seconds for each test.
pytestmark = pytest.mark.long

# The console of a browser reports these for the faults of a test.
FAULTS = ["net::ERR_", "status of 503", "WebSocket connection to"]
SLOW: dict[str, Any] = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
FAST: dict[str, Any] = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
ONCE = 1


def visit(page: MemberBrowser) -> KnownMember:
    """Sign in as Ada, and permit what the console says about faults."""
    page.allowed_messages += FAULTS
    return sign_in(page, "Ada", "/sessions")


def conditions(page: MemberBrowser, *, offline: bool = False, **speed: Any) -> None:
    """Set the network of the page."""
    page.command("Network.enable")
    page.command("Network.emulateNetworkConditions", offline=offline, **(speed or FAST))


def cancel_and_book_again(member: KnownMember, start: datetime) -> None:
    """Book a slot, cancel it on the screen, and press the button that books it again."""
    member.book(start)
    member.page.click("button", "Cancel")
    member.page.click("button", "Cancel the session")
    member.page.click("button", "Book again")


def test_offline_a_typed_title_stays_and_is_saved_online(open_member: OpenMember) -> None:
    ada = visit(open_member(size=(320, 640)))
    session_id = ada.book(ahead(9, 3, 30))["sessionId"]
    ada.page.click("button", "Add a title")
    conditions(ada.page, offline=True)
    ada.page.sees("You are offline.", ".connection")
    ada.page.one("textbox", "Title").send_keys("Thesis")
    ada.page.click("button", "Save")
    ada.page.sees("The connection was lost.", ".title-form [role=alert]")
    assert ada.page.one("textbox", "Title").get_attribute("value") == "Thesis"
    assert ada.page.violations() == []
    conditions(ada.page)
    ada.page.sees_no_more("You are offline.")
    ada.page.click("button", "Save")
    ada.page.sees("The title is saved.", ".toasts")
    assert ada.session(session_id)["title"] == "Thesis"


def test_offline_a_cancel_says_that_it_did_not_happen(open_member: OpenMember) -> None:
    ada = visit(open_member())
    session_id = ada.book(ahead(9, 4, 30))["sessionId"]
    ada.page.click("button", "Cancel")
    conditions(ada.page, offline=True)
    ada.page.click("button", "Cancel the session")
    ada.page.sees("The connection was lost.", "dialog [role=alert]")
    assert ada.session(session_id)["state"] == "waiting"
    conditions(ada.page)
    ada.page.click("button", "Cancel the session")
    ada.page.sees("Cancelled", ".session .state")
    assert ada.session(session_id)["state"] == "cancelled"


def test_on_a_slow_network_a_double_click_books_once(open_member: OpenMember) -> None:
    ada = visit(open_member())
    conditions(ada.page, **SLOW)
    at = ahead(9, 5, 30)
    ada.book(at)
    ada.page.click("button", "Cancel")
    ada.page.click("button", "Cancel the session")
    ActionChains(ada.page.browser).double_click(ada.page.one("button", "Book again")).perform()
    ada.page.sees("Booking ...", ".session .actions")
    ada.page.sees("Your session is booked again.", ".toasts")
    assert len(ada.sessions()) == ONCE
    ada.page.sees("Waiting for a partner", ".session .state")
    ada.page.browser.refresh()
    ada.page.sees("Waiting for a partner", ".session .state")
    conditions(ada.page)


def test_a_busy_service_is_asked_again_after_the_time_that_it_names(
    open_member: OpenMember, proxy: BrowserProxy
) -> None:
    ada = visit(open_member(*proxy.arguments))
    session_id = ada.book(ahead(9, 6, 30))["sessionId"]
    ada.page.click("button", "Cancel")
    proxy.faults = [ProxyFault("DELETE", "/v1/sessions/", 503, "busy", retry_after=2)]
    ada.page.click("button", "Cancel the session")
    ada.page.sees("Cancelled", ".session .state")
    refused, cancelled = proxy.requests("DELETE", "/v1/sessions/")
    assert cancelled.at - refused.at >= 2
    assert ada.session(session_id)["state"] == "cancelled"


def test_a_service_that_is_busy_for_long_is_not_asked_again(open_member: OpenMember, proxy: BrowserProxy) -> None:
    ada = visit(open_member(*proxy.arguments))
    session_id = ada.book(ahead(9, 7, 30))["sessionId"]
    ada.page.click("button", "Cancel")
    proxy.faults = [ProxyFault("DELETE", "/v1/sessions/", 503, "busy", retry_after=600)]
    ada.page.click("button", "Cancel the session")
    ada.page.sees("The service is busy.", "dialog [role=alert]")
    assert len(proxy.requests("DELETE", "/v1/sessions/")) == ONCE
    assert ada.session(session_id)["state"] == "waiting"
    ada.page.click("button", "Cancel the session")
    ada.page.sees("Cancelled", ".session .state")


def test_a_booking_whose_response_is_lost_is_sent_again_and_books_once(
    open_member: OpenMember, proxy: BrowserProxy
) -> None:
    ada = visit(open_member(*proxy.arguments))
    at = ahead(9, 8, 30)
    proxy.faults = [ProxyFault("POST", "/v1/sessions")]
    cancel_and_book_again(ada, at)
    ada.page.sees("Your session is booked again.", ".toasts")
    lost, again = proxy.requests("POST", "/v1/sessions")
    assert lost.headers["idempotency-key"] == again.headers["idempotency-key"]
    (booked,) = ada.sessions()
    assert booked["state"] == "waiting"


def test_an_expired_token_is_renewed_within_a_booking(open_member: OpenMember, proxy: BrowserProxy) -> None:
    ada = visit(open_member(*proxy.arguments))
    at = ahead(9, 9, 30)
    proxy.faults = [ProxyFault("POST", "/v1/sessions", 401, "unauthenticated")]
    cancel_and_book_again(ada, at)
    ada.page.sees("Your session is booked again.", ".toasts")
    refused, again = proxy.requests("POST", "/v1/sessions")
    assert refused.headers["idempotency-key"] == again.headers["idempotency-key"]
    assert refused.headers["authorization"] != again.headers["authorization"]
    assert len(ada.sessions()) == ONCE


def test_r43_after_a_gap_the_page_shows_what_it_missed_once(open_member: OpenMember, proxy: BrowserProxy) -> None:
    ada = visit(open_member(*proxy.arguments))
    ben = sign_in(open_member(), "Ben", "/people")
    at = ahead(9, 10, 30)
    ada.book(at)
    ada.page.sees("Waiting for a partner", ".session .state")
    proxy.refuses_tunnels = True
    proxy.cut_tunnels()
    ada.page.sees("Live updates are paused.", ".connection")
    ben.add_favorites(ada)
    ben.book(at, partner=ada)
    proxy.refuses_tunnels = False
    ada.page.sees("You and Ben are locked in", ".toasts")
    ada.page.sees("Locked in", ".session .state")
    ada.page.sees_no_more("Live updates are paused.")
    assert ada.page.browser.execute_script("return document.querySelectorAll('.toast').length") == ONCE


def test_offline_a_screen_that_was_not_shown_before_opens(open_member: OpenMember) -> None:
    ada = visit(open_member())
    screens = "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/People')).length"
    ada.page.until(lambda: ada.page.browser.execute_script(screens), "the other screens are not loaded")
    conditions(ada.page, offline=True)
    ada.page.click("link", "People")
    ada.page.one("heading", "People")
    conditions(ada.page)


def test_a_screen_that_does_not_load_says_so_and_loads_later(open_member: OpenMember, proxy: BrowserProxy) -> None:
    proxy.faults = [ProxyFault("GET", "/assets/Settings", 503, "busy")] * 20
    ada = visit(open_member(*proxy.arguments))
    ada.page.click("link", "Settings")
    ada.page.one("heading", "This page could not be loaded")
    assert ada.page.violations() == []
    proxy.faults = []
    ada.page.click("button", "Try again")
    ada.page.one("heading", "Settings")
