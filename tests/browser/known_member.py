"""A member of a run, who acts by requests, and by clicks in a browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.run_process import LocalRun
from tests.browser.member_browser import MemberBrowser
from tests.browser.provider_page import choose_member
from tests.infra.poll import until

MINUTE = 60_000
# The days for which a member can book, and one more.
DAYS = 92


class KnownMember:
    """A new member with a token, whose state the test reads from the API."""

    # The browser in which the member signed in last.
    page: MemberBrowser

    def __init__(self, run: LocalRun, name: str, *favorites: "KnownMember") -> None:
        self.run, self.name = run, name
        status, signed_in = run.call("POST", "/dev/sign-in", payload={"name": name})
        assert status == 200, signed_in
        self.user_id, self.token = signed_in["userId"], signed_in["token"]
        self.add_favorites(*favorites)

    def call(self, method: str, path: str, payload: Any = None) -> Any:
        """Send a request of this member, and return the response. Raises AssertionError for a refusal."""
        status, body = self.run.call(method, path, self.token, payload)
        assert status < 300, body
        return body

    def read(self, path: str) -> Any:
        """Return the response to a GET of the API."""
        return self.call("GET", path)

    def book(self, start: datetime, minutes: int = 50, partner: "KnownMember | None" = None, **wishes: Any) -> Any:
        """Book a slot, locked in if there is a partner, and return the session."""
        slot = {"startTime": start.isoformat(), "duration": minutes * MINUTE}
        return self.call("POST", "/v1/sessions", slot | wishes | _locked_with(partner))["session"]

    def session(self, session_id: str) -> Any:
        """Return a session of this member as the API shows it now."""
        return self.read(f"/v1/sessions/{session_id}")["session"]

    def await_partner(self, session_id: str, name: str) -> None:
        """Wait until a session of this member has a partner with this name."""
        until(lambda: [each["name"] for each in self.session(session_id)["users"][1:]] == [name])

    def sessions(self) -> list[Any]:
        """Return the sessions from today on, the earliest first."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        query = f"start={_instant(midnight)}&end={_instant(midnight + timedelta(days=DAYS))}"
        return sorted(self.read(f"/v1/sessions?{query}")["sessions"], key=lambda each: str(each["startTime"]))

    def partners(self) -> dict[str, str | None]:
        """Return the names of the locked-in partners by start. Without a lock the name is None."""
        return {each["startTime"]: each["users"][1]["name"] if each["locked"] else None for each in self.sessions()}

    def add_favorites(self, *others: "KnownMember") -> None:
        """Make other members favorites of this member."""
        for other in others:
            self.call("PUT", f"/v1/people/{other.user_id}/favorite")

    def people(self) -> dict[str, list[str]]:
        """Return the ids of the members in the lists of this member."""
        lists = self.read("/v1/people")
        return {name: [person["userId"] for person in lists[name]] for name in ("favorites", "snoozed", "blocked")}

    def browser(self, open_member: Callable[..., MemberBrowser], path: str = "/", **emulated: Any) -> MemberBrowser:
        """Open a browser in which this member is signed in, and go to a path."""
        page = open_member(**emulated)
        self.sign_in(page, path)
        return page

    def sign_in(self, page: MemberBrowser, path: str) -> None:
        """Go to a path, and sign in there by clicking."""
        page.open(path)
        self.sign_in_by(page, "Sign in")

    def sign_in_by(self, page: MemberBrowser, button: str) -> None:
        """Sign in with the button of the shown page, and return to it."""
        self.page = page
        page.click("button", button)
        page.until(lambda: page.browser.find_element("id", "new"), "no form of the provider")
        choose_member(page.browser, self.user_id)
        page.sees(f"Signed in as {self.name}")


def sign_in(page: MemberBrowser, name: str, path: str = "/settings") -> KnownMember:
    """Return a new member who is signed in with this browser."""
    member = KnownMember(page.run, name)
    member.sign_in(page, path)
    return member


def ahead(days: int, hour: int, minute: int = 0) -> datetime:
    """Return a time of day in UTC some days ahead. The tests of one run have different times."""
    day = datetime.now(UTC) + timedelta(days=days)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _locked_with(partner: KnownMember | None) -> dict[str, str]:
    return {"partnerId": partner.user_id} if partner else {}


def _instant(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
