"""The partners of the last weeks, which the People page suggests as favorites."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember
from tests.infra.poll import until

# A browser takes seconds for each test.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def run(built_app: None) -> Iterator[LocalRun]:
    """A local run of these tests alone, because they change its clock."""
    with LocalRun() as run:
        yield run


def test_r7_a_partner_of_the_last_weeks_is_added_by_one_click(run: LocalRun, open_member: OpenMember) -> None:
    days_ago = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=3)
    assert run.call("PUT", "/dev/clock", payload={"now": (days_ago - timedelta(days=1)).isoformat()})[0] == 200
    ben, cy, ada = KnownMember(run, "Ben"), KnownMember(run, "Cy"), KnownMember(run, "Ada")
    for member, start in ((ben, days_ago), (ada, days_ago)):
        member.book(start)
    # A session that has not begun is none in which the two have worked together.
    ahead = days_ago + timedelta(days=6)
    ada.add_favorites(cy)
    cy.book(ahead)
    ada.book(ahead, partner=cy)
    ada.call("DELETE", f"/v1/people/{cy.user_id}/favorite")
    sessions = f"/v1/sessions?start={days_ago:%Y-%m-%dT%H:%M:%SZ}&end={days_ago:%Y-%m-%dT%H:%M:%SZ}"
    until(lambda: ada.read(sessions)["sessions"][0]["state"] == "matched")
    assert run.call("PUT", "/dev/clock", payload={"now": None})[0] == 200
    clicks = ada.browser(open_member, "/people")
    clicks.click("button", "Add to favorites: Ben")
    clicks.one("checkbox", "Message me about new times of Ben")
    clicks.sees("Partners of the last four weeks appear here.")
    assert ada.people()["favorites"] == [ben.user_id]
    assert clicks.found("button", "Add to favorites: Cy") == []


def test_r33_a_former_member_has_a_name_and_no_facts(run: LocalRun, open_member: OpenMember) -> None:
    yesterday = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=1)
    assert run.call("PUT", "/dev/clock", payload={"now": (yesterday - timedelta(days=1)).isoformat()})[0] == 200
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.book(yesterday)
    ada.book(yesterday, partner=ben)
    assert run.call("PUT", "/dev/clock", payload={"now": None})[0] == 200
    ben.call("DELETE", "/v1/me")
    clicks = ada.browser(open_member, f"/people/{ben.user_id}")
    clicks.one("heading", "Former member")
    assert clicks.text() == "Former member"
    assert clicks.violations() == []
