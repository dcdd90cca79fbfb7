"""Attacks by which a member reads the profiles of many strangers, or learns when one of them works (R34, R36)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.slots import SlotStart

pytestmark = pytest.mark.long

BATCH = 10
# The random matches that one member may cancel on one UTC date (R36).
CANCELLED_MATCHES = 20


def noon() -> datetime:
    """Return noon of the present date."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def book_and_cancel(member: Client, slots: list[SlotStart]) -> list[int]:
    """Book every slot in one batch, read the partners, and cancel. Return the statuses of the cancels."""
    response = member.post("/v1/sessions/batch", {"sessions": [slot.body() for slot in slots]})
    booked = [result["session"] for result in response.json["results"]]
    assert all(session["users"][1]["name"] for session in booked)
    return [member.delete(f"/v1/sessions/{session['sessionId']}").status for session in booked]


def test_r36_a_random_match_that_was_locked_before_its_cancel_counts_too(controlled: Runner) -> None:
    """The attack books, reads the partner's name, turns the match into a lock with that partner, and cancels.

    No cancel was then one of a random match. Each of four partners is locked 5
    times, within the limit of cancelled locks with one of them.
    """
    controlled.travel(noon())
    ada, *others = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee", "Eve")
    *popular, last = (controlled.slots.near() for _ in range(CANCELLED_MATCHES + 1))
    for number, slot in enumerate(popular):
        partner = others[number % len(others)]
        partner.book(slot)
        assert ada.book(slot)["state"] == "matched"
        ada.set_relation("favorite", partner)
        ada.cancel(ada.lock(partner, slot)["sessionId"])
    check_problem(ada.post("/v1/sessions", last.body()), 429, "rate_limited")


def test_r36_a_member_who_books_and_cancels_to_read_names_is_refused_after_20_matches(controlled: Runner) -> None:
    """The attack books popular times in batches of 10, reads the partners' names and cancels, again and again.

    From the 20th cancelled match of a UTC date on every booking is refused until midnight. A cancel is not.
    """
    controlled.travel(noon())
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    slots = controlled.slots.several(CANCELLED_MATCHES + 3)
    for slot in slots:
        ben.book(slot)
    spare, last = slots[-2:]
    kept = ada.book(spare)
    ada.book(slots[-3])
    for first in range(0, CANCELLED_MATCHES, BATCH):
        assert book_and_cancel(ada, slots[first : first + BATCH]) == [204] * BATCH
    refusal = ada.post("/v1/sessions", last.body())
    check_problem(refusal, 429, "rate_limited")
    assert 11 * 3600 < int(refusal.headers["Retry-After"]) <= 12 * 3600
    (result,) = ada.post("/v1/sessions/batch", {"sessions": [last.body()]}).json["results"]
    assert result["problem"]["code"] == "rate_limited"
    assert ada.post("/v1/sessions", spare.body()).json["session"] == kept
    ada.cancel(kept["sessionId"])
    # The limit is that of the member who cancels. A match with the member who was left is still possible.
    assert cy.book(slots[0])["state"] == "matched"
    controlled.travel(noon() + timedelta(hours=12))
    assert ada.book(last)["state"] == "matched"
