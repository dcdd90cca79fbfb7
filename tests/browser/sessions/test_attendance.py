"""The attendance of a session, and what the absent member sees (R37-R39)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, sign_in

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def run(built_app: None) -> Iterator[LocalRun]:
    """A local run of these tests alone, because they change its clock."""
    with LocalRun() as run:
        yield run


def set_clock(run: LocalRun, now: datetime | None) -> None:
    """Set the clock of the service, or back to real time with None."""
    assert run.call("PUT", "/dev/clock", payload={"now": now and now.isoformat()})[0] == 200


def join(member: KnownMember, session_id: str) -> None:
    """Join a session by a request."""
    member.call("POST", f"/v1/sessions/{session_id}/join")


def test_r37_r39_a_past_session_says_who_joined_when(run: LocalRun, open_member: OpenMember) -> None:
    start = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=3)
    set_clock(run, start - timedelta(days=1))
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    first, missed = start, start + timedelta(hours=2)
    for at in (first, missed):
        ben.book(at)
        ada.book(at, partner=ben)
    both, alone = _sessions(ada, first)
    theirs, _ = _sessions(ben, first)
    set_clock(run, first - 5 * MINUTE)
    join(ada, both)
    set_clock(run, first + 7 * MINUTE)
    join(ben, theirs)
    set_clock(run, missed + 6 * MINUTE)
    join(ada, alone)
    set_clock(run, None)
    page = ada.browser(open_member, f"/sessions/past?month={start:%Y-%m}")
    page.sees("You joined at 9:55 AM.")
    page.sees("Ben joined at 10:07 AM.")
    page.sees("You worked together")
    page.sees("You joined at 12:06 PM.")
    page.sees("Ben did not join.")
    page.sees("You were not both there")
    # One of two was joined within 5 minutes of the start, and one was completed.
    page.sees("50% (1 of the last 2)", ".score")
    page.sees("Completed sessions\n1", ".score")
    assert page.violations() == []


def test_r38_the_absent_member_sees_the_session_missed(run: LocalRun, open_member: OpenMember) -> None:
    now = datetime.now(UTC)
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + 15 * MINUTE
    ada, ben = sign_in(open_member(size=(320, 640)), "Ada", "/sessions"), sign_in(open_member(), "Ben", "/sessions")
    ada.add_favorites(ben)
    ben.book(start)
    session_id = ada.book(start, partner=ben)["sessionId"]
    ben.page.sees("Locked in", ".session .state")
    set_clock(run, start - 2 * MINUTE)
    join(ada, session_id)
    set_clock(run, start + 4 * MINUTE)
    ada.page.browser.refresh()
    ada.page.sees("Ben has not joined yet.")
    ada.call("POST", f"/v1/sessions/{session_id}/second-chance")
    ben.page.sees("so your partner asked for another partner", ".toasts")
    ben.page.sees("Missed", ".session .state")
    ada.page.sees("Looking for another partner", ".session .state")
    assert (ada.page.violations(), ben.page.violations()) == ([], [])
    set_clock(run, None)


def _sessions(member: KnownMember, start: datetime) -> list[str]:
    """Return the ids of the sessions of one day, the earliest first."""
    day = start.replace(hour=0)
    query = f"start={day:%Y-%m-%dT%H:%M:%SZ}&end={day + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    found = member.read(f"/v1/sessions?{query}")["sessions"]
    return [each["sessionId"] for each in sorted(found, key=lambda each: str(each["startTime"]))]
