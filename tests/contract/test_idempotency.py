"""`Idempotency-Key` returns the first 2xx response again, without a second effect."""

from functools import partial

import pytest

from tests.contract.client import Client, at_once
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots

SESSIONS = "/v1/sessions"


def test_20_identical_bookings_with_one_key_make_one_booking_and_get_equal_responses(ada: Client, slots: Slots) -> None:
    body = slots.far().body(title="Once")
    responses = at_once([partial(ada.post, SESSIONS, body, Idempotency_Key="twenty")] * 20)
    assert {(response.status, response.data) for response in responses} == {(201, responses[0].data)}
    assert ada.sessions() == [responses[0].json["session"]]


def test_20_identical_locks_with_one_key_make_one_lock_and_get_equal_responses(
    ada: Client, ben: Client, cy: Client, slots: Slots
) -> None:
    slot = slots.near()
    ben.book(slot)
    cy.book(slot)
    ada.set_relation("favorite", ben)
    body = slot.body(partnerId=ben.user_id)
    responses = at_once([partial(ada.post, SESSIONS, body, Idempotency_Key="twenty")] * 20)
    assert {(response.status, response.data) for response in responses} == {(201, responses[0].data)}
    assert ada.sessions() == [responses[0].json["session"]]
    assert ben.in_slot(slot)["locked"] is True


def test_the_recorded_response_has_the_same_bytes_after_any_later_change(
    ada: Client, ben: Client, slots: Slots
) -> None:
    slot = slots.far()
    first = ada.post(SESSIONS, slot.body(title="Thesis"), Idempotency_Key="k")
    assert first.status == 201
    ben.book(slot)
    assert ada.in_slot(slot)["state"] == "matched"
    again = ada.post(SESSIONS, slot.body(title="Thesis"), Idempotency_Key="k")
    assert (again.status, again.data) == (first.status, first.data)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Cache-Control"] == "no-store"
    ada.cancel(first.json["session"]["sessionId"])
    again = ada.post(SESSIONS, slot.body(title="Thesis"), Idempotency_Key="k")
    assert (again.status, again.data) == (first.status, first.data)
    assert ada.sessions() == []
    assert ben.in_slot(slot)["state"] == "waiting"


def test_a_recorded_response_keeps_its_status_200(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ben.book(slot)
    locked = ada.lock(ben, slot)
    body = slot.body(partnerId=ben.user_id, title="Together")
    first = ada.post(SESSIONS, body, Idempotency_Key="k")
    assert first.status == 200
    ada.cancel(locked["sessionId"])
    again = ada.post(SESSIONS, body, Idempotency_Key="k")
    assert (again.status, again.data) == (200, first.data)
    assert ada.sessions() == []


def test_r36_a_response_that_changed_nothing_is_not_recorded(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    booked = ada.book(slot)
    assert ada.post(SESSIONS, slot.body(), Idempotency_Key="k").status == 200
    ada.cancel(booked["sessionId"])
    again = ada.post(SESSIONS, slot.body(), Idempotency_Key="k")
    assert again.status == 201
    assert again.json["session"]["sessionId"] != booked["sessionId"]
    # From then on the key has a recorded response.
    assert ada.post(SESSIONS, slot.body(), Idempotency_Key="k").data == again.data


def test_a_used_key_with_another_body_is_422_and_books_nothing(ada: Client, slots: Slots) -> None:
    slot, other = slots.several(2)
    first = ada.post(SESSIONS, slot.body(), Idempotency_Key="k")
    for body in (other.body(), slot.body(25), slot.body(title="x"), slot.body(title=None)):
        response = ada.post(SESSIONS, body, Idempotency_Key="k")
        if body == slot.body(title=None) and response.status == 201:
            # A null field may count as a missing field.
            assert response.data == first.data
            continue
        check_problem(response, 422, "idempotency_key_reused", ...)
    assert ada.sessions() == [first.json["session"]]


@pytest.mark.long  # Twenty threads.
def test_one_of_20_different_bookings_with_one_key_succeeds(ada: Client, slots: Slots) -> None:
    several = slots.several(20)
    responses = at_once([partial(ada.post, SESSIONS, slot.body(), Idempotency_Key="k") for slot in several])
    (winner,) = [response for response in responses if response.status == 201]
    for response in responses:
        if response is not winner:
            check_problem(response, 422, "idempotency_key_reused", ...)
    assert ada.sessions() == [winner.json["session"]]


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("key", ["k", "x" * 255, "!~\"'\\/#%&?=+;:,", "8e03978e-40d5-43dd-bc93-6894a57f9324"])
def test_a_key_has_1_to_255_visible_characters(ada: Client, slots: Slots, key: str) -> None:
    slot = slots.far()
    first, again = (ada.post(SESSIONS, slot.body(), Idempotency_Key=key) for _ in range(2))
    assert first.status == 201
    assert (again.status, again.data) == (first.status, first.data)


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb", "caf\xe9", "x" * 5000])
def test_an_invalid_key_is_refused_by_name_and_books_nothing(ada: Client, slots: Slots, key: str) -> None:
    response = ada.post(SESSIONS, slots.far().body(), Idempotency_Key=key)
    check_problem(response, 422, "invalid_request", "Idempotency-Key")
    assert ada.sessions() == []


def test_keys_are_case_sensitive(ada: Client, slots: Slots) -> None:
    first, second = slots.several(2)
    assert ada.post(SESSIONS, first.body(), Idempotency_Key="Key").status == 201
    assert ada.post(SESSIONS, second.body(), Idempotency_Key="key").status == 201


def test_two_members_may_use_the_same_key(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    mine = ada.post(SESSIONS, slot.body(), Idempotency_Key="shared")
    theirs = ben.post(SESSIONS, slot.body(25), Idempotency_Key="shared")
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.json["session"]["sessionId"] != theirs.json["session"]["sessionId"]


def test_a_refusal_is_not_recorded_and_a_retry_is_decided_again(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ada.set_relation("favorite", ben)
    body = slot.body(partnerId=ben.user_id)
    for _ in range(2):
        check_problem(ada.post(SESSIONS, body, Idempotency_Key="k"), 409, "not_available", ...)
    ben.book(slot)
    first = ada.post(SESSIONS, body, Idempotency_Key="k")
    assert first.status == 201
    again = ada.post(SESSIONS, body, Idempotency_Key="k")
    assert (again.status, again.data) == (first.status, first.data)


def test_the_key_of_an_invalid_request_stays_unused(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    check_problem(ada.post(SESSIONS, slot.body(colour="red"), Idempotency_Key="k"), 422, "invalid_request", "colour")
    assert ada.post(SESSIONS, slot.body(), Idempotency_Key="k").status == 201


def test_without_a_key_no_response_is_recorded(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    first = ada.book(slot)
    ada.cancel(first["sessionId"])
    assert ada.book(slot)["sessionId"] != first["sessionId"]
