"""R11: whyever somebody cannot be locked in, the answer is the same, byte for byte but for its instance."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner, partner_of
from tests.contract.shapes import check_problem
from tests.contract.slots import Slot

FOREVER = {"until": "2099-01-01T00:00:00Z"}

# What keeps the booker from locking the target, who has a booking in the slot and is the booker's favorite.
Obstacle = Callable[[Client, Client, Slot], Any]


def unfavorite(booker: Client, target: Client, _: Slot) -> None:
    assert booker.delete(f"/v1/people/{target.user_id}/favorite").status == 204


def lock_with_another(_: Client, target: Client, slot: Slot) -> None:
    target.runner.sign_in("Another").lock(target, slot)


def cancel(_: Client, target: Client, slot: Slot) -> None:
    target.cancel(target.in_slot(slot)["sessionId"])


def move_to_another_length(booker: Client, target: Client, slot: Slot) -> None:
    cancel(booker, target, slot)
    target.book(slot, 75)


def want_the_same_gender(booker: Client, target: Client, _: Slot) -> None:
    booker.sets(gender="woman")
    target.sets(gender="man", partnerGender="same")


OBSTACLES: dict[str, Obstacle] = {
    "r5 no one may": lambda _, target, __: target.sets(availability="no_one"),
    "r6 only the target's favorites may": lambda _, target, __: target.sets(availability="favorites"),
    "r6 the target wants the same gender": want_the_same_gender,
    "r6 the target wants the same gender and the booker tells none": (
        lambda _, target, __: target.sets(gender="man", partnerGender="same")
    ),
    "r6 the target blocked the booker": lambda booker, target, _: target.says("block", booker),
    "r6 the booker blocked the target": lambda booker, target, _: booker.says("block", target),
    "r6 the target snoozed the booker": lambda booker, target, _: target.says("snooze", booker, FOREVER),
    "r6 the booker snoozed the target": lambda booker, target, _: booker.says("snooze", target, FOREVER),
    "r7 not in the booker's favorites": unfavorite,
    "r15 locked in with another": lock_with_another,
    "r4 booked with another length": move_to_another_length,
    "r17 cancelled": cancel,
}


@pytest.fixture(scope="module")
def said_to_unknown(api: Runner) -> ApiResponse:
    """What is said about somebody who never was."""
    answer = api.sign_in("Ada").post("/v1/sessions", api.slots.near().body(partnerId="nobody"))
    check_problem(answer, 409, "not_available", ...)
    return answer


def check_same(answer: ApiResponse, reference: ApiResponse) -> None:
    assert answer.status == reference.status, answer
    assert answer.but_instance == reference.but_instance
    assert len(answer.data) == len(reference.data)
    assert set(answer.headers) == set(reference.headers)


@pytest.mark.parametrize("name", OBSTACLES)
def test_r11_every_reason_gives_the_same_answer_and_nothing_changes(
    api: Runner, said_to_unknown: ApiResponse, name: str
) -> None:
    slot = api.slots.near()
    booker, target = api.sign_in_all("Ada", "Ben")
    target.book(slot)
    booker.says("favorite", target)
    OBSTACLES[name](booker, target, slot)
    before = booker.stored(), target.stored()
    check_same(booker.try_to_lock(target, slot), said_to_unknown)
    check_same(booker.try_to_lock(target, slot, locked=True), said_to_unknown)
    check_same(booker.try_to_lock(target, slot, replace=True), said_to_unknown)
    check_same(booker.try_to_lock(target, slot, title="Please", quietMode=True), said_to_unknown)
    assert (booker.stored(), target.stored()) == before


def test_r9_without_an_obstacle_the_same_lock_succeeds(api: Runner) -> None:
    slot = api.slots.near()
    booker, target = api.sign_in_all("Ada", "Ben")
    target.book(slot)
    booker.says("favorite", target)
    assert booker.try_to_lock(target, slot).status == 201


@pytest.mark.parametrize("name", OBSTACLES)
def test_r11_a_booker_who_is_matched_there_keeps_the_match(
    api: Runner, said_to_unknown: ApiResponse, name: str
) -> None:
    slot = api.slots.near()
    booker, partner, target = api.sign_in_all("Ada", "Cy", "Ben")
    session = booker.book(slot)
    partner.book(slot)
    target.book(slot)
    booker.says("favorite", target)
    OBSTACLES[name](booker, target, slot)
    check_same(booker.try_to_lock(target, slot), said_to_unknown)
    kept = booker.session(session["sessionId"])
    assert kept["state"] == "matched"
    assert kept["users"][1]["userId"] == partner.user_id


@pytest.mark.parametrize(
    "partner", ["", " ", "nobody", "x" * 24, "0" * 24, "a" * 5000, "\x00", "\N{GRINNING FACE}", "MEMBER#x", "../me"]
)
def test_r11_any_text_that_is_no_member_is_an_unknown_member(
    api: Runner, said_to_unknown: ApiResponse, ada: Client, partner: str
) -> None:
    check_same(ada.post("/v1/sessions", api.slots.near().body(partnerId=partner)), said_to_unknown)
    assert ada.sessions() == []


def test_r11_oneself_and_nobody_booked_there_are_no_different(
    api: Runner, said_to_unknown: ApiResponse, ada: Client, ben: Client
) -> None:
    slot, elsewhere = api.slots.near(), api.slots.near()
    ada.says("favorite", ben)
    ben.book(elsewhere)
    check_same(ada.try_to_lock(ben, slot), said_to_unknown)
    check_same(ada.try_to_lock(ada, slot), said_to_unknown)
    ada.book(slot)
    check_same(ada.try_to_lock(ada, slot), said_to_unknown)
    check_same(ada.try_to_lock(ben, slot), said_to_unknown)


def test_r8_nobody_can_be_locked_beyond_two_weeks(
    api: Runner, said_to_unknown: ApiResponse, ada: Client, ben: Client
) -> None:
    slot = api.slots.far()
    ben.book(slot)
    ada.says("favorite", ben)
    check_same(ada.try_to_lock(ben, slot), said_to_unknown)


def test_r22_a_final_match_is_no_different(lab: Runner, said_to_unknown: ApiResponse) -> None:
    slot = lab.slots.near()
    ada, ben, cy = lab.sign_in_all("Ada", "Ben", "Cy")
    ben.book(slot)
    cy.book(slot)
    ada.says("favorite", ben)
    lab.travel(slot.before(minutes=5))
    check_same(ada.try_to_lock(ben, slot), said_to_unknown)
    assert ben.in_slot(slot)["state"] == "matched"
    lab.travel(slot.before(minutes=5, seconds=30))
    assert ada.try_to_lock(ben, slot).status == 201


def test_r11_what_lies_in_the_caller_alone_is_judged_first_whoever_the_target_is(
    api: Runner, ada: Client, ben: Client, cy: Client
) -> None:
    slot = api.slots.near()
    ben.book(slot, 75)
    ada.says("favorite", ben)
    ada.book(slot, 25)
    cases = (
        (slot.body(75), 409, "time_conflict"),
        (slot.body(75) | {"startTime": "2020-01-01T00:00:00Z"}, 409, "too_late"),
        (slot.body(75) | {"startTime": "2099-01-01T00:00:00Z"}, 422, "invalid_request"),
        (slot.body(75) | {"duration": 1}, 422, "invalid_request"),
        (slot.body(75) | {"colour": "red"}, 422, "invalid_request"),
    )
    for body, status, code in cases:
        answers = [
            ada.post("/v1/sessions", body | {"partnerId": partner})
            for partner in (ben.user_id, cy.user_id, ada.user_id, "nobody", "")
        ]
        check_problem(answers[0], status, code, ...)
        assert {answer.but_instance for answer in answers} == {answers[0].but_instance}


def test_r16_a_booker_who_is_locked_in_there_with_another_has_a_time_conflict_whoever_the_target_is(
    api: Runner, ada: Client, ben: Client, cy: Client
) -> None:
    slot = api.slots.near()
    ben.book(slot)
    locked = ada.lock(ben, slot)
    cy.book(slot)
    ada.says("favorite", cy)
    for extra in ({}, {"replace": True}):
        for partner in (cy.user_id, "nobody", ada.user_id):
            answer = ada.post("/v1/sessions", slot.body(partnerId=partner, **extra))
            check_problem(answer, 409, "time_conflict", ...)
    assert ada.sessions() == [locked]
    assert cy.in_slot(slot)["state"] == "waiting"


def test_r11_an_answer_tells_nothing_about_the_target(api: Runner, ada: Client, ben: Client) -> None:
    slot = api.slots.near()
    ben.book(slot, title="Secret")
    answer = ada.try_to_lock(ben, slot)
    for word in (ben.user_id, "Ben", "Secret", slot.text, "block", "snooze"):
        assert word.encode() not in answer.data


def test_r20_a_block_or_snooze_either_way_keeps_two_from_being_matched(api: Runner) -> None:
    for said, payload in (("block", None), ("snooze", FOREVER)):
        for swapped in (False, True):
            slot = api.slots.far()
            ada, ben = api.sign_in_all("Ada", "Ben")
            first, second = (ben, ada) if swapped else (ada, ben)
            first.says(said, second, payload)
            ada.book(slot)
            assert ben.book(slot)["state"] == "waiting"
            third = api.sign_in("Cy")
            assert third.book(slot)["state"] == "matched"


def test_r20_a_gender_preference_is_honoured_on_both_sides(api: Runner) -> None:
    slot = api.slots.far()
    ada, ben, dee = api.sign_in_all("Ada", "Ben", "Dee")
    ada.sets(gender="woman", partnerGender="same")
    ben.sets(gender="man")
    dee.sets(gender="woman")
    ada.book(slot)
    assert ben.book(slot)["state"] == "waiting"
    assert dee.book(slot)["state"] == "matched"
    assert partner_of(dee.in_slot(slot)) in (ada.user_id, ben.user_id)


def test_r19_what_an_unblock_makes_possible_is_found_by_the_next_full_sweep(api: Runner) -> None:
    slot = Slot(api.slots.far().start + timedelta(minutes=30))
    ada, ben = api.sign_in_all("Ada", "Ben")
    ada.says("block", ben)
    ada.book(slot)
    assert ben.book(slot)["state"] == "waiting"
    assert ada.delete(f"/v1/people/{ben.user_id}/block").status == 204
    api.tick()
    assert [member.in_slot(slot)["state"] for member in (ada, ben)] == ["matched"] * 2
