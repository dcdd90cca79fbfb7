"""The browser of a guest, with the actions and texts of the pages that it opens."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from infra.local.run_process import LocalRun
from tests.browser.known_member import KnownMember
from tests.browser.provider_page import choose_member

T = TypeVar("T")

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.1
# Console messages that are no error of a page, such as a response with status 4xx.
EXPECTED_MESSAGES = ("the server responded with a status of 4", "favicon.ico")


@dataclass
class Visitor:
    """A browser, the runner that it visits, and the folder of its downloads."""

    browser: Chrome
    run: LocalRun
    downloads: Path

    def emulate(self, zone: str, size: tuple[int, int], *, script: bool) -> None:
        """Set the time zone, the screen size and whether JavaScript runs, and sign out at the provider."""
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.command("Emulation.setTimezoneOverride", timezoneId=zone)
        self.command("Emulation.setDeviceMetricsOverride", **screen)
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        # Otherwise the provider would sign in the member of an earlier test without a question.
        self.command("Network.clearBrowserCookies")
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def command(self, name: str, **parameters: Any) -> Any:
        """Send a command of the Chrome DevTools protocol."""
        return self.browser.execute_cdp_cmd(name, parameters)

    def until(self, probe: Callable[[], T], failure: str) -> T:
        """Call `probe` until its result is true and return it, or raise TimeoutException with `failure`."""
        # The page may change between finding an element and reading it.
        retried = (NoSuchElementException, StaleElementReferenceException)
        return WebDriverWait(self.browser, PATIENCE_SECONDS, POLL_SECONDS, retried).until(lambda _: probe(), failure)

    def forget_sign_in(self) -> None:
        """End the session at the provider, which then asks again who signs in."""
        self.command("Network.clearBrowserCookies")

    def open(self, url: str) -> None:
        """Go to an address."""
        self.browser.get(url)

    def element(self, css: str) -> WebElement:
        """Return the first element that matches a selector."""
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def text(self, css: str) -> str:
        """Return the text of an element, without the marks that isolate names."""
        return self.element(css).text.replace("\u2068", "").replace("\u2069", "")

    def texts(self, css: str) -> list[str]:
        """Return the text of each element that matches a selector."""
        return [element.text for element in self.browser.find_elements(By.CSS_SELECTOR, css)]

    def visible(self, css: str) -> WebElement:
        """Wait until the first element that matches a selector is visible, and return it."""
        self.until(lambda: self.element(css).is_displayed(), f"{css} is not visible")
        return self.element(css)

    def focused(self) -> str:
        """Return the id of the focused element."""
        return self.browser.switch_to.active_element.get_attribute("id") or ""

    def choose(self, time: str) -> None:
        """Choose the slot whose text begins with `time`."""
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "button.slot")
        (button,) = [button for button in buttons if button.text.startswith(time)]
        button.click()
        self.visible("#ask")

    def go_to_provider(self, button: str = "#sign-in") -> dict[str, str]:
        """Press a button that signs in, and return the parameters of the request at the provider."""
        self.visible(button).click()
        self.visible("#new")
        return dict(parse_qsl(urlsplit(self.browser.current_url).query))

    def sign_in(self, name: str) -> None:
        """Follow the sign-in of the dialog, and return to the page as a new member with this name."""
        self.forget_sign_in()
        self.go_to_provider("#ask-sign-in")
        self.sign_in_as_new(name)
        self.visible("#book")

    def sign_in_as_new(self, name: str) -> None:
        """Sign in as a new member with this name at the provider."""
        self.visible("#new input[name=name]").send_keys(name)
        self.element("#new button").click()

    def sign_in_as(self, member: KnownMember) -> None:
        """Sign in as a known member from the page of a link, and return to it."""
        self.forget_sign_in()
        self.go_to_provider()
        choose_member(self.browser, member.user_id)
        # The page has one of several languages.
        self.until(lambda: member.name in self.text("#signed-in"), f"{member.name} is not signed in")

    def book(self) -> None:
        """Press the booking button of the dialog."""
        self.visible("#book").click()

    def message(self, css: str = "#said") -> str:
        """Wait until the page shows a message, and return its text."""
        return self.until(lambda: self.text(css), f"{css} shows no message")

    def downloaded(self) -> bytes:
        """Wait until the calendar file is complete, and return its bytes."""

        def complete_file() -> bytes:
            text = b"".join(file.read_bytes() for file in self.downloads.glob("*.ics"))
            return text if text.endswith(b"END:VCALENDAR\r\n") else b""

        return self.until(complete_file, "no calendar file")

    def console_errors(self) -> list[str]:
        """Return the unexpected messages of the browser's console since the last call."""
        entries = [entry["message"] for entry in self.browser.get_log("browser")]
        return [entry for entry in entries if not any(known in entry for known in EXPECTED_MESSAGES)]
