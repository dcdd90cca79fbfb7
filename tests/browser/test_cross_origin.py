"""A page of another origin that calls the API from a real browser."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from selenium.webdriver import Chrome

from infra.local.run_process import LocalRun
from tests.browser.known_member import KnownMember

pytestmark = pytest.mark.long

CALLS = """
const [base, token, done] = arguments;
const traced = {
  Authorization: `Bearer ${token}`,
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "a=1",
  baggage: "a=1",
  "sentry-trace": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
};
const call = async (method, path, headers = {}, body) => {
  const response = await fetch(base + path, { method, headers: { ...traced, ...headers }, body });
  const text = await response.text();
  const [tag, location] = ["ETag", "Location"].map((name) => response.headers.get(name));
  return { status: response.status, code: text ? JSON.parse(text).code ?? null : null, tag, location };
};
(async () => {
  const me = await call("GET", "/v1/me");
  const link = JSON.stringify({});
  done([
    me,
    await call("GET", "/v1/me", { "If-None-Match": me.tag }),
    await call("HEAD", "/v1/me"),
    await call("POST", "/v1/invite-links", { "Content-Type": "application/json" }, link),
    await call("PATCH", "/v1/no/where", { "Content-Type": "application/json" }, link),
    await call("GET", "/v1/me", { Authorization: "Bearer x" }),
  ]);
})().catch((error) => done(String(error)));
"""


class EmptyPage(BaseHTTPRequestHandler):
    """The response to every GET of the other origin."""

    def do_GET(self) -> None:
        """Send a page without content."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *message: Any) -> None:
        """Do nothing, so that requests write no line."""


@pytest.fixture(scope="module")
def other_origin() -> Iterator[str]:
    """An origin with an empty page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def calls_from(browser: Chrome, origin: str, run: LocalRun) -> Any:
    """Open the page of the origin, let it call the API as a new member, and return what it could read."""
    token = KnownMember(run, "Ada").token
    browser.get(origin)
    found = browser.execute_async_script(CALLS, run.url, token)
    browser.get("about:blank")
    # The browser reports refused calls, which other tests must not find.
    browser.get_log("browser")
    return found


@pytest.mark.parametrize("setting", ["the origin", "*"])
def test_a_page_of_a_permitted_origin_calls_with_every_header_and_reads_every_response(
    browser: Chrome, other_origin: str, setting: str
) -> None:
    with LocalRun(LOCKSTEP_ORIGINS="*" if setting == "*" else other_origin) as run:
        me, unchanged, head, created, unknown, refused = calls_from(browser, other_origin, run)
    tag = me["tag"]
    assert (me, unchanged) == (
        {"status": 200, "code": None, "tag": tag, "location": None},
        {"status": 304, "code": None, "tag": tag, "location": None},
    )
    assert (head["status"], head["tag"]) == (200, tag)
    assert (created["status"], created["location"]) == (201, "/v1/invite-links")
    assert (unknown["status"], unknown["code"]) == (404, "not_found")
    assert (refused["status"], refused["code"]) == (401, "unauthenticated")


def test_a_page_of_another_origin_reads_nothing(browser: Chrome, other_origin: str) -> None:
    with LocalRun(LOCKSTEP_ORIGINS="https://app.example") as run:
        assert calls_from(browser, other_origin, run) == "TypeError: Failed to fetch"
