"""`python -m infra.demo`: the story of locked-in sessions, told by a fresh local run over HTTP."""

import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from infra.local.run_process import OwnRun

MINUTES = 50
PATIENCE_SECONDS = 10
SAME_FOR_BOTH = ("startTime", "duration", "state", "locked", "roomUrl")


class DemoFailedError(Exception):
    """Something went otherwise than the story says."""


@dataclass
class DemoMember:
    """Somebody in the story, and the session they booked last."""

    name: str
    user_id: str
    token: str
    session_id: str = ""


class DemoScenario:
    """What people do, and what they then see."""

    def __init__(self, run: OwnRun) -> None:
        self._run = run
        self._people: dict[str, DemoMember] = {}
        now = datetime.fromisoformat(self._call("GET", "/dev/clock")["now"])
        self.morning = now.replace(hour=9, minute=0, second=0) + timedelta(days=1)

    def arrive(self, *names: str) -> None:
        """Sign new members of these names in."""
        for name in names:
            signed_in = self._call("POST", "/dev/sign-in", payload={"name": name})
            self._people[name] = DemoMember(name, signed_in["userId"], signed_in["token"])

    def favor(self, name: str, other: str) -> None:
        """Put somebody into one's favorites."""
        self._as(name, "PUT", f"/v1/people/{self._people[other].user_id}/favorite")

    def let_lock(self, name: str, availability: str) -> None:
        """Set who may lock sessions with one."""
        self._as(name, "PATCH", "/v1/me", {"availability": availability})

    def book(self, name: str, start: datetime, *, partner: str = "", refused: str = "") -> None:
        """Book a slot, locked in with `partner` if one is named; expect the code `refused` if one is."""
        booking: dict[str, Any] = {"startTime": start.isoformat(), "duration": MINUTES * 60_000}
        if partner:
            booking["partnerId"] = self._people[partner].user_id
        person = self._people[name]
        status, answer = self._run.call("POST", "/v1/sessions", person.token, booking)
        if refused:
            expect(answer.get("code") == refused, f"{name} is refused with {refused}", answer)
            say(f"  {name}: {status} {answer['code']}: {answer['detail']}")
            return
        expect(status == HTTPStatus.CREATED, f"{name} books", answer)
        person.session_id = answer["session"]["sessionId"]

    def cancel(self, name: str) -> None:
        """Cancel the session booked last."""
        self._as(name, "DELETE", f"/v1/sessions/{self._people[name].session_id}")

    def see(self, **expected: str) -> None:
        """Wait until everybody named sees the state (and, after a colon, the partner) expected; show all of it."""
        seen = until(lambda: self._sessions(expected), lambda sessions: self._as_told(sessions, expected))
        for name, session in seen.items():
            say(f"  {self._line(name, session)}")
        for name, told in expected.items():
            expect(self._shown(seen[name]) == told, f"{name} is {told}", seen[name])
        self._expect_mutual(seen)

    def _sessions(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        return {name: self._session(name) for name in names}

    def _session(self, name: str) -> dict[str, Any]:
        return self._as(name, "GET", f"/v1/sessions/{self._people[name].session_id}")["session"]

    def _as_told(self, sessions: dict[str, dict[str, Any]], expected: dict[str, str]) -> bool:
        return all(self._shown(sessions[name]) == told for name, told in expected.items())

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
        names = {person.user_id: name for name, person in self._people.items()}
        for name, session in seen.items():
            for partner in session["users"][1:]:
                theirs = self._session(names[partner["userId"]])
                same = all(
                    session[key] == theirs[key] for key in ("startTime", "duration", "state", "locked", "roomUrl")
                )
                named = theirs["users"][1:] and theirs["users"][1]["userId"] == self._people[name].user_id
                expect(same and named, f"{name} and {partner['name']} see the same pair", [session, theirs])

    def _as(self, name: str, method: str, path: str, payload: Any = None) -> Any:
        return self._call(method, path, self._people[name].token, payload)

    def _call(self, method: str, path: str, token: str | None = None, payload: Any = None) -> Any:
        status, answer = self._run.call(method, path, token, payload)
        expect(status < HTTPStatus.BAD_REQUEST, f"{method} {path} is answered", answer)
        return answer


def play_scenario(story: DemoScenario) -> None:
    """Play the story from the first booking to the last."""
    slot, later = story.morning, story.morning + timedelta(hours=2)
    story.arrive("Ada", "Ben", "Cy", "Dee", "Eve", "Fay", "Gil")

    say("\nAda and Ben book the same 50 minutes, and are matched at random.")
    story.book("Ada", slot)
    story.book("Ben", slot)
    story.see(Ada="matched:Ben", Ben="matched:Ada")

    say("\nCy has Ada in the favorites, and locks her in. That overrides her match: Ben waits, his session stays his.")
    story.favor("Cy", "Ada")
    story.book("Cy", slot, partner="Ada")
    story.see(Ada="locked_in:Cy", Cy="locked_in:Ada", Ben="waiting")

    say("\nDee books the same slot. Ben comes first.")
    story.book("Dee", slot)
    story.see(Ben="matched:Dee", Dee="matched:Ben", Ada="locked_in:Cy")

    say("\nEve would lock Ada in, too. A locked-in pair changes only when one of the two cancels.")
    story.favor("Eve", "Ada")
    story.book("Eve", slot, partner="Ada", refused="not_available")
    story.see(Ada="locked_in:Cy", Cy="locked_in:Ada")

    say("\nCy cancels. Ada's session stays, regular again, and waits.")
    story.cancel("Cy")
    story.see(Cy="cancelled", Ada="waiting")

    say("\nFay books, and meets Ada.")
    story.book("Fay", slot)
    story.see(Ada="matched:Fay", Fay="matched:Ada", Ben="matched:Dee", Dee="matched:Ben")

    say("\nGil lets favorites only lock sessions. Eve is not one of them: the same answer as before.")
    story.let_lock("Gil", "favorites")
    story.book("Gil", later)
    story.favor("Eve", "Gil")
    story.book("Eve", later, partner="Gil", refused="not_available")

    say("\nGil has Eve in the favorites now. The same request goes through.")
    story.favor("Gil", "Eve")
    story.book("Eve", later, partner="Gil")
    story.see(Eve="locked_in:Gil", Gil="locked_in:Eve")


def until(look: Callable[[], Any], is_there: Callable[[Any], bool]) -> Any:
    """Look again until it is there, and answer the last that was seen."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen = look()
    while not is_there(seen) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
        seen = look()
    return seen


def expect(told: Any, what: str, seen: Any) -> None:
    """Go on only if it is as told."""
    if not told:
        raise DemoFailedError(f"Expected that {what}; seen: {seen}")


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)


def main() -> int:
    """Tell the story, and answer 0 if all was as told."""
    say("Starting a local run of its own ...")
    with OwnRun() as run:
        try:
            play_scenario(DemoScenario(run))
        except DemoFailedError as untold:
            say(f"\nNot as told. {untold}")
            return 1
    say("\nAll as told: after every step each pair named each other, in one room, and nobody lost a session.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
