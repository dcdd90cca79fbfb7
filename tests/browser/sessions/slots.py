"""The slots and sessions of the tests of the screen Sessions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.browser.known_member import KnownMember

MINUTE = 60_000
QUARTER = timedelta(minutes=15)


def slot(days: int, time: str, minutes: int = 50) -> dict[str, Any]:
    """Return a slot some days ahead at a time of UTC. The tests of one run have different slots."""
    hour, minute = map(int, time.split(":"))
    start = (datetime.now(UTC) + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return {"startTime": start.isoformat(), "duration": minutes * MINUTE}


def next_slot() -> dict[str, Any]:
    """Return the slot after the next quarter hour, which begins within half an hour."""
    now = datetime.now(UTC)
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + 2 * QUARTER
    return {"startTime": start.isoformat(), "duration": 25 * MINUTE}


def book(member: KnownMember, at: dict[str, Any], **wishes: Any) -> str:
    """Book a slot by a request, and return the id of the session."""
    session_id: str = member.call("POST", "/v1/sessions", {**at, **wishes})["session"]["sessionId"]
    return session_id


def session(member: KnownMember, session_id: str) -> Any:
    """Return a session of the member as the API shows it now."""
    return member.read(f"/v1/sessions/{session_id}")["session"]


def await_partner(member: KnownMember, session_id: str, name: str) -> None:
    """Wait until the session has a partner with this name."""
    member.page.until(
        lambda: [each["name"] for each in session(member, session_id)["users"][1:]] == [name], f"{name} is no partner"
    )
