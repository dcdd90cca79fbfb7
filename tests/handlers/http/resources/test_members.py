"""Tests of the views of profiles and settings."""

from typing import Any

import pytest

from chalicelib.storage import keys
from chalicelib.storage.items import ProfileItem
from tests.handlers.callers import member
from tests.handlers.conftest import SignIn
from tests.harness import World
from tests.table_snapshot import read_whole_table


def test_r31_a_change_keeps_the_absent_fields(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    before = send("GET", "/v1/me").json_body["user"]
    changed = send("PATCH", "/v1/me", {"name": " Ada\tL. ", "timeZone": "Europe/Vienna"}).json_body["user"]
    assert changed == {**before, "name": "Ada L.", "needsName": False, "timeZone": "Europe/Vienna"}
    assert send("GET", "/v1/me").json_body["user"] == changed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"timeZone": "Factory"}, "timeZone"),
        ({"photoUrl": "http://plain.example/a"}, "photoUrl"),
        ({"name": "\u200b"}, "name"),
        ({"partnerGender": "same"}, "partnerGender"),
        ({"email": "ada@example.org"}, "email"),
    ],
)
def test_r31_an_invalid_setting_is_refused_with_its_field(sign_in: SignIn, change: dict[str, Any], field: str) -> None:
    answer = sign_in("Ada")("PATCH", "/v1/me", change)
    assert (answer.status_code, answer.json_body["field"]) == (422, field)


def test_r6_the_gender_cannot_be_removed_while_the_same_one_is_preferred(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    assert send("PATCH", "/v1/me", {"gender": "woman", "partnerGender": "same"}).status_code == 200
    answer = send("PATCH", "/v1/me", {"gender": None})
    assert (answer.status_code, answer.json_body["field"]) == (422, "gender")


def test_another_member_is_shown_without_settings(world: World, sign_in: SignIn) -> None:
    ben = member(world, "Ben")
    shown = sign_in("Ada")("GET", f"/v1/users/{ben.member_id}").json_body["user"]
    assert (shown["name"], shown["isFavorite"]) == ("Ben", False)
    assert "availability" not in shown
    assert sign_in("Ada")("GET", "/v1/users/unknown").status_code == 404


def test_r33_a_deleted_account_refuses_its_token(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    assert send("GET", "/v1/me/export").json_body["user"]["gender"] is None
    assert send("DELETE", "/v1/me").status_code == 204
    assert send("GET", "/v1/me").status_code == 401


def test_r31_a_stored_address_of_an_earlier_release_is_shown_to_no_other_member(sign_in: SignIn, world: World) -> None:
    send, other = sign_in("Ada"), sign_in("Ben")
    address = "jane.doe@example.com"
    ada = send("GET", "/v1/me").json_body["user"]["userId"]
    world.table.update_item(*keys.profile(ada), actions=[ProfileItem.name.set(address)])
    assert other("GET", f"/v1/users/{ada}").json_body["user"]["name"] == "Member"
    assert send("GET", "/v1/me").json_body["user"]["needsName"] is True
    # Any later change of the profile removes the address from the table.
    send("PATCH", "/v1/me", {"quietMode": True})
    assert address not in repr(read_whole_table(world.table))


@pytest.mark.parametrize("name", ["jane.doe@example.com", "Member", "Jane"])
def test_r31_a_name_that_the_member_chose_is_shown_as_written(sign_in: SignIn, name: str) -> None:
    send, other = sign_in("Ada"), sign_in("Ben")
    user = send("PATCH", "/v1/me", {"name": name}).json_body["user"]
    assert (user["name"], user["needsName"]) == (name, False)
    assert other("GET", f"/v1/users/{user['userId']}").json_body["user"]["name"] == name
