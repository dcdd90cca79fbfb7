"""Invite links over HTTP (R24 to R29)."""

from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner, Service
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import Slots, text_of

LINKS = "/v1/invite-links"
FOREVER = {"until": "2099-01-01T00:00:00Z"}


def create_link(owner: Client, **limits: Any) -> dict[str, Any]:
    """Create an invite link and return it."""
    response = owner.post(LINKS, limits)
    assert response.status == 201, response
    return response.json["inviteLink"]


def path_of(link: dict[str, Any]) -> str:
    """Return the path of a link's URL."""
    return "/i/" + link["url"].rpartition("/")[2]


def links(owner: Client, **query: Any) -> list[dict[str, Any]]:
    """Return the listed links of a member."""
    response = owner.get(LINKS, **query)
    assert response.status == 200, response
    return response.json["inviteLinks"]


def test_r25_the_url_of_a_link_is_shown_once_and_the_link_is_listed_until_revoked(
    api: Service, ada: Client, ben: Client, slots: Slots
) -> None:
    session = ada.book(slots.far())
    limits = {"sessionId": session["sessionId"], "expiresAt": "2098-01-01T01:00:00+01:00", "maxUses": 2}
    link = create_link(ada, **limits)
    assert set(link) == {"inviteLinkId", "url", "sessionId", "expiresAt", "maxUses", "uses"}
    assert link["url"].startswith(f"{api.invites}/")
    assert len(path_of(link)) >= len("/i/") + 26
    listed = {name: value for name, value in link.items() if name != "url"}
    assert listed == {
        **limits,
        "inviteLinkId": link["inviteLinkId"],
        "expiresAt": "2098-01-01T00:00:00+00:00",
        "uses": 0,
    }
    assert (links(ada), links(ben)) == ([listed], [])
    check_problem(ben.delete(f"{LINKS}/{link['inviteLinkId']}"), 404, "not_found", ...)
    check_problem(ada.delete(f"{LINKS}/nothing"), 404, "not_found", ...)
    assert [ada.delete(f"{LINKS}/{link['inviteLinkId']}").status for _ in range(2)] == [204, 204]
    assert links(ada) == []


def test_links_are_listed_in_pages(ada: Client) -> None:
    for _ in range(3):
        create_link(ada)
    first = ada.get(LINKS, limit=2).json
    second = ada.get(LINKS, limit=2, cursor=first["nextCursor"]).json
    assert [*first["inviteLinks"], *second["inviteLinks"]] == links(ada)
    assert "nextCursor" not in second
    check_problem(ada.get(LINKS, cursor="x"), 400, "invalid_cursor", ...)


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"maxUses": 0}, "maxUses"),
        ({"maxUses": 2**53}, "maxUses"),
        ({"maxUses": True}, "maxUses"),
        ({"maxUses": "1"}, "maxUses"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"sessionId": 5}, "sessionId"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_the_invalid_field_of_a_new_link_is_named(ada: Client, body: dict[str, Any], field: str) -> None:
    response = ada.post(LINKS, body)
    check_problem(response, 422, "invalid_request", ...)
    assert response.json["field"] == field
    assert links(ada) == []


def test_no_link_is_created_for_a_foreign_or_cancelled_session(ada: Client, ben: Client, slots: Slots) -> None:
    session = ada.book(slots.far())["sessionId"]
    check_problem(ben.post(LINKS, {"sessionId": session}), 404, "not_found", ...)
    ada.cancel(session)
    check_problem(ada.post(LINKS, {"sessionId": session}), 409, "too_late", ...)


def test_r24_a_guest_who_books_by_a_link_is_locked_in(api: Service, ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ada.book(slot)
    link = create_link(ada, maxUses=2)
    shown = api.request("GET", path_of(link))
    assert shown.json == {"host": {"name": ada.name, "photoUrl": None}, "slots": [slot.body()]}
    head = api.request("HEAD", path_of(link))
    assert (head.status, head.data, head.headers["Referrer-Policy"]) == (200, b"", "no-referrer")
    response = ben.post(path_of(link), slot.body(), Idempotency_Key="once")
    assert response.status == 201
    check_session(response.json["session"])
    assert response.json["session"]["state"] == "locked_in"
    assert ada.in_slot(slot)["users"][1]["userId"] == ben.user_id
    again = ben.post(path_of(link), slot.body(), Idempotency_Key="once")
    assert (again.status, again.data) == (201, response.data)
    assert ben.post(path_of(link), slot.body()).status == 201
    other = ben.post(path_of(link), slot.body(replace=True), Idempotency_Key="once")
    check_problem(other, 422, "idempotency_key_reused", ...)
    assert [listed["uses"] for listed in links(ada)] == [1]


def test_r27_only_a_signed_in_member_other_than_the_owner_books_by_a_link(
    api: Service, ada: Client, slots: Slots
) -> None:
    slot = slots.near()
    ada.book(slot)
    path = path_of(create_link(ada))
    body = b'{"startTime": "2099-01-01T00:00:00Z", "duration": 3000000}'
    for token in (path, "/i/unknown"):
        response = api.request("POST", token, body=body, headers={"Content-Type": "application/json"})
        check_problem(response, 401, "unauthenticated", ...)
    check_problem(ada.post(path, slot.body()), 409, "not_available", ...)
    check_problem(ada.post(path, slot.body(title="x")), 422, "invalid_request", ...)


def test_r28_every_link_that_cannot_be_used_gives_the_same_bytes(controlled: Runner) -> None:
    slot, elsewhere = controlled.slots.near(), controlled.slots.near()
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    for own_slot in (slot, elsewhere):
        ada.book(own_slot)
    paths = {"unknown": "/i/0123456789abcdefghjkmnpqrs", "malformed": "/i/%F0%9F%98%80%00%20"}
    used_up, revoked, expired = (
        create_link(ada, maxUses=1),
        create_link(ada),
        create_link(ada, expiresAt=text_of(slot.before(minutes=30))),
    )
    assert cy.post(path_of(used_up), elsewhere.body()).status == 201
    assert ada.delete(f"{LINKS}/{revoked['inviteLinkId']}").status == 204
    controlled.travel(slot.before(minutes=30))
    paths |= {"used up": path_of(used_up), "revoked": path_of(revoked), "expired": path_of(expired)}
    responses: dict[str, ApiResponse] = {name: ben.post(path, slot.body()) for name, path in paths.items()}
    reference = responses["unknown"]
    check_problem(reference, 404, "invite_unavailable", ...)
    for response in responses.values():
        assert (response.status, response.without_instance) == (404, reference.without_instance)
        assert set(response.headers) == set(reference.headers)
    assert ben.post(path_of(create_link(ada)), slot.body()).status == 201


def test_r28_a_usable_link_refuses_after_a_block_or_snooze_and_accepts_after_its_end(
    api: Service, ada: Client, ben: Client, slots: Slots
) -> None:
    slot = slots.near()
    ada.book(slot)
    usable = path_of(create_link(ada))
    for relation, payload in (("snooze", FOREVER), ("block", None)):
        ada.set_relation(relation, ben, payload)
        check_problem(ben.post(usable, slot.body()), 409, "not_available", ...)
        assert ada.delete(f"/v1/people/{ben.user_id}/{relation}").status == 204
    ben.set_relation("block", ada)
    check_problem(ben.post(usable, slot.body()), 409, "not_available", ...)
    assert ben.delete(f"/v1/people/{ada.user_id}/block").status == 204
    assert ben.post(usable, slot.body()).status == 201


def test_r26_a_locked_in_slot_of_the_owner_is_not_available(api: Service, ada: Client, ben: Client, cy: Client) -> None:
    slot = api.slots.near()
    ada.book(slot)
    path = path_of(create_link(ada))
    assert cy.post(path, slot.body()).status == 201
    check_problem(ben.post(path, slot.body()), 409, "not_available", ...)
    assert api.request("GET", path).json["slots"] == []


def test_r28_a_guest_sees_the_session_also_when_the_link_is_used_up(
    api: Service, ada: Client, ben: Client, cy: Client, slots: Slots
) -> None:
    slot = slots.near()
    ada.book(slot)
    path = path_of(create_link(ada, maxUses=1))
    assert ben.get(path).json == {**api.request("GET", path).json, "sessions": []}
    session = ben.post(path, slot.body()).json["session"]
    seen = ben.get(path)
    assert (seen.status, seen.json["slots"], seen.json["host"]["name"]) == (200, [], ada.name)
    (own,) = seen.json["sessions"]
    check_session(own)
    assert own == ben.get(f"/v1/sessions/{session['sessionId']}").json["session"]
    unknown = cy.get("/i/unknown")
    check_problem(unknown, 404, "invite_unavailable", ...)
    for caller in (cy, ada):
        used_up = caller.get(path)
        assert (used_up.status, used_up.without_instance) == (404, unknown.without_instance)
        assert set(used_up.headers) == set(unknown.headers)
    check_problem(api.request("GET", path), 404, "invite_unavailable", ...)
    assert ben.delete(f"/v1/sessions/{session['sessionId']}").status == 204
    check_problem(ben.get(path), 404, "invite_unavailable", ...)


def test_invalid_credentials_are_refused_also_where_none_are_needed(api: Service, ada: Client) -> None:
    path = path_of(create_link(ada))
    for headers in ({"Authorization": "Bearer expired"}, {"X-API-KEY": "made-up"}):
        check_problem(api.request("GET", path, headers=headers), 401, "unauthenticated", ...)
    assert api.request("GET", path).status == 200
