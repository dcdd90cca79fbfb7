"""`/v1/sessions/batch`: each item is judged by itself, in the order of the request."""

import json
from typing import Any

import pytest

from tests.contract.client import Client
from tests.contract.shapes import check_problem, check_problem_body, check_session
from tests.contract.slots import Slots

BATCH = "/v1/sessions/batch"


def results(member: Client, items: list[Any], **headers: str) -> list[dict[str, Any]]:
    answer = member.post(BATCH, {"sessions": items}, **headers)
    assert answer.status == 200, answer
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"results"}
    assert len(answer.json["results"]) == len(items)
    for result in answer.json["results"]:
        assert set(result) in ({"session"}, {"problem"})
    return answer.json["results"]


def test_one_bad_item_spoils_no_other_and_results_keep_the_order_of_the_request(
    ada: Client, ben: Client, slots: Slots
) -> None:
    first, second, third = slots.several(3)
    near = slots.near()
    ben.book(near)
    ada.says("favorite", ben)
    items: list[Any] = [
        third.body(title="Third"),
        first.body() | {"duration": 5},
        first.body(title="First"),
        first.body(75),
        second.body(colour="red"),
        "not an object",
        None,
        near.body(partnerId="nobody"),
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


@pytest.mark.parametrize(
    "item", [b'{"title": "\\ud800"}', b'{"\\udfff": 1}', b'"\\ud800"', b'{"duration": 1e400}', b"1e400"]
)
def test_an_item_that_json_can_spell_and_nobody_can_mean_spoils_no_other(
    ada: Client, slots: Slots, item: bytes
) -> None:
    one, other = (json.dumps(slot.body()).encode() for slot in slots.several(2))
    answer = ada.request("POST", BATCH, body=b'{"sessions": [%b, %b, %b]}' % (one, item, other))
    assert [set(result) for result in answer.json["results"]] == [{"session"}, {"problem"}, {"session"}]
    check_problem_body(answer.json["results"][1]["problem"], 422, "invalid_request", ...)


def test_the_problem_of_an_item_is_the_one_it_would_meet_alone(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    for item in (
        slot.body(colour="red"),
        slot.body(partnerId="nobody"),
        slot.body(title="\ud800"),
        slot.body() | {"duration": 1},
    ):
        alone = ada.post("/v1/sessions", item).json
        (result,) = results(ada, [item])
        assert result["problem"] | {"instance": None} == alone | {"instance": None}


def test_thirty_items_are_taken_and_thirty_one_refused(ada: Client, slots: Slots) -> None:
    items = [slot.body(25) for slot in slots.several(31)]
    check_problem(ada.post(BATCH, {"sessions": items}), 422, "invalid_request", "sessions")
    assert ada.sessions() == []
    found = results(ada, items[:30])
    assert [result["session"]["startTime"] for result in found] == [item["startTime"] for item in items[:30]]
    assert len(ada.sessions()) == 30


def test_no_items_have_no_results(ada: Client) -> None:
    assert results(ada, []) == []


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
def test_a_batch_that_is_none_names_the_field(ada: Client, body: dict[str, Any], field: str) -> None:
    check_problem(ada.post(BATCH, body), 422, "invalid_request", field)


def test_a_batch_with_a_key_is_done_once_item_by_item(ada: Client, slots: Slots) -> None:
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


def test_an_item_that_changed_under_the_same_key_is_refused_by_itself(ada: Client, slots: Slots) -> None:
    first, second = slots.several(2)
    before = results(ada, [first.body(), second.body()], Idempotency_Key="weekly")
    again = results(ada, [first.body(), second.body(title="New")], Idempotency_Key="weekly")
    assert again[0] == before[0]
    check_problem_body(again[1]["problem"], 422, "idempotency_key_reused", ...)
    assert {session["title"] for session in ada.sessions()} == {None}


def test_a_key_that_is_none_refuses_the_whole_batch(ada: Client, slots: Slots) -> None:
    answer = ada.post(BATCH, {"sessions": [slots.far().body()]}, Idempotency_Key="x" * 256)
    check_problem(answer, 422, "invalid_request", "Idempotency-Key")
    assert ada.sessions() == []
