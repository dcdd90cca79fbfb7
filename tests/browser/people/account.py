"""A member who is known by id and token, and can sign in with a browser."""

from datetime import UTC, datetime, timedelta
from typing import Any

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.member_browser import MemberBrowser

MINUTE = 60_000
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
TEN = MIDNIGHT + timedelta(days=2, hours=10)
TEN_TEXT = "10:00\u201310:50 AM"
# The provider offers the demo members only. Any known member can be sent in place of a new name.
SEND_ID = (
    "const form = document.getElementById('new'), input = form.querySelector('input[name=name]');"
    "input.name = 'userId'; input.maxLength = 100; input.value = arguments[0]; form.submit()"
)


class Account:
    """A new member of a run, who acts by requests, or by clicks after `browser`."""

    def __init__(self, run: LocalRun, name: str, *favorites: "Account") -> None:
        self.run, self.name = run, name
        signed_in = run.call("POST", "/dev/sign-in", payload={"name": name})[1]
        self.user_id, self.token = signed_in["userId"], signed_in["token"]
        for favorite in favorites:
            self.call("PUT", f"/v1/people/{favorite.user_id}/favorite")

    def call(self, method: str, path: str, payload: Any = None) -> Any:
        """Send a request of this member, and return the JSON of the response."""
        status, body = self.run.call(method, path, self.token, payload)
        assert status < 300, body
        return body

    def book(self, start: datetime, minutes: int = 50, partner: "Account | None" = None) -> Any:
        """Book a slot, locked in if there is a partner, and return the session."""
        slot = {"startTime": start.isoformat(), "duration": minutes * MINUTE}
        return self.call("POST", "/v1/sessions", slot | ({"partnerId": partner.user_id} if partner else {}))["session"]

    def sessions(self) -> dict[str, str | None]:
        """Return the names of the locked-in partners by start. Without a lock the name is None."""
        query = f"start={MIDNIGHT:%Y-%m-%dT%H:%M:%SZ}&end={MIDNIGHT + timedelta(days=13):%Y-%m-%dT%H:%M:%SZ}"
        found = self.call("GET", f"/v1/sessions?{query}")["sessions"]
        return {each["startTime"]: each["users"][1]["name"] if each["locked"] else None for each in found}

    def people(self) -> dict[str, list[str]]:
        """Return the ids of the members in the lists of this member."""
        lists = self.call("GET", "/v1/people")
        return {name: [person["userId"] for person in lists[name]] for name in ("favorites", "snoozed", "blocked")}

    def browser(self, open_member: OpenMember, path: str = "/", **emulated: Any) -> MemberBrowser:
        """Open a browser in which this member is signed in, and go to a path."""
        member = open_member(**emulated)
        member.open(path)
        member.click("button", "Sign in")
        member.until(lambda: member.browser.find_element(By.ID, "new"), "no form of the provider")
        member.browser.execute_script(SEND_ID, self.user_id)
        member.sees(f"Signed in as {self.name}")
        return member


def press(member: MemberBrowser, *keys: str) -> None:
    """Press keys wherever the focus is."""
    ActionChains(member.browser).send_keys(*keys).perform()


def press_until(member: MemberBrowser, key: str, text: str) -> None:
    """Press a key until the focused element has a text at its end."""

    def is_focused() -> bool:
        press(member, key)
        return focused(member).endswith(text)

    member.until(is_focused, f"{text!r} is not focused")


def locks(member: MemberBrowser) -> list[str]:
    """Return the texts beside the lock icons of the screen, without those of buttons."""
    icons = member.browser.find_elements(By.CSS_SELECTOR, "main li svg.lock[role=img]")
    beside = [icon.find_element(By.XPATH, "..") for icon in icons if icon.accessible_name == "Locked in"]
    return [element.text for element in beside if element.tag_name != "button"]


def focused(member: MemberBrowser) -> str:
    """Return the text of the focused element."""
    return member.browser.switch_to.active_element.text
