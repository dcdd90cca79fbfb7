"""The Calendar screen in a member's browser, with the members and sessions around it."""

from dataclasses import dataclass
from datetime import datetime

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.known_member import KnownMember
from tests.browser.member_browser import MemberBrowser

# The cell whose own text is its name, without the names of the buttons in it.
NAMES = "return [...document.querySelectorAll('td[data-at] > .hidden')].map((name) => name.textContent);"
CELL = "return document.getElementById('slot-' + arguments[0])?.parentElement;"
SHOW = "arguments[0].scrollIntoView({ block: 'center' });"


@dataclass
class CalendarScreen:
    """A member's browser on the Calendar screen."""

    browser: MemberBrowser
    me: KnownMember

    def open(self, path: str = "/") -> None:
        """Sign in by clicking, at an address of the calendar, and wait for the slots."""
        self.me.sign_in(self.browser, path)
        self.is_complete()

    def is_complete(self) -> None:
        """Wait until the calendar shows the response of the service."""
        complete = "return document.querySelector('table[aria-busy=false]') !== null"
        self.browser.until(lambda: self.browser.browser.execute_script(complete), "the calendar is not complete")

    def cell(self, start: datetime) -> WebElement:
        """Wait for the cell of an instant, show it, and return it."""
        script = self.browser.browser.execute_script
        at = int(start.timestamp() * 1000)
        cell: WebElement = self.browser.until(lambda: script(CELL, at), f"no cell for {start}")
        script(SHOW, cell)
        return cell

    def name(self, start: datetime) -> str:
        """Return the name of the cell of an instant as its own text says it."""
        text: str = self.cell(start).find_element(By.CSS_SELECTOR, ".hidden").get_attribute("textContent") or ""
        return text.replace("\u2068", "").replace("\u2069", "")

    def names(self) -> list[str]:
        """Return the names of all cells."""
        names: list[str] = self.browser.browser.execute_script(NAMES)
        return names

    def becomes(self, start: datetime, state: str) -> None:
        """Wait until the name of a cell continues with a state after its day and time."""
        self.browser.until(lambda: self.name(start).endswith(state), f"the cell of {start} does not end in {state!r}")

    def open_slot(self, start: datetime) -> None:
        """Click the cell of a free instant and wait for its card."""

        def clicked() -> bool:
            self.cell(start).click()
            return True

        self.browser.until(clicked, "the cell cannot be clicked")
        self.browser.one("dialog", "Book a session")

    def open_panel(self, start: datetime) -> None:
        """Click More in the cell of an instant and wait for the Partner panel."""
        self.browser.click("button", "More", self.cell(start))
        self.browser.sees("Any partner", "dialog[open]")

    def has_lock(self, css: str) -> bool:
        """Return true if an element shows the lock icon."""
        return bool(self.browser.browser.find_elements(By.CSS_SELECTOR, f"{css} svg.lock"))
