"""`python -m infra.demo` shows locked-in sessions by members who book, lock and cancel in a new local run."""

import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from infra.local.run_process import LocalRun

MINUTES = 50
TIMEOUT_SECONDS = 10
SAME_FOR_BOTH = ("startTime", "duration", "state", "locked", "roomUrl")


class DemoFailedError(Exception):
    """A response or a session differs from the expected one."""


@dataclass
class DemoMember:
    """A member of the demo and the session that the member booked last."""

    name: str
    user_id: str
    token: str
    session_id: str = ""


class DemoScenario:
    """The actions of the demo's members, and checks of the sessions that they see."""

    def __init__(self, run: LocalRun) -> None:
        self._run = run
        self._members: dict[str, DemoMember] = {}
        now = datetime.fromisoformat(self._call("GET", "/dev/clock")["now"])
        self.morning = now.replace(hour=9, minute=0, second=0) + timedelta(days=1)

    def sign_in(self, *names: str) -> None:
        """Sign in new members with these names."""
        for name in names:
            signed_in = self._call("POST", "/dev/sign-in", payload={"name": name})
            self._members[name] = DemoMember(name, signed_in["userId"], signed_in["token"])

    def favor(self, name: str, other: str) -> None:
        """Make another member a favorite of this one."""
        self._as(name, "PUT", f"/v1/people/{self._members[other].user_id}/favorite")

    def set_availability(self, name: str, availability: str) -> None:
        """Set which members may lock sessions with this one."""
        self._as(name, "PATCH", "/v1/me", {"availability": availability})

    def book(self, name: str, start: datetime, *, partner: str = "", refused: str = "") -> None:
        """Book a slot, locked in with `partner` if given. Expect the problem code `refused` if given."""
        booking: dict[str, Any] = {"startTime": start.isoformat(), "duration": MINUTES * 60_000}
        if partner:
            booking["partnerId"] = self._members[partner].user_id
        member = self._members[name]
        status, body = self._run.call("POST", "/v1/sessions", member.token, booking)
        if refused:
            expect(body.get("code") == refused, f"{name} gets {refused}", body)
            say(f"  {name}: {status} {body['code']}: {body['detail']}")
            return
        expect(status == HTTPStatus.CREATED, f"{name} books", body)
        member.session_id = body["session"]["sessionId"]

    def cancel(self, name: str) -> None:
        """Cancel the session that the member booked last."""
        self._as(name, "DELETE", f"/v1/sessions/{self._members[name].session_id}")

    def see(self, **expected: str) -> None:
        """Wait until each named member sees the expected `state` or `state:partner`, and print the sessions."""
        seen = poll(lambda: self._sessions(expected), lambda sessions: self._are_as_expected(sessions, expected))
        for name, session in seen.items():
            say(f"  {self._line(name, session)}")
        for name, state in expected.items():
            expect(self._shown(seen[name]) == state, f"{name} is {state}", seen[name])
        self._expect_mutual(seen)

    def _sessions(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        return {name: self._session(name) for name in names}

    def _session(self, name: str) -> dict[str, Any]:
        return self._as(name, "GET", f"/v1/sessions/{self._members[name].session_id}")["session"]

    def _are_as_expected(self, sessions: dict[str, dict[str, Any]], expected: dict[str, str]) -> bool:
        return all(self._shown(sessions[name]) == state for name, state in expected.items())

    def _shown(self, session: dict[str, Any]) -> str:
        return ":".join([session["state"], *(partner["name"] for partner in session["users"][1:])])

    def _line(self, name: str, session: dict[str, Any]) -> str:
        start = datetime.fromisoformat(session["startTime"])
        end = start + timedelta(milliseconds=session["duration"])
        partner = next((f"with {user['name']}" for user in session["users"][1:]), "")
        lock = "\N{LOCK}" if session["locked"] else "  "
        change = session["lastChange"]
        because = f"({change['kind'].replace('_', ' ')})" if change and session["state"] == "waiting" else ""
        return f"{name:<4} {start:%a %H:%M}-{end:%H:%M}  {lock} {session['state']:<10} {partner:<9}{because}".rstrip()

    def _expect_mutual(self, seen: dict[str, dict[str, Any]]) -> None:
        names = {member.user_id: name for name, member in self._members.items()}
        for name, session in seen.items():
            for partner in session["users"][1:]:
                theirs = self._session(names[partner["userId"]])
                same = all(session[key] == theirs[key] for key in SAME_FOR_BOTH)
                named = theirs["users"][1:] and theirs["users"][1]["userId"] == self._members[name].user_id
                expect(same and named, f"{name} and {partner['name']} see the same pair", [session, theirs])

    def _as(self, name: str, method: str, path: str, payload: Any = None) -> Any:
        return self._call(method, path, self._members[name].token, payload)

    def _call(self, method: str, path: str, token: str | None = None, payload: Any = None) -> Any:
        status, body = self._run.call(method, path, token, payload)
        expect(status < HTTPStatus.BAD_REQUEST, f"{method} {path} succeeds", body)
        return body


def play_scenario(story: DemoScenario) -> None:
    """Run the demo from the first booking to the last."""
    slot, later = story.morning, story.morning + timedelta(hours=2)
    story.sign_in("Ada", "Ben", "Cy", "Dee", "Eve", "Fay", "Gil")

    say("\nAda and Ben book the same slot of 50 minutes and are matched at random.")
    story.book("Ada", slot)
    story.book("Ben", slot)
    story.see(Ada="matched:Ben", Ben="matched:Ada")

    say("\nCy makes Ada a favorite and locks with her. Her random match ends: Ben waits and keeps his session.")
    story.favor("Cy", "Ada")
    story.book("Cy", slot, partner="Ada")
    story.see(Ada="locked_in:Cy", Cy="locked_in:Ada", Ben="waiting")

    say("\nDee books the same slot. Ben is first in the queue, so they are matched.")
    story.book("Dee", slot)
    story.see(Ben="matched:Dee", Dee="matched:Ben", Ada="locked_in:Cy")

    say("\nEve also tries to lock with Ada. A locked-in pair ends only if one of the two cancels.")
    story.favor("Eve", "Ada")
    story.book("Eve", slot, partner="Ada", refused="not_available")
    story.see(Ada="locked_in:Cy", Cy="locked_in:Ada")

    say("\nCy cancels. Ada keeps her session, which waits without a lock.")
    story.cancel("Cy")
    story.see(Cy="cancelled", Ada="waiting")

    say("\nFay books and is matched with Ada.")
    story.book("Fay", slot)
    story.see(Ada="matched:Fay", Fay="matched:Ada", Ben="matched:Dee", Dee="matched:Ben")

    say("\nGil permits locks by favorites only. Eve is not one of them and gets the same problem as before.")
    story.set_availability("Gil", "favorites")
    story.book("Gil", later)
    story.favor("Eve", "Gil")
    story.book("Eve", later, partner="Gil", refused="not_available")

    say("\nGil makes Eve a favorite. The same request succeeds.")
    story.favor("Gil", "Eve")
    story.book("Eve", later, partner="Gil")
    story.see(Eve="locked_in:Gil", Gil="locked_in:Eve")


def poll(read: Callable[[], Any], is_expected: Callable[[Any], bool]) -> Any:
    """Read until the value is as expected or the time is up, and return the last value."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    value = read()
    while not is_expected(value) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
        value = read()
    return value


def expect(holds: Any, expectation: str, seen: Any) -> None:
    """Raise DemoFailedError unless the expectation holds."""
    if not holds:
        raise DemoFailedError(f"Expected that {expectation}; seen: {seen}")


def say(line: str) -> None:
    """Print a line and flush it, also into a pipe."""
    print(line, flush=True)


def main() -> int:
    """Run the demo, and return 0 if all expectations held."""
    say("Starting a local run ...")
    with LocalRun() as run:
        try:
            play_scenario(DemoScenario(run))
        except DemoFailedError as failure:
            say(f"\nThe demo failed. {failure}")
            return 1
    say("\nAll steps as expected: both members of each pair saw each other in the same room, and no session was lost.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
