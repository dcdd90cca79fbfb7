"""A refused lock has the same bytes for every reason, except for its `instance` (R11)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner, partner_of
from tests.contract.shapes import check_problem
from tests.contract.slots import SlotStart

FOREVER = {"until": "2099-01-01T00:00:00Z"}

# A change after which the booker cannot lock the target, who has a booking in the slot and is the booker's favorite.
Obstacle = Callable[[Client, Client, SlotStart], Any]


def unfavorite(booker: Client, target: Client, _: SlotStart) -> None:
    assert booker.delete(f"/v1/people/{target.user_id}/favorite").status == 204


def lock_with_another(_: Client, target: Client, slot: SlotStart) -> None:
    target.runner.sign_in("Another").lock(target, slot)


def cancel(_: Client, target: Client, slot: SlotStart) -> None:
    target.cancel(target.in_slot(slot)["sessionId"])


def move_to_another_length(booker: Client, target: Client, slot: SlotStart) -> None:
    cancel(booker, target, slot)
    target.book(slot, 75)


def want_the_same_gender(booker: Client, target: Client, _: SlotStart) -> None:
    booker.change_settings(gender="woman")
    target.change_settings(gender="man", partnerGender="same")


OBSTACLES: dict[str, Obstacle] = {
    "r5 the target permits no locks": lambda _, target, __: target.change_settings(availability="no_one"),
    "r6 the target permits locks only by favorites": lambda _, target, __: target.change_settings(
        availability="favorites"
    ),
    "r6 the target wants the same gender": want_the_same_gender,
    "r6 the target wants the same gender and the booker has none": (
        lambda _, target, __: target.change_settings(gender="man", partnerGender="same")
    ),
    "r6 the target blocked the booker": lambda booker, target, _: target.set_relation("block", booker),
    "r6 the booker blocked the target": lambda booker, target, _: booker.set_relation("block", target),
    "r6 the target snoozed the booker": lambda booker, target, _: target.set_relation("snooze", booker, FOREVER),
    "r6 the booker snoozed the target": lambda booker, target, _: booker.set_relation("snooze", target, FOREVER),
    "r7 not in the booker's favorites": unfavorite,
    "r15 locked in with another": lock_with_another,
    "r4 booked with another length": move_to_another_length,
    "r17 cancelled": cancel,
}


@pytest.fixture(scope="module")
def refusal_for_unknown_member(api: Runner) -> ApiResponse:
    """The refusal of a lock with an unknown member."""
    response = api.sign_in("Ada").post("/v1/sessions", api.slots.near().body(partnerId="unknown"))
    check_problem(response, 409, "not_available", ...)
    return response


def check_same(response: ApiResponse, reference: ApiResponse) -> None:
    assert response.status == reference.status, response
    assert response.without_instance == reference.without_instance
    assert len(response.data) == len(reference.data)
    assert set(response.headers) == set(reference.headers)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", OBSTACLES)
def test_r11_every_reason_gives_the_same_refusal_and_nothing_is_written(
    api: Runner, refusal_for_unknown_member: ApiResponse, name: str
) -> None:
    slot = api.slots.near()
    booker, target = api.sign_in_all("Ada", "Ben")
    target.book(slot)
    booker.set_relation("favorite", target)
    OBSTACLES[name](booker, target, slot)
    before = booker.readable_state(), target.readable_state()
    check_same(booker.try_to_lock(target, slot), refusal_for_unknown_member)
    check_same(booker.try_to_lock(target, slot, locked=True), refusal_for_unknown_member)
    check_same(booker.try_to_lock(target, slot, replace=True), refusal_for_unknown_member)
    check_same(booker.try_to_lock(target, slot, title="Please", quietMode=True), refusal_for_unknown_member)
    assert (booker.readable_state(), target.readable_state()) == before


def test_r9_without_an_obstacle_the_same_lock_succeeds(api: Runner) -> None:
    slot = api.slots.near()
    booker, target = api.sign_in_all("Ada", "Ben")
    target.book(slot)
    booker.set_relation("favorite", target)
    assert booker.try_to_lock(target, slot).status == 201


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("name", OBSTACLES)
def test_r11_a_matched_booker_keeps_the_match_after_a_refusal(
    api: Runner, refusal_for_unknown_member: ApiResponse, name: str
) -> None:
    slot = api.slots.near()
    booker, partner, target = api.sign_in_all("Ada", "Cy", "Ben")
    session = booker.book(slot)
    partner.book(slot)
    target.book(slot)
    booker.set_relation("favorite", target)
    OBSTACLES[name](booker, target, slot)
    check_same(booker.try_to_lock(target, slot), refusal_for_unknown_member)
    kept = booker.session(session["sessionId"])
    assert kept["state"] == "matched"
    assert kept["users"][1]["userId"] == partner.user_id


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(
    "partner", ["", " ", "unknown", "x" * 24, "0" * 24, "a" * 5000, "\x00", "\N{GRINNING FACE}", "MEMBER#x", "../me"]
)
def test_r11_every_invalid_member_id_is_refused_like_an_unknown_one(
    api: Runner, refusal_for_unknown_member: ApiResponse, ada: Client, partner: str
) -> None:
    check_same(ada.post("/v1/sessions", api.slots.near().body(partnerId=partner)), refusal_for_unknown_member)
    assert ada.sessions() == []


def test_r11_locking_oneself_or_a_member_without_a_booking_gets_the_same_refusal(
    api: Runner, refusal_for_unknown_member: ApiResponse, ada: Client, ben: Client
) -> None:
    slot, elsewhere = api.slots.near(), api.slots.near()
    ada.set_relation("favorite", ben)
    ben.book(elsewhere)
    check_same(ada.try_to_lock(ben, slot), refusal_for_unknown_member)
    check_same(ada.try_to_lock(ada, slot), refusal_for_unknown_member)
    ada.book(slot)
    check_same(ada.try_to_lock(ada, slot), refusal_for_unknown_member)
    check_same(ada.try_to_lock(ben, slot), refusal_for_unknown_member)


def test_r8_a_lock_beyond_two_weeks_gets_the_same_refusal(
    api: Runner, refusal_for_unknown_member: ApiResponse, ada: Client, ben: Client
) -> None:
    slot = api.slots.far()
    ben.book(slot)
    ada.set_relation("favorite", ben)
    check_same(ada.try_to_lock(ben, slot), refusal_for_unknown_member)


def test_r11_problems_of_the_callers_own_request_come_first_for_every_target(
    api: Runner, ada: Client, ben: Client, cy: Client
) -> None:
    slot = api.slots.near()
    ben.book(slot, 75)
    ada.set_relation("favorite", ben)
    ada.book(slot, 25)
    cases = (
        (slot.body(75), 409, "time_conflict"),
        (slot.body(75) | {"startTime": "2020-01-01T00:00:00Z"}, 409, "too_late"),
        (slot.body(75) | {"startTime": "2099-01-01T00:00:00Z"}, 422, "invalid_request"),
        (slot.body(75) | {"duration": 1}, 422, "invalid_request"),
        (slot.body(75) | {"colour": "red"}, 422, "invalid_request"),
    )
    for body, status, code in cases:
        responses = [
            ada.post("/v1/sessions", body | {"partnerId": partner})
            for partner in (ben.user_id, cy.user_id, ada.user_id, "unknown", "")
        ]
        check_problem(responses[0], status, code, ...)
        assert {response.without_instance for response in responses} == {responses[0].without_instance}


def test_r16_a_locked_in_booker_has_a_time_conflict_for_every_target(
    api: Runner, ada: Client, ben: Client, cy: Client
) -> None:
    slot = api.slots.near()
    ben.book(slot)
    locked = ada.lock(ben, slot)
    cy.book(slot)
    ada.set_relation("favorite", cy)
    for extra in ({}, {"replace": True}):
        for partner in (cy.user_id, "unknown", ada.user_id):
            response = ada.post("/v1/sessions", slot.body(partnerId=partner, **extra))
            check_problem(response, 409, "time_conflict", ...)
    assert ada.sessions() == [locked]
    assert cy.in_slot(slot)["state"] == "waiting"


def test_r11_a_refusal_contains_no_data_of_the_target(api: Runner, ada: Client, ben: Client) -> None:
    slot = api.slots.near()
    ben.book(slot, title="Secret")
    response = ada.try_to_lock(ben, slot)
    for word in (ben.user_id, "Ben", "Secret", slot.text, "block", "snooze"):
        assert word.encode() not in response.data


@pytest.mark.long  # Each relation, in both directions.
def test_r20_a_block_or_snooze_in_either_direction_prevents_a_match(api: Runner) -> None:
    for relation, payload in (("block", None), ("snooze", FOREVER)):
        for swapped in (False, True):
            slot = api.slots.far()
            ada, ben = api.sign_in_all("Ada", "Ben")
            first, second = (ben, ada) if swapped else (ada, ben)
            first.set_relation(relation, second, payload)
            ada.book(slot)
            assert ben.book(slot)["state"] == "waiting"
            third = api.sign_in("Cy")
            assert third.book(slot)["state"] == "matched"


def test_r20_a_match_satisfies_the_gender_preferences_of_both(api: Runner) -> None:
    slot = api.slots.far()
    ada, ben, dee = api.sign_in_all("Ada", "Ben", "Dee")
    ada.change_settings(gender="woman", partnerGender="same")
    ben.change_settings(gender="man")
    dee.change_settings(gender="woman")
    ada.book(slot)
    assert ben.book(slot)["state"] == "waiting"
    assert dee.book(slot)["state"] == "matched"
    assert partner_of(dee.in_slot(slot)) in (ada.user_id, ben.user_id)


@pytest.mark.long  # A sweep reads 372 partitions.
def test_r19_the_next_sweep_pairs_two_members_after_an_unblock(api: Runner) -> None:
    slot = SlotStart(api.slots.far().start + timedelta(minutes=30))
    ada, ben = api.sign_in_all("Ada", "Ben")
    ada.set_relation("block", ben)
    ada.book(slot)
    assert ben.book(slot)["state"] == "waiting"
    assert ada.delete(f"/v1/people/{ben.user_id}/block").status == 204
    api.tick()
    assert [member.in_slot(slot)["state"] for member in (ada, ben)] == ["matched"] * 2
