"""DELETE `/v1/me` and GET `/v1/me/export` (R33)."""

from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner, eventually
from tests.contract.shapes import OWN, check_problem, check_session
from tests.contract.slots import Slots

ROUTES = [
    ("GET", "/v1/me"),
    ("PATCH", "/v1/me"),
    ("DELETE", "/v1/me"),
    ("GET", "/v1/me/export"),
    ("GET", "/v1/users/other"),
    ("GET", "/v1/users/other/availability"),
    ("GET", "/v1/availability/favorites"),
    ("GET", "/v1/calendar"),
    ("GET", "/v1/events"),
    ("GET", "/v1/people"),
    *((method, f"/v1/people/other/{relation}") for method in ("PUT", "DELETE") for relation in
      ("favorite", "snooze", "block")),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/sessions/batch"),
    ("GET", "/v1/sessions"),
    ("GET", "/v1/sessions/some"),
    ("PATCH", "/v1/sessions/some"),
    ("DELETE", "/v1/sessions/some"),
]  # fmt: skip


def delete_account(member: Client) -> None:
    response = member.delete("/v1/me")
    assert (response.status, response.data) == (204, b"")
    assert response.headers["Cache-Control"] == "no-store"


def export(member: Client) -> dict[str, Any]:
    response: ApiResponse = member.get("/v1/me/export")
    assert response.status == 200, response
    assert response.headers["Cache-Control"] == "no-store"
    return response.json


def test_r33_after_a_deletion_every_route_treats_an_old_token_like_a_missing_one(api: Runner, ada: Client) -> None:
    without_token = api.request("GET", "/v1/me")
    delete_account(ada)
    for method, path in ROUTES:
        response = ada.request(method, path, body=b"{}" if method in ("POST", "PATCH") else None)
        assert response.status == 401, (method, path)
        assert response.without_instance == without_token.without_instance
    # A sign-in right after the deletion issues no token either.
    again = api.request("POST", "/dev/sign-in", body=f'{{"userId": "{ada.user_id}"}}'.encode())
    check_problem(again, 404, "not_found", ...)


def test_r33_partners_keep_their_bookings_and_the_deleted_member_is_not_found(
    slots: Slots, ada: Client, ben: Client, cy: Client
) -> None:
    matched, locked = slots.near(), slots.near()
    ids_of_ben = [ben.book(matched)["sessionId"], ben.book(locked)["sessionId"]]
    ada.book(matched, title="Ada's own")
    ada.lock(ben, locked)
    ben.set_relation("favorite", ada)
    delete_account(ada)
    for session_id in ids_of_ben:
        session = ben.session(session_id)
        check_session(session)
        assert (session["state"], session["lastChange"]["kind"]) == ("waiting", "partner_cancelled")
    assert ben.get("/v1/people").json["favorites"] == []
    check_problem(ben.get(f"/v1/users/{ada.user_id}"), 404, "not_found", ...)
    check_problem(ben.put(f"/v1/people/{ada.user_id}/favorite"), 404, "not_found", ...)
    check_problem(ben.try_to_lock(ada, slots.near()), 409, "not_available", ...)
    assert cy.book(matched)["state"] == "matched"
    assert eventually(lambda: ben.in_slot(matched)["state"] == "matched")


@pytest.mark.parametrize("stream", [True, False])
def test_r33_a_past_partner_sees_a_former_member_and_old_tokens_stay_invalid_at_any_time(
    controlled: Runner, stream: bool
) -> None:
    controlled.stream(enabled=stream)
    slot = controlled.slots.near()
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    of_ada = ada.book(slot, title="Ada's own")["sessionId"]
    session_id = ben.book(slot)["sessionId"]
    controlled.travel(slot.start)
    ada.join(of_ada)
    ben.join(session_id)
    controlled.travel(slot.after(days=1))
    delete_account(ada)
    session = ben.session(session_id)
    check_session(session)
    former = session["users"][1]
    assert (former["userId"], former["name"], former["photoUrl"]) == (ada.user_id, "Former member", None)
    assert session["users"][0]["completed"] is True
    assert ben.get("/v1/me").json["user"]["totalSessionCount"] == 1
    # A token is checked against real time. So no setting of the service's clock makes an old token valid.
    for now in (slot.after(days=400), slot.before(days=400), None):
        controlled.travel(now)
        check_problem(ada.get("/v1/me"), 401, "unauthenticated")


def test_r33_the_export_contains_profile_sessions_and_relations(slots: Slots, ada: Client, ben: Client) -> None:
    first, second = slots.near(), slots.near()
    ada.change_settings(timeZone="Europe/Vienna")
    ada.cancel(ada.book(first, title="Cancelled")["sessionId"])
    ben.book(second)
    locked = ada.lock(ben, second)
    ben.set_relation("block", ada)
    found = export(ada)
    assert set(found["user"]) >= OWN
    assert found["user"] == ada.get("/v1/me").json["user"]
    assert [(session["sessionId"], session["title"]) for session in found["sessions"]][:1] == [
        (locked["sessionId"], None)
    ]
    assert [session["state"] for session in found["sessions"]] == ["waiting", "cancelled"]
    assert {"preferFavorites", "preferredPartnerId"} <= set(found["sessions"][0])
    assert found["people"] == [
        {
            "userId": ben.user_id,
            "name": "Ben",
            "photoUrl": None,
            "favorite": True,
            "snoozedUntil": None,
            "blocked": False,
            "watched": False,
        }
    ]


def test_r33_the_export_of_a_new_member_contains_only_the_profile(ada: Client) -> None:
    found = export(ada)
    assert (found["sessions"], found["people"], found["inviteLinks"]) == ([], [], [])


def test_r33_the_export_lists_invite_links_without_their_urls(ada: Client) -> None:
    created = ada.post("/v1/invite-links", {"maxUses": 1_000_000}).json["inviteLink"]
    (link,) = export(ada)["inviteLinks"]
    assert {key: value for key, value in created.items() if key != "url"} == {
        key: value for key, value in link.items() if key not in ("madeAt", "madeBy")
    }
