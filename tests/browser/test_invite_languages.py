"""The page of an invite link in each language, in a browser (R27, R28)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.handlers.pages.page_catalog import catalog
from infra.local.run_process import LocalRun
from tests.browser.conftest import DESKTOP, OpenBrowser
from tests.browser.known_member import KnownMember
from tests.browser.test_invite_page import NINE, NOON, InviteHost, accept, kept
from tests.browser.visitor import Visitor

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

# The digits of Egypt.
DIGITS = "[\u0660-\u0669]"


def accepting(visitor: Visitor, languages: str) -> Visitor:
    """Let the browser ask for languages, as its user chose them."""
    agent = visitor.browser.execute_script("return navigator.userAgent")
    visitor.command("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=languages)
    visitor.command("Emulation.setLocaleOverride", locale=languages.replace("-", "_"))
    return visitor


@pytest.fixture
def open_in(open_browser: OpenBrowser) -> OpenBrowser:
    """A function that opens the browser with its languages."""
    opened: list[Visitor] = []

    def open_in(languages: str, zone: str = "UTC", size: tuple[int, int] = DESKTOP) -> Visitor:
        opened.append(open_browser(zone, size))
        return accepting(opened[-1], languages)

    yield open_in
    for visitor in opened:
        accepting(visitor, "en-US")


@pytest.mark.parametrize(
    ("languages", "title", "day", "time", "zone"),
    [
        ("de-AT", "Arbeite mit Ada", r"\w+, \d+\. \w+", "09:00\u201309:50", "Koordinierte Weltzeit"),
        ("ar-EG", "اعمل مع Ada", rf"\w+، {DIGITS}+ \w+", f"{DIGITS}:{DIGITS}+\u2013.*", "التوقيت العالمي المنسق"),
    ],
)
def test_r24_a_guest_books_and_cancels_in_the_language_of_the_browser(
    run: LocalRun, open_in: OpenBrowser, languages: str, title: str, day: str, time: str, zone: str
) -> None:
    host = InviteHost(run, (NINE, 50))
    language = languages[:2]
    texts = catalog(language)
    visitor = open_in(languages)
    visitor.open(host.link)
    assert visitor.text("h1") == title
    assert re.fullmatch(day, visitor.text("h3"))
    assert re.fullmatch(time, visitor.text("button.slot time"))
    assert zone in visitor.text("#zone")
    visitor.element("button.slot").click()
    visitor.sign_in("Ben")
    # The way through the provider has kept the language.
    assert visitor.browser.execute_script("return document.documentElement.lang") == language
    visitor.book()
    visitor.until(lambda: visitor.focused() == "yours", "the new session has no focus")
    assert visitor.text("#yours") == texts["invite"]["locked_in_with"].format(host="Ada")
    assert host.guests() == {NINE.isoformat(): "Ben"}
    visitor.element(".cancel").click()
    assert visitor.text(".cancel") == texts["script"]["cancel_asked"]
    visitor.element(".cancel").click()
    assert visitor.message() == texts["script"]["cancelled"]
    shown = visitor.text("body")
    english = [text for text in catalog("en")["script"].values() if isinstance(text, str) and len(text) > 12]
    assert [text for text in english if text in shown] == []


def test_the_visitor_chooses_a_language_which_stays_through_the_sign_in(run: LocalRun, open_in: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_in("de")
    visitor.open(host.link)
    visitor.element("footer a[lang=ar]").click()
    visitor.until(lambda: visitor.text("h1") == "اعمل مع Ada", "the page is not in Arabic")
    assert visitor.element("footer a[aria-current]").text == "العربية"
    visitor.element("button.slot").click()
    visitor.sign_in("Ben")
    assert visitor.text("h1") == "اعمل مع Ada"
    # Nothing but the address has the choice.
    assert kept(visitor) == [None, "", {}, {}, f"{host.link}?language=ar"]
    visitor.book()
    visitor.visible("#sessions")
    assert host.guests() == {NINE.isoformat(): "Ben"}


def test_times_have_the_clock_of_the_language_in_a_browser_from_elsewhere(run: LocalRun, open_in: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_in("de")
    # The system of the device is American, and its user reads German.
    visitor.command("Emulation.setLocaleOverride", locale="en_US")
    visitor.open(host.link)
    assert visitor.text("button.slot time") == "09:00\u201309:50"


def test_r28_a_member_who_is_signed_in_is_not_asked_to_sign_in(run: LocalRun, open_in: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50), maxUses=1)
    accept(run, host.link, NINE, 50, "Ben")
    visitor = open_in("en-US")
    visitor.open(host.link)
    advice = catalog("en")["invite"]["gone_sign_in"]
    assert advice in visitor.text("body")
    visitor.sign_in_as(KnownMember(run, "Cy"))
    assert visitor.message() == catalog("en")["script"]["no_session"]
    assert advice not in visitor.text("body")
    visitor.element("#not-you").click()
    assert advice in visitor.text("body")


def test_r28_an_unusable_link_answers_in_the_language_of_the_browser(run: LocalRun, open_in: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50), maxUses=1)
    guest = accept(run, host.link, NINE, 50, "Ben")
    visitor = open_in("de")
    visitor.open(host.link)
    assert visitor.text("h1") == "Dieser Link funktioniert nicht"
    visitor.sign_in_as(guest)
    visitor.visible("#sessions")
    assert visitor.text("h1") == "Arbeite mit Ada"


def test_r41_the_links_to_calendars_have_the_session_and_nothing_that_opens_its_room(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    host = InviteHost(run, (NINE, 50), (NOON, 25), name="Ada & Söhne")
    visitor = open_browser("Asia/Kolkata", DESKTOP)
    visitor.open(f"{host.link}?language=en")
    visitor.element("button.slot").click()
    visitor.sign_in("Ben")
    visitor.book()
    room = visitor.visible(".room").get_attribute("href") or ""
    links = visitor.browser.find_elements("css selector", ".calendars a")
    assert [link.text for link in links] == ["Google Calendar", "Outlook"]
    assert {(link.get_attribute("rel"), link.get_attribute("target")) for link in links} == {
        ("noopener noreferrer", "_blank")
    }
    google, outlook = (urlsplit(link.get_attribute("href") or "") for link in links)
    details = [f"Times, room and a way to cancel: {run.url}/sessions"]
    assert (google.netloc, google.path) == ("calendar.google.com", "/calendar/render")
    assert parse_qs(google.query) == {
        "action": ["TEMPLATE"],
        "text": ["Session with Ada & Söhne"],
        "dates": [f"{NINE:%Y%m%dT%H%M%SZ}/{NINE:%Y%m%dT}095000Z"],
        "details": details,
    }
    assert (outlook.netloc, outlook.path) == ("outlook.live.com", "/calendar/0/deeplink/compose")
    assert parse_qs(outlook.query) == {
        "path": ["/calendar/action/compose"],
        "rru": ["addevent"],
        "subject": ["Session with Ada & Söhne"],
        "startdt": [f"{NINE:%Y-%m-%dT%H:%M:%S}.000Z"],
        "enddt": [f"{NINE:%Y-%m-%dT}09:50:00.000Z"],
        "body": details,
    }
    for secret in (room.rpartition("/")[2], host.link.rpartition("/")[2]):
        assert secret not in google.query + outlook.query


def test_r41_the_links_to_calendars_have_no_address_without_a_web_app(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser("Asia/Kolkata", DESKTOP)
    visitor.open(f"{host.link}?language=en")
    visitor.element("button.slot").click()
    visitor.sign_in("Ben")
    # The page of a service without the web app has no link to it.
    visitor.browser.execute_script("document.getElementById('app').remove()")
    visitor.book()
    visitor.visible(".room")
    links = visitor.browser.find_elements("css selector", ".calendars a")
    queries = [parse_qs(urlsplit(link.get_attribute("href") or "").query) for link in links]
    assert [query.keys() & {"details", "body"} for query in queries] == [set(), set()]
    assert "undefined" not in str(queries)


def test_a_signed_in_guest_gets_a_link_to_the_web_app(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)
    assert not visitor.element("#app a").is_displayed()
    visitor.choose("9:00")
    visitor.sign_in("Ben")
    visitor.element("#close").click()
    assert visitor.visible("#app a").get_attribute("href") == f"{run.url}/"


def test_r27_the_picture_of_the_host_is_shown(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    host.call("PATCH", "/v1/me", {"photoUrl": "https://pictures.example.org/ada?a=1&b=2"})
    visitor = open_browser()
    visitor.open(host.link)
    picture = visitor.element(".face img")
    assert picture.get_attribute("src") == "https://pictures.example.org/ada?a=1&b=2"
    assert (picture.get_attribute("alt"), picture.get_attribute("referrerpolicy")) == ("", "no-referrer")
    visitor.console_errors()
