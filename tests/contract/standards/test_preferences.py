"""Clients that read and write the preference for favorites, as existing clients wanted to (R10, R20, R34)."""

from datetime import timedelta

import pytest

from tests.contract.client import Client, Runner, eventually, partner_of
from tests.contract.shapes import check_problem
from tests.contract.slots import SlotStart


def set_preference(member: Client, session_id: str, *, favorites: bool) -> dict[str, object]:
    response = member.patch(f"/v1/sessions/{session_id}", {"preferFavorites": favorites})
    assert response.status == 200, response
    return response.json["session"]


@pytest.mark.parametrize("booked", [None, True, False])
def test_r20_every_view_of_a_session_shows_the_preference_for_favorites(
    controlled: Runner, booked: bool | None
) -> None:
    slot = controlled.slots.near()
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    wish = {} if booked is None else {"preferFavorites": booked}
    session = ada.book(slot, **wish)
    assert session["preferFavorites"] is bool(booked)
    path = f"/v1/sessions/{session['sessionId']}"
    assert ada.get(path).json["session"] == session
    assert ada.get("/v1/sessions", start=slot.text, end=slot.text).json["sessions"] == [session]
    (shown,) = ada.get("/v1/calendar", start=slot.text, end=slot.text).json["slots"]
    assert shown["session"] == session
    (exported,) = ada.get("/v1/me/export").json["sessions"]
    assert exported == session | {"preferredPartnerId": None}
    # The preference of a partner is not shown.
    assert ben.book(slot)["preferFavorites"] is False


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("booked", "changed", "partner"),
    [(False, None, "Cy"), (False, True, "Ada"), (True, False, "Cy"), (True, None, "Ada"), (True, True, "Ada")],
)
def test_r20_a_changed_preference_for_favorites_counts_in_the_choice_of_the_next_partner(
    controlled: Runner, booked: bool, changed: bool | None, partner: str
) -> None:
    """Cy waits longest. Ben is Ada's favorite, so he gets Ada only if she prefers favorites."""
    slot = controlled.slots.near()
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    ada.set_relation("favorite", ben)
    ada.set_relation("snooze", cy, {"until": slot.text})
    cy.book(slot)
    session = ada.book(slot, preferFavorites=booked)
    if changed is not None:
        assert set_preference(ada, session["sessionId"], favorites=changed) == session | {"preferFavorites": changed}
    assert partner_of(ben.book(slot)) == {"Ada": ada, "Cy": cy}[partner].user_id


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("state", ["matched", "locked_in"])
def test_r10_r20_the_preference_of_a_paired_session_counts_after_the_partners_cancel(
    controlled: Runner, state: str
) -> None:
    slot = controlled.slots.near()
    ada, ben, cy, dee = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee")
    ada.set_relation("favorite", ben)
    ada.set_relation("snooze", cy, {"until": slot.text})
    of_dee = dee.book(slot)
    session = ada.lock(dee, slot) if state == "locked_in" else ada.book(slot)
    assert session["state"] == state
    assert set_preference(ada, session["sessionId"], favorites=True) == session | {"preferFavorites": True}
    assert dee.session(of_dee["sessionId"])["preferFavorites"] is False
    dee.cancel(of_dee["sessionId"])
    # Only Cy is quiet as Ben is, so Ben gets Ada for nothing but her preference.
    cy.book(slot, quietMode=True)
    assert partner_of(ben.book(slot, quietMode=True)) == ada.user_id


def wait_for_the_stream(run: Runner) -> None:
    """Wait until the stream has delivered every earlier change, by a re-match in another slot. It keeps the order."""
    slot = run.slots.near()
    one, two, three = run.sign_in_all("One", "Two", "Three")
    for member in (one, two, three):
        member.book(slot)
    two.cancel(two.in_slot(slot)["sessionId"])
    assert eventually(lambda: partner_of(one.in_slot(slot))) == three.user_id


@pytest.mark.long  # Waits for the stream.
@pytest.mark.parametrize("favorites", [False, True])
def test_r18_r20_a_changed_preference_counts_when_the_stream_matches_a_member_again(
    controlled: Runner, favorites: bool
) -> None:
    """Ben's partner cancels. Cy has waited longest, and Ada prefers her favorite Ben since her last change."""
    slot = controlled.slots.near()
    ada, ben, cy, dee = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee")
    ada.set_relation("favorite", ben)
    for member in (ben, dee):
        member.book(slot)
    cy.book(slot)
    ada.set_relation("snooze", cy, {"until": slot.text})
    session = ada.book(slot, preferFavorites=not favorites)
    assert (session["state"], cy.in_slot(slot)["state"]) == ("waiting", "waiting")
    set_preference(ada, session["sessionId"], favorites=favorites)
    wait_for_the_stream(controlled)
    dee.cancel(dee.in_slot(slot)["sessionId"])
    partner = eventually(lambda: partner_of(ben.in_slot(slot)))
    assert partner == (ada.user_id if favorites else cy.user_id)


def test_r34_the_preference_may_change_until_the_start_and_not_after_it(controlled: Runner) -> None:
    slot = controlled.slots.near()
    (ada,) = controlled.sign_in_all("Ada")
    session = ada.book(slot)
    path = f"/v1/sessions/{session['sessionId']}"
    controlled.travel(slot.start - timedelta(seconds=30))
    assert set_preference(ada, session["sessionId"], favorites=True)["preferFavorites"] is True
    controlled.travel(slot.start)
    check_problem(ada.patch(path, {"preferFavorites": False, "title": "Late"}), 409, "too_late", ...)
    late = ada.session(session["sessionId"])
    assert (late["preferFavorites"], late["title"]) == (True, None)
    # The title may change at any time, also with the preference that the session has.
    assert ada.patch(path, {"preferFavorites": True, "title": "Late"}).json["session"]["title"] == "Late"


FIXED = ("activityType", "quietMode", "preferFavorites")


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"quietMode": True}, ["quietMode"]),
        ({"activityType": "moving", "preferFavorites": False}, ["activityType"]),
        ({"title": "Late", "preferFavorites": True, "quietMode": False}, ["preferFavorites"]),
        ({"preferFavorites": True, "quietMode": True, "activityType": "moving"}, list(FIXED)),
    ],
)
def test_r34_a_change_after_the_start_is_refused_by_name(
    controlled: Runner, change: dict[str, object], named: list[str]
) -> None:
    """A form that sends all its fields does not know which of them came too late."""
    slot = controlled.slots.near()
    (ada,) = controlled.sign_in_all("Ada")
    session = ada.book(slot)
    path = f"/v1/sessions/{session['sessionId']}"
    controlled.travel(slot.start)
    response = ada.patch(path, change)
    check_problem(response, 409, "too_late", named[0])
    assert [error["field"] for error in response.json["errors"]] == named
    ada_now = ada.session(session["sessionId"])
    assert (ada_now["title"], ada_now["preferFavorites"]) == (None, False)
    # Nothing of a session can change after its cancel, so its refusal names no field.
    controlled.travel(None)
    ada.cancel(session["sessionId"])
    check_problem(ada.patch(path, change), 409, "too_late", None)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("value", [None, "yes", 1, [True]])
def test_r34_a_preference_that_is_no_boolean_is_refused_by_name(controlled: Runner, value: object) -> None:
    (ada,) = controlled.sign_in_all("Ada")
    session = ada.book(SlotStart(controlled.slots.far().start))
    response = ada.patch(f"/v1/sessions/{session['sessionId']}", {"preferFavorites": value})
    check_problem(response, 422, "invalid_request", "preferFavorites")
    assert ada.session(session["sessionId"]) == session
