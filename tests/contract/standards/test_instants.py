"""Instants of the whole calendar of ISO 8601, the years 1 to 9999 (R30). Clients use its ends as "never"."""

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots

# The least value of C# and Python, the greatest second, and others that no earlier release took.
FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
PAST = [FIRST, "0001-01-01T00:00:00+00:00", "0001-01-02T00:00:00+14:00", "1900-01-01T00:00:00Z", "1969-12-31T23:45:00Z"]
# Outside of the calendar by their offset alone.
OUTSIDE = [
    "0001-01-01T00:00:00+00:15",
    "0001-01-01T13:45:00+14:00",
    "9999-12-31T23:45:00-00:15",
    "9999-12-31T12:00:00-12:00",
]
READ_AS = "9999-12-31T23:59:59+00:00"


@pytest.mark.parametrize("start", PAST)
def test_r30_a_start_long_ago_is_too_late_and_no_invalid_text(ada: Client, slots: Slots, start: str) -> None:
    """A form without a date sends the least value of its language."""
    found = slots.far().body() | {"startTime": start}
    check_problem(ada.post("/v1/sessions", found), 409, "too_late", "startTime")
    (result,) = ada.post("/v1/sessions/batch", {"sessions": [found]}).json["results"]
    assert (result["status"], result["problem"]["code"]) == (409, "too_late")


@pytest.mark.parametrize("start", ["9999-12-31T23:45:00Z", "9999-01-01T00:00:00Z", LAST, "9999-12-31T23:59:59.999999Z"])
def test_r30_a_start_in_the_last_year_is_beyond_the_horizon(ada: Client, slots: Slots, start: str) -> None:
    check_problem(
        ada.post("/v1/sessions", slots.far().body() | {"startTime": start}), 422, "invalid_request", "startTime"
    )


def test_r28_a_start_outside_of_all_sessions_is_judged_after_the_link(ada: Client, ben: Client, slots: Slots) -> None:
    link = ada.post("/v1/invite-links", {}).json["inviteLink"]["url"].rpartition("/")[2]
    late, far = slots.far().body() | {"startTime": FIRST}, slots.far().body() | {"startTime": LAST}
    check_problem(ben.post(f"/i/{link}", late), 409, "too_late", "startTime")
    check_problem(ben.post(f"/i/{link}", far), 422, "invalid_request", "startTime")
    for body in (late, far):
        check_problem(ben.post("/i/unknown", body), 404, "invite_unavailable")


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/calendar"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (FIRST, "0001-01-15T00:00:00Z"),
        (FIRST, FIRST),
        ("0001-01-01T14:00:00+14:00", "0001-02-01T00:00:00+14:00"),
        ("1969-12-20T00:00:00Z", "1970-01-10T00:00:00Z"),
        ("9999-12-01T00:00:00Z", LAST),
        (LAST, LAST),
        ("9999-12-31T09:59:59-14:00", "9999-12-31T09:59:59-14:00"),
        ("9999-12-20T00:00:00+14:00", "9999-12-31T23:59:59+14:00"),
    ],
)
def test_a_range_at_an_end_of_the_calendar_is_empty(ada: Client, path: str, start: str, end: str) -> None:
    """The range "from the beginning" must not break the arithmetic of the days around it."""
    for limit in ({}, {"limit": 1}):
        response = ada.get(path, start=start, end=end, **limit)
        assert response.status == 200, response
        assert list(response.json.values()) == [[]]


def test_the_last_year_is_a_range_and_all_time_is_not(ada: Client) -> None:
    assert ada.get("/v1/sessions", start="9999-01-01T00:00:00Z", end=LAST).status == 200
    assert ada.get("/v1/sessions", start=FIRST, end="0002-01-01T00:00:00Z").status == 200
    for path in ("/v1/sessions", "/v1/calendar"):
        for start, end in ((FIRST, LAST), ("9998-01-01T00:00:00Z", LAST), (FIRST, "0002-01-01T00:00:01Z")):
            check_problem(ada.get(path, start=start, end=end), 422, "invalid_request", "end")


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_offset_that_leads_out_of_the_calendar_is_refused(ada: Client, ben: Client, slots: Slots, text: str) -> None:
    until = f"/v1/people/{ben.user_id}/snooze"
    for response, field in (
        (ada.post("/v1/sessions", slots.far().body() | {"startTime": text}), "startTime"),
        (ada.get("/v1/sessions", start=text, end=LAST), "start"),
        (ada.get("/v1/calendar", start=FIRST, end=text), "end"),
        (ada.put(until, {"until": text}), "until"),
        (ada.post("/v1/invite-links", {"expiresAt": text}), "expiresAt"),
        (ada.post("/v1/api-keys", {"name": "x", "scope": "read", "expiresAt": text}), "expiresAt"),
    ):
        check_problem(response, 422, "invalid_request", field)


def test_an_expiry_in_the_last_second_means_never_and_reads_back_as_sent(ada: Client, ben: Client) -> None:
    link = ada.post("/v1/invite-links", {"expiresAt": LAST})
    key = ada.post("/v1/api-keys", {"name": "x", "scope": "read", "expiresAt": "9999-12-31T23:59:59.9Z"})
    assert (link.json["inviteLink"]["expiresAt"], key.json["apiKey"]["expiresAt"]) == (READ_AS, READ_AS)
    assert [one["expiresAt"] for one in ada.get("/v1/invite-links").json["inviteLinks"]] == [READ_AS]
    assert [one["expiresAt"] for one in ada.get("/v1/api-keys").json["apiKeys"]] == [READ_AS]
    assert ada.put(f"/v1/people/{ben.user_id}/snooze", {"until": LAST}).status == 204
    assert [one["until"] for one in ada.get("/v1/people").json["snoozed"]] == [READ_AS]
    exported = ada.get("/v1/me/export").json
    assert [one["snoozedUntil"] for one in exported["people"]] == [READ_AS]
    with_key = {"X-API-KEY": key.json["apiKey"]["key"]}
    assert ada.runner.request("GET", "/v1/me", headers=with_key).status == 200
    assert ada.runner.request("GET", f"/i/{link.json['inviteLink']['url'].rpartition('/')[2]}").status == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/invite-links", {"expiresAt": FIRST}, "expiresAt"),
        ("/v1/api-keys", {"name": "x", "scope": "read", "expiresAt": FIRST}, "expiresAt"),
    ],
)
def test_an_expiry_in_the_first_year_is_past(ada: Client, path: str, body: dict[str, str], field: str) -> None:
    response = ada.post(path, body)
    check_problem(response, 422, "invalid_request", field)
    assert "must be in the future" in response.json["detail"]


@pytest.mark.parametrize(
    "text",
    ["2026-335T09:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T09:00:60Z", "2026-12-01T09:00:00\N{MINUS SIGN}05:00"],
)
def test_a_form_that_the_manual_excludes_is_refused(controlled: Runner, text: str) -> None:
    """Ordinal dates, hour 24, leap seconds and the typographic minus sign."""
    ada = controlled.sign_in("Ada")
    response = ada.post("/v1/invite-links", {"expiresAt": text})
    check_problem(response, 422, "invalid_request", "expiresAt")
    assert "ISO 8601 instant" in response.json["detail"]
