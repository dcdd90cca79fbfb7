"""What the clock alone changes: final, unmatched, completed, late, too late."""

from datetime import timedelta

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import Slot, text_of


def pair(lab: Runner, slot: Slot) -> tuple[Client, Client, str, str]:
    ada, ben = lab.sign_in_all("Ada", "Ben")
    return ada, ben, ada.book(slot)["sessionId"], ben.book(slot)["sessionId"]


def test_r22_a_match_is_final_from_five_minutes_before_the_start_and_by_the_clock_alone(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, _, of_ada, _ = pair(lab, slot)
    for now, final in (
        (slot.before(hours=2), False),
        (slot.before(minutes=5, seconds=20), False),
        (slot.before(minutes=5), True),
        (slot.before(seconds=20), True),
        (slot.before(minutes=6), False),
    ):
        lab.travel(now)
        session = ada.session(of_ada)
        check_session(session)
        assert session["final"] is final, now
        assert session["state"] == "matched"


def test_r22_who_still_waits_can_be_matched_or_locked_until_the_start(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, ben, cy, dee = lab.sign_in_all("Ada", "Ben", "Cy", "Dee")
    ada.book(slot)
    lab.travel(slot.before(minutes=4))
    assert ben.book(slot)["state"] == "matched"
    cy.book(slot)
    lab.travel(slot.before(minutes=1))
    assert dee.lock(cy, slot)["state"] == "locked_in"


def test_r21_the_schedule_pairs_who_waits_when_the_slot_is_near(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, ben = lab.sign_in_all("Ada", "Ben")
    ada.says("snooze", ben, {"until": text_of(slot.before(minutes=30))})
    ada.book(slot)
    assert ben.book(slot)["state"] == "waiting"
    lab.travel(slot.before(minutes=9))
    lab.tick()
    assert [member.in_slot(slot)["state"] for member in (ada, ben)] == ["matched"] * 2


def test_r23_whoever_has_no_partner_at_the_start_is_unmatched_and_it_counts_for_nothing(lab: Runner) -> None:
    slot = lab.slots.near()
    ada = lab.sign_in("Ada")
    session_id = ada.book(slot)["sessionId"]
    lab.travel(slot.before(seconds=30))
    assert ada.session(session_id)["state"] == "waiting"
    for now in (slot.start, slot.after(minutes=20), slot.after(days=1)):
        lab.travel(now)
        session = ada.session(session_id)
        check_session(session)
        assert session["state"] == "unmatched"
        assert session["users"][0]["completed"] is False
        assert ada.get("/v1/me").json["user"]["totalSessionCount"] == 0
    lab.tick()
    assert ada.session(session_id)["state"] == "unmatched"


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_a_session_is_completed_and_counted_when_its_end_has_passed(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, ben, of_ada, of_ben = pair(lab, slot)

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

    lab.travel(slot.after(minutes=49))
    assert seen() == [("matched", False, 0, 0)] * 2
    lab.travel(slot.after(minutes=50, seconds=1))
    assert seen() == [("matched", True, 1, 1)] * 2
    lab.travel(slot.after(days=2))
    lab.tick()
    assert seen() == [("matched", True, 1, 1)] * 2


def test_a_locked_in_session_is_completed_too_and_a_cancelled_one_never(lab: Runner) -> None:
    slot, other = lab.slots.near(), lab.slots.near()
    ada, ben = lab.sign_in_all("Ada", "Ben")
    ben.book(slot)
    ben.book(other)
    locked, cancelled = ada.lock(ben, slot)["sessionId"], ada.lock(ben, other)["sessionId"]
    ada.cancel(cancelled)
    lab.travel(other.after(days=1))
    session = ada.session(locked)
    check_session(session)
    assert (session["state"], session["users"][0]["completed"]) == ("locked_in", True)
    assert [member.get("/v1/me").json["user"]["totalSessionCount"] for member in (ada, ben)] == [1, 1]
    assert ada.get(f"/v1/sessions/{cancelled}").status in (200, 404)


def test_r17_cancelling_within_the_last_hour_is_late_and_before_it_is_not(lab: Runner) -> None:
    for minutes, late in ((61, False), (59, True), (1, True)):
        slot = lab.slots.near()
        ada, ben, of_ada, of_ben = pair(lab, slot)
        lab.travel(slot.before(minutes=minutes))
        ada.cancel(of_ada)
        gone = ada.session(of_ada)
        check_session(gone)
        assert (gone["state"], gone["cancelledLate"]) == ("cancelled", late)
        assert ben.session(of_ben)["cancelledLate"] is False
        lab.travel(None)


def test_r17_cancelling_twice_keeps_what_the_first_time_said(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, _, of_ada, _ = pair(lab, slot)
    lab.travel(slot.before(hours=3))
    ada.cancel(of_ada)
    lab.travel(slot.before(minutes=10))
    ada.cancel(of_ada)
    assert ada.session(of_ada)["cancelledLate"] is False
    lab.travel(slot.after(days=1))
    ada.cancel(of_ada)
    lab.travel(slot.after(days=150))
    ada.cancel(of_ada)


def test_r17_what_has_started_can_neither_be_cancelled_nor_booked(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, ben, of_ada, _ = pair(lab, slot)
    waiting = lab.sign_in("Cy")
    of_cy = waiting.book(slot)["sessionId"]
    for now in (slot.start, slot.after(hours=3)):
        lab.travel(now)
        before = ada.sessions(), ben.sessions()
        check_problem(ada.delete(f"/v1/sessions/{of_ada}"), 409, "too_late", ...)
        check_problem(waiting.delete(f"/v1/sessions/{of_cy}"), 409, "too_late", ...)
        check_problem(lab.sign_in("Dee").post("/v1/sessions", slot.body()), 409, "too_late", "startTime")
        assert (ada.sessions(), ben.sessions()) == before
    lab.travel(slot.before(seconds=30))
    ada.cancel(of_ada)


def test_r6_a_snooze_ends_at_its_instant(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, ben = lab.sign_in_all("Ada", "Ben")
    ben.book(slot)
    ada.says("favorite", ben)
    ben.says("snooze", ada, {"until": text_of(slot.before(hours=2))})
    lab.travel(slot.before(hours=2, seconds=30))
    assert [entry["userId"] for entry in ben.get("/v1/people").json["snoozed"]] == [ada.user_id]
    check_problem(ada.try_to_lock(ben, slot), 409, "not_available", ...)
    lab.travel(slot.before(hours=2))
    assert ben.get("/v1/people").json["snoozed"] == []
    assert ada.try_to_lock(ben, slot).status == 201


def test_r8_a_booking_becomes_lockable_two_weeks_ahead(lab: Runner) -> None:
    slot = lab.slots.far()
    ada, ben = lab.sign_in_all("Ada", "Ben")
    ben.book(slot)
    ada.says("favorite", ben)
    lab.travel(slot.before(days=14, minutes=1))
    check_problem(ada.try_to_lock(ben, slot), 409, "not_available", ...)
    lab.travel(slot.before(days=14))
    assert ada.try_to_lock(ben, slot).status == 201


def test_r30_thirteen_weeks_are_counted_from_the_clock(lab: Runner) -> None:
    slot = lab.slots.near()
    far = Slot(slot.start + timedelta(weeks=13))
    ada = lab.sign_in("Ada")
    lab.travel(slot.before(seconds=30))
    check_problem(ada.post("/v1/sessions", far.body()), 422, "invalid_request", "startTime")
    lab.travel(slot.start)
    assert ada.post("/v1/sessions", far.body()).status == 201


def test_an_idempotency_key_is_kept_for_24_hours(lab: Runner) -> None:
    now, slot = lab.slots.near(), lab.slots.far()
    ada = lab.sign_in("Ada")
    lab.travel(now.start)
    first = ada.post("/v1/sessions", slot.body(), Idempotency_Key="daily")
    assert first.status == 201
    ada.cancel(first.json["session"]["sessionId"])
    lab.travel(now.after(hours=23, minutes=59))
    again = ada.post("/v1/sessions", slot.body(), Idempotency_Key="daily")
    assert (again.status, again.data) == (201, first.data)
    lab.travel(now.after(hours=24, minutes=1))
    anew = ada.post("/v1/sessions", slot.body(), Idempotency_Key="daily")
    assert anew.status == 201
    assert anew.json["session"]["sessionId"] != first.json["session"]["sessionId"]


def test_tokens_outlive_time_travel(lab: Runner) -> None:
    ada = lab.sign_in("Ada")
    for days in (-400, 100, 4000):
        lab.travel(lab.slots.near().start + timedelta(days=days))
        assert ada.get("/v1/me").status == 200
        assert lab.sign_in("Ben").get("/v1/me").status == 200
