"""The page of an invite link in a browser, against a local runner (R24 to R29)."""

import json
import re
import zoneinfo
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest

from chalicelib.handlers.pages import html_page
from infra.local.run_process import LocalRun
from tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from tests.browser.known_member import MINUTE, KnownMember
from tests.browser.visitor import Visitor

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

TOMORROW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
NINE, TEN, NOON = (TOMORROW + timedelta(hours=hours) for hours in (9, 10, 12))


class InviteHost(KnownMember):
    """A member with bookings and an invite link."""

    def __init__(self, run: LocalRun, *slots: tuple[datetime, int], name: str = "Ada", **limits: Any) -> None:
        super().__init__(run, name)
        for start, minutes in slots:
            self.book(start, minutes)
        self.link = self.call("POST", "/v1/invite-links", limits)["inviteLink"]["url"]

    def guests(self) -> dict[str, str]:
        """Return the names of the locked-in guests by start."""
        return {start: guest for start, guest in self.partners().items() if guest}


def accept(run: LocalRun, link: str, start: datetime, minutes: int, name: str = "Quick") -> KnownMember:
    """Book by the link as a new member, and return that member."""
    guest = KnownMember(run, name)
    guest.call("POST", link.removeprefix(run.url), {"startTime": start.isoformat(), "duration": minutes * MINUTE})
    return guest


def kept(visitor: Visitor) -> list[Any]:
    """Return what the browser keeps of the page besides its memory."""
    script = "return [history.state, document.cookie, {...localStorage}, {...sessionStorage}, location.href]"
    return list(visitor.browser.execute_script(script))


def calendar_of(file: bytes) -> dict[str, str]:
    """Return the unfolded properties of a calendar file by name."""
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert max(map(len, file.split(b"\r\n"))) <= 75
    lines = file.decode().replace("\r\n ", "").split("\r\n")
    # The reminder has a description of its own.
    return dict(line.split(":", 1) for line in lines[: lines.index("BEGIN:VALARM")])


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_r24_a_guest_signs_in_books_and_sees_the_room(
    run: LocalRun, open_browser: OpenBrowser, size: tuple[int, int]
) -> None:
    host = InviteHost(
        run, (NINE, 50), (NOON, 25), name="Ada, the 1st; \u00fcber-punctual host of an unusually long name"
    )
    visitor = open_browser("UTC", size)
    visitor.open(host.link)
    assert visitor.text("h1").startswith("Work with Ada, the 1st;")
    assert "In a locked-in session" in visitor.text(".lead")
    assert visitor.texts(".length") == ["50 minutes", "25 minutes"]
    assert visitor.browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    visitor.choose("9:00")
    visitor.sign_in("Ben")
    assert kept(visitor) == [None, "", {}, {}, host.link]
    assert visitor.text("#signed-in") == "You are signed in as Ben. Not you?"
    assert "9:00\u20139:50 am, Coordinated Universal Time" in visitor.text("#ask-when")
    visitor.book()
    visitor.until(lambda: visitor.focused() == "yours", "the new session has no focus")
    assert visitor.text("#yours").startswith("You are locked in with Ada, the 1st;")
    assert "9:00\u20139:50 am, Coordinated Universal Time" in visitor.text("#sessions .when")
    assert not visitor.element("#choose").is_displayed()
    assert host.guests() == {NINE.isoformat(): "Ben"}
    room = visitor.element(".room").get_attribute("href")
    assert room.startswith(f"{run.url}/rooms/")
    visitor.element(".calendar").click()
    calendar = calendar_of(visitor.downloaded())
    assert calendar["DTSTART"] == f"{NINE:%Y%m%dT%H%M%SZ}"
    assert calendar["DTEND"] == f"{NINE + timedelta(minutes=50):%Y%m%dT%H%M%SZ}"
    # The page opens the room. Programs copy a calendar, and nothing in it may do so.
    assert room.rpartition("/")[2] not in str(calendar)
    assert calendar["URL"] == host.link
    assert calendar["STATUS"] == "CONFIRMED"
    assert int(calendar["SEQUENCE"]) > 0
    assert calendar["SUMMARY"].startswith(r"Session with Ada\, the 1st\; ")
    assert re.fullmatch(r"\S+@lockstep", calendar["UID"])
    assert re.fullmatch(r"\d{8}T\d{6}Z", calendar["DTSTAMP"])


def test_r28_a_guest_who_is_too_late_gets_a_message_and_sees_the_other_slots(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    host = InviteHost(run, (NINE, 50), (NOON, 25))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.sign_in("Late")
    accept(run, host.link, NINE, 50)
    visitor.book()
    assert visitor.message() == "This time has just been taken. Here are the other times."
    assert visitor.focused() == "said"
    assert visitor.texts("button.slot time") == ["12:00\u201312:25 pm"]
    # The guest is still signed in and books another slot without a new sign-in.
    visitor.choose("12:00")
    visitor.book()
    visitor.visible("#sessions")
    assert host.guests() == {NINE.isoformat(): "Quick", NOON.isoformat(): "Late"}


def test_a_slot_that_is_taken_during_the_sign_in_gets_a_message(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50), (NOON, 25))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.go_to_provider("#ask-sign-in")
    accept(run, host.link, NINE, 50)
    visitor.sign_in_as_new("Slow")
    assert "This time has just been taken." in visitor.message()
    assert visitor.texts("button.slot time") == ["12:00\u201312:25 pm"]


def test_r16_an_overlapping_own_booking_is_replaced_after_a_confirmation(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    host, other = InviteHost(run, (NINE, 50), (NOON, 25)), InviteHost(run, (NOON, 50), name="Eve")
    visitor = open_browser()
    ben = accept(run, other.link, NOON, 50, "Ben")
    ben.book(NINE + timedelta(minutes=30), 25)
    visitor.open(host.link)
    visitor.sign_in_as(ben)
    visitor.choose("12:00")
    visitor.book()
    question = "You have another session at this time. Do you want to cancel it and book this one?"
    assert visitor.message("#ask-said") == question
    visitor.book()
    visitor.until(lambda: "Cancel that session first" in visitor.text("#ask-said"), "a locked-in session was replaced")
    visitor.element("#close").click()
    visitor.choose("9:00")
    visitor.book()
    visitor.until(lambda: visitor.text("#book") == "Cancel the other and book this", "it is not offered")
    visitor.book()
    visitor.visible("#sessions")
    assert host.guests() == {NINE.isoformat(): "Ben"}


def test_r28_a_link_that_was_used_up_during_the_choice_gets_a_message(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50), (NOON, 25), maxUses=1)
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.sign_in("Late")
    accept(run, host.link, NOON, 25)
    visitor.book()
    assert visitor.message() == "This link does not work any more. Ask Ada for a new one."
    assert visitor.texts("button.slot") == []
    visitor.open(host.link)
    assert visitor.text("h1") == "This link does not work"


def test_r27_hosts_cannot_book_their_own_link(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.sign_in_as(host)
    visitor.choose("9:00")
    visitor.book()
    assert "this is your own link" in visitor.message()
    assert host.guests() == {}


def test_an_expired_token_leads_to_the_sign_in(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.sign_in("Ben")
    # The token of the next request has expired.
    visitor.browser.execute_script(
        "const real = fetch; window.fetch = (address, request) => { window.fetch = real;"
        " return real(address, {...request, headers: {...request.headers, Authorization: 'Bearer expired'}}); }"
    )
    visitor.book()
    assert visitor.message("#ask-said") == "Your sign-in has expired. Please sign in again."
    assert not visitor.element("#signed-in").is_displayed()
    visitor.sign_in("Ben again")
    visitor.book()
    visitor.visible("#sessions")
    assert host.guests() == {NINE.isoformat(): "Ben again"}


def test_a_lost_response_gets_a_message_and_the_retry_books_once(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50), maxUses=1)
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.sign_in("Ben")
    # The response is lost after the service has booked.
    visitor.browser.execute_script(
        "const real = fetch; window.fetch = async (...request) => {"
        " await real(...request); window.fetch = real; throw new TypeError('lost'); }"
    )
    visitor.book()
    assert "nothing is booked twice" in visitor.message("#ask-said")
    visitor.element("#close").click()
    visitor.choose("9:00")
    visitor.book()
    visitor.visible("#sessions")
    assert host.guests() == {NINE.isoformat(): "Ben"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("busy", "Please try again: nothing is booked twice."),
        ("rate_limited", "You have reached a limit. Come back tomorrow."),
        ("internal_error", "That did not work. Please try again."),
        ("too_late", "This session has already begun. Here are the other times."),
        pytest.param(
            "invalid_request", "This time cannot be booked. Here are the other times.", marks=pytest.mark.long
        ),
    ],
)
def test_every_other_refusal_gets_a_message(run: LocalRun, open_browser: OpenBrowser, code: str, words: str) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.sign_in_as(host)
    visitor.choose("9:00")
    # Refusals that depend on load or on the second are simulated.
    visitor.browser.execute_script(
        "const real = fetch, problem = {code: arguments[0], detail: 'Come back tomorrow.'};"
        "window.fetch = async (address, request) => request.method === 'POST'"
        " ? new Response(JSON.stringify(problem), {status: 409}) : real(address, request)",
        code,
    )
    visitor.book()
    css = "#said" if code in ("too_late", "invalid_request") else "#ask-said"
    assert words in visitor.message(css)
    # The guest is still signed in after any message.
    assert visitor.element("#signed-in").is_displayed()


def test_the_token_is_kept_in_memory_only(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.sign_in_as(host)
    assert kept(visitor) == [None, "", {}, {}, host.link]
    history = [entry["url"] for entry in visitor.command("Page.getNavigationHistory")["entries"]]
    assert [url.partition("?")[0] for url in history[-3:]] == [host.link, f"{run.url}/dev/authorize", host.link]
    # A JSON Web Token has a header and claims that begin with these letters. Alone they may stand in a random text.
    assert not re.search(r"eyJ[\w-]+\.eyJ", "".join(history) + visitor.browser.page_source)
    visitor.browser.refresh()
    assert visitor.visible("#sign-in")
    assert not visitor.element("#signed-in").is_displayed()


def test_the_request_for_a_code_has_a_challenge_and_keeps_the_verifier(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    query = visitor.go_to_provider()
    ((_, text),) = kept(visitor)[3].items()
    request = json.loads(text)
    assert query == {
        "response_type": "code",
        "client_id": "lockstep",
        "redirect_uri": f"{run.url}/signed-in",
        "scope": "openid profile",
        "state": request["state"],
        "nonce": request["nonce"],
        "code_challenge": urlsafe_b64encode(sha256(request["verifier"].encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    assert {len(request[name]) for name in ("state", "nonce", "verifier")} == {43}
    assert len({request[name] for name in ("state", "nonce", "verifier")}) == 3
    assert request["back"] == urlsplit(host.link).path


def test_the_way_back_from_the_sign_in_has_the_stage_of_the_page(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    # The local run has no stage, so the address of the page gets one before the script runs again.
    script = (html_page.FILES / "sign_in.js").read_text()
    visitor.browser.execute_script(
        f"history.replaceState(null, '', '/api' + location.pathname); {script}; signIn.begin(null, false)"
    )
    visitor.visible("#new")
    query = dict(parse_qsl(urlsplit(visitor.browser.current_url).query))
    assert query["redirect_uri"] == f"{run.url}/api/signed-in"
    ((_, text),) = kept(visitor)[3].items()
    assert json.loads(text)["back"] == f"/api{urlsplit(host.link).path}"


def test_a_cancelled_sign_in_gets_a_message(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.visible("#ask-sign-in").click()
    visitor.visible("#cancel button").click()
    assert visitor.message() == "You did not sign in. Sign in to book."
    assert kept(visitor) == [None, "", {}, {}, host.link]
    assert visitor.element("#sign-in").is_displayed()


def test_a_refused_sign_in_gets_a_message(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    state = visitor.go_to_provider()["state"]
    visitor.open(f"{run.url}/signed-in?code=made-up&state={state}")
    assert visitor.message() == "The sign-in did not work. Please try again."
    assert kept(visitor) == [None, "", {}, {}, host.link]


def sign_in_elsewhere(run: LocalRun, redirect_uri: str, **fields: str) -> str:
    """Return an authorization code of a new member for a request that no page of the test began."""
    request = {"response_type": "code", "client_id": "lockstep", "redirect_uri": redirect_uri, **fields}
    request |= {"code_challenge_method": "S256", "name": "Mallory"}
    connection = HTTPConnection(*run.url.removeprefix("http://").split(":"), timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/dev/authorize", urlencode(request), form)
    location = connection.getresponse().headers["Location"]
    connection.close()
    return dict(parse_qsl(urlsplit(location).query))["code"]


def test_r27_a_sign_in_that_another_page_began_is_not_used(run: LocalRun, open_browser: OpenBrowser) -> None:
    """Open `/signed-in` with another member's code, so that the guest books as that member (R27)."""
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    query = visitor.go_to_provider()
    # Even a code for the guest's own challenge is refused by its state.
    bound = {name: query[name] for name in ("code_challenge", "nonce")}
    code = sign_in_elsewhere(run, f"{run.url}/signed-in", **bound)
    visitor.open(f"{run.url}/signed-in?code={code}&state=made-up")
    assert visitor.message() == "This sign-in did not begin on this page, so it was not used. Please sign in again."
    assert kept(visitor) == [None, "", {}, {}, host.link]
    assert not visitor.element("#signed-in").is_displayed()


def test_a_token_for_another_request_is_not_used(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    query = visitor.go_to_provider()
    challenge = query["code_challenge"]
    code = sign_in_elsewhere(run, f"{run.url}/signed-in", code_challenge=challenge, nonce="of another request")
    visitor.open(f"{run.url}/signed-in?code={code}&state={query['state']}")
    assert visitor.message() == "The sign-in did not work. Please try again."
    assert not visitor.element("#signed-in").is_displayed()


def test_an_id_token_for_another_request_is_not_used_beside_an_access_token(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    # The page of a deployment whose API takes access tokens.
    source = (
        "new MutationObserver(() => { const button = document.getElementById('sign-in');"
        " if (button) button.dataset.token = 'access_token'; }).observe(document, {childList: true, subtree: true})"
    )
    script = visitor.command("Page.addScriptToEvaluateOnNewDocument", source=source)
    visitor.open(host.link)
    visitor.visible("#sign-in").click()
    visitor.visible("#new")
    query = dict(parse_qsl(urlsplit(visitor.browser.current_url).query))
    challenge = query["code_challenge"]
    code = sign_in_elsewhere(run, f"{run.url}/signed-in", code_challenge=challenge, nonce="of another request")
    visitor.open(f"{run.url}/signed-in?code={code}&state={query['state']}")
    assert visitor.message() == "The sign-in did not work. Please try again."
    visitor.visible("#sign-in").click()
    visitor.sign_in_as_new("Ben")
    visitor.until(lambda: visitor.text("#signed-in").startswith("You are signed in as Ben."), "no sign-in")
    visitor.command("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])


def test_a_sign_in_that_began_in_another_tab_gets_a_message(run: LocalRun, open_browser: OpenBrowser) -> None:
    visitor = open_browser()
    visitor.open(f"{run.url}/signed-in?code=c&state=s")
    assert visitor.message("#said").startswith("This sign-in did not begin in this tab.")
    assert kept(visitor) == [None, "", {}, {}, f"{run.url}/signed-in"]


def test_the_page_signs_out_a_guest_who_is_another_member(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50), (NOON, 25))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.sign_in_as(accept(run, host.link, NOON, 25, "Ben"))
    visitor.visible("#sessions")
    visitor.element("#not-you").click()
    assert visitor.message() == "You are signed out on this page."
    assert not visitor.element("#signed-in").is_displayed()
    assert not visitor.element("#sessions").is_displayed()
    visitor.choose("9:00")
    query = visitor.go_to_provider("#ask-sign-in")
    # Without the prompt a provider would sign in the same member again.
    assert query["prompt"] == "login"
    visitor.sign_in_as_new("Cy")
    visitor.book()
    visitor.visible("#sessions")
    assert host.guests() == {NINE.isoformat(): "Cy", NOON.isoformat(): "Ben"}


def test_r28_a_guest_sees_and_cancels_a_session_also_when_the_link_is_used_up(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    host = InviteHost(run, (NINE, 50), maxUses=1)
    guest = accept(run, host.link, NINE, 50, "Ben")
    visitor = open_browser()
    visitor.open(host.link)
    assert visitor.text("h1") == "This link does not work"
    visitor.sign_in_as(guest)
    visitor.visible("#sessions")
    assert visitor.text("h1") == "Work with Ada"
    assert "9:00\u20139:50 am, Coordinated Universal Time" in visitor.text("#sessions .when")
    assert visitor.element(".room").get_attribute("href").startswith(f"{visitor.run.url}/rooms/")
    visitor.element(".calendar").click()
    assert calendar_of(visitor.downloaded())["SUMMARY"] == "Session with Ada"
    visitor.element(".cancel").click()
    assert visitor.text(".cancel") == "Yes, cancel this session"
    assert host.guests() == {NINE.isoformat(): "Ben"}
    visitor.element(".cancel").click()
    assert visitor.message() == "Your session is cancelled."
    assert not visitor.element("#sessions").is_displayed()
    assert host.guests() == {}


def test_r28_a_member_without_a_session_sees_that_the_link_does_not_work(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    visitor = open_browser()
    visitor.open(f"{run.url}/i/unknown")
    visitor.sign_in_as(KnownMember(run, "Eve"))
    assert visitor.message() == "You have no session that was booked with this link."
    assert visitor.text("h1") == "This link does not work"


def test_a_guest_cancels_a_new_session_and_books_again(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.sign_in("Ben")
    visitor.book()
    visitor.visible(".cancel").click()
    visitor.element(".cancel").click()
    assert visitor.message() == "Your session is cancelled."
    visitor.choose("9:00")
    visitor.book()
    visitor.visible("#sessions")
    assert host.guests() == {NINE.isoformat(): "Ben"}


def test_a_guest_books_by_keyboard(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.sign_in_as(accept(run, InviteHost(run, (NOON, 25)).link, NOON, 25, "Ben"))
    press = lambda key: visitor.browser.switch_to.active_element.send_keys(key)  # noqa: E731 - a short name for a long call
    visitor.element("#not-you").send_keys("")
    press("\ue004")
    assert visitor.browser.switch_to.active_element.text == "Open your calendar"
    press("\ue004")
    assert visitor.browser.switch_to.active_element.text.startswith("9:00")
    press("\ue007")
    visitor.visible("#ask")
    press("\ue00c")
    visitor.until(lambda: not visitor.element("#ask").is_displayed(), "Escape does not close the question")
    assert visitor.browser.switch_to.active_element.text.startswith("9:00")
    press("\ue007")
    visitor.until(lambda: visitor.focused() == "book", "the question has no focus")
    press("\ue007")
    visitor.until(lambda: visitor.focused() == "yours", "the new session has no focus")


CLOCKS_GO_BACK = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "name", "days", "times"),
    [
        (
            "America/New_York",
            "Eastern Time",
            ["Saturday 31 October", "Sunday 1 November"],
            [
                "11:45 pm\u201312:35 am",
                "1:30\u20131:55 am GMT-4",
                "1:30 am GMT-4\u20131:20 am GMT-5",
                "11:00\u201311:50 am GMT-5",
            ],
        ),
        (
            "Asia/Kolkata",
            "India Standard Time",
            ["Sunday 1 November"],
            ["9:15\u201310:05 am", "11:00\u201311:25 am", "11:00\u201311:50 am", "9:30\u201310:20 pm"],
        ),
    ],
)
def test_r30_times_are_right_on_the_day_of_a_clock_change(
    run: LocalRun, open_browser: OpenBrowser, zone: str, name: str, days: list[str], times: list[str]
) -> None:
    run.call("PUT", "/dev/clock", payload={"now": "2026-10-30T07:00:00Z"})
    try:
        # The overlapping slot needs a second host.
        slots = [((3, 45), 50), ((5, 30), 25), ((16, 0), 50)]
        host = InviteHost(run, *((CLOCKS_GO_BACK + timedelta(hours=h, minutes=m), length) for (h, m), length in slots))
        across = InviteHost(run, (CLOCKS_GO_BACK + timedelta(hours=5, minutes=30), 50))
        visitor = open_browser(zone)
        visitor.open(host.link)
        assert [day.replace(",", "") for day in visitor.texts("h3")] == days
        assert visitor.texts("button.slot time") == [times[0], times[1], times[3]]
        assert visitor.text("#zone") == f"All times are in your time zone: {name}."
        assert ("The clocks change" in visitor.text("#times")) == (zone == "America/New_York")
        starts = [
            element.get_attribute("datetime") for element in visitor.browser.find_elements("css selector", "time")
        ]
        assert starts[1] == "2026-11-01T05:30:00.000Z"
        visitor.open(across.link)
        assert visitor.texts("button.slot time") == [times[2]]
    finally:
        run.call("PUT", "/dev/clock", payload={"now": None})


def test_r30_a_slot_across_a_clock_change_has_both_offsets(run: LocalRun, open_browser: OpenBrowser) -> None:
    """Open the page in Cairo for a slot that ends on the day after the clocks go forward at midnight."""
    run.call("PUT", "/dev/clock", payload={"now": "2027-04-29T07:00:00Z"})
    try:
        host = InviteHost(run, (datetime(2027, 4, 29, 21, 30, tzinfo=UTC), 50))
        visitor = open_browser("Africa/Cairo")
        visitor.open(host.link)
        assert visitor.texts("button.slot time") == ["11:30 pm GMT+2\u20131:20 am GMT+3"]
    finally:
        run.call("PUT", "/dev/clock", payload={"now": None})


def clock_changes(year: int) -> dict[datetime, list[str]]:
    """Return the instants of a year at which clocks change, with one time zone for each pair of offsets."""
    found: dict[datetime, dict[tuple[timedelta | None, timedelta | None], str]] = {}
    for name in sorted(zoneinfo.available_timezones() - {"Factory"}):
        zone = ZoneInfo(name)
        before = datetime(year, 1, 1, tzinfo=UTC)
        # No zone changes its clock twice within 6 hours, and each does at a quarter of an hour.
        for _ in range(365 * 4):
            after = before + timedelta(hours=6)
            offsets = [instant.astimezone(zone).utcoffset() for instant in (before, after)]
            if offsets[0] != offsets[1]:
                at = before
                while at.astimezone(zone).utcoffset() == offsets[0]:
                    at += timedelta(minutes=15)
                found.setdefault(at, {}).setdefault((offsets[0], offsets[1]), name)
            before = after
    return {at: list(zones.values()) for at, zones in found.items()}


def offset_text(minutes: int) -> str:
    """Return an offset as the page writes it, such as `GMT+5:30`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def test_r30_a_slot_across_any_clock_change_has_both_offsets(run: LocalRun, open_browser: OpenBrowser) -> None:
    """Compare the page with the offsets of the browser, whose zone data may differ from that of the service."""
    offsets_of = "return arguments[0].map((instant) => -new Date(instant).getTimezoneOffset())"
    right, wrong = [], []
    try:
        for at, zones in sorted(clock_changes(2027).items()):
            run.call("PUT", "/dev/clock", payload={"now": (at - timedelta(days=3)).isoformat()})
            start, end = at - timedelta(minutes=30), at + timedelta(minutes=20)
            host = InviteHost(run, (start, 50))
            for zone in zones:
                visitor = open_browser(zone)
                visitor.open(host.link)
                (text,) = visitor.texts("button.slot time")
                offsets = visitor.browser.execute_script(offsets_of, [start.isoformat(), end.isoformat()])
                if offsets[0] != offsets[1]:
                    is_right = re.findall(r"GMT[-+\d:]*", text) == list(map(offset_text, offsets))
                    (right if is_right else wrong).append(f"{zone} {at} {text}")
    finally:
        run.call("PUT", "/dev/clock", payload={"now": None})
    assert wrong == []
    assert len(right) > 50


OLD_BROWSERS = {
    "no offsets of time zones": (
        "const Real = Intl.DateTimeFormat; Intl.DateTimeFormat = function (language, options) {"
        " if (/Offset|Generic/.test(options?.timeZoneName)) throw new RangeError();"
        " return new Real(language, options); }"
    ),
    "no modal dialogs": "delete HTMLDialogElement.prototype.showModal",
    "no dialogs": "delete window.HTMLDialogElement",
    "no fetch": "delete window.fetch",
    # The syntax of the script is unknown to the browser.
    "a dead script": (
        "new MutationObserver(() => { for (const script of document.scripts)"
        " if (script.textContent.includes('const signIn')) script.type = 'unknown'; })"
        ".observe(document, {childList: true, subtree: true})"
    ),
}


@pytest.mark.parametrize("missing", OLD_BROWSERS)
def test_an_old_browser_gets_a_message_and_times_in_utc(run: LocalRun, open_browser: OpenBrowser, missing: str) -> None:
    """Open the page in Safari 15.3, which has neither offsets of time zones nor modal dialogs."""
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    added = visitor.command("Page.addScriptToEvaluateOnNewDocument", source=OLD_BROWSERS[missing])
    try:
        visitor.open(f"{host.link}?code=1#token={host.token}")
        assert visitor.message() == "This page needs Chrome 95, Edge 95, Firefox 98, Safari 15.4 or newer to book."
        assert kept(visitor) == [None, "", {}, {}, host.link]
        assert (visitor.text("#zone"), visitor.texts(".slot time")) == ("All times are in UTC.", ["09:00\u201309:50"])
        assert not visitor.element("#sign-in").is_displayed()
    finally:
        visitor.command("Page.removeScriptToEvaluateOnNewDocument", **added)


def test_r31_a_name_of_any_script_is_unchanged_on_the_page_and_in_the_calendar_file(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    england = "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    scripts = "\u202aעדה\u202c عائشة \u0600\u0661 \u0d30\u0d3e\u0d1c\u0d28\u0d4d\u200d ⠁⠙\u2800⠇"
    # A browser counts the units of UTF-16 for `maxlength`, which are more than the 80 characters of a name.
    name = f"{scripts} {england} {family} {family}; {england} {england}"
    assert (len(name), len(name.encode("utf-16-le")) // 2) == (67, 96)
    host = InviteHost(run, (NINE, 50), name=name)
    visitor = open_browser("UTC", DESKTOP)
    visitor.open(host.link)
    text_of = "return document.querySelector(arguments[0]).textContent"
    assert visitor.browser.execute_script(text_of, "#host") == name
    assert visitor.browser.execute_script(text_of, ".face") == "ע"
    visitor.choose("9:00")
    visitor.sign_in(name)
    assert visitor.browser.execute_script(text_of, "#me") == name
    visitor.book()
    visitor.until(lambda: visitor.focused() == "yours", "the new session has no focus")
    assert visitor.browser.execute_script(text_of, "#yours") == f"You are locked in with {name}"
    assert host.guests() == {NINE.isoformat(): name}
    visitor.element(".calendar").click()
    assert calendar_of(visitor.downloaded())["SUMMARY"].replace(r"\;", ";") == f"Session with {name}"


def test_without_javascript_the_times_are_in_utc_and_labelled(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser("Asia/Kolkata", script=False)
    visitor.open(host.link)
    assert visitor.text("#zone") == "All times are in UTC."
    assert visitor.texts(".slot time") == ["09:00\u201309:50"]
    assert "Booking needs JavaScript" in visitor.text("#choose")
    assert not visitor.element("#sessions").is_displayed()
    assert not visitor.element("#sign-in").is_displayed()


# Addresses in which earlier pages, or pages of other services, take a token or a code.
FOREIGN_ADDRESSES = (
    "#token={token}",
    "#access_token={token}&token_type=Bearer&state=s",
    "#id_token={token}&state=s",
    "?token={token}",
    "?access_token={token}",
    "?code={token}&state=s",
    "?session_token={token}#token={token}",
    "?code=c&state=s&id_token={token}#/signed-in?token={token}",
)


@pytest.mark.parametrize("language", ["", "language=en"])
def test_r27_a_token_in_the_address_is_removed_and_not_used(
    run: LocalRun, open_browser: OpenBrowser, language: str
) -> None:
    """Send a guest the address `/i/T#token=<another member's token>`, so that the guest books as that member (R27)."""
    host = InviteHost(run, (NINE, 50))
    other = KnownMember(run, "Mallory").token
    visitor = open_browser()
    clean = f"{host.link}?{language}" if language else host.link
    for foreign in FOREIGN_ADDRESSES:
        visitor.open("about:blank")
        query, _, fragment = foreign.format(token=other).partition("#")
        queries = "&".join(filter(None, (language, query.removeprefix("?"))))
        visitor.open(f"{host.link}?{queries}#{fragment}")
        visitor.choose("9:00")
        assert not visitor.element("#signed-in").is_displayed()
        assert not visitor.element("#book").is_displayed()
        assert kept(visitor) == [None, "", {}, {}, clean]
        history = [entry["url"] for entry in visitor.command("Page.getNavigationHistory")["entries"]]
        assert other not in history[-1]
        # The page also removes a fragment that comes later.
        visitor.browser.execute_script("location.hash = arguments[0]", f"token={other}")
        visitor.until(lambda: visitor.browser.current_url == clean, "the fragment stays")
        assert not visitor.element("#signed-in").is_displayed()
    assert host.guests() == {}
