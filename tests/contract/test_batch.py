"""`/v1/sessions/batch` handles each item separately, in the order of the request."""

import json
from typing import Any

import pytest

from tests.contract.client import Client
from tests.contract.shapes import check_problem, check_problem_body, check_session
from tests.contract.slots import Slots

BATCH = "/v1/sessions/batch"


def results(member: Client, items: list[Any], **headers: str) -> list[dict[str, Any]]:
    response = member.post(BATCH, {"sessions": items}, **headers)
    assert response.status == 200, response
    assert response.headers["Cache-Control"] == "no-store"
    assert set(response.json) == {"results"}
    assert len(response.json["results"]) == len(items)
    for result in response.json["results"]:
        assert set(result) in ({"status", "session"}, {"status", "problem"})
        assert result["status"] == result.get("problem", result)["status"]
        assert ("session" in result) is (result["status"] in (200, 201))
    return response.json["results"]


def test_an_invalid_item_affects_no_other_and_results_keep_the_order_of_the_request(
    ada: Client, ben: Client, slots: Slots
) -> None:
    first, second, third = slots.several(3)
    near = slots.near()
    ben.book(near)
    ada.set_relation("favorite", ben)
    items: list[Any] = [
        third.body(title="Third"),
        first.body() | {"duration": 5},
        first.body(title="First"),
        first.body(75),
        second.body(colour="red"),
        "not an object",
        None,
        near.body(partnerId="unknown"),
        near.body(partnerId=ben.user_id),
        first.body(title="First"),
        second.body() | {"startTime": "2020-01-01T00:00:00Z"},
        second.body(25, title="Second"),
    ]
    found = results(ada, items)
    booked = {at: result["session"] for at, result in enumerate(found) if "session" in result}
    problems = {at: result["problem"] for at, result in enumerate(found) if "problem" in result}
    assert sorted(booked) == [0, 2, 8, 9, 11]
    for session in booked.values():
        check_session(session)
    assert [booked[at]["title"] for at in (0, 2, 9, 11)] == ["Third", "First", "First", "Second"]
    assert booked[9] == booked[2]
    assert [found[at]["status"] for at in sorted(booked)] == [201, 201, 201, 200, 201]
    assert booked[8]["state"] == "locked_in"
    check_problem_body(problems[1], 422, "invalid_request", "duration")
    check_problem_body(problems[3], 409, "time_conflict", ...)
    check_problem_body(problems[4], 422, "invalid_request", "colour")
    check_problem_body(problems[5], 422, "invalid_request", ...)
    check_problem_body(problems[6], 422, "invalid_request", ...)
    check_problem_body(problems[7], 409, "not_available", ...)
    check_problem_body(problems[10], 409, "too_late", "startTime")
    listed = {session["sessionId"] for session in ada.sessions()}
    assert listed == {booked[at]["sessionId"] for at in (0, 2, 8, 11)}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "item", [b'{"title": "\\ud800"}', b'{"\\udfff": 1}', b'"\\ud800"', b'{"duration": 1e400}', b"1e400"]
)
def test_an_item_of_valid_json_with_an_invalid_value_affects_no_other(ada: Client, slots: Slots, item: bytes) -> None:
    one, other = (json.dumps(slot.body()).encode() for slot in slots.several(2))
    response = ada.request("POST", BATCH, body=b'{"sessions": [%b, %b, %b]}' % (one, item, other))
    assert [result["status"] for result in response.json["results"]] == [201, 422, 201]
    check_problem_body(response.json["results"][1]["problem"], 422, "invalid_request", ...)


def test_the_problem_of_an_item_is_the_problem_of_the_same_single_request(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    for item in (
        slot.body(colour="red"),
        slot.body(partnerId="unknown"),
        slot.body(title="\ud800"),
        slot.body() | {"duration": 1},
    ):
        alone = ada.post("/v1/sessions", item).json
        (result,) = results(ada, [item])
        assert result["problem"] | {"instance": None} == alone | {"instance": None}


def test_30_items_are_accepted_and_31_are_refused(ada: Client, slots: Slots) -> None:
    items = [slot.body(25) for slot in slots.several(31)]
    check_problem(ada.post(BATCH, {"sessions": items}), 422, "invalid_request", "sessions")
    assert ada.sessions() == []
    found = results(ada, items[:30])
    assert [result["session"]["startTime"] for result in found] == [item["startTime"] for item in items[:30]]
    assert len(ada.sessions()) == 30


def test_an_empty_batch_has_no_results(ada: Client) -> None:
    assert results(ada, []) == []


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "sessions"),
        ({"sessions": None}, "sessions"),
        ({"sessions": {}}, "sessions"),
        ({"sessions": "x"}, "sessions"),
        ({"sessions": [], "colour": "red"}, "colour"),
    ],
)
def test_an_invalid_batch_is_refused_and_the_field_is_named(ada: Client, body: dict[str, Any], field: str) -> None:
    check_problem(ada.post(BATCH, body), 422, "invalid_request", field)


def test_a_repeated_batch_with_an_idempotency_key_gets_the_recorded_response_of_each_item(
    ada: Client, slots: Slots
) -> None:
    first, second, third = slots.several(3)
    items = [first.body(title="First"), second.body(colour="red"), third.body(title="Third")]
    before = results(ada, items, Idempotency_Key="weekly")
    ada.cancel(before[0]["session"]["sessionId"])
    listed = ada.sessions()
    again = results(ada, items, Idempotency_Key="weekly")
    assert again[0] == before[0]
    assert again[1]["problem"] | {"instance": None} == before[1]["problem"] | {"instance": None}
    assert again[2] == before[2]
    assert ada.sessions() == listed


def test_only_the_changed_item_of_a_batch_with_a_used_key_is_refused(ada: Client, slots: Slots) -> None:
    first, second = slots.several(2)
    before = results(ada, [first.body(), second.body()], Idempotency_Key="weekly")
    again = results(ada, [first.body(), second.body(title="New")], Idempotency_Key="weekly")
    assert again[0] == before[0]
    check_problem_body(again[1]["problem"], 422, "idempotency_key_reused", ...)
    assert {session["title"] for session in ada.sessions()} == {None}


def test_an_invalid_idempotency_key_refuses_the_whole_batch(ada: Client, slots: Slots) -> None:
    response = ada.post(BATCH, {"sessions": [slots.far().body()]}, Idempotency_Key="x" * 256)
    check_problem(response, 422, "invalid_request", "Idempotency-Key")
    assert ada.sessions() == []
