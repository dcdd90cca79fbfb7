"""The words for failures that a member must not miss, and a page on a device with a wrong clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import OpenMember
from tests.browser.known_member import sign_in
from tests.browser.network.browser_proxy import BrowserProxy, ProxyFault
from tests.browser.sessions.slots import MINUTE, book, session, slot

# Browsers take seconds for each test.
pytestmark = pytest.mark.long

FAULTS = ["net::ERR_", "status of 503", "WebSocket connection to"]
# The last activity and the quiet mode, within one turn of the page.
TWO_CHOICES = (
    "[...document.querySelectorAll('.mode [type=radio]')].at(-1).click();"
    "document.querySelector('.mode [type=checkbox]').click()"
)
AHEAD = """
const RealDate = Date, ahead = 3 * 3600 * 1000;
Date = class extends RealDate {
  constructor(...given) { super(...(given.length ? given : [RealDate.now() + ahead])); }
  static now() { return RealDate.now() + ahead; }
};
"""


@pytest.fixture
def proxy() -> Iterator[BrowserProxy]:
    """A proxy between one browser and the service."""
    with BrowserProxy() as proxy:
        yield proxy


def test_a_failure_is_shown_within_the_open_dialog_and_can_be_closed_there(
    open_member: OpenMember, proxy: BrowserProxy
) -> None:
    ada, ben = sign_in(open_member(*proxy.arguments), "Ada"), sign_in(open_member(), "Ben")
    ada.page.allowed_messages += FAULTS
    ada.page.open(f"/people/{ben.user_id}")
    ada.page.click("button", "More about Ben")
    ada.page.click("button", "Block ...")
    dialog = ada.page.one("dialog", "Block Ben?")
    proxy.faults = [ProxyFault("PUT", "/v1/people/", 503, "busy", retry_after=600)]
    ada.page.click("button", "Block", dialog)
    ada.page.sees("The block may not have parted all sessions yet.", "dialog [role=alert]")
    assert ada.page.violations() == []
    ada.page.click("button", "Close", dialog.find_element(By.CSS_SELECTOR, "[role=alert]"))
    ada.page.until(lambda: ada.page.text("dialog [role=alert]") == "", "the message stays")
    ada.page.click("button", "Block", dialog)
    ada.page.sees("Ben is blocked.", ":not(dialog) > .toasts")
    assert ada.page.found("dialog", "Block Ben?") == []


def test_each_of_two_quick_choices_has_its_own_failure(open_member: OpenMember, proxy: BrowserProxy) -> None:
    ada = sign_in(open_member(*proxy.arguments), "Ada", "/sessions")
    ada.page.allowed_messages += FAULTS
    session_id = book(ada, slot(12, "3:30"))
    ada.page.sees("Activity and quiet mode", ".session .mode summary")
    ada.page.browser.execute_script("document.querySelector('.session .mode summary').click()")
    proxy.faults = [
        ProxyFault("PATCH", "/v1/sessions/", 409, "too_late"),
        ProxyFault("PATCH", "/v1/sessions/", 404, "not_found"),
    ]
    ada.page.browser.execute_script(TWO_CHOICES)
    ada.page.sees("It is too late for this", ".toasts [role=alert]")
    ada.page.sees("This does not exist any more.", ".toasts [role=alert]")
    own = session(ada, session_id)["users"][0]
    assert (own["activityType"], own["quietMode"]) == ("desk", False)


def test_r44_a_feed_whose_response_is_lost_is_listed_and_no_words_ask_for_another(
    open_member: OpenMember, proxy: BrowserProxy
) -> None:
    ada = sign_in(open_member(*proxy.arguments), "Ada")
    ada.page.allowed_messages += FAULTS
    proxy.faults = [ProxyFault("POST", "/v1/calendar-feeds")]
    ada.page.click("button", "Make a calendar feed")
    ada.page.sees("It may have worked all the same, so look at the list before you try again.", ".toasts")
    ada.page.sees_no_more("You have no calendar feed.", "#feeds")
    assert len(ada.read("/v1/calendar-feeds")["calendarFeeds"]) == 1
    assert "nothing happens twice" not in ada.page.text("body")


def test_r17_a_device_that_is_three_hours_ahead_shows_the_next_session(open_member: OpenMember) -> None:
    page = open_member()
    page.command("Page.addScriptToEvaluateOnNewDocument", source=AHEAD)
    ada = sign_in(page, "Ada", "/sessions")
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    session_id = book(ada, {"startTime": start.isoformat(), "duration": 25 * MINUTE})
    ada.page.sees("Waiting for a partner", ".session .state")
    ada.page.click("button", "Cancel")
    ada.page.click("button", "Cancel the session")
    ada.page.sees("Cancelled", ".session .state")
    assert session(ada, session_id)["state"] == "cancelled"
