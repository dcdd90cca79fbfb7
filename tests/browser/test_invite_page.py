"""The page of an invite link in a browser, against a local runner (R24 to R29)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import DESKTOP, PHONE, OpenBrowser

MINUTE = 60_000
TOMORROW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
NINE, TEN, NOON = (TOMORROW + timedelta(hours=hours) for hours in (9, 10, 12))


class InviteHost:
    """A member with bookings and an invite link."""

    def __init__(self, run: LocalRun, *slots: tuple[datetime, int], name: str = "Ada", **limits: Any) -> None:
        self.run = run
        self.token = self.call("POST", "/dev/sign-in", {"name": name}, token=None)["token"]
        for start, minutes in slots:
            self.book(start, minutes)
        self.link = self.call("POST", "/v1/invite-links", limits)["inviteLink"]["url"]

    def call(self, method: str, path: str, payload: Any = None, **options: Any) -> Any:
        """Send a request of this member, or of another `token`, and return the JSON of the response."""
        status, body = self.run.call(method, path, options.get("token", getattr(self, "token", None)), payload)
        assert status < 300, body
        return body

    def book(self, start: datetime, minutes: int) -> None:
        """Book a slot, which the link then offers to guests."""
        self.call("POST", "/v1/sessions", {"startTime": start.isoformat(), "duration": minutes * MINUTE})

    def partners(self) -> dict[str, str]:
        """Return the names of the locked-in partners by start."""
        query = f"start={TOMORROW:%Y-%m-%dT%H:%M:%SZ}&end={TOMORROW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        sessions = self.call("GET", f"/v1/sessions?{query}")["sessions"]
        return {each["startTime"]: each["users"][1]["name"] for each in sessions if each["locked"]}


def accept(run: LocalRun, link: str, start: datetime, minutes: int, name: str = "Quick") -> str:
    """Book by the link as a new member, and return that member's token."""
    token = run.call("POST", "/dev/sign-in", payload={"name": name})[1]["token"]
    body = {"startTime": start.isoformat(), "duration": minutes * MINUTE}
    status, content = run.call("POST", link.removeprefix(run.url), token, body)
    assert status == 201, content
    return token


def calendar_of(file: bytes) -> dict[str, str]:
    """Return the unfolded properties of a calendar file by name."""
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert max(map(len, file.split(b"\r\n"))) <= 75
    lines = file.decode().replace("\r\n ", "").split("\r\n")
    return dict(line.split(":", 1) for line in lines if line)


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
    assert visitor.browser.current_url == host.link
    assert "9:00\u20139:50 am, Coordinated Universal Time" in visitor.text("#ask-when")
    visitor.book()
    visitor.until(lambda: visitor.focused() == "done", "the confirmation has no focus")
    assert visitor.text("#done").startswith("You are locked in with Ada, the 1st;")
    assert "9:00\u20139:50 am, Coordinated Universal Time" in visitor.text("#booked-when")
    assert not visitor.element("#choose").is_displayed()
    assert host.partners() == {NINE.isoformat(): "Ben"}
    room = visitor.element("#room").get_attribute("href")
    assert room.startswith("https://meet.jit.si/")
    visitor.element("#calendar").click()
    calendar = calendar_of(visitor.downloaded())
    assert calendar["DTSTART"] == f"{NINE:%Y%m%dT%H%M%SZ}"
    assert calendar["DTEND"] == f"{NINE + timedelta(minutes=50):%Y%m%dT%H%M%SZ}"
    assert calendar["LOCATION"] == room
    assert calendar["SUMMARY"].startswith(r"Locked-in session with Ada\, the 1st\; ")
    assert re.fullmatch(r"\S+@127\.0\.0\.1", calendar["UID"])
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
    visitor.visible("#booked")
    assert host.partners() == {NINE.isoformat(): "Quick", NOON.isoformat(): "Late"}


def test_a_slot_that_is_taken_during_the_sign_in_gets_a_message(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50), (NOON, 25))
    visitor = open_browser()
    visitor.open(host.link)
    visitor.choose("9:00")
    visitor.visible("#ask-sign-in").click()
    visitor.visible("input[name=name]").send_keys("Slow")
    accept(run, host.link, NINE, 50)
    visitor.element("form:last-of-type button").click()
    assert "This time has just been taken." in visitor.message()
    assert visitor.texts("button.slot time") == ["12:00\u201312:25 pm"]


def test_r16_an_overlapping_own_booking_is_replaced_after_a_confirmation(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    host, other = InviteHost(run, (NINE, 50), (NOON, 25)), InviteHost(run, (NOON, 50), name="Eve")
    visitor = open_browser()
    ben = run.call("POST", "/dev/sign-in", payload={"name": "Ben"})[1]["token"]
    half_past = {"startTime": (NINE + timedelta(minutes=30)).isoformat(), "duration": 25 * MINUTE}
    assert run.call("POST", "/v1/sessions", ben, half_past)[0] == 201
    at_noon = {"startTime": NOON.isoformat(), "duration": 50 * MINUTE}
    assert run.call("POST", other.link.removeprefix(run.url), ben, at_noon)[0] == 201
    visitor.open(f"{host.link}#token={ben}")
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
    visitor.visible("#booked")
    assert host.partners() == {NINE.isoformat(): "Ben"}


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
    visitor.open(f"{host.link}#token={host.token}")
    visitor.choose("9:00")
    visitor.book()
    assert "this is your own link" in visitor.message()
    assert host.partners() == {}


def test_an_expired_token_leads_to_the_sign_in(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(f"{host.link}#token=expired")
    assert visitor.text("#signed-in") == "You are signed in. Choose a time."
    visitor.choose("9:00")
    visitor.book()
    assert visitor.message("#ask-said") == "Your sign-in has expired. Please sign in again."
    visitor.sign_in("Ben")
    visitor.book()
    visitor.visible("#booked")
    assert host.partners() == {NINE.isoformat(): "Ben"}


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
    visitor.visible("#booked")
    assert host.partners() == {NINE.isoformat(): "Ben"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("busy", "Please try again: nothing is booked twice."),
        ("rate_limited", "You have reached a limit. Come back tomorrow."),
        ("internal_error", "That did not work. Please try again."),
        ("too_late", "This session has already begun. Here are the other times."),
        ("invalid_request", "This time cannot be booked. Here are the other times."),
    ],
)
def test_every_other_refusal_gets_a_message(run: LocalRun, open_browser: OpenBrowser, code: str, words: str) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(f"{host.link}#token={host.token}")
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
    visitor.open(f"{host.link}#token={host.token}")
    assert visitor.visible("#signed-in")
    assert visitor.browser.current_url == host.link
    kept = visitor.browser.execute_script(
        "return [history.state, document.cookie, localStorage.length, sessionStorage.length]"
    )
    assert kept == [None, "", 0, 0]
    assert host.token not in visitor.browser.page_source
    visitor.browser.refresh()
    assert visitor.visible("#sign-in")


def test_a_guest_books_by_keyboard(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(f"{host.link}#token={accept(run, InviteHost(run, (NOON, 25)).link, NOON, 25, 'Ben')}")
    press = lambda key: visitor.browser.switch_to.active_element.send_keys(key)  # noqa: E731 - a short name for a long call
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
    visitor.until(lambda: visitor.focused() == "done", "the confirmation has no focus")


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


def test_without_javascript_the_times_are_in_utc_and_labelled(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser("Asia/Kolkata", script=False)
    visitor.open(host.link)
    assert visitor.text("#zone") == "All times are in UTC."
    assert visitor.texts(".slot time") == ["09:00\u201309:50"]
    assert "Booking needs JavaScript" in visitor.text("#choose")
    assert not visitor.element("#booked").is_displayed()
