"""The browser of a member in the web app, used by the names of buttons, links and fields."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from infra.local.engine import ROOT
from infra.local.run_process import LocalRun

T = TypeVar("T")

# More than the minute after which a page without a live connection reads its views again.
PATIENCE_SECONDS = 120
# A look at a page costs the processor 15 ms, which the page needs, too.
POLL_SECONDS = 0.1
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
# Without preloading, in which axe-core downloads style sheets and media again. Only its rules on orientation and on
# sounds that start by themselves use them, and a failed download is an error on the console.
# The elements that pass have no use, and finding a selector for each takes half of the time.
RUN_AXE = "axe.run({ preload: false, resultTypes: ['violations'] }).then(arguments[arguments.length - 1])"
HAS_AXE = "return 'axe' in window"
# The elements that can have a role, which the browser then computes.
CANDIDATES = {
    "button": "button, [role=button], summary",
    "link": "a[href]",
    "heading": "h1, h2, h3, h4",
    "textbox": "input, textarea",
    "checkbox": "input[type=checkbox]",
    "radio": "input[type=radio], [role=radio]",
    "combobox": "select, [role=combobox]",
    "dialog": "dialog[open], [role=dialog]",
    "gridcell": "[role=gridcell], td",
    "switch": "[role=switch]",
    "Date": "input[type=date]",
}
# Returns the elements of a selector that may be visible and have a name: every word of it is in their text, in an
# attribute or in what labels them. The browser then computes the name of these few, by a request for each.
POSSIBLE = """
const [css, name, within] = arguments;
const squeezed = (text) => text.replace(/[\\s\\u2068\\u2069]/g, "").toLowerCase();
const words = name.split(/\\s+/).map(squeezed);
const referenced = (element) => (element.getAttribute("aria-labelledby") ?? "").split(/\\s+/).filter(Boolean)
  .map((id) => document.getElementById(id)).filter(Boolean);
const texts = (element) => [element, ...element.querySelectorAll("*")].flatMap((part) => [
  ...[...part.attributes].map((attribute) => attribute.value), ...(part === element ? [part.textContent] : []),
]);
return [...(within ?? document).querySelectorAll(css)].filter((element) => {
  if (!element.checkVisibility()) return false;
  const all = [element, ...(element.labels ?? []), ...referenced(element)].flatMap(texts).map(squeezed);
  return words.every((word) => all.some((text) => text.includes(word)));
});
"""
# A page may change between finding an element and using it.
PASSING = (
    NoSuchElementException,
    StaleElementReferenceException,
    ElementClickInterceptedException,
    ElementNotInteractableException,
)


@dataclass
class MemberBrowser:
    """A browser with its own profile, and the run that it visits."""

    browser: Chrome
    run: LocalRun
    downloads: Path
    allowed_messages: list[str] = field(default_factory=lambda: ["the server responded with a status of 4"])

    def emulate(self, zone: str = "UTC", size: tuple[int, int] = (1280, 900), scheme: str = "light") -> None:
        """Set the time zone, the screen and the colour scheme."""
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.command("Emulation.setTimezoneOverride", timezoneId=zone)
        self.command("Emulation.setDeviceMetricsOverride", **screen)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def command(self, name: str, **parameters: Any) -> Any:
        """Send a command of the Chrome DevTools protocol."""
        return self.browser.execute_cdp_cmd(name, parameters)

    def until(self, probe: Callable[[], T], failure: str) -> T:
        """Call `probe` until its result is true and return it, or raise TimeoutException with `failure`."""
        return WebDriverWait(self.browser, PATIENCE_SECONDS, POLL_SECONDS, PASSING).until(lambda _: probe(), failure)

    def open(self, path: str) -> None:
        """Go to a path of the app."""
        self.browser.get(self.run.url + path)

    def sign_in_as_new(self, name: str, path: str = "/") -> None:
        """Sign in by clicking, as a new member with this name."""
        self.open(path)
        self.click("button", "Sign in")
        self.until(lambda: self.browser.find_element(By.CSS_SELECTOR, "#new input[name=name]"), "no form").send_keys(
            name
        )
        self.browser.find_element(By.CSS_SELECTOR, "#new button").click()
        self.sees(name)

    def sign_in_as(self, name: str, path: str = "/") -> None:
        """Sign in by clicking, as a member that the provider offers."""
        self.open(path)
        self.click("button", "Sign in")
        self.click("button", name)
        self.sees(name)

    def found(self, role: str, name: str, within: WebElement | None = None) -> list[WebElement]:
        """Return the visible elements with a role and an accessible name. A name ending in `...` is a beginning."""
        beginning = name.removesuffix("...")
        possible = self.browser.execute_script(POSSIBLE, CANDIDATES[role], _plain(beginning), within)
        found = []
        for element in possible:
            label = _plain(element.accessible_name)
            is_named = label == name if beginning == name else label.startswith(beginning)
            if is_named and element.aria_role == role and element.is_displayed():
                found.append(element)
        return found

    def one(self, role: str, name: str, within: WebElement | None = None) -> WebElement:
        """Wait for the first visible element with a role and a name, and return it."""
        return self.until(lambda: self.found(role, name, within), f"no {role} {name!r}")[0]

    def click(self, role: str, name: str, within: WebElement | None = None) -> None:
        """Click the first visible element with a role and a name, as soon as it can be clicked."""

        def clicked() -> bool:
            self.found(role, name, within)[0].click()
            return True

        self.one(role, name, within)
        self.until(clicked, f"the {role} {name!r} cannot be clicked")

    def fill(self, label: str, text: str) -> None:
        """Replace the text of a field by its label."""
        field_ = self.one("textbox", label)
        field_.clear()
        field_.send_keys(text)

    def select(self, label: str, text: str) -> None:
        """Choose an option of a field by its label and its text."""
        Select(self.one("combobox", label)).select_by_visible_text(text)

    def empty(self, label: str) -> None:
        """Remove the text of a field with the keyboard."""
        self.one("textbox", label).send_keys(Keys.CONTROL + "a" + Keys.NULL + Keys.BACKSPACE)

    def section(self, anchor: str) -> WebElement:
        """Wait for a section of the screen by its anchor, and return it."""
        return self.until(lambda: self.browser.find_element(By.ID, anchor), f"no section {anchor}")

    def save(self, anchor: str, button: str = "Save") -> None:
        """Press the button of the form in a section."""
        self.click("button", button, self.section(anchor))

    def faults(self, anchor: str) -> dict[str, str]:
        """Return the fault of each invalid field in a section, by its name in the API."""
        invalid = self.section(anchor).find_elements(By.CSS_SELECTOR, "[aria-invalid=true]")
        return {each.get_attribute("name") or "": self._fault_of(each) for each in invalid}

    def _fault_of(self, element: WebElement) -> str:
        described = (element.get_attribute("aria-describedby") or "").split()
        texts = [self.browser.find_element(By.ID, each) for each in described if each.endswith("-fault")]
        return " ".join(each.text for each in texts)

    def text(self, css: str = "main") -> str:
        """Return the visible text of an element, without the marks that isolate names."""
        # One command, because the page may change between finding an element and reading it.
        read = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return _plain(self.browser.execute_script(read, css))

    def sees(self, text: str, css: str = "body") -> None:
        """Wait until an element shows a text."""
        self.until(lambda: text in self.text(css), f"{text!r} is not shown")

    def sees_no_more(self, text: str, css: str = "body") -> None:
        """Wait until an element does not show a text."""
        self.until(lambda: text not in self.text(css), f"{text!r} is still shown")

    def violations(self) -> list[str]:
        """Return what axe-core finds on the page, as rule and element."""
        if not self.browser.execute_script(HAS_AXE):
            self.browser.execute_script(AXE.read_text())
        found = self.browser.execute_async_script(RUN_AXE)
        return [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"]]

    def console_errors(self) -> list[str]:
        """Return the unexpected messages of the browser's console since the last call."""
        entries = [entry["message"] for entry in self.browser.get_log("browser")]
        return [entry for entry in entries if not any(allowed in entry for allowed in self.allowed_messages)]


def _plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")
