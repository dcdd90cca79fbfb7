"""The reference on PostgreSQL gives the answers of the local run to the same requests."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from bench.postgres import find_programs
from bench.server import local_service, postgres_service
from bench.server_load import Connection, LoadRequest

# A cluster and a local run are started first.
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is missing (initdb and pg_ctl)."),
]
NAMES = ("Ada", "Ben", "Cy", "Dee", "Eve")
SETTLE_SECONDS = 60
# The demo members of the local run have their sessions in the next days.
AHEAD, HOURS = 10, 4

# The status, and what the caller sees of it in words that are the same on every server.
Answer = tuple[int, Any]


class StoryMembers:
    """The members of a story on one server, by their names."""

    def __init__(self, url: str, first: datetime) -> None:
        self._connection = Connection(url)
        self._first = first
        signed_in = {name: self._send("POST", "/dev/sign-in", None, {"name": name})[1] for name in NAMES}
        self._tokens = {name: body["token"] for name, body in signed_in.items()}
        self._ids = {name: body["userId"] for name, body in signed_in.items()}
        self._sessions: dict[str, str] = {}

    def close(self) -> None:
        self._connection.close()

    def favor(self, name: str, other: str) -> Answer:
        return self._send("PUT", f"/v1/people/{self._ids[other]}/favorite", name)

    def book(self, name: str, hour: float, minutes: int = 50, partner: str | None = None) -> Answer:
        start = self._first + timedelta(hours=hour)
        lock = {"partnerId": self._ids[partner]} if partner else {}
        payload = {"startTime": start.isoformat(), "duration": minutes * 60_000, **lock}
        status, body = self._send("POST", "/v1/sessions", name, payload)
        if "code" in body:
            return status, body["code"]
        self._sessions[name] = body["session"]["sessionId"]
        return status, shown(body["session"])

    def cancel(self, name: str) -> Answer:
        """Cancel the session that the member booked last."""
        return self._send("DELETE", f"/v1/sessions/{self._sessions[name]}", name)

    def calendar(self, name: str) -> list[Any]:
        first, last = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (self._first, self._first + timedelta(hours=HOURS)))
        _, body = self._send("GET", f"/v1/calendar?start={first}&end={last}", name)
        return [
            (
                slot["startTime"],
                slot["duration"],
                slot["session"] and shown(slot["session"]),
                slot["waiting"],
                [(each["name"], each["locked"], each["lockable"]) for each in slot["favorites"]],
            )
            for slot in body["slots"]
        ]

    def _send(self, method: str, path: str, name: str | None, payload: Any = None) -> Answer:
        return self._connection.send(LoadRequest(method, path, name and self._tokens[name], payload))


def shown(session: dict[str, Any]) -> tuple[Any, ...]:
    """Return the slot of a session, its state and the name of its partner."""
    partners = [user["name"] for user in session["users"][1:]]
    return session["startTime"], session["duration"], session["state"], session["locked"], partners


@pytest.fixture(scope="module")
def stories() -> Iterator[tuple[StoryMembers, StoryMembers]]:
    """The same members on a local run and on the reference."""
    programs = find_programs()
    assert programs
    first = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=AHEAD)
    with local_service() as local, postgres_service(programs, durable=False) as reference:
        both = StoryMembers(local.url, first), StoryMembers(reference.url, first)
        yield both
        for story in both:
            story.close()


STEPS: tuple[tuple[str, Callable[[StoryMembers], Answer]], ...] = (
    ("Ada books and waits", lambda story: story.book("Ada", 0)),
    ("Ada books the same again", lambda story: story.book("Ada", 0)),
    ("Ada overlaps", lambda story: story.book("Ada", 0.5, 25)),
    ("Ben is matched with Ada", lambda story: story.book("Ben", 0)),
    ("another length does not match", lambda story: story.book("Dee", 0, 25)),
    ("Cy may not lock a member who is no favorite", lambda story: story.book("Cy", 0, partner="Ada")),
    ("Cy favors Ada", lambda story: story.favor("Cy", "Ada")),
    ("Cy locks Ada, and Ben waits", lambda story: story.book("Cy", 0, partner="Ada")),
    ("Cy locks Ada again", lambda story: story.book("Cy", 0, partner="Ada")),
    ("Eve favors Ada", lambda story: story.favor("Eve", "Ada")),
    ("Eve cannot lock a locked member", lambda story: story.book("Eve", 0, partner="Ada")),
    ("Eve is matched with Ben, who waits", lambda story: story.book("Eve", 0)),
    ("Ada locks a member who has no session there", lambda story: story.book("Ada", 2, partner="Cy")),
    ("Cy cancels, and Ada waits", lambda story: story.cancel("Cy")),
    ("Cy cancels again", lambda story: story.cancel("Cy")),
    ("Cy is not matched with Ada again", lambda story: story.book("Cy", 0)),
    ("Eve locks Ada", lambda story: story.book("Eve", 0, partner="Ada")),
)


def settled(view: Callable[[], Any], expected: Any) -> Any:
    """Return a view once it is as expected, or after a minute. The local run matches again behind its stream."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (seen := view()) != expected and time.monotonic() < deadline:
        Event().wait(0.05)
    return seen


def test_both_servers_give_the_same_answers_and_show_the_same_calendars(
    stories: tuple[StoryMembers, StoryMembers],
) -> None:
    local, reference = stories
    for what, step in STEPS:
        expected = step(reference)
        assert (what, step(local)) == (what, expected)
        for name in NAMES:
            calendar = reference.calendar(name)
            assert (what, name, settled(lambda of=name: local.calendar(of), calendar)) == (what, name, calendar)
