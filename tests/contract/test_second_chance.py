"""Another partner for a member whose partner did not join, by `/v1/sessions/{sessionId}/second-chance` (R38)."""

import pytest

from tests.contract.client import Client, Runner, eventually, partner_of
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import SlotStart


def path(session_id: str, action: str) -> str:
    return f"/v1/sessions/{session_id}/{action}"


def book_all(controlled: Runner, slot: SlotStart) -> tuple[list[Client], list[str]]:
    """Pair Ada with Ben and Cy with Dee, and return all four with their sessions."""
    members = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee")
    return members, [member.book(slot)["sessionId"] for member in members]


def test_r38_two_members_whose_partners_are_absent_are_paired(controlled: Runner) -> None:
    slot = controlled.slots.near()
    (ada, ben, cy, _), (of_ada, of_ben, of_cy, of_dee) = book_all(controlled, slot)
    controlled.travel(slot.after(minutes=3))
    for member, session_id in ((ada, of_ada), (cy, of_cy)):
        assert member.post(path(session_id, "join"), None).status == 200
        response = member.post(path(session_id, "second-chance"), None)
        assert response.status == 202
        check_session(response.json["session"])
    paired = eventually(lambda: (seen := ada.session(of_ada))["state"] == "matched" and seen)
    assert partner_of(paired) == cy.user_id
    assert paired["sessionId"] == of_ada
    assert cy.session(of_cy)["roomUrl"] == paired["roomUrl"]
    # The absent partner comes after that.
    missed = ben.session(of_ben)
    check_session(missed)
    assert (missed["state"], missed["roomUrl"], missed["canJoin"], len(missed["users"])) == ("missed", None, False, 1)
    for action in ("join", "second-chance"):
        check_problem(ben.post(path(of_ben, action), None), 409, "too_late", ...)
    assert of_dee


def test_r38_a_member_who_asks_alone_waits_until_10_minutes_after_the_start(controlled: Runner) -> None:
    slot = controlled.slots.near()
    (ada, *_), (of_ada, *_) = book_all(controlled, slot)
    controlled.travel(slot.after(minutes=4))
    ada.post(path(of_ada, "join"), None)
    for _ in range(2):
        asked = ada.post(path(of_ada, "second-chance"), None)
        assert (asked.status, asked.json["session"]["state"]) == (202, "waiting")
    states = []
    for minutes in (9, 10):
        controlled.travel(slot.after(minutes=minutes))
        states.append(ada.session(of_ada)["state"])
    assert states == ["waiting", "unmatched"]
    check_problem(ada.post(path(of_ada, "second-chance"), None), 409, "too_late", ...)


@pytest.mark.parametrize(
    ("minutes", "joined", "code"),
    [(1, True, "not_available"), (4, False, "not_available"), (10, True, "too_late")],
)
def test_r38_refusals_write_nothing(controlled: Runner, minutes: int, joined: bool, code: str) -> None:
    slot = controlled.slots.near()
    (ada, ben, cy, _), (of_ada, of_ben, *_) = book_all(controlled, slot)
    controlled.travel(slot.start)
    if joined:
        ada.post(path(of_ada, "join"), None)
    controlled.travel(slot.after(minutes=minutes))
    before = ada.session(of_ada), ben.session(of_ben)
    check_problem(ada.post(path(of_ada, "second-chance"), None), 409, code, ...)
    check_problem(cy.post(path(of_ada, "second-chance"), None), 404, "not_found", ...)
    assert (ada.session(of_ada), ben.session(of_ben)) == before
