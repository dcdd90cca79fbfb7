"""Two pages with an open WebSocket, in a real browser."""

from typing import Any

import pytest
from selenium.webdriver import Chrome

from infra.local.run_process import LocalRun
from tests.browser.known_member import KnownMember, ahead

pytestmark = pytest.mark.long

# Opens the WebSocket of a page of the service, and records its messages.
OPEN = """
const [token, done] = arguments;
window.got = [];
const socket = new WebSocket(location.origin.replace("http", "ws") + "/live");
socket.onopen = () => socket.send(JSON.stringify({ token }));
socket.onclose = () => window.got.push({ type: "closed" });
socket.onmessage = (message) => {
  const parsed = JSON.parse(message.data);
  window.got.push({ type: parsed.type, event: parsed });
  if (parsed.type === "ready") {
    performance.clearResourceTimings();
    done(true);
  }
};
"""
# Books, and returns the status of the response.
BOOK = """
const [token, body, done] = arguments;
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
fetch("/v1/sessions", { method: "POST", headers, body: JSON.stringify(body) })
  .then((response) => done(response.status));
"""
REQUESTS = "return performance.getEntriesByType('resource').map((entry) => entry.name);"


def heard(browser: Chrome, window: str, kind: str) -> Any:
    """Wait in a page for a message of a type, and return it."""
    browser.switch_to.window(window)
    wait = "const [kind, done] = arguments; const look = () => { const found = window.got.find((message) => "
    wait += "message.type === kind); found ? done(found) : requestAnimationFrame(look); }; look();"
    return browser.execute_async_script(wait, kind)


def test_r43_a_lock_in_one_page_shows_in_the_other_without_a_request(browser: Chrome, run: LocalRun) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    slot = {"startTime": ahead(3, 11).isoformat(), "duration": 3000000}
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    second = browser.current_window_handle
    for window, token in ((first, ada.token), (second, ben.token)):
        browser.switch_to.window(window)
        browser.get(f"{run.url}/docs")
        assert browser.execute_async_script(OPEN, token)
    booked = browser.execute_async_script(BOOK, ben.token, slot)
    assert booked == 201
    heard(browser, second, "session.booked")
    browser.execute_script("performance.clearResourceTimings()")
    browser.switch_to.window(first)
    locked = browser.execute_async_script(BOOK, ada.token, {**slot, "partnerId": ben.user_id})
    assert locked == 201
    message = heard(browser, second, "session.locked_in")
    assert message["event"]["data"]["session"]["users"][1]["name"] == "Ada"
    assert browser.execute_script(REQUESTS) == []
    browser.close()
    browser.switch_to.window(first)
    heard(browser, first, "session.locked_in")
    browser.get("about:blank")
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
