"""The shapes of the contract, field by field."""

import re
from collections.abc import Iterable, Mapping
from types import EllipsisType
from typing import Any

from tests.contract.client import ApiResponse, Client, partner_of

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\Z")
DURATIONS = (1_500_000, 3_000_000, 4_500_000)
PAIRED = ("matched", "locked_in")
STATES = ("waiting", *PAIRED, "cancelled", "unmatched", "missed")
CHANGES = ("matched", "locked_in", "displaced", "partner_cancelled")
ACTIVITIES = ("desk", "moving", "anything")

SELF = {"userId", "role", "requestedAt", "joinedAt", "completed", "sessionTitle", "activityType", "quietMode"}
PARTNER = {
    "userId", "name", "photoUrl", "role", "requestedAt", "joinedAt", "completed", "isFavorite", "activityType",
    "quietMode",
}  # fmt: skip
SESSION = {
    "sessionId", "sessionType", "startTime", "duration", "title", "state", "locked", "final", "lastChange",
    "changes", "cancelledLate", "preferFavorites", "roomUrl", "users",
}  # fmt: skip
PUBLIC = {"userId", "name", "totalSessionCount", "timeZone", "photoUrl", "memberSince"}
OWN = PUBLIC | {"needsName", "staff", "gender", "partnerGender", "availability", "quietMode", "activityType"}
PRIVATE = OWN - PUBLIC
# The words of a program's types, which a person does not know.
TYPE_WORDS = re.compile(r"`|Expected|\b(?:str|int|bool|array|float|got|Struct)\b")
PROBLEM = {"type", "title", "status", "detail", "instance", "code", "message", "error"}


def is_instant(value: Any) -> bool:
    """Return true for an instant in UTC with an explicit offset and without fractions."""
    return isinstance(value, str) and INSTANT.match(value) is not None


def check_session(session: Mapping[str, Any]) -> None:
    """Assert that all fields of a session are present and agree with each other."""
    assert set(session) >= SESSION
    assert isinstance(session["sessionId"], str)
    assert session["sessionType"] == "paired"
    assert is_instant(session["startTime"])
    assert type(session["duration"]) is int
    assert session["duration"] in DURATIONS
    assert session["title"] is None or isinstance(session["title"], str)
    assert session["state"] in STATES
    assert session["locked"] is (session["state"] == "locked_in")
    assert type(session["final"]) is bool
    assert type(session["cancelledLate"]) is bool
    assert type(session["preferFavorites"]) is bool
    assert session["lastChange"] == (session["changes"][0] if session["changes"] else None)
    assert len(session["changes"]) <= 3
    for change in session["changes"]:
        assert change["kind"] in CHANGES
        assert is_instant(change["at"])
    own, *partners = session["users"]
    _check_self(own, session)
    assert len(partners) == (1 if session["state"] in PAIRED else 0)
    for partner in partners:
        _check_partner(partner)
    if partners:
        # The page of the room in the web app, which a local run serves without TLS (R41).
        assert re.match(r"(https://|http://127\.0\.0\.1:)[^/]+/rooms/", session["roomUrl"])
    else:
        assert session["roomUrl"] is None


def _check_self(own: Mapping[str, Any], session: Mapping[str, Any]) -> None:
    assert set(own) >= SELF
    assert isinstance(own["userId"], str)
    assert own["role"] is None
    assert own["joinedAt"] is None or is_instant(own["joinedAt"])
    assert is_instant(own["requestedAt"])
    assert type(own["completed"]) is bool
    assert own["sessionTitle"] == session["title"]
    assert own["activityType"] in ACTIVITIES
    assert type(own["quietMode"]) is bool


def _check_partner(partner: Mapping[str, Any]) -> None:
    assert set(partner) >= PARTNER
    assert isinstance(partner["userId"], str)
    assert isinstance(partner["name"], str)
    assert partner["photoUrl"] is None or partner["photoUrl"].startswith("https://")
    assert partner["role"] is None
    assert partner["joinedAt"] is None or is_instant(partner["joinedAt"])
    assert is_instant(partner["requestedAt"])
    assert type(partner["completed"]) is bool
    assert type(partner["isFavorite"]) is bool
    assert partner["activityType"] in ACTIVITIES
    assert type(partner["quietMode"]) is bool
    # The title of a session is private to its owner (R34).
    assert not {"title", "sessionTitle", "sessionId"} & set(partner)


def check_public(user: Mapping[str, Any]) -> None:
    """Assert that a user has the public fields of a member."""
    assert set(user) >= PUBLIC
    assert isinstance(user["userId"], str)
    assert isinstance(user["name"], str)
    assert type(user["totalSessionCount"]) is int
    assert isinstance(user["timeZone"], str)
    assert user["photoUrl"] is None or user["photoUrl"].startswith("https://")
    assert is_instant(user["memberSince"])


def check_problem(response: ApiResponse, status: int, code: str, field: str | EllipsisType | None = None) -> None:
    """Assert that a response is a problem with this status, code and field. The field `...` matches any."""
    assert response.status == status, response
    assert response.headers["Content-Type"] == "application/problem+json"
    check_problem_body(response.json, status, code, field)


def check_problem_body(
    problem: Mapping[str, Any], status: int, code: str, field: str | EllipsisType | None = None
) -> None:
    """Assert that a problem has this status, code and field, and all members of a problem."""
    assert problem["code"] == code, problem
    assert problem["type"] == f"/problems/{code}"
    assert type(problem["status"]) is int
    assert problem["status"] == status
    assert isinstance(problem["title"], str)
    assert problem["title"]
    assert problem["error"] == problem["title"]
    assert isinstance(problem["detail"], str)
    assert problem["detail"]
    assert problem["message"] == problem["detail"]
    assert isinstance(problem.get("instance", ""), str)
    assert set(problem) <= {*PROBLEM, "field", "errors"}
    check_errors(problem)
    if field is not ...:
        assert problem.get("field") == field, problem


def check_errors(problem: Mapping[str, Any]) -> None:
    """Assert that a problem lists its invalid inputs, each once and in words, and has no list without one."""
    errors = problem.get("errors", [])
    assert ("errors" in problem) == ("field" in problem) == bool(errors), problem
    assert [set(error) for error in errors] == [{"field", "detail"}] * len(errors)
    named = [error["field"] for error in errors]
    assert problem.get("field") == (named[0] if named else None)
    assert len(set(named)) == len(named), problem
    for error in errors:
        assert error["detail"] in problem["detail"], problem
        assert not TYPE_WORDS.search(error["detail"]), problem


def check_mutual(members: Iterable[Client]) -> list[tuple[Client, dict[str, Any]]]:
    """Assert R3 for all sessions of all members, and return the sessions with their owners."""
    owned = [(member, session) for member in members for session in member.sessions()]
    by_place = {
        (member.user_id, session["startTime"], session["duration"]): (member, session) for member, session in owned
    }
    assert len(by_place) == len(owned)
    for member, session in owned:
        check_session(session)
        partner = partner_of(session)
        if partner is not None:
            assert partner != member.user_id
            _, other = by_place[partner, session["startTime"], session["duration"]]
            assert partner_of(other) == member.user_id
            assert other["state"] == session["state"]
            assert other["roomUrl"] == session["roomUrl"]
    return owned
