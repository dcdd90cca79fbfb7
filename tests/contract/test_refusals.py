"""Every refusal is a problem that names the invalid field, and a refused request writes nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st

from chalicelib.handlers.http.responses.headers import API_CSP, SECURITY_HEADERS
from tests.contract.client import JSON, Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots, SlotStart, text_of
from tests.properties import given, settings

KIBIBYTE = 1024


@pytest.fixture(scope="module")
def eve(api: Runner) -> Client:
    """A member who sends only invalid requests, with one session that must stay unchanged."""
    member = api.sign_in("Eve")
    member.book(api.slots.far(), title="Mine")
    return member


STATES: dict[str, list[Any]] = {}


@contextmanager
def nothing_written(member: Client) -> Iterator[None]:
    """Assert that the state of a member who sends only refused requests stays unchanged."""
    before = STATES.get(member.user_id) or member.readable_state()
    yield
    STATES[member.user_id] = member.readable_state()
    assert STATES[member.user_id] == before


def session_of(member: Client) -> str:
    """Return the id of the only session of a member who sends only refused requests."""
    if member.user_id not in STATES:
        STATES[member.user_id] = member.readable_state()
    return STATES[member.user_id][0][0]["sessionId"]


DEEP = {
    "lists never closed": b"[" * 10_000,
    "objects never closed": b'{"title":' * 1_800,
    "lists": b"[" * 8_000 + b"]" * 8_000,
    "lists in a field": b'{"startTime":' + b"[" * 8_000 + b"]" * 8_000 + b"}",
    "lists in an unknown field": b'{"colour":' + b"[" * 8_000 + b"]" * 8_000 + b"}",
    "objects": b'{"a":' * 2_500 + b"1" + b"}" * 2_500,
}

MALFORMED = {
    "empty": b"",
    "blank": b"  \n",
    "cut off": b'{"title": "x"',
    "trailing comma": b'{"title": "x",}',
    "single quotes": b"{'title': 'x'}",
    "two values": b"{} {}",
    "bare word": b"hello",
    "form": b"title=x&duration=3000000",
    "a nul": b"\x00",
    "not utf-8": b'{"title": "\xff\xfe"}',
    "utf-16": '{"title": "x"}'.encode("utf-16"),
    "surrogate in bytes": b'{"title": "\xed\xa0\x80"}',
    "raw control character": b'{"title": "a\x01b"}',
    "not a number": b'{"duration": NaN}',
    "infinity": b'{"duration": Infinity}',
    "a comment": b"{} // nothing",
}

WRITES = (("POST", "/v1/sessions"), ("POST", "/v1/sessions/batch"), ("PATCH", "/v1/me"), ("PATCH", "/v1/sessions/{id}"))


@pytest.mark.sampled(every=8)
@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_body_that_is_not_json_is_400_malformed_json(eve: Client, method: str, path: str, name: str) -> None:
    with nothing_written(eve):
        response = eve.request(method, path.replace("{id}", session_of(eve)), body=MALFORMED[name])
        check_problem(response, 400, "malformed_json")


@pytest.mark.sampled(every=8)
@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_json_nested_thousands_of_levels_deep_is_refused_without_a_failure(
    eve: Client, method: str, path: str, name: str
) -> None:
    with nothing_written(eve):
        response = eve.request(method, path.replace("{id}", session_of(eve)), body=DEEP[name])
        code = response.json["code"]
        assert code in ("malformed_json", "invalid_request")
        check_problem(response, {"malformed_json": 400, "invalid_request": 422}[code], code, ...)


@pytest.mark.sampled(every=7)
@pytest.mark.parametrize("body", [b"[]", b"null", b"true", b"5", b'"x"', b"[{}]", b"1e400"])
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_json_other_than_an_object_is_422(eve: Client, method: str, path: str, body: bytes) -> None:
    with nothing_written(eve):
        response = eve.request(method, path.replace("{id}", session_of(eve)), body=body)
        if body == b"1e400" and response.status == 400:
            check_problem(response, 400, "malformed_json")
        else:
            check_problem(response, 422, "invalid_request", ...)


# The largest bodies in KiB, of a batch and of every other write.
LARGEST_BODIES = {path: 256 if path.endswith("batch") else 16 for _, path in WRITES}


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("more", [1, 100 * KIBIBYTE, 3 * KIBIBYTE * KIBIBYTE])
def test_any_body_above_the_largest_of_its_route_is_413(eve: Client, method: str, path: str, more: int) -> None:
    size = LARGEST_BODIES[path] * KIBIBYTE + more
    with nothing_written(eve):
        for body in (b"{" + b" " * (size - 2) + b"}", b"\xff" * size):
            check_problem(eve.request(method, path.replace("{id}", session_of(eve)), body=body), 413, "too_large")


def test_a_body_that_is_refused_unread_closes_its_connection(eve: Client) -> None:
    """Without the header a client would send its next request on a connection that ends."""
    response = eve.request("POST", "/v1/sessions", body=b" " * (3 * KIBIBYTE * KIBIBYTE))
    assert (response.status, response.headers["Connection"]) == (413, "close")


def test_a_body_of_16_kib_is_accepted(ada: Client, slots: Slots) -> None:
    body = json.dumps(slots.far().body()).encode().ljust(16 * KIBIBYTE)
    assert ada.request("POST", "/v1/sessions", body=body).status == 201


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "x"]
)
def test_a_body_with_another_media_type_is_415(eve: Client, slots: Slots, method: str, path: str, kind: str) -> None:
    with nothing_written(eve):
        body = json.dumps({"title": "x"}).encode()
        response = eve.request(method, path.replace("{id}", session_of(eve)), body=body, headers={"Content-Type": kind})
        check_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;charset=UTF-8"]
)
def test_the_media_type_of_json_may_have_a_charset_and_any_case(ada: Client, slots: Slots, kind: str) -> None:
    body = json.dumps(slots.far().body()).encode()
    assert ada.request("POST", "/v1/sessions", body=body, headers={"Content-Type": kind}).status == 201


NOW = datetime.now(UTC).replace(microsecond=0)
QUARTER = NOW.replace(minute=0, second=0)
SOON = QUARTER + timedelta(days=20)
VALID = {"startTime": text_of(SOON), "duration": 3_000_000}

# A change of a valid booking and the field that the refusal names. The value `...` removes a field.
INVALID_BOOKINGS: list[tuple[dict[str, Any], str]] = [
    ({"startTime": ...}, "startTime"),
    ({"startTime": None}, "startTime"),
    ({"startTime": 1796115600}, "startTime"),
    ({"startTime": [VALID["startTime"]]}, "startTime"),
    ({"startTime": {}}, "startTime"),
    ({"startTime": ""}, "startTime"),
    ({"startTime": "tomorrow"}, "startTime"),
    ({"startTime": "x" * 10_000}, "startTime"),
    ({"startTime": "\x00"}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%d")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:%M:%S")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:%M:%S.000")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:%M:%S+25:00")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:%M:%S+00:00 ")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:%M:%S+00:00\n")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-02-30T%H:%M:%SZ")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:60:00Z")}, "startTime"),
    ({"startTime": "0001-01-01T00:00:00+14:00"}, "startTime"),
    ({"startTime": "9999-12-31T23:45:00-14:00"}, "startTime"),
    ({"startTime": "10000-01-01T00:00:00Z"}, "startTime"),
    ({"startTime": "-2026-01-01T00:00:00Z"}, "startTime"),
    ({"startTime": text_of(SOON + timedelta(minutes=1))}, "startTime"),
    ({"startTime": text_of(SOON + timedelta(minutes=14))}, "startTime"),
    ({"startTime": text_of(SOON + timedelta(seconds=1))}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:%M:%S.000001Z")}, "startTime"),
    ({"startTime": SOON.strftime("%Y-%m-%dT%H:%M:%S+00:07")}, "startTime"),
    ({"startTime": text_of(QUARTER + timedelta(weeks=13, hours=2))}, "startTime"),
    ({"startTime": text_of(QUARTER + timedelta(days=400))}, "startTime"),
    ({"duration": ...}, "duration"),
    ({"duration": None}, "duration"),
    ({"duration": "3000000"}, "duration"),
    ({"duration": 3_000_000.5}, "duration"),
    ({"duration": True}, "duration"),
    ({"duration": [3_000_000]}, "duration"),
    ({"duration": 0}, "duration"),
    ({"duration": -3_000_000}, "duration"),
    ({"duration": 50}, "duration"),
    ({"duration": 3_000}, "duration"),
    ({"duration": 3_000_001}, "duration"),
    ({"duration": 3_600_000}, "duration"),
    ({"duration": 6_000_000}, "duration"),
    ({"duration": 2**63}, "duration"),
    ({"duration": 10**400}, "duration"),
    ({"title": "x" * 201}, "title"),
    ({"title": "\N{GRINNING FACE}" * 201}, "title"),
    ({"title": 5}, "title"),
    ({"title": ["x"]}, "title"),
    ({"title": {"text": "x"}}, "title"),
    ({"activityType": "sleeping"}, "activityType"),
    ({"activityType": "DESK"}, "activityType"),
    ({"activityType": 1}, "activityType"),
    ({"quietMode": "true"}, "quietMode"),
    ({"quietMode": 0}, "quietMode"),
    ({"preferFavorites": "yes"}, "preferFavorites"),
    ({"partnerId": 5}, "partnerId"),
    ({"partnerId": ["x"]}, "partnerId"),
    ({"partnerId": "x", "locked": "true"}, "locked"),
    ({"partnerId": "x", "locked": 1}, "locked"),
    ({"replace": "true"}, "replace"),
    ({"replace": 1}, "replace"),
    ({"colour": "red"}, "colour"),
    ({"": 1}, ""),
    ({"__proto__": {}}, "__proto__"),
    ({"StartTime": "x"}, "StartTime"),
    ({"start_time": "x"}, "start_time"),
    ({"memberId": "x"}, "memberId"),
    ({"state": "locked_in"}, "state"),
]  # fmt: skip


def with_change(change: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (VALID | change).items() if value is not ...}


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(("change", "field"), INVALID_BOOKINGS)
def test_the_refusal_of_an_invalid_booking_names_the_field_and_nothing_is_written(
    eve: Client, change: dict[str, Any], field: str
) -> None:
    with nothing_written(eve):
        check_problem(eve.post("/v1/sessions", with_change(change)), 422, "invalid_request", field or ...)


@pytest.mark.parametrize("minutes", [15, 60, 60 * 24 * 365])
def test_r30_a_start_in_the_past_is_too_late_and_names_the_field(eve: Client, minutes: int) -> None:
    with nothing_written(eve):
        past = VALID | {"startTime": text_of(QUARTER - timedelta(minutes=minutes))}
        check_problem(eve.post("/v1/sessions", past), 409, "too_late", "startTime")


def test_r30_the_latest_start_is_13_weeks_ahead(ada: Client) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    last = SlotStart(hour + timedelta(weeks=13))
    assert ada.book(last)["startTime"] == last.text
    # The next full hour may come between the two bookings.
    beyond = SlotStart(hour + timedelta(weeks=13, hours=2))
    check_problem(ada.post("/v1/sessions", beyond.body()), 422, "invalid_request", "startTime")


@pytest.mark.parametrize("field", ["title", "startTime", "partnerId", "activityType"])
def test_half_of_a_surrogate_pair_is_refused(eve: Client, field: str) -> None:
    with nothing_written(eve):
        response = eve.post("/v1/sessions", VALID | {field: "\ud800"})
        check_problem(response, 422, "invalid_request", field)
        for path, named in (("/v1/me", "name"), (f"/v1/sessions/{session_of(eve)}", "title")):
            check_problem(eve.patch(path, {named: "\udfff"}), 422, "invalid_request", named)


def test_a_nul_in_a_title_is_refused_and_the_field_is_named(ada: Client, slots: Slots) -> None:
    check_problem(ada.post("/v1/sessions", slots.far().body(title="a\x00b")), 422, "invalid_request", "title")
    assert ada.sessions() == []


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x" * 201}, "title"),
        ({"title": 5}, "title"),
        ({"activityType": None}, "activityType"),
        ({"activityType": "x"}, "activityType"),
        ({"quietMode": None}, "quietMode"),
        ({"quietMode": "x"}, "quietMode"),
        ({"startTime": VALID["startTime"]}, "startTime"),
        ({"duration": 1_500_000}, "duration"),
        ({"state": "cancelled"}, "state"),
        ({"title": "fine", "colour": "red"}, "colour"),
    ],
)
def test_the_refusal_of_an_invalid_patch_names_the_field_and_nothing_is_written(
    eve: Client, change: dict[str, Any], field: str
) -> None:
    with nothing_written(eve):
        check_problem(eve.patch(f"/v1/sessions/{session_of(eve)}", change), 422, "invalid_request", field)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/me", {"GET", "PATCH"}),
        ("PUT", "/v1/sessions", {"GET", "POST"}),
        ("DELETE", "/v1/sessions", {"GET", "POST"}),
        ("POST", "/v1/sessions/some", {"GET", "PATCH", "DELETE"}),
        ("POST", "/v1/users/some", {"GET"}),
        ("POST", "/v1/people", {"GET"}),
        ("GET", "/v1/people/some/favorite", {"PUT", "DELETE"}),
        ("POST", "/v1/people/some/block", {"PUT", "DELETE"}),
        ("DELETE", "/health", {"GET"}),
        ("TRACE", "/v1/me", {"GET", "PATCH"}),
        ("BREW", "/v1/me", {"GET", "PATCH"}),
    ],
)
def test_an_unsupported_method_is_405_and_allow_lists_the_supported_ones(
    eve: Client, method: str, path: str, allowed: set[str]
) -> None:
    response = eve.request(method, path)
    check_problem(response, 405, "method_not_allowed")
    listed = {name.strip() for name in response.headers["Allow"].split(",")}
    assert allowed <= listed
    assert method not in listed


UNKNOWN_PATHS = (
    "/",
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v2/me",
    "/v1/me/nothing",
    "/v1/sessions/a/b",
    "/v1/people/a/like",
    "/%00",
)


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_an_unknown_path_is_404(eve: Client, path: str) -> None:
    check_problem(eve.get(path), 404, "not_found")


def test_two_equal_refusals_differ_only_in_their_instance(eve: Client) -> None:
    calls = {
        "unknown": lambda: eve.get("/v1/users/unknown"),
        "field": lambda: eve.post("/v1/sessions", VALID | {"colour": "red"}),
        "json": lambda: eve.request("POST", "/v1/sessions", body=b"{"),
        "method": lambda: eve.request("POST", "/v1/me"),
        "path": lambda: eve.get("/nothing"),
        "large": lambda: eve.request("POST", "/v1/sessions", body=b" " * 20_000),
    }
    for name, call in calls.items():
        first, second = call(), call()
        assert first.without_instance == second.without_instance, name
        assert (first.status, set(first.headers)) == (second.status, set(second.headers)), name


def test_every_refusal_has_the_security_headers_and_is_not_cached(eve: Client, api: Runner) -> None:
    responses = [
        eve.get("/v1/users/unknown"),
        eve.get("/v1/sessions"),
        eve.post("/v1/sessions", VALID | {"partnerId": "unknown"}),
        eve.request("POST", "/v1/sessions", body=b"{"),
        eve.request("POST", "/v1/sessions", body=b" " * 20_000),
        eve.request("POST", "/v1/me"),
        eve.get("/nothing"),
        eve.request("BREW", "/dev/clock"),
        api.request("GET", "/v1/me"),
    ]
    expected = SECURITY_HEADERS | {"Cache-Control": "no-store", "Content-Security-Policy": API_CSP}
    assert [{name: response.headers.get(name) for name in expected} for response in responses] == [expected] * len(
        responses
    )


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(
    [VALID["startTime"], 3_000_000, "desk", "same", "x" * 201, "\x00", "\ud800"]
)  # fmt: skip
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
FIELDS = ["startTime", "duration", "title", "activityType", "quietMode", "preferFavorites", "partnerId", "locked"]
FIELDS += ["replace", "sessions", "name", "timeZone", "photoUrl", "gender", "partnerGender", "availability", "until"]
BODIES = VALUES | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), VALUES, max_size=6)
PATHS = ["/v1/sessions", "/v1/sessions/batch", "/v1/me", "/v1/people/unknown/snooze"]
METHODS = {"/v1/me": "PATCH", "/v1/people/unknown/snooze": "PUT"}


@pytest.mark.long  # Sends 60 generated bodies. `test_fuzz` sends some before each commit.
@settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip
@given(path=st.sampled_from(PATHS), body=BODIES, key=st.none() | st.sampled_from(["k", "x" * 255]))
def test_no_generated_body_causes_a_5xx(api: Runner, path: str, body: Any, key: str | None) -> None:
    headers = {"Content-Type": JSON} | ({"Idempotency-Key": key} if key else {})
    member = fuzzing_member(api)
    response = member.request(METHODS.get(path, "POST"), path, body=json.dumps(body).encode(), headers=headers)
    if response.status >= 300:
        assert response.status in (400, 404, 409, 422), (path, body, response)
        check_problem(response, response.status, response.json["code"], ...)


FUZZING_MEMBERS: dict[int, Client] = {}


def fuzzing_member(api: Runner) -> Client:
    """Return the member of all examples, signed in once for each runner."""
    if api.port not in FUZZING_MEMBERS:
        FUZZING_MEMBERS[api.port] = api.sign_in("Fuzz")
    return FUZZING_MEMBERS[api.port]
