"""Somebody who was sent a link, and sits in front of a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from infra.local.run_process import OwnRun

T = TypeVar("T")

PATIENCE_SECONDS = 20
# The service's answers as a browser logs them; a refusal is no complaint.
REFUSALS = ("the server responded with a status of 4", "favicon.ico")


@dataclass
class Visitor:
    """A browser, the runner it visits, and the folder of its downloads."""

    browser: Chrome
    run: OwnRun
    downloads: Path

    def emulate(self, zone: str, size: tuple[int, int], *, script: bool) -> None:
        """Be in a time zone, at a screen of that size, with or without JavaScript."""
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.command("Emulation.setTimezoneOverride", timezoneId=zone)
        self.command("Emulation.setDeviceMetricsOverride", **screen)
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def command(self, name: str, **parameters: Any) -> Any:
        """Tell the browser what no page can."""
        return self.browser.execute_cdp_cmd(name, parameters)

    def until(self, probe: Callable[[], T], what: str) -> T:
        """The first true answer of `probe`."""
        # A page may be left between finding an element and reading it.
        leaving = (NoSuchElementException, StaleElementReferenceException)
        return WebDriverWait(self.browser, PATIENCE_SECONDS, 0.05, leaving).until(lambda _: probe(), what)

    def open(self, url: str) -> None:
        """Go to an address."""
        self.browser.get(url)

    def element(self, css: str) -> WebElement:
        """The first element that a selector finds."""
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def text(self, css: str) -> str:
        """What an element says."""
        return self.element(css).text

    def texts(self, css: str) -> list[str]:
        """What each element says that a selector finds."""
        return [element.text for element in self.browser.find_elements(By.CSS_SELECTOR, css)]

    def seen(self, css: str) -> WebElement:
        """The first element that a selector finds, once it can be seen."""
        self.until(lambda: self.element(css).is_displayed(), f"{css} is not to be seen")
        return self.element(css)

    def focused(self) -> str:
        """The id of what the keyboard acts on."""
        return self.browser.switch_to.active_element.get_attribute("id") or ""

    def choose(self, time: str) -> None:
        """Choose the time that begins with these words."""
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "button.slot")
        (button,) = [button for button in buttons if button.text.startswith(time)]
        button.click()
        self.seen("#ask")

    def sign_in(self, name: str) -> None:
        """Follow the link in the question, and come back as a new member of that name."""
        self.seen("#ask-sign-in").click()
        self.seen("input[name=name]").send_keys(name)
        self.element("form:last-of-type button").click()
        self.seen("#book")

    def book(self) -> None:
        """Say yes to the question."""
        self.seen("#book").click()

    def said(self, css: str = "#said") -> str:
        """What the page has to say, once it says something."""
        return self.until(lambda: self.text(css), f"{css} says nothing")

    def downloaded(self) -> bytes:
        """The calendar file, once the browser has written all of it."""

        def whole() -> bytes:
            text = b"".join(file.read_bytes() for file in self.downloads.glob("*.ics"))
            return text if text.endswith(b"END:VCALENDAR\r\n") else b""

        return self.until(whole, "no calendar file")

    def complaints(self) -> list[str]:
        """What the browser complained about since the last time: a policy broken, a script that failed."""
        entries = [entry["message"] for entry in self.browser.get_log("browser")]
        return [entry for entry in entries if not any(known in entry for known in REFUSALS)]
