"""A member who uses the web app with the keys of a keyboard alone."""

from collections.abc import Callable
from dataclasses import dataclass

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.member_browser import MemberBrowser

MOST_TABS = 120
# Returns what is wrong with the focus, or no text. The focus on the whole content of a new screen has no outline.
FAULT = """
const focused = document.activeElement;
if (!focused || focused === document.body || focused === document.documentElement) return "the focus is lost";
if (focused.id === "content") return "";
const { outlineStyle, outlineWidth } = getComputedStyle(focused);
const hasOutline = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
const box = focused.getBoundingClientRect();
const isInView = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
const at = document.elementFromPoint(
  (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2,
  (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2,
);
const isCovered = isInView && !(at && (focused.contains(at) || at.contains(focused)));
return hasOutline && isInView && !isCovered ? "" :
  `the focus is not visible: outline ${hasOutline}, in view ${isInView}, covered ${isCovered}, ${focused.outerHTML}`;
"""
# Returns -1 if the element is before the focused one, 1 if it is after it or in it, and 0 if it has the focus.
DIRECTION = """
const [focused, to] = [document.activeElement, arguments[0]];
if (focused === to) return 0;
return focused.compareDocumentPosition(to) & Node.DOCUMENT_POSITION_PRECEDING ? -1 : 1;
"""


@dataclass(frozen=True)
class KeyboardMember:
    """A member whose every key press leaves the focus where a person can see it."""

    page: MemberBrowser

    def press(self, *keys: str) -> None:
        """Press keys where the focus is, and wait until the page shows it."""
        ActionChains(self.page.browser).send_keys(*keys).perform()
        self.sees_focus()

    def press_and_leave(self, key: str) -> None:
        """Press a key that leads to another page, which begins without a focus."""
        ActionChains(self.page.browser).send_keys(key).perform()

    def sees_focus(self) -> None:
        """Wait until an element has the focus, an outline, and a place in view that is not covered."""
        fault = ""

        def is_visible() -> bool:
            nonlocal fault
            fault = self.page.browser.execute_script(FAULT)
            return fault == ""

        try:
            self.page.until(is_visible, "the focus")
        except Exception as error:
            raise AssertionError(fault) from error

    def confirm(self, name: str, message: str, dialog: str | None = None) -> None:
        """Press Enter on a button, and wait for the end of its dialog and for a message beside a visible focus."""
        self.go("button", name, (lambda: self.page.one("dialog", dialog)) if dialog else None)
        self.press_and_leave(Keys.ENTER)
        self.page.until(lambda: not self.page.browser.find_elements(By.CSS_SELECTOR, "dialog[open]"), "it stays open")
        self.page.until(
            lambda: message in self.page.text(".toasts") and self.page.browser.execute_script(FAULT) == "",
            f"{message!r} is not shown beside a visible focus",
        )

    def reach(self, find: Callable[[], WebElement | None], failure: str) -> None:
        """Press Tab, or Shift and Tab, until an element has the focus."""
        element = self.page.until(find, failure)
        for _ in range(MOST_TABS):
            try:
                direction = self.page.browser.execute_script(DIRECTION, element)
            except StaleElementReferenceException:
                element = self.page.until(find, failure)
                continue
            if direction == 0:
                self.sees_focus()
                return
            self._tab(backwards=direction < 0)
        raise AssertionError(f"Tab does not reach it: {failure}")

    def go(self, role: str, name: str, within: Callable[[], WebElement] | None = None) -> None:
        """Reach an element by its role and name."""
        self.reach(lambda: self._found(role, name, within), f"no {role} {name!r}")

    def enter(
        self, role: str, name: str, within: Callable[[], WebElement] | None = None, key: str = Keys.ENTER
    ) -> None:
        """Reach an element by its role and name, and press Enter or another key on it."""
        self.go(role, name, within)
        self.press(key)

    def choose(self, group: str, name: str) -> None:
        """Reach the chosen radio button of a group, and press the arrow until the one with a name is chosen."""
        chosen = f"dialog[open] input[type=radio][name='{group}']:checked"
        self.reach(lambda: self.page.browser.find_element(By.CSS_SELECTOR, chosen), f"no choice of {group}")
        count = len(self.page.browser.find_elements(By.CSS_SELECTOR, chosen.removesuffix(":checked")))
        for _ in range(count):
            if self.page.browser.switch_to.active_element == self.page.one("radio", name):
                break
            self.press(Keys.ARROW_DOWN)
        assert self.page.one("radio", name).is_selected()

    def _tab(self, *, backwards: bool) -> None:
        keys = ActionChains(self.page.browser)
        if backwards:
            keys.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        else:
            keys.send_keys(Keys.TAB).perform()
        self.sees_focus()

    def _found(self, role: str, name: str, within: Callable[[], WebElement] | None) -> WebElement | None:
        return next(iter(self.page.found(role, name, within and within())), None)
