"""`/v1/me`, `/v1/users/{id}` and `/v1/people`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import OWN, PRIVATE, PUBLIC, check_problem, check_public
from tests.contract.slots import text_of

RELATIONS = ("favorite", "snooze", "block")
LISTS = {"favorite": "favorites", "snooze": "snoozed", "block": "blocked"}


def tomorrow() -> str:
    return text_of(datetime.now(UTC) + timedelta(days=1))


def test_r31_a_new_member_has_the_name_of_the_token_and_the_default_settings(ada: Client) -> None:
    response = ada.get("/v1/me")
    assert response.status == 200
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    user = response.json["user"]
    assert set(user) >= OWN
    check_public(user)
    since = datetime.fromisoformat(user.pop("memberSince"))
    assert abs(datetime.now(UTC) - since) < timedelta(minutes=5)
    assert {name: user[name] for name in OWN - {"memberSince"}} == {
        "userId": ada.user_id,
        "name": "Ada",
        "totalSessionCount": 0,
        "timeZone": "UTC",
        "photoUrl": None,
        "needsName": False,
        "staff": False,
        "gender": None,
        "partnerGender": "any",
        "availability": "everyone",
        "quietMode": False,
        "activityType": user["activityType"],
    }
    assert user["activityType"] in ("desk", "moving", "anything")


CHANGES: list[dict[str, Any]] = [
    {"name": "Ada Lovelace"},
    {"name": "x" * 80},
    {"name": "\N{GRINNING FACE}" * 80},
    {"timeZone": "Europe/Vienna"},
    {"photoUrl": "https://pictures.example/ada.png"},
    {"gender": "woman", "partnerGender": "same"},
    {"gender": "nonbinary"},
    {"gender": "man"},
    {"availability": "favorites"},
    {"availability": "no_one"},
    {"quietMode": True},
    {"activityType": "moving"},
    {"activityType": "anything", "quietMode": True, "name": "All at once"},
    {},
]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("change", CHANGES)
def test_r31_a_patch_changes_only_the_settings_that_it_names(ada: Client, change: dict[str, Any]) -> None:
    before = ada.get("/v1/me").json["user"]
    response = ada.patch("/v1/me", change)
    assert response.status == 200, response
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json["user"] == before | change
    assert ada.get("/v1/me").json == response.json


def test_r31_null_resets_an_optional_setting(ada: Client) -> None:
    ada.change_settings(photoUrl="https://pictures.example/ada.png", gender="woman")
    user = ada.patch("/v1/me", {"photoUrl": None, "gender": None}).json["user"]
    assert user["photoUrl"] is None
    assert user["gender"] is None


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "x" * 81}, "name"),
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"name": None}, "name"),
    ({"name": 5}, "name"),
    ({"name": ["Ada"]}, "name"),
    ({"name": "A\x00da"}, "name"),
    ({"name": "\u202e\u200b"}, "name"),
    ({"name": "\ud800"}, "name"),
    ({"name": "x" * 10_000}, "name"),
    ({"timeZone": "Mars/Olympus"}, "timeZone"),
    ({"timeZone": "../../etc/passwd"}, "timeZone"),
    ({"timeZone": ""}, "timeZone"),
    ({"timeZone": None}, "timeZone"),
    ({"photoUrl": 5}, "photoUrl"),
    ({"photoUrl": "javascript:alert(1)"}, "photoUrl"),
    ({"photoUrl": "http://pictures.example/ada.png"}, "photoUrl"),
    ({"gender": "other"}, "gender"),
    ({"gender": ""}, "gender"),
    ({"partnerGender": "woman"}, "partnerGender"),
    ({"partnerGender": None}, "partnerGender"),
    ({"partnerGender": "same"}, "partnerGender"),
    ({"availability": "all"}, "availability"),
    ({"availability": True}, "availability"),
    ({"quietMode": "yes"}, "quietMode"),
    ({"quietMode": 1}, "quietMode"),
    ({"quietMode": None}, "quietMode"),
    ({"activityType": "Desk"}, "activityType"),
    ({"activityType": None}, "activityType"),
    ({"colour": "red"}, "colour"),
    ({"userId": "other"}, "userId"),
    ({"totalSessionCount": 1000}, "totalSessionCount"),
    ({"memberSince": "2020-01-01T00:00:00+00:00"}, "memberSince"),
    ({"quietMode": True, "name": "x" * 81}, "name"),
]


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(("change", "field"), REFUSED)
def test_an_invalid_setting_is_refused_by_name_and_nothing_is_written(
    ada: Client, change: dict[str, Any], field: str
) -> None:
    before = ada.readable_state()
    check_problem(ada.patch("/v1/me", change), 422, "invalid_request", field)
    assert ada.readable_state() == before


def test_r34_a_member_sees_only_the_public_profile_of_another(ada: Client, ben: Client) -> None:
    ben.change_settings(
        gender="man", availability="no_one", quietMode=True, photoUrl="https://pictures.example/ben.png"
    )
    response = ada.get(f"/v1/users/{ben.user_id}")
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    user = response.json["user"]
    check_public(user)
    assert user["isFavorite"] is False
    assert not PRIVATE & set(user)
    own = ben.get("/v1/me").json["user"]
    assert {name: user[name] for name in PUBLIC} == {name: own[name] for name in PUBLIC}


def test_is_favorite_is_true_only_for_the_member_who_set_the_favorite(ada: Client, ben: Client) -> None:
    ada.set_relation("favorite", ben)
    assert ada.get(f"/v1/users/{ben.user_id}").json["user"]["isFavorite"] is True
    assert ben.get(f"/v1/users/{ada.user_id}").json["user"]["isFavorite"] is False


def test_r11_a_profile_is_the_same_for_a_blocked_or_snoozed_member(ada: Client, ben: Client) -> None:
    before = ada.get(f"/v1/users/{ben.user_id}")
    ben.set_relation("block", ada)
    ben.set_relation("snooze", ada, {"until": tomorrow()})
    after = ada.get(f"/v1/users/{ben.user_id}")
    assert (after.status, after.data) == (before.status, before.data)


UNKNOWN_IDS = (
    "unknown",
    "a" * 24,
    "x" * 1000,
    "%00",
    "%F0%9F%98%80",
    "..",
    "%2e%2e",
    "MEMBER%23x",
    "%20",
    "-",
    "a%0Ab",
)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("user_id", UNKNOWN_IDS)
def test_an_unknown_id_is_404_and_nothing_is_written(ada: Client, user_id: str) -> None:
    before = ada.readable_state()
    check_problem(ada.get(f"/v1/users/{user_id}"), 404, "not_found", ...)
    check_problem(ada.put(f"/v1/people/{user_id}/favorite"), 404, "not_found", ...)
    check_problem(ada.put(f"/v1/people/{user_id}/block"), 404, "not_found", ...)
    check_problem(ada.put(f"/v1/people/{user_id}/snooze", {"until": tomorrow()}), 404, "not_found", ...)
    assert ada.readable_state() == before


def test_a_new_member_has_no_relations(ada: Client) -> None:
    response = ada.get("/v1/people")
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json == {"favorites": [], "snoozed": [], "blocked": []}


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_relation_is_listed_once_until_it_is_deleted(ada: Client, ben: Client, relation: str) -> None:
    until = tomorrow()
    payload = {"until": until} if relation == "snooze" else None
    path = f"/v1/people/{ben.user_id}/{relation}"
    for _ in range(2):
        response = ada.put(path, payload)
        assert (response.status, response.data) == (204, b"")
        assert response.headers["Cache-Control"] == "no-store"
    entry = {"userId": ben.user_id, "name": "Ben", "photoUrl": None}
    empty: dict[str, Any] = {"favorites": [], "snoozed": [], "blocked": []}
    more = {"favorite": {"isWatched": False}, "snooze": {"until": until}, "block": {}}
    listed = {LISTS[relation]: [entry | more[relation]]}
    assert ada.get("/v1/people").json == empty | listed
    assert ben.get("/v1/people").json == empty
    for _ in range(2):
        response = ada.delete(path)
        assert (response.status, response.data) == (204, b"")
    assert ada.get("/v1/people").json == empty


def test_the_three_relations_are_independent_of_each_other(ada: Client, ben: Client) -> None:
    for relation in RELATIONS:
        ada.set_relation(relation, ben, {"until": tomorrow()} if relation == "snooze" else None)
    assert ada.delete(f"/v1/people/{ben.user_id}/snooze").status == 204
    people = ada.get("/v1/people").json
    assert [entry["userId"] for entry in people["favorites"]] == [ben.user_id]
    assert people["snoozed"] == []
    assert [entry["userId"] for entry in people["blocked"]] == [ben.user_id]


def test_a_snooze_can_be_replaced_and_is_kept_to_the_second(ada: Client, ben: Client) -> None:
    ada.set_relation("snooze", ben, {"until": tomorrow()})
    ada.set_relation("snooze", ben, {"until": "2099-06-01T12:30:45.999+02:00"})
    (entry,) = ada.get("/v1/people").json["snoozed"]
    assert entry["until"] == "2099-06-01T10:30:45+00:00"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2099-01-01T00:00:00"}, "until"),
        ({"until": "2099-01-01"}, "until"),
        ({"until": "2099-13-01T00:00:00Z"}, "until"),
        ({"until": "tomorrow"}, "until"),
        ({"until": None}, "until"),
        ({"until": 4102444800}, "until"),
        ({}, "until"),
        ({"until": "2099-01-01T00:00:00Z", "why": "late"}, "why"),
    ],
)
def test_a_snooze_needs_an_instant_in_the_future(ada: Client, ben: Client, payload: dict[str, Any], field: str) -> None:
    check_problem(ada.put(f"/v1/people/{ben.user_id}/snooze", payload), 422, "invalid_request", field)
    assert ada.get("/v1/people").json["snoozed"] == []


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_relation_of_a_member_with_themself_is_refused(ada: Client, relation: str) -> None:
    response = ada.put(f"/v1/people/{ada.user_id}/{relation}", {"until": tomorrow()} if relation == "snooze" else None)
    check_problem(response, 422, "invalid_request", ...)
    assert ada.get("/v1/people").json == {"favorites": [], "snoozed": [], "blocked": []}


def test_the_list_of_people_has_pages_when_requested(api: Runner, ada: Client) -> None:
    others = api.sign_in_all("One", "Two", "Three", "Four", "Five")
    for other in others:
        ada.set_relation("favorite", other)
    seen, query = [], {"limit": "2"}
    while True:
        response = ada.get("/v1/people", **query)
        assert response.status == 200, response
        page = response.json["favorites"]
        assert len(page) <= 2
        seen += [entry["userId"] for entry in page]
        if not response.json.get("nextCursor"):
            break
        query["cursor"] = response.json["nextCursor"]
    assert sorted(seen) == sorted(other.user_id for other in others)
    assert len(ada.get("/v1/people").json["favorites"]) == 5
    check_problem(ada.get("/v1/people", limit=2, cursor="AAAA"), 400, "invalid_cursor", "cursor")
