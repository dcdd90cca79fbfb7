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
    ("GET", "/v1/users/somebody"),
    ("GET", "/v1/users/somebody/availability"),
    ("GET", "/v1/availability/favorites"),
    ("GET", "/v1/calendar"),
    ("GET", "/v1/people"),
    *((method, f"/v1/people/somebody/{said}") for method in ("PUT", "DELETE") for said in
      ("favorite", "snooze", "block")),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/sessions/batch"),
    ("GET", "/v1/sessions"),
    ("GET", "/v1/sessions/some"),
    ("PATCH", "/v1/sessions/some"),
    ("DELETE", "/v1/sessions/some"),
]  # fmt: skip


def leave(member: Client) -> None:
    answer = member.delete("/v1/me")
    assert (answer.status, answer.data) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"


def export(member: Client) -> dict[str, Any]:
    answer: ApiResponse = member.get("/v1/me/export")
    assert answer.status == 200, answer
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json


def test_r33_after_a_deletion_every_route_answers_an_old_token_as_none_at_all(api: Runner, ada: Client) -> None:
    nobody = api.request("GET", "/v1/me")
    leave(ada)
    for method, path in ROUTES:
        answer = ada.request(method, path, body=b"{}" if method in ("POST", "PATCH") else None)
        assert answer.status == 401, (method, path)
        assert answer.but_instance == nobody.but_instance
    # Not even signing in again at once makes a token that counts as later.
    again = api.request("POST", "/dev/sign-in", body=f'{{"userId": "{ada.user_id}"}}'.encode())
    check_problem(again, 404, "not_found", ...)


def test_r33_partners_stay_and_are_matched_again_and_nobody_finds_the_member(
    slots: Slots, ada: Client, ben: Client, cy: Client
) -> None:
    matched, locked = slots.near(), slots.near()
    of_ben = [ben.book(matched)["sessionId"], ben.book(locked)["sessionId"]]
    ada.book(matched, title="Ada's own")
    ada.lock(ben, locked)
    ben.says("favorite", ada)
    leave(ada)
    for session_id in of_ben:
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
def test_r33_a_past_partner_sees_a_former_member_wherever_the_clock_stands(lab: Runner, stream: bool) -> None:
    lab.stream(enabled=stream)
    slot = lab.slots.near()
    ada, ben = lab.sign_in_all("Ada", "Ben")
    ada.book(slot, title="Ada's own")
    session_id = ben.book(slot)["sessionId"]
    lab.travel(slot.after(days=1))
    leave(ada)
    session = ben.session(session_id)
    check_session(session)
    former = session["users"][1]
    assert (former["userId"], former["name"], former["photoUrl"]) == (ada.user_id, "Former member", None)
    assert session["users"][0]["completed"] is True
    assert ben.get("/v1/me").json["user"]["totalSessionCount"] == 1
    # A token is judged by real time: neither the service's future nor its past makes an old one good.
    for now in (slot.after(days=400), slot.before(days=400), None):
        lab.travel(now)
        check_problem(ada.get("/v1/me"), 401, "unauthenticated")


def test_r33_the_export_holds_profile_sessions_and_relations(slots: Slots, ada: Client, ben: Client) -> None:
    first, second = slots.near(), slots.near()
    ada.sets(timeZone="Europe/Vienna")
    ada.cancel(ada.book(first, title="Cancelled")["sessionId"])
    ben.book(second)
    kept = ada.lock(ben, second)
    ben.says("block", ada)
    found = export(ada)
    assert set(found["user"]) >= OWN
    assert found["user"] == ada.get("/v1/me").json["user"]
    assert [(session["sessionId"], session["title"]) for session in found["sessions"]][:1] == [
        (kept["sessionId"], None)
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
        }
    ]


def test_r33_a_new_member_exports_no_more_than_the_profile(ada: Client) -> None:
    found = export(ada)
    assert (found["sessions"], found["people"], found["inviteLinks"]) == ([], [], [])


def test_r33_the_export_lists_invite_links_without_their_addresses(ada: Client) -> None:
    made = ada.post("/v1/invite-links", {"maxUses": 1_000_000}).json["inviteLink"]
    (link,) = export(ada)["inviteLinks"]
    assert {key: value for key, value in made.items() if key != "url"} == {
        key: value for key, value in link.items() if key != "madeAt"
    }
