"""A member in a browser with a fake camera, who visits a room."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.known_member import KnownMember
from tests.browser.member_browser import PATIENCE_SECONDS, MemberBrowser
from tests.browser.room.page_recorder import record_pages

SOON_SECONDS = 5
# Between the energy of a silent connection and that of one sound of the fake microphone.
LEAST_ENERGY = 1e-4


@dataclass
class RoomVisitor:
    """A member, the browser, and the main colour of what its camera sees."""

    member: KnownMember
    page: MemberBrowser
    colour: str

    @property
    def name(self) -> str:
        """The name of the member."""
        return self.member.name

    def open(self, address: str) -> None:
        """Go to the address of a room."""
        self.page.open(urlsplit(address).path)

    def join(self) -> None:
        """Press the button that joins, after the check of the camera."""
        self.page.until(lambda: self.run("return document.querySelector('.check video')?.videoWidth > 0"), "no preview")
        self.page.click("button", "Join")
        self.page.one("button", "Leave")

    def run(self, script: str, *arguments: Any) -> Any:
        """Return the result of a script in the page."""
        return self.page.browser.execute_script(script, *arguments)

    def wait(self, expression: str, *arguments: Any) -> Any:
        """Return the value of a promise in the page. Raises TimeoutException after a minute."""
        script = "const given = [...arguments], done = given.pop(); (async () => " + expression + ")()"
        script += ".then((value) => done({ value }), (error) => done({ error: String(error) }))"
        self.page.browser.set_script_timeout(PATIENCE_SECONDS)
        result = self.page.browser.execute_async_script(script, *arguments)
        assert "error" not in result, result
        return result["value"]

    def watch(self, partner: "RoomVisitor") -> None:
        """Begin to look for a moving picture of the partner."""
        self.run("recorded.moving = recorded.movingPicture(arguments[0])", partner.name)

    def sees(self, partner: "RoomVisitor") -> int:
        """Wait until the partner's picture moves since the latest `watch`, and return when, in milliseconds.

        It has the colour of the partner's camera.
        """
        seen = self.wait("recorded.moving")
        assert seen["main"] == partner.colour
        return int(seen["at"])

    def sees_now(self, partner: "RoomVisitor") -> None:
        """Wait until the partner's picture moves."""
        self.watch(partner)
        self.sees(partner)

    def loses_sight_of(self, partner: "RoomVisitor") -> None:
        """Wait until the partner's picture does not move."""
        self.wait("recorded.stillPicture(given[0])", partner.name)

    def clicked_at(self) -> int:
        """Return when the page was clicked last, in milliseconds."""
        return int(self.run("return recorded.clickedAt"))

    def ways(self) -> list[str]:
        """Return the kinds of both ends of the way of the call."""
        return list(self.wait("recorded.ways()"))

    def signalled(self) -> str:
        """Return all that the page has sent on its live connection."""
        return " ".join(self.run("return recorded.said"))

    def is_shown(self, text: str) -> None:
        """Wait for a text in the room."""
        self.page.sees(text, "main")

    def hears_sound(self) -> None:
        """Wait until sound arrives."""
        before = self.loudness()
        self.page.until(lambda: self.loudness() - before > LEAST_ENERGY, "no sound arrives")

    def hears_silence(self, seconds: float) -> None:
        """Check that no sound arrives for some seconds."""
        self.wait("new Promise((done) => setTimeout(done, given[0] * 1000))", 1)
        before = self.loudness()
        self.wait("new Promise((done) => setTimeout(done, given[0] * 1000))", seconds)
        assert self.loudness() - before < LEAST_ENERGY

    def picture_of(self, partner: "RoomVisitor") -> str:
        """Return the main colour of the partner's picture, and an empty text without one."""
        return str(self.run("return recorded.mainColour(arguments[0])", partner.name))

    def controls(self) -> WebElement:
        """Return the controls of the call."""
        return self.page.browser.find_element(By.CSS_SELECTOR, ".controls")

    def record(self) -> None:
        """Record also in the present window."""
        record_pages(self.page.browser)

    def loudness(self) -> float:
        """Return the energy of all sound that has arrived."""
        return float(self.wait("recorded.loudness()"))

    def open_tracks(self) -> int:
        """Return the number of cameras, microphones and screens that are on."""
        return int(self.run("return recorded.tracks.filter(({ readyState }) => readyState === 'live').length"))


def meet(first: RoomVisitor, second: RoomVisitor) -> float:
    """Let both join the room that they have opened. Return the seconds from the second click to both pictures."""
    first.join()
    return meet_again(first, second)


def meet_again(first: RoomVisitor, second: RoomVisitor) -> float:
    """Let the second member join, too. Return the seconds from the click to both pictures."""
    for one, other in ((first, second), (second, first)):
        one.watch(other)
    second.join()
    return (max(first.sees(second), second.sees(first)) - second.clicked_at()) / 1000


def see_each_other(one: RoomVisitor, other: RoomVisitor) -> None:
    """Wait until both see the moving picture of the other."""
    for visitor, partner in ((one, other), (other, one)):
        visitor.watch(partner)
    one.sees(other)
    other.sees(one)
