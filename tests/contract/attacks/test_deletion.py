"""Attacks by a member who deletes the account and comes back with the same identity (R33)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.attacks.provider_client import ProviderClient
from tests.contract.client import Client, Runner, at_once, eventually
from tests.contract.shapes import check_problem
from tests.contract.slots import text_of

# A token that is issued at most this time after the deletion is refused. Whole seconds of tokens add one second.
REFUSED_SECONDS = 31


def delete_and_return(api: Runner, member: Client) -> Client:
    """Delete the member's account and sign in again with the same identity, as soon as the service permits it."""
    assert member.delete("/v1/me").status == 204
    returned = eventually(lambda: signed_in_again(api, member), seconds=REFUSED_SECONDS + 60, poll=1)
    assert returned, "no later token opens a new account"
    return returned


def signed_in_again(api: Runner, member: Client) -> Client | None:
    response = api.request("POST", "/dev/sign-in", body=f'{{"userId": "{member.user_id}"}}'.encode())
    if response.status != 200:
        return None
    return Client(api, member.name, response.json["userId"], response.json["token"])


@pytest.mark.long
def test_r33_a_block_or_snooze_holds_for_a_member_who_deletes_the_account_and_returns(api: Runner) -> None:
    """V blocks K and W snoozes K. K deletes the account, returns, and favorites and locks both (R6, R11, R33).

    Both locks get the answer for an unknown member, and both lists still have K's entry. K's own favorites are gone.
    """
    vera, will, kim, liked = api.sign_in_all("Vera", "Will", "Kim", "Liked")
    tomorrow = text_of(datetime.now(UTC) + timedelta(days=1))
    vera.set_relation("block", kim)
    will.set_relation("snooze", kim, {"until": tomorrow})
    kim.set_relation("favorite", liked)
    kim.set_relation("block", liked)
    slots = {target: api.slots.near() for target in (vera, will)}
    for target, slot in slots.items():
        target.book(slot)
    (entry,) = vera.get("/v1/people").json["blocked"]
    returned = delete_and_return(api, kim)
    assert returned.user_id == kim.user_id
    assert returned.get("/v1/people").json == {"favorites": [], "snoozed": [], "blocked": []}
    unknown = returned.post("/v1/sessions", api.slots.near().body(partnerId="unknown"))
    check_problem(unknown, 409, "not_available", ...)
    for target, slot in slots.items():
        returned.set_relation("favorite", target)
        refused = returned.try_to_lock(target, slot)
        assert (refused.status, refused.without_instance) == (409, unknown.without_instance)
        assert target.in_slot(slot)["state"] == "waiting"
    assert vera.get("/v1/people").json["blocked"] == [entry]
    assert [one["userId"] for one in will.get("/v1/people").json["snoozed"]] == [kim.user_id]


@pytest.mark.long
def test_r33_no_renewal_and_no_silent_sign_in_brings_a_deleted_account_back(api: Runner) -> None:
    """A tablet stays signed in while the phone of the same person deletes the account (R33).

    The tablet's renewals and silent sign-ins get later tokens without a sign-in of the person. None opens an account. A
    new sign-in does.
    """
    tablet = ProviderClient(api)
    renewable = tablet.sign_in(name="Ada")
    phone = tablet.member(renewable)
    assert (tablet.renew(renewable).status, "code" in tablet.silent_answer()) == (200, True)
    assert phone.delete("/v1/me").status == 204

    def refused_and_returned() -> Client | None:
        assert tablet.renew(renewable).status == 400
        assert tablet.silent_answer()["error"] == "login_required"
        return signed_in_again(api, phone)

    returned = eventually(refused_and_returned, seconds=REFUSED_SECONDS + 60, poll=1)
    assert returned, "no later sign-in opens a new account"
    # The new account is not the tablet's, either.
    assert refused_and_returned()
    assert (phone.get("/v1/me").status, returned.get("/v1/me").status) == (401, 200)


def test_r33_a_blocked_member_who_deletes_the_account_stays_in_the_list_without_a_name(
    api: Runner, ada: Client, ben: Client
) -> None:
    """A blocked member deletes the account to disappear from the list of blocks, and so be forgotten (R33).

    The entry stays as `Former member` and the block can be removed. The favorite and a new relation are gone.
    """
    ada.set_relation("favorite", ben)
    ada.set_relation("block", ben)
    assert ben.delete("/v1/me").status == 204
    former = {"userId": ben.user_id, "name": "Former member", "photoUrl": None}
    assert ada.get("/v1/people").json == {"favorites": [], "snoozed": [], "blocked": [former]}
    check_problem(ada.put(f"/v1/people/{ben.user_id}/favorite"), 404, "not_found", ...)
    assert at_once([lambda: ada.delete(f"/v1/people/{ben.user_id}/block").status] * 2) == [204, 204]
    assert ada.get("/v1/people").json == {"favorites": [], "snoozed": [], "blocked": []}


def test_r33_a_deleted_account_has_a_profile_without_personal_data_for_past_partners_only(controlled: Runner) -> None:
    """A member asks for the profile of a deleted account, to learn more than a past partner may see (R33).

    A past partner gets the name `Former member` and no personal data. A member who never met the deleted one gets the
    response for an unknown member. So does one who was blocked before the common session.
    """
    slot, apart = controlled.slots.near(), controlled.slots.near()
    ada, ben, cy, dan = controlled.sign_in_all("Ada", "Ben", "Cy", "Dan")
    picture = {"photoUrl": "https://pictures.example/ada.png", "timeZone": "Europe/Vienna"}
    ada.change_settings(**picture)
    ada.book(slot)
    ben.book(slot)
    dan.book(apart)
    ada.lock(dan, apart)
    ada.set_relation("block", dan)
    controlled.travel(slot.after(days=1))
    ben.set_relation("favorite", ada)
    assert ada.delete("/v1/me").status == 204
    assert ben.get(f"/v1/users/{ada.user_id}").json == {
        "user": {
            "userId": ada.user_id,
            "name": "Former member",
            "totalSessionCount": 0,
            "timeZone": "UTC",
            "photoUrl": None,
            "memberSince": "1970-01-01T00:00:00+00:00",
            "isFavorite": False,
        }
    }
    unknown = cy.get(f"/v1/users/{'0' * 24}")
    for member in (cy, dan):
        check_problem(member.get(f"/v1/users/{ada.user_id}"), 404, "not_found", ...)
        assert member.get(f"/v1/users/{ada.user_id}").without_instance == unknown.without_instance
