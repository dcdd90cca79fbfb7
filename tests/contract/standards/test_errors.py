"""A form sends every field wrong, and a frontend shows the refusal to a person.

`errors` names every invalid input in words for a person, never by the type of a program.
"""

from typing import Any

import pytest

from chalicelib.handlers.http.inputs.requests import LARGEST_LIMIT
from tests.contract.client import ApiResponse, Client
from tests.contract.shapes import check_problem, check_problem_body
from tests.contract.slots import Slots


def details(response: ApiResponse) -> dict[str, str]:
    """Return the details of a refusal by field, after the checks that hold for all refusals of inputs."""
    problem = response.json
    check_problem(response, 422, "invalid_request", problem["errors"][0]["field"])
    return {entry["field"]: entry["detail"] for entry in problem["errors"]}


def test_three_wrong_settings_are_all_named_in_words(ada: Client) -> None:
    """The attack is the profile form of a newcomer. The refusal named one of three and spoke of a program's types."""
    response = ada.patch("/v1/me", {"timeZone": "Mars/X", "name": "", "gender": "x"})
    assert details(response) == {
        "name": "must not be empty",
        "timeZone": "must be an IANA time zone, such as Europe/Vienna",
        "gender": "must be one of woman, man, nonbinary or null",
    }


def test_unknown_missing_and_wrong_fields_of_a_booking_are_named_together(ada: Client) -> None:
    wrong = {"duration": 60_000, "title": 5, "activityType": "sleep", "quietMode": "yes", "locked": True, "colour": 1}
    assert details(ada.post("/v1/sessions", wrong)) == {
        "startTime": "is required",
        "duration": "must be one of 1500000, 3000000 or 4500000",
        "title": "must be a text or null",
        "activityType": "must be one of desk, moving, anything or null",
        "quietMode": "must be true, false or null",
        "colour": "is not a known field",
        "partnerId": "is required to lock in",
    }


def test_a_header_and_a_body_are_judged_together(ada: Client, slots: Slots) -> None:
    body = slots.far().body() | {"title": "\x00", "startTime": "tomorrow"}
    assert details(ada.post("/v1/sessions", body, Idempotency_Key="a b")).keys() == {
        "startTime", "title", "Idempotency-Key",
    }  # fmt: skip


def test_a_setting_that_contradicts_the_profile_is_named_beside_a_wrong_one(ada: Client) -> None:
    response = ada.patch("/v1/me", {"partnerGender": "same", "photoUrl": "ftp://x"})
    assert details(response).keys() == {"photoUrl", "partnerGender"}


def test_every_invalid_query_parameter_is_named(ada: Client) -> None:
    assert details(ada.get("/v1/sessions", start="x", limit="0")) == {
        "limit": f"must be a whole number from 1 to {LARGEST_LIMIT}",
        "start": "must be an ISO 8601 instant with an offset, such as 2026-12-01T09:00:00+00:00",
        "end": "is required",
    }
    turned = {"start": "2026-12-02T09:00:00Z", "end": "2026-12-01T09:00:00Z"}
    assert details(ada.get("/v1/calendar", **turned, duration="7", limit="x")).keys() == {"end", "duration", "limit"}


def test_a_changed_cursor_beside_a_wrong_limit_is_named_too(ada: Client) -> None:
    """Alone it keeps its own code."""
    assert details(ada.get("/v1/people", limit="0", cursor="x")).keys() == {"limit", "cursor"}
    check_problem(ada.get("/v1/people", limit="1", cursor="x"), 400, "invalid_cursor", "cursor")


def test_an_id_in_the_path_is_named_beside_a_field_of_the_body(ada: Client) -> None:
    response = ada.put(f"/v1/people/{ada.user_id}/snooze", {"until": "2026-01-01T00:00:00Z"})
    assert details(response) == {"userId": "must be another member", "until": "must be in the future"}


def test_impossible_times_are_named_beside_other_fields(ada: Client, slots: Slots) -> None:
    past = "2026-01-01T00:00:00Z"
    assert details(ada.post("/v1/invite-links", {"expiresAt": past, "maxUses": 0})).keys() == {"expiresAt", "maxUses"}
    key = {"name": " ", "scope": "all", "expiresAt": past}
    assert details(ada.post("/v1/api-keys", key)) == {
        "name": "must have at least one visible character",
        "scope": "must be one of read, write or export",
        "expiresAt": "must be in the future",
    }
    off_the_grid = slots.far().text.replace("+00:00", "+00:07")
    booking = {"startTime": off_the_grid, "duration": 3_000_000, "title": 1}
    assert details(ada.post("/v1/sessions", booking)).keys() == {"startTime", "title"}


def test_r28_a_start_that_no_link_offers_is_named_only_beside_other_fields(ada: Client, slots: Slots) -> None:
    """An unusable link is refused before the slot is judged."""
    body = {"startTime": slots.far().text.replace("+00:00", "+00:07"), "duration": 3_000_000}
    check_problem(ada.post("/i/unknown", body), 404, "invite_unavailable")
    assert details(ada.post("/i/unknown", body | {"replace": 1})).keys() == {"startTime", "replace"}


def test_each_item_of_a_batch_has_its_own_errors(ada: Client, slots: Slots) -> None:
    items = [slots.far().body(), {"colour": 1}, 5]
    first, *refused = ada.post("/v1/sessions/batch", {"sessions": items}).json["results"]
    assert "session" in first
    for result in refused:
        check_problem_body(result["problem"], 422, "invalid_request", ...)
    assert [[error["field"] for error in result["problem"]["errors"]] for result in refused] == [
        ["startTime", "duration", "colour"],
        ["body"],
    ]
    assert details(ada.post("/v1/sessions/batch", {"sessions": items * 11, "x": 1})) == {
        "sessions": "must be a list of at most 30 entries",
        "x": "is not a known field",
    }


@pytest.mark.parametrize("number", ["3000000.0", "3e6", "30e5", "3000000"])
def test_a_whole_number_in_any_spelling_of_json_is_accepted(ada: Client, slots: Slots, number: str) -> None:
    """JSON Schema calls these integers, and encoders of other languages write them."""
    body = f'{{"startTime": "{slots.far().text}", "duration": {number}}}'
    booked = ada.request("POST", "/v1/sessions", body=body.encode())
    assert (booked.status, booked.json["session"]["duration"]) == (201, 3_000_000)


@pytest.mark.parametrize(("uses", "stored"), [("1.0", 1), ("2e0", 2)])
def test_a_whole_number_of_uses_is_accepted(ada: Client, uses: str, stored: int) -> None:
    made = ada.request("POST", "/v1/invite-links", body=f'{{"maxUses": {uses}}}'.encode())
    assert (made.status, made.json["inviteLink"]["maxUses"]) == (201, stored)


@pytest.mark.parametrize("uses", [1.5, 0, -1, 2**53, True, "1"])
def test_a_number_of_uses_that_is_not_whole_or_out_of_range_is_refused(ada: Client, uses: Any) -> None:
    assert details(ada.post("/v1/invite-links", {"maxUses": uses})) == {
        "maxUses": f"must be a whole number from 1 to {2**53 - 1} or null"
    }


def test_the_refusal_of_a_conflict_has_its_one_input_as_an_error(ada: Client, slots: Slots) -> None:
    """`errors` is present exactly where an input is at fault, for every code."""
    slot = slots.far()
    ada.book(slot)
    response = ada.post("/v1/sessions", slot.body(25))
    check_problem(response, 409, "time_conflict", "startTime")
    assert response.json["errors"] == [{"field": "startTime", "detail": response.json["detail"]}]
    unknown = ada.get("/v1/users/unknown").json
    assert not {"errors", "field"} & unknown.keys()
    assert (unknown["message"], unknown["error"]) == (unknown["detail"], unknown["title"])
