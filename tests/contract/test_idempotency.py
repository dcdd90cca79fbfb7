"""`Idempotency-Key`: the first 2xx answer again, and no second effect."""

from functools import partial

import pytest

from tests.contract.client import Client, at_once
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots

SESSIONS = "/v1/sessions"


def test_20_identical_posts_with_one_key_are_one_booking_and_twenty_equal_answers(ada: Client, slots: Slots) -> None:
    body = slots.far().body(title="Once")
    answers = at_once([partial(ada.post, SESSIONS, body, Idempotency_Key="twenty")] * 20)
    assert {(answer.status, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert ada.sessions() == [answers[0].json["session"]]


def test_20_identical_locks_with_one_key_are_one_lock_and_twenty_equal_answers(
    ada: Client, ben: Client, cy: Client, slots: Slots
) -> None:
    slot = slots.near()
    ben.book(slot)
    cy.book(slot)
    ada.says("favorite", ben)
    body = slot.body(partnerId=ben.user_id)
    answers = at_once([partial(ada.post, SESSIONS, body, Idempotency_Key="twenty")] * 20)
    assert {(answer.status, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert ada.sessions() == [answers[0].json["session"]]
    assert ben.in_slot(slot)["locked"] is True


def test_the_first_answer_is_given_again_byte_for_byte_whatever_happened_since(
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


def test_a_first_answer_of_200_is_given_again_as_200(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    held = ada.book(slot)
    first = ada.post(SESSIONS, slot.body(), Idempotency_Key="k")
    assert first.status == 200
    ada.cancel(held["sessionId"])
    again = ada.post(SESSIONS, slot.body(), Idempotency_Key="k")
    assert (again.status, again.data) == (200, first.data)
    assert ada.sessions() == []


def test_the_same_key_with_another_body_is_422_and_books_nothing(ada: Client, slots: Slots) -> None:
    slot, other = slots.several(2)
    first = ada.post(SESSIONS, slot.body(), Idempotency_Key="k")
    for body in (other.body(), slot.body(25), slot.body(title="x"), slot.body(title=None)):
        answer = ada.post(SESSIONS, body, Idempotency_Key="k")
        if body == slot.body(title=None) and answer.status == 201:
            # A field that is null may count as one that is left out.
            assert answer.data == first.data
            continue
        check_problem(answer, 422, "idempotency_key_reused", ...)
    assert ada.sessions() == [first.json["session"]]


def test_of_20_posts_with_one_key_and_different_bodies_one_is_booked(ada: Client, slots: Slots) -> None:
    several = slots.several(20)
    answers = at_once([partial(ada.post, SESSIONS, slot.body(), Idempotency_Key="k") for slot in several])
    (winner,) = [answer for answer in answers if answer.status == 201]
    for answer in answers:
        if answer is not winner:
            check_problem(answer, 422, "idempotency_key_reused", ...)
    assert ada.sessions() == [winner.json["session"]]


@pytest.mark.parametrize("key", ["k", "x" * 255, "!~\"'\\/#%&?=+;:,", "8e03978e-40d5-43dd-bc93-6894a57f9324"])
def test_a_key_is_any_1_to_255_visible_characters(ada: Client, slots: Slots, key: str) -> None:
    slot = slots.far()
    first, again = (ada.post(SESSIONS, slot.body(), Idempotency_Key=key) for _ in range(2))
    assert first.status == 201
    assert (again.status, again.data) == (first.status, first.data)


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb", "caf\xe9", "x" * 5000])
def test_a_key_that_is_none_is_refused_by_name_and_books_nothing(ada: Client, slots: Slots, key: str) -> None:
    answer = ada.post(SESSIONS, slots.far().body(), Idempotency_Key=key)
    check_problem(answer, 422, "invalid_request", "Idempotency-Key")
    assert ada.sessions() == []


def test_keys_that_differ_in_case_are_two(ada: Client, slots: Slots) -> None:
    first, second = slots.several(2)
    assert ada.post(SESSIONS, first.body(), Idempotency_Key="Key").status == 201
    assert ada.post(SESSIONS, second.body(), Idempotency_Key="key").status == 201


def test_a_key_belongs_to_the_caller(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    mine = ada.post(SESSIONS, slot.body(), Idempotency_Key="shared")
    theirs = ben.post(SESSIONS, slot.body(25), Idempotency_Key="shared")
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.json["session"]["sessionId"] != theirs.json["session"]["sessionId"]


def test_refusals_are_decided_anew(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ada.says("favorite", ben)
    body = slot.body(partnerId=ben.user_id)
    for _ in range(2):
        check_problem(ada.post(SESSIONS, body, Idempotency_Key="k"), 409, "not_available", ...)
    ben.book(slot)
    first = ada.post(SESSIONS, body, Idempotency_Key="k")
    assert first.status == 201
    again = ada.post(SESSIONS, body, Idempotency_Key="k")
    assert (again.status, again.data) == (first.status, first.data)


def test_a_refused_body_leaves_its_key_free(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    check_problem(ada.post(SESSIONS, slot.body(colour="red"), Idempotency_Key="k"), 422, "invalid_request", "colour")
    assert ada.post(SESSIONS, slot.body(), Idempotency_Key="k").status == 201


def test_without_a_key_nothing_is_remembered(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    first = ada.book(slot)
    ada.cancel(first["sessionId"])
    assert ada.book(slot)["sessionId"] != first["sessionId"]
