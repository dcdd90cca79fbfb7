"""A session of two new members in the past, and a member of staff who reads what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.run_process import LocalRun
from tests.browser.known_member import KnownMember

DAYS_AGO = 3


@dataclass(frozen=True)
class PastSession:
    """A locked-in session of Ada and Ben that is over. `session_id` is Ada's."""

    start: datetime
    ada: KnownMember
    ben: KnownMember
    session_id: str

    @property
    def path(self) -> str:
        """The path of the screen that shows it."""
        return f"/sessions/past?month={self.start:%Y-%m}"


def meet_in_the_past(run: LocalRun, hour: int, partner_name: str = "Ben") -> PastSession:
    """Book a session of 50 minutes some days ago, at an hour that no other test has, and return to real time."""
    start = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=DAYS_AGO)
    set_clock(run, start - timedelta(days=1))
    ben = KnownMember(run, partner_name)
    ada = KnownMember(run, "Ada", ben)
    ben.book(start)
    session = ada.book(start, partner=ben)
    set_clock(run, None)
    return PastSession(start, ada, ben, session["sessionId"])


def set_clock(run: LocalRun, now: datetime | None) -> None:
    """Set the clock of the service, or back to real time with None."""
    assert run.call("PUT", "/dev/clock", payload={"now": now and now.isoformat()})[0] == 200


class StaffMember(KnownMember):
    """A new member of staff."""

    def __init__(self, run: LocalRun, name: str) -> None:
        super().__init__(run, name)
        payload = {"userId": self.user_id, "staff": True}
        status, signed_in = run.call("POST", "/dev/sign-in", payload=payload)
        assert status == 200, signed_in
        self.token = signed_in["token"]

    def reports_by(self, reporter: KnownMember) -> list[dict[str, Any]]:
        """Return the reports that a member made, newest first."""
        reports = self.read("/v1/staff/reports")["reports"]
        return [each for each in reports if each["reporter"]["userId"] == reporter.user_id]

    def acts(self, member: KnownMember | None = None) -> list[str]:
        """Return the own acts in the log, newest first, or those about a member."""
        lines = [line for line in self.read("/v1/staff/log")["lines"] if line["byUserId"] == self.user_id]
        return [line["act"] for line in lines if member is None or line["userId"] == member.user_id]

    def suspend(self, member: KnownMember, reason: str) -> None:
        """Suspend a member by a request."""
        self.call("PUT", f"/v1/staff/members/{member.user_id}/suspension", {"reason": reason})

    def lift(self, member: KnownMember) -> None:
        """Lift the suspension of a member by a request."""
        self.call("DELETE", f"/v1/staff/members/{member.user_id}/suspension")
