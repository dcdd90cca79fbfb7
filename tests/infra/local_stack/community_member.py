"""A member of a deployed community, who has a mailbox and uses the web app in a browser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from infra.local_stack.mailbox import mails_to
from tests.browser.member_browser import PASSING, MemberBrowser

PASSWORD = "correct horse battery"
AGAIN = "Please try again"
BUSY_SECONDS = 300


class DeployedApp(NamedTuple):
    """The web app of a deployed stack, for the browsers that visit it."""

    url: str
    engine_url: str


@dataclass(frozen=True)
class CommunityMember:
    """A person with a name and a mailbox, at a browser."""

    app: DeployedApp
    page: MemberBrowser
    name: str

    @property
    def address(self) -> str:
        """The e-mail address."""
        return f"{self.name.lower()}@members.example"

    def sign_up(self) -> None:
        """Make an account at the page of the user pool, with the code of its mail."""
        self.page.open("/")
        self.page.click("button", "Sign in")
        self.page.click("button", "Create an account")
        self.enter(email=self.address, name=self.name, password=PASSWORD)
        self.page.click("button", "Sign up")
        self.page.one("textbox", "Code of the mail")
        (code,) = [found[0] for mail in self.mails() if (found := re.search(r"\b[0-9]{6}\b", mail["BodyText"]))]
        self.enter(code=code)
        self.page.click("button", "Confirm account")
        self.page.sees(f"Signed in as {self.name}")

    def sign_in(self) -> None:
        """Sign in at the page of the user pool that the browser shows."""
        self.page.until(lambda: self.page.browser.find_element(By.ID, "username"), "no page of the user pool")
        self.enter(username=self.address, password=PASSWORD)
        self.page.click("button", "Sign in")

    def enter(self, **values: str) -> None:
        """Fill the fields of a page of the user pool."""
        for name, value in values.items():
            self.page.until(lambda name=name: self.page.browser.find_element(By.ID, name), f"no {name}").send_keys(
                value
            )

    def press(self, button: str, effect: Callable[[], object]) -> None:
        """Press a button, and again where the page says so, until there is an effect.

        On a busy machine a page gives a request up, and a second one changes nothing more.
        """
        self.page.click("button", button)

        def has_effect() -> bool:
            if effect():
                return True
            if AGAIN in self.page.text("body"):
                self.page.found("button", button)[0].click()
            return False

        WebDriverWait(self.page.browser, BUSY_SECONDS, 0.5, PASSING).until(lambda _: has_effect(), f"no {button}")

    def mails(self) -> list[dict[str, Any]]:
        """Return the mails in the mailbox, oldest first."""
        return mails_to(self.address, self.app.engine_url)
