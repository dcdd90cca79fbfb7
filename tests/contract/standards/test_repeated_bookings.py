"""The statuses of a booking of a slot that the caller holds already, and of a used idempotency key, as documented."""

from typing import Any

import pytest

from tests.contract.client import Client
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots

ASKED = {"title": "Thesis", "activityType": "desk", "quietMode": True}


def keyed(member: Client, path: str, body: dict[str, Any]) -> Any:
    return member.request("POST", path, body, headers={"Idempotency-Key": "one"})


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "again",
    [
        ASKED,
        {},
        {"title": None, "activityType": None, "quietMode": None},
        {"preferFavorites": False},
        {"replace": True},
    ],
)
def test_r16_a_request_that_changes_nothing_of_a_held_session_is_200(
    ada: Client, slots: Slots, again: dict[str, Any]
) -> None:
    slot = slots.far()
    session = ada.book(slot, **ASKED)
    response = ada.post("/v1/sessions", slot.body(**again))
    assert (response.status, response.json["session"]) == (200, session)


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    "change", [{"title": "Proofs"}, {"title": ""}, {"activityType": "moving"}, {"quietMode": False}]
)
def test_r16_another_title_or_work_style_of_a_random_booking_is_a_conflict(
    ada: Client, slots: Slots, change: dict[str, Any]
) -> None:
    slot = slots.far()
    session = ada.book(slot, **ASKED)
    check_problem(ada.post("/v1/sessions", slot.body(**change)), 409, "time_conflict", "startTime")
    assert ada.session(session["sessionId"]) == session
    replaced = ada.post("/v1/sessions", slot.body(**change, replace=True))
    assert (replaced.status, replaced.json["session"]["sessionId"] != session["sessionId"]) == (201, True)


def test_r10_a_preference_is_added_while_the_session_waits_with_the_title_of_its_request(
    ada: Client, ben: Client, slots: Slots
) -> None:
    slot = slots.far()
    session = ada.book(slot, title="Thesis")
    changed = ada.post("/v1/sessions", slot.body(preferFavorites=True, title="Proofs"))
    assert (changed.status, changed.json["session"]["sessionId"]) == (200, session["sessionId"])
    assert (changed.json["session"]["preferFavorites"], changed.json["session"]["title"]) == (True, "Proofs")
    ben.book(slot)
    # A preference that the session has changes nothing, and one that a matched session lacks is a conflict.
    assert ada.post("/v1/sessions", slot.body(preferFavorites=True)).status == 200
    assert ada.post("/v1/sessions", slot.body(partnerId=ben.user_id, locked=False)).status == 200
    check_problem(ben.post("/v1/sessions", slot.body(preferFavorites=True)), 409, "time_conflict", "startTime")


def test_r14_a_repeated_lock_takes_title_and_work_style(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ben.book(slot)
    session = ada.lock(ben, slot)
    again = ada.post("/v1/sessions", slot.body(partnerId=ben.user_id, **ASKED))
    assert (again.status, again.json["session"]["sessionId"]) == (200, session["sessionId"])
    assert again.json["session"]["title"] == "Thesis"
    own = again.json["session"]["users"][0]
    assert (own["activityType"], own["quietMode"]) == ("desk", True)
    assert ada.post("/v1/sessions", slot.body()).status == 200


def test_another_spelling_of_a_value_is_another_body_of_the_same_key(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    body = slot.body(title="Caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    assert keyed(ada, "/v1/sessions", body).status == 201
    # The order of the fields and spaces do not count.
    assert keyed(ada, "/v1/sessions", dict(reversed(body.items()))).status == 201
    for other in ({"startTime": body["startTime"].replace("+00:00", "Z")}, {"title": "Cafe\N{COMBINING ACUTE ACCENT}"}):
        check_problem(keyed(ada, "/v1/sessions", body | other), 422, "idempotency_key_reused", "Idempotency-Key")


def test_a_key_of_one_route_is_used_on_the_other_too(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    ben.book(slot)
    link = ben.post("/v1/invite-links", {}).json["inviteLink"]["url"].rpartition("/")[2]
    assert keyed(ada, "/v1/sessions", slots.far().body()).status == 201
    body = {"startTime": slot.text, "duration": slot.body()["duration"]}
    check_problem(keyed(ada, f"/i/{link}", body), 422, "idempotency_key_reused", "Idempotency-Key")
    # Each item of a batch has a key of its own.
    assert keyed(ada, "/v1/sessions/batch", {"sessions": [slots.far().body()]}).json["results"][0]["status"] == 201
