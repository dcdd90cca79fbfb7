"""States that depend only on the clock, such as final, unmatched, completed and too late."""

from datetime import timedelta

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import SlotStart, text_of


def book_pair(controlled: Runner, slot: SlotStart) -> tuple[Client, Client, str, str]:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    return ada, ben, ada.book(slot)["sessionId"], ben.book(slot)["sessionId"]


def join_all(controlled: Runner, slot: SlotStart, *sessions: tuple[Client, str]) -> None:
    """Travel to the start of a slot, and let members join their sessions."""
    controlled.travel(slot.start)
    for member, session_id in sessions:
        member.join(session_id)


def test_r22_a_match_is_final_from_the_start_without_a_write(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, _, of_ada, _ = book_pair(controlled, slot)
    for now, final in (
        (slot.before(hours=2), False),
        (slot.before(minutes=5), False),
        (slot.before(seconds=30), False),
        (slot.start, True),
        (slot.before(minutes=1), False),
    ):
        controlled.travel(now)
        session = ada.session(of_ada)
        check_session(session)
        assert session["final"] is final, now
        assert session["state"] == "matched"


def test_r22_a_waiting_member_can_be_matched_or_locked_until_the_start(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, ben, cy, dee = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee")
    ada.book(slot)
    controlled.travel(slot.before(minutes=4))
    assert ben.book(slot)["state"] == "matched"
    cy.book(slot)
    controlled.travel(slot.before(minutes=1))
    assert dee.lock(cy, slot)["state"] == "locked_in"


@pytest.mark.long  # A tick runs every schedule.
def test_r21_the_schedule_pairs_waiting_members_of_a_slot_that_starts_soon(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    ada.set_relation("snooze", ben, {"until": text_of(slot.before(minutes=30))})
    ada.book(slot)
    assert ben.book(slot)["state"] == "waiting"
    controlled.travel(slot.before(minutes=9))
    controlled.tick()
    assert [member.in_slot(slot)["state"] for member in (ada, ben)] == ["matched"] * 2


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r23_a_waiting_session_is_unmatched_from_its_start_and_is_not_counted(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada = controlled.sign_in("Ada")
    session_id = ada.book(slot)["sessionId"]
    controlled.travel(slot.before(seconds=30))
    assert ada.session(session_id)["state"] == "waiting"
    for now in (slot.start, slot.after(minutes=20), slot.after(days=1)):
        controlled.travel(now)
        session = ada.session(session_id)
        check_session(session)
        assert session["state"] == "unmatched"
        assert session["users"][0]["completed"] is False
        assert ada.get("/v1/me").json["user"]["totalSessionCount"] == 0
    controlled.tick()
    assert ada.session(session_id)["state"] == "unmatched"


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_r37_a_session_is_completed_and_counted_once_both_members_joined(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, ben, of_ada, of_ben = book_pair(controlled, slot)

    def seen() -> list[tuple[str, bool, int, int]]:
        return [
            (
                session["state"],
                session["users"][0]["completed"],
                member.get("/v1/me").json["user"]["totalSessionCount"],
                other.get(f"/v1/users/{member.user_id}").json["user"]["totalSessionCount"],
            )
            for member, other, session in ((ada, ben, ada.session(of_ada)), (ben, ada, ben.session(of_ben)))
        ]

    controlled.travel(slot.after(minutes=1))
    ada.join(of_ada)
    assert seen() == [("matched", False, 0, 0)] * 2
    ben.join(of_ben)
    # Other members see the number of the last UTC midnight (R34).
    assert seen() == [("matched", True, 1, 0)] * 2
    controlled.travel(slot.after(days=2))
    controlled.tick()
    assert seen() == [("matched", True, 1, 1)] * 2


def test_r37_a_session_that_one_member_missed_is_neither_completed_nor_counted(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, ben, of_ada, of_ben = book_pair(controlled, slot)
    join_all(controlled, slot, (ada, of_ada))
    controlled.travel(slot.after(days=2))
    for member, session_id in ((ada, of_ada), (ben, of_ben)):
        session = member.session(session_id)
        check_session(session)
        assert [user["completed"] for user in session["users"]] == [False, False]
        assert member.get("/v1/me").json["user"]["totalSessionCount"] == 0


def test_a_locked_in_session_is_completed_and_a_cancelled_one_is_not(controlled: Runner) -> None:
    slot, other = controlled.slots.near(), controlled.slots.near()
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    of_ben = ben.book(slot)["sessionId"]
    ben.book(other)
    locked, cancelled = ada.lock(ben, slot)["sessionId"], ada.lock(ben, other)["sessionId"]
    ada.cancel(cancelled)
    join_all(controlled, slot, (ada, locked), (ben, of_ben))
    controlled.travel(other.after(days=1))
    session = ada.session(locked)
    check_session(session)
    assert (session["state"], session["users"][0]["completed"]) == ("locked_in", True)
    assert [member.get("/v1/me").json["user"]["totalSessionCount"] for member in (ada, ben)] == [1, 1]
    assert ada.get(f"/v1/sessions/{cancelled}").status in (200, 404)


@pytest.mark.long  # Books a session for each distance.
def test_r17_only_a_cancellation_in_the_last_hour_is_late(controlled: Runner) -> None:
    for minutes, late in ((61, False), (59, True), (1, True)):
        slot = controlled.slots.near()
        ada, ben, of_ada, of_ben = book_pair(controlled, slot)
        controlled.travel(slot.before(minutes=minutes))
        ada.cancel(of_ada)
        cancelled = ada.session(of_ada)
        check_session(cancelled)
        assert (cancelled["state"], cancelled["cancelledLate"]) == ("cancelled", late)
        assert ben.session(of_ben)["cancelledLate"] is False
        controlled.travel(None)


def test_r17_a_second_cancellation_keeps_the_lateness_of_the_first(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, _, of_ada, _ = book_pair(controlled, slot)
    controlled.travel(slot.before(hours=3))
    ada.cancel(of_ada)
    controlled.travel(slot.before(minutes=10))
    ada.cancel(of_ada)
    assert ada.session(of_ada)["cancelledLate"] is False
    controlled.travel(slot.after(days=1))
    ada.cancel(of_ada)
    controlled.travel(slot.after(days=150))
    ada.cancel(of_ada)


def test_r17_a_started_session_can_neither_be_cancelled_nor_booked(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, ben, of_ada, _ = book_pair(controlled, slot)
    waiting = controlled.sign_in("Cy")
    of_cy = waiting.book(slot)["sessionId"]
    for now in (slot.start, slot.after(hours=3)):
        controlled.travel(now)
        before = ada.sessions(), ben.sessions()
        check_problem(ada.delete(f"/v1/sessions/{of_ada}"), 409, "too_late", ...)
        check_problem(waiting.delete(f"/v1/sessions/{of_cy}"), 409, "too_late", ...)
        check_problem(controlled.sign_in("Dee").post("/v1/sessions", slot.body()), 409, "too_late", "startTime")
        assert (ada.sessions(), ben.sessions()) == before
    controlled.travel(slot.before(seconds=30))
    ada.cancel(of_ada)


def test_r6_a_snooze_ends_at_its_instant(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    ben.book(slot)
    ada.set_relation("favorite", ben)
    ben.set_relation("snooze", ada, {"until": text_of(slot.before(hours=2))})
    controlled.travel(slot.before(hours=2, seconds=30))
    assert [entry["userId"] for entry in ben.get("/v1/people").json["snoozed"]] == [ada.user_id]
    check_problem(ada.try_to_lock(ben, slot), 409, "not_available", ...)
    controlled.travel(slot.before(hours=2))
    assert ben.get("/v1/people").json["snoozed"] == []
    assert ada.try_to_lock(ben, slot).status == 201


def test_r8_a_booking_becomes_lockable_2_weeks_before_its_start(controlled: Runner) -> None:
    slot = controlled.slots.far()
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    ben.book(slot)
    ada.set_relation("favorite", ben)
    controlled.travel(slot.before(days=14, minutes=1))
    check_problem(ada.try_to_lock(ben, slot), 409, "not_available", ...)
    controlled.travel(slot.before(days=14))
    assert ada.try_to_lock(ben, slot).status == 201


def test_r30_the_13_weeks_are_counted_from_the_current_instant(controlled: Runner) -> None:
    slot = controlled.slots.near()
    far = SlotStart(slot.start + timedelta(weeks=13))
    ada = controlled.sign_in("Ada")
    controlled.travel(slot.before(seconds=30))
    check_problem(ada.post("/v1/sessions", far.body()), 422, "invalid_request", "startTime")
    controlled.travel(slot.start)
    assert ada.post("/v1/sessions", far.body()).status == 201


def test_an_idempotency_key_is_kept_for_24_hours(controlled: Runner) -> None:
    now, slot = controlled.slots.near(), controlled.slots.far()
    ada = controlled.sign_in("Ada")
    controlled.travel(now.start)
    first = ada.post("/v1/sessions", slot.body(), Idempotency_Key="daily")
    assert first.status == 201
    ada.cancel(first.json["session"]["sessionId"])
    controlled.travel(now.after(hours=23, minutes=59))
    again = ada.post("/v1/sessions", slot.body(), Idempotency_Key="daily")
    assert (again.status, again.data) == (201, first.data)
    controlled.travel(now.after(hours=24, minutes=1))
    later = ada.post("/v1/sessions", slot.body(), Idempotency_Key="daily")
    assert later.status == 201
    assert later.json["session"]["sessionId"] != first.json["session"]["sessionId"]


def test_tokens_stay_valid_at_any_setting_of_the_clock(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    for days in (-400, 100, 4000):
        controlled.travel(controlled.slots.near().start + timedelta(days=days))
        assert ada.get("/v1/me").status == 200
        assert controlled.sign_in("Ben").get("/v1/me").status == 200
