"""A session of two members, and the clock of the service around it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.local.run_process import LocalRun
from tests.browser.known_member import KnownMember

MINUTES = 25


def set_clock(run: LocalRun, now: datetime | None) -> None:
    """Set the clock of the service, or return to real time."""
    assert run.call("PUT", "/dev/clock", payload={"now": now and now.isoformat()})[0] == 200


@dataclass(frozen=True)
class Meeting:
    """A locked-in pair with the session of each."""

    start: datetime
    ada: KnownMember
    ben: KnownMember
    session_ids: tuple[str, str]

    @property
    def room(self) -> str:
        """The address of the room."""
        return str(self.ada.session(self.session_ids[0])["roomUrl"])

    def travel(self, minutes: float, seconds: float = 0) -> None:
        """Set the clock to some minutes and seconds after the start."""
        set_clock(self.ada.run, self.start + timedelta(minutes=minutes, seconds=seconds))

    def travel_to_end(self, minutes: float, seconds: float = 0) -> None:
        """Set the clock to some minutes and seconds after the end."""
        self.travel(MINUTES + minutes, seconds)


def arrange(run: LocalRun, start: datetime, names: tuple[str, str] = ("Ada", "Ben"), **wishes: Any) -> Meeting:
    """Book a session for two new members, who are locked in, at real time."""
    set_clock(run, None)
    ada, ben = (KnownMember(run, name) for name in names)
    ada.add_favorites(ben)
    theirs = ben.book(start, MINUTES, **wishes)["sessionId"]
    own = ada.book(start, MINUTES, partner=ben, **wishes)["sessionId"]
    return Meeting(start, ada, ben, (own, theirs))
