"""The story of locked-in sessions, played over HTTP: matched, locked in, displaced, re-matched, cancelled."""

from collections.abc import Callable

import pytest

from tests.contract.client import Client, Runner, Service, eventually, partner_of
from tests.contract.shapes import check_mutual, check_problem, check_session

# Within which two who fit each other must be matched.
MATCHED_SECONDS = 2


def play(runner: Service, wait_for_the_service: Callable[[], object], seconds: float) -> None:
    """The whole story. After each step the service may be helped, and has so many seconds to catch up."""
    slot = runner.slots.near()
    ada, ben, cy, dee, eve = cast = runner.sign_in_all("Ada", "Ben", "Cy", "Dee", "Eve")

    def becomes(member: Client, state: str, partner: Client | None) -> None:
        def is_so() -> bool:
            session = member.in_slot(slot)
            return (session["state"], partner_of(session)) == (state, partner and partner.user_id)

        assert eventually(is_so, seconds), (member, state, partner, member.in_slot(slot))
        check_session(member.in_slot(slot))

    # Ada and Ben book 50 minutes and are matched: both name each other.
    of_ada, of_ben = ada.book(slot)["sessionId"], ben.book(slot)["sessionId"]
    wait_for_the_service()
    becomes(ada, "matched", ben)
    becomes(ben, "matched", ada)
    first_room = ada.in_slot(slot)["roomUrl"]

    # Cy favorites Ada and locks her in; Ben is back to waiting with the same session, and knows why.
    of_cy = cy.lock(ada, slot)["sessionId"]
    becomes(cy, "locked_in", ada)
    becomes(ada, "locked_in", cy)
    becomes(ben, "waiting", None)
    assert ada.in_slot(slot)["sessionId"] == of_ada
    assert ada.in_slot(slot)["lastChange"]["kind"] == "locked_in"
    assert ben.in_slot(slot)["sessionId"] == of_ben
    assert ben.in_slot(slot)["lastChange"]["kind"] == "displaced"
    assert ada.in_slot(slot)["roomUrl"] not in (None, first_room)

    # Ben gets Dee, who books next.
    dee.book(slot)
    wait_for_the_service()
    becomes(ben, "matched", dee)
    becomes(dee, "matched", ben)
    assert ben.in_slot(slot)["sessionId"] == of_ben

    # Ada cannot be overridden while she is locked in: not by a lock, not by a booking, not by anybody's favorites.
    before = [member.sessions() for member in cast]
    eve.says("favorite", ada)
    check_problem(eve.try_to_lock(ada, slot), 409, "not_available", ...)
    wait_for_the_service()
    assert [member.sessions() for member in cast] == before

    # Cy cancels: Ada is regular again and re-matched as soon as somebody fits.
    cy.cancel(of_cy)
    wait_for_the_service()
    becomes(ada, "waiting", None)
    assert ada.in_slot(slot)["sessionId"] == of_ada
    assert ada.in_slot(slot)["lastChange"]["kind"] == "partner_cancelled"
    assert cy.sessions() == []
    eve.book(slot)
    wait_for_the_service()
    becomes(ada, "matched", eve)
    becomes(eve, "matched", ada)
    assert ada.in_slot(slot)["sessionId"] == of_ada
    check_mutual(cast)


def nothing() -> None:
    """The stream does it."""


def test_the_story_of_locked_in_sessions(api: Service) -> None:
    play(api, nothing, MATCHED_SECONDS)


@pytest.mark.long  # The whole story, and a sweep after each step.
def test_r19_with_the_stream_held_back_the_story_ends_right_after_the_tick(lab: Runner) -> None:
    lab.stream(enabled=False)
    play(lab, lab.tick, 0)


def test_r19_with_every_record_delivered_twice_the_story_is_the_same(lab: Runner) -> None:
    lab.stream(enabled=True, deliveries=2)
    play(lab, nothing, MATCHED_SECONDS)


def test_r18_two_whose_partners_cancel_are_rematched_with_each_other_within_two_seconds(api: Service) -> None:
    slot = api.slots.near()
    ada, ben, cy, dee = cast = api.sign_in_all("Ada", "Ben", "Cy", "Dee")
    booked = [member.book(slot)["sessionId"] for member in cast]
    assert [partner_of(member.in_slot(slot)) for member in cast] == [
        ben.user_id, ada.user_id, dee.user_id, cy.user_id,
    ]  # fmt: skip
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    assert eventually(lambda: partner_of(ada.in_slot(slot)) == cy.user_id, MATCHED_SECONDS)
    assert partner_of(cy.in_slot(slot)) == ada.user_id
    assert [ada.in_slot(slot)["sessionId"], cy.in_slot(slot)["sessionId"]] == [booked[0], booked[2]]


@pytest.mark.long  # Sweeps, each of 372 reads.
def test_r19_held_back_records_change_nothing_when_they_come_late(lab: Runner) -> None:
    slot = lab.slots.near()
    ada, ben, cy, dee = cast = lab.sign_in_all("Ada", "Ben", "Cy", "Dee")
    lab.stream(enabled=False)
    booked = [member.book(slot)["sessionId"] for member in cast]
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    assert ada.in_slot(slot)["state"] == cy.in_slot(slot)["state"] == "waiting"
    lab.tick()
    assert partner_of(ada.in_slot(slot)) == cy.user_id
    settled = [member.sessions() for member in cast]
    lab.stream(enabled=True, deliveries=3)
    # A pair that only the stream can make shows that all records before it are through.
    later = lab.slots.near()
    booked = [member.book(later)["sessionId"] for member in cast]
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    assert eventually(lambda: partner_of(ada.in_slot(later)) == cy.user_id)
    assert [
        [session for session in member.sessions() if session["startTime"] != later.text] for member in cast
    ] == settled


def test_r12_a_lock_overrides_two_matches_and_pairs_those_left_over_in_the_same_write(api: Service) -> None:
    slot = api.slots.near()
    ada, dee, ben, cy = cast = api.sign_in_all("Ada", "Dee", "Ben", "Cy")
    booked = [member.book(slot)["sessionId"] for member in cast]
    session = ada.lock(ben, slot)
    after = [member.in_slot(slot) for member in cast]
    assert session == after[0]
    assert [partner_of(each) for each in after] == [ben.user_id, cy.user_id, ada.user_id, dee.user_id]
    assert [each["state"] for each in after] == ["locked_in", "matched", "locked_in", "matched"]
    assert [each["lastChange"]["kind"] for each in after] == ["locked_in", "displaced", "locked_in", "displaced"]
    assert [each["sessionId"] for each in after] == booked
    assert len({each["roomUrl"] for each in after}) == 2


def test_r12_locking_the_partner_one_is_matched_with_moves_nobody(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = cast = api.sign_in_all("Ada", "Ben")
    booked = [member.book(slot)["sessionId"] for member in cast]
    ada.lock(ben, slot)
    after = [member.in_slot(slot) for member in cast]
    assert [each["state"] for each in after] == ["locked_in"] * 2
    assert [each["sessionId"] for each in after] == booked
    check_mutual(cast)


def test_r15_a_lock_asked_for_again_by_either_of_the_two_is_200_and_changes_nothing(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = cast = api.sign_in_all("Ada", "Ben")
    ben.book(slot)
    locked = ada.lock(ben, slot)
    before = [member.sessions() for member in cast]
    ben.says("favorite", ada)
    again, back = ada.try_to_lock(ben, slot), ben.try_to_lock(ada, slot)
    assert (again.status, again.json["session"]["sessionId"]) == (200, locked["sessionId"])
    assert (back.status, back.json["session"]["sessionId"]) == (200, before[1][0]["sessionId"])
    after = [member.sessions() for member in cast]
    assert [each[0]["roomUrl"] for each in after] == [each[0]["roomUrl"] for each in before]
    assert [each[0]["lastChange"] for each in after] == [each[0]["lastChange"] for each in before]


@pytest.mark.parametrize("canceller", [0, 1])
def test_r17_either_of_a_locked_in_pair_can_cancel_and_the_other_waits(api: Service, canceller: int) -> None:
    slot = api.slots.near()
    ada, ben = cast = api.sign_in_all("Ada", "Ben")
    booked = ben.book(slot)["sessionId"]
    ids = [ada.lock(ben, slot)["sessionId"], booked]
    cast[canceller].cancel(ids[canceller])
    left = cast[1 - canceller].in_slot(slot)
    check_session(left)
    assert (left["state"], left["sessionId"]) == ("waiting", ids[1 - canceller])
    assert left["lastChange"]["kind"] == "partner_cancelled"


def test_r18_nobody_is_matched_again_with_who_cancelled_on_them_there_but_a_lock_may(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = cast = api.sign_in_all("Ada", "Ben")
    ada.book(slot)
    ben.cancel(ben.book(slot)["sessionId"])
    assert ben.book(slot)["state"] == "waiting"
    api.tick()
    assert [member.in_slot(slot)["state"] for member in cast] == ["waiting"] * 2
    ben.lock(ada, slot)
    assert [member.in_slot(slot)["state"] for member in cast] == ["locked_in"] * 2


def test_r1_a_block_parts_a_locked_in_pair_for_good_and_tells_neither_why(api: Service) -> None:
    slot, other = api.slots.near(), api.slots.near()
    ada, ben = cast = api.sign_in_all("Ada", "Ben")
    ids = [ada.book(slot)["sessionId"], ben.book(slot)["sessionId"]]
    ben.book(other)
    ada.lock(ben, slot)
    ada.lock(ben, other)
    ben.says("block", ada)
    for at in (slot, other):
        after = [member.in_slot(at) for member in cast]
        assert [each["state"] for each in after] == ["waiting"] * 2
        assert [each["lastChange"]["kind"] for each in after] == ["parted"] * 2
    assert [member.in_slot(slot)["sessionId"] for member in cast] == ids
    api.tick()
    assert [member.in_slot(slot)["state"] for member in cast] == ["waiting"] * 2
    check_problem(ada.try_to_lock(ben, slot), 409, "not_available", ...)


@pytest.mark.long  # Waits for the stream after each change.
def test_r32_no_setting_favorite_or_snooze_breaks_a_pair(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = cast = api.sign_in_all("Ada", "Ben")
    ben.book(slot)
    ada.lock(ben, slot)
    before = [member.sessions() for member in cast]
    ben.sets(availability="no_one", gender="man", partnerGender="same")
    ben.says("snooze", ada, {"until": "2099-01-01T00:00:00Z"})
    assert ada.delete(f"/v1/people/{ben.user_id}/favorite").status == 204
    api.tick()
    after = [member.sessions() for member in cast]
    assert [each[0]["state"] for each in after] == ["locked_in"] * 2
    assert [each[0]["roomUrl"] for each in after] == [each[0]["roomUrl"] for each in before]


def test_r16_a_booker_who_waits_or_is_matched_there_keeps_the_session_a_lock_uses(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = api.sign_in_all("Ada", "Ben")
    ben.sets(availability="favorites", gender="man")
    ben.says("favorite", ada)
    ben.says("snooze", ada, {"until": "2099-01-01T00:00:00Z"})
    waiting = ada.book(slot)
    ben.book(slot)
    assert ada.in_slot(slot)["state"] == "waiting"
    assert ben.delete(f"/v1/people/{ada.user_id}/snooze").status == 204
    assert ada.lock(ben, slot)["sessionId"] == waiting["sessionId"]


def test_r6_where_favorites_may_lock_a_favorite_outranks_the_gender_preference(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = api.sign_in_all("Ada", "Ben")
    ada.sets(gender="woman")
    ben.sets(gender="man", partnerGender="same", availability="favorites")
    ben.says("favorite", ada)
    ben.book(slot)
    assert ada.book(slot)["state"] == "waiting"
    assert ada.lock(ben, slot)["state"] == "locked_in"


def test_r5_no_one_may_lock_with_a_member_who_still_locks_with_others(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = api.sign_in_all("Ada", "Ben")
    ada.sets(availability="no_one")
    ben.book(slot)
    assert ada.lock(ben, slot)["state"] == "locked_in"
