"""A member in the web app whose state the test also reads from the API."""

from dataclasses import dataclass
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from tests.browser.member_browser import MemberBrowser


@dataclass(frozen=True)
class KnownMember:
    """A signed-in browser, with a token of the same member for requests of the test."""

    page: MemberBrowser
    user_id: str
    token: str

    def read(self, path: str) -> Any:
        """Return the response to a GET of the API."""
        return self.call("GET", path)

    def call(self, method: str, path: str, payload: Any = None) -> Any:
        """Send a request as this member, and return the response. Raises AssertionError for a refusal."""
        status, body = self.page.run.call(method, path, self.token, payload)
        assert status < 300, body
        return body

    def section(self, anchor: str) -> WebElement:
        """Wait for a section of the screen by its anchor, and return it."""
        return self.page.until(lambda: self.page.browser.find_element(By.ID, anchor), f"no section {anchor}")

    def select(self, label: str, text: str) -> None:
        """Choose an option of a field by its label and its text."""
        Select(self.page.one("combobox", label)).select_by_visible_text(text)

    def empty(self, label: str) -> None:
        """Remove the text of a field with the keyboard."""
        self.page.one("textbox", label).send_keys(Keys.CONTROL + "a" + Keys.NULL + Keys.BACKSPACE)

    def save(self, anchor: str, button: str = "Save") -> None:
        """Press the button of the form in a section."""
        self.page.click("button", button, self.section(anchor))

    def faults(self, anchor: str) -> dict[str, str]:
        """Return the fault of each invalid field in a section, by its name in the API."""
        invalid = self.section(anchor).find_elements(By.CSS_SELECTOR, "[aria-invalid=true]")
        return {each.get_attribute("name") or "": self._fault_of(each) for each in invalid}

    def _fault_of(self, element: WebElement) -> str:
        described = (element.get_attribute("aria-describedby") or "").split()
        texts = [self.page.browser.find_element(By.ID, each) for each in described if each.endswith("-fault")]
        return " ".join(each.text for each in texts)


def sign_in(page: MemberBrowser, name: str, path: str = "/settings") -> KnownMember:
    """Create a member with this name, and sign the browser in as this member by clicking."""
    status, made = page.run.call("POST", "/dev/sign-in", payload={"name": name})
    assert status == 200
    sign_in_again(page, made["userId"], path)
    page.sees(name)
    return KnownMember(page, made["userId"], made["token"])


def sign_in_again(page: MemberBrowser, user_id: str, path: str) -> None:
    """Sign in by clicking, as a member who signed in before."""
    page.open(path)
    page.click("button", "Sign in")
    page.until(lambda: page.browser.find_element(By.CSS_SELECTOR, "#new input[name=name]"), "no form")
    # The provider lists the demo members only. Any member who signed in before can be sent in their place.
    page.browser.execute_script(
        "const form = document.getElementById('new'), input = form.querySelector('input[name=name]');"
        "input.name = 'userId'; input.maxLength = 100; input.value = arguments[0]; form.submit()",
        user_id,
    )
