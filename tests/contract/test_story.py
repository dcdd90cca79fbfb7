"""The lifecycle of locked-in sessions over HTTP.

Members are matched, locked in, displaced and matched again, and they cancel.
"""

from collections.abc import Callable

import pytest

from tests.contract.client import Client, Runner, Service, eventually, partner_of
from tests.contract.shapes import check_mutual, check_problem, check_session

# The time limit for the stream to match two compatible members. One test checks it, since other tests run meanwhile.
MATCHED_SECONDS = 2
PATIENCE_SECONDS = 60


def run_lifecycle(runner: Service, after_step: Callable[[], object], seconds: float) -> None:
    """Run the lifecycle. Call `after_step` after each step, then wait up to `seconds` for the expected state."""
    slot = runner.slots.near()
    ada, ben, cy, dee, eve = members = runner.sign_in_all("Ada", "Ben", "Cy", "Dee", "Eve")

    def becomes(member: Client, state: str, partner: Client | None) -> None:
        def is_expected() -> bool:
            session = member.in_slot(slot)
            return (session["state"], partner_of(session)) == (state, partner and partner.user_id)

        assert eventually(is_expected, seconds), (member, state, partner, member.in_slot(slot))
        check_session(member.in_slot(slot))

    # Ada and Ben book 50 minutes and are matched. Their sessions name each other.
    of_ada, of_ben = ada.book(slot)["sessionId"], ben.book(slot)["sessionId"]
    after_step()
    becomes(ada, "matched", ben)
    becomes(ben, "matched", ada)
    first_room = ada.in_slot(slot)["roomUrl"]

    # Cy makes Ada a favorite and locks her in. Ben waits again with the same session, and it shows the reason.
    of_cy = cy.lock(ada, slot)["sessionId"]
    becomes(cy, "locked_in", ada)
    becomes(ada, "locked_in", cy)
    becomes(ben, "waiting", None)
    assert ada.in_slot(slot)["sessionId"] == of_ada
    assert ada.in_slot(slot)["lastChange"]["kind"] == "locked_in"
    assert ben.in_slot(slot)["sessionId"] == of_ben
    assert ben.in_slot(slot)["lastChange"]["kind"] == "displaced"
    assert ada.in_slot(slot)["roomUrl"] not in (None, first_room)

    # Dee books next and is matched with Ben.
    dee.book(slot)
    after_step()
    becomes(ben, "matched", dee)
    becomes(dee, "matched", ben)
    assert ben.in_slot(slot)["sessionId"] == of_ben

    # A lock by Eve, who has Ada as a favorite, is refused while Ada is locked in.
    before = [member.sessions() for member in members]
    eve.set_relation("favorite", ada)
    check_problem(eve.try_to_lock(ada, slot), 409, "not_available", ...)
    after_step()
    assert [member.sessions() for member in members] == before

    # Cy cancels. Ada waits again, and is matched with the next compatible member.
    cy.cancel(of_cy)
    after_step()
    becomes(ada, "waiting", None)
    assert ada.in_slot(slot)["sessionId"] == of_ada
    assert ada.in_slot(slot)["lastChange"]["kind"] == "partner_cancelled"
    assert cy.sessions() == []
    eve.book(slot)
    after_step()
    becomes(ada, "matched", eve)
    becomes(eve, "matched", ada)
    assert ada.in_slot(slot)["sessionId"] == of_ada
    check_mutual(members)


def do_nothing() -> None:
    """Leave the work to the stream."""


def test_the_lifecycle_of_locked_in_sessions(api: Service) -> None:
    run_lifecycle(api, do_nothing, PATIENCE_SECONDS)


@pytest.mark.long  # It runs a sweep after each step.
def test_r19_with_a_paused_stream_the_sweep_alone_completes_the_lifecycle(controlled: Runner) -> None:
    controlled.stream(enabled=False)
    run_lifecycle(controlled, controlled.tick, 0)


@pytest.mark.long  # The lifecycle again.
def test_r19_with_every_record_delivered_twice_the_lifecycle_is_the_same(controlled: Runner) -> None:
    controlled.stream(enabled=True, deliveries=2)
    run_lifecycle(controlled, do_nothing, PATIENCE_SECONDS)


def test_r18_two_members_whose_partners_cancel_are_matched_within_2_seconds(api: Service) -> None:
    slot = api.slots.near()
    ada, ben, cy, dee = members = api.sign_in_all("Ada", "Ben", "Cy", "Dee")
    booked = [member.book(slot)["sessionId"] for member in members]
    assert [partner_of(member.in_slot(slot)) for member in members] == [
        ben.user_id, ada.user_id, dee.user_id, cy.user_id,
    ]  # fmt: skip
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    assert eventually(lambda: partner_of(ada.in_slot(slot)) == cy.user_id, MATCHED_SECONDS)
    assert partner_of(cy.in_slot(slot)) == ada.user_id
    assert [ada.in_slot(slot)["sessionId"], cy.in_slot(slot)["sessionId"]] == [booked[0], booked[2]]


@pytest.mark.long  # Sweeps, each of 372 reads.
def test_r19_late_stream_records_change_nothing_after_a_sweep(controlled: Runner) -> None:
    slot = controlled.slots.near()
    ada, ben, cy, dee = members = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee")
    controlled.stream(enabled=False)
    booked = [member.book(slot)["sessionId"] for member in members]
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    assert ada.in_slot(slot)["state"] == cy.in_slot(slot)["state"] == "waiting"
    controlled.tick()
    assert partner_of(ada.in_slot(slot)) == cy.user_id
    after_sweep = [member.sessions() for member in members]
    controlled.stream(enabled=True, deliveries=3)
    # Only the stream can make the next pair. So that pair shows that all earlier records are processed.
    later = controlled.slots.near()
    booked = [member.book(later)["sessionId"] for member in members]
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    assert eventually(lambda: partner_of(ada.in_slot(later)) == cy.user_id)
    assert [
        [session for session in member.sessions() if session["startTime"] != later.text] for member in members
    ] == after_sweep


def test_r12_a_lock_breaks_two_matches_and_pairs_both_displaced_members_in_the_same_write(api: Service) -> None:
    slot = api.slots.near()
    ada, dee, ben, cy = members = api.sign_in_all("Ada", "Dee", "Ben", "Cy")
    booked = [member.book(slot)["sessionId"] for member in members]
    session = ada.lock(ben, slot)
    after = [member.in_slot(slot) for member in members]
    assert session == after[0]
    assert [partner_of(each) for each in after] == [ben.user_id, cy.user_id, ada.user_id, dee.user_id]
    assert [each["state"] for each in after] == ["locked_in", "matched", "locked_in", "matched"]
    assert [each["lastChange"]["kind"] for each in after] == ["locked_in", "displaced", "locked_in", "displaced"]
    assert [each["sessionId"] for each in after] == booked
    assert len({each["roomUrl"] for each in after}) == 2


def test_r12_a_lock_with_the_matched_partner_keeps_both_sessions(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = members = api.sign_in_all("Ada", "Ben")
    booked = [member.book(slot)["sessionId"] for member in members]
    ada.lock(ben, slot)
    after = [member.in_slot(slot) for member in members]
    assert [each["state"] for each in after] == ["locked_in"] * 2
    assert [each["sessionId"] for each in after] == booked
    check_mutual(members)


def test_r15_a_repeated_lock_by_either_partner_is_200_and_changes_nothing(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = members = api.sign_in_all("Ada", "Ben")
    ben.book(slot)
    locked = ada.lock(ben, slot)
    before = [member.sessions() for member in members]
    ben.set_relation("favorite", ada)
    again, reverse = ada.try_to_lock(ben, slot), ben.try_to_lock(ada, slot)
    assert (again.status, again.json["session"]["sessionId"]) == (200, locked["sessionId"])
    assert (reverse.status, reverse.json["session"]["sessionId"]) == (200, before[1][0]["sessionId"])
    after = [member.sessions() for member in members]
    assert [each[0]["roomUrl"] for each in after] == [each[0]["roomUrl"] for each in before]
    assert [each[0]["lastChange"] for each in after] == [each[0]["lastChange"] for each in before]


@pytest.mark.parametrize("canceller", [0, 1])
def test_r17_either_member_of_a_locked_in_pair_can_cancel_and_the_other_waits(api: Service, canceller: int) -> None:
    slot = api.slots.near()
    ada, ben = members = api.sign_in_all("Ada", "Ben")
    booked = ben.book(slot)["sessionId"]
    ids = [ada.lock(ben, slot)["sessionId"], booked]
    members[canceller].cancel(ids[canceller])
    remaining = members[1 - canceller].in_slot(slot)
    check_session(remaining)
    assert (remaining["state"], remaining["sessionId"]) == ("waiting", ids[1 - canceller])
    assert remaining["lastChange"]["kind"] == "partner_cancelled"


@pytest.mark.long  # It runs a sweep.
def test_r18_a_member_is_not_matched_again_with_a_partner_who_cancelled_but_can_be_locked(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = members = api.sign_in_all("Ada", "Ben")
    ada.book(slot)
    ben.cancel(ben.book(slot)["sessionId"])
    assert ben.book(slot)["state"] == "waiting"
    api.tick()
    assert [member.in_slot(slot)["state"] for member in members] == ["waiting"] * 2
    ben.lock(ada, slot)
    assert [member.in_slot(slot)["state"] for member in members] == ["locked_in"] * 2


@pytest.mark.long  # It runs a sweep.
def test_r1_a_block_parts_a_locked_in_pair_permanently_and_gives_no_reason(api: Service) -> None:
    slot, other = api.slots.near(), api.slots.near()
    ada, ben = members = api.sign_in_all("Ada", "Ben")
    ids = [ada.book(slot)["sessionId"], ben.book(slot)["sessionId"]]
    ben.book(other)
    ada.lock(ben, slot)
    ada.lock(ben, other)
    ben.set_relation("block", ada)
    for at in (slot, other):
        after = [member.in_slot(at) for member in members]
        assert [each["state"] for each in after] == ["waiting"] * 2
        assert [each["lastChange"]["kind"] for each in after] == ["partner_cancelled"] * 2
    assert [member.in_slot(slot)["sessionId"] for member in members] == ids
    api.tick()
    assert [member.in_slot(slot)["state"] for member in members] == ["waiting"] * 2
    check_problem(ada.try_to_lock(ben, slot), 409, "not_available", ...)


@pytest.mark.long  # It runs a sweep.
def test_r32_no_setting_favorite_or_snooze_breaks_a_pair(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = members = api.sign_in_all("Ada", "Ben")
    ben.book(slot)
    ada.lock(ben, slot)
    before = [member.sessions() for member in members]
    ben.change_settings(availability="no_one", gender="man", partnerGender="same")
    ben.set_relation("snooze", ada, {"until": "2099-01-01T00:00:00Z"})
    assert ada.delete(f"/v1/people/{ben.user_id}/favorite").status == 204
    api.tick()
    after = [member.sessions() for member in members]
    assert [each[0]["state"] for each in after] == ["locked_in"] * 2
    assert [each[0]["roomUrl"] for each in after] == [each[0]["roomUrl"] for each in before]


def test_r16_a_lock_uses_the_waiting_session_of_the_booker(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = api.sign_in_all("Ada", "Ben")
    ben.change_settings(availability="favorites", gender="man")
    ben.set_relation("favorite", ada)
    ben.set_relation("snooze", ada, {"until": "2099-01-01T00:00:00Z"})
    waiting = ada.book(slot)
    ben.book(slot)
    assert ada.in_slot(slot)["state"] == "waiting"
    assert ben.delete(f"/v1/people/{ada.user_id}/snooze").status == 204
    assert ada.lock(ben, slot)["sessionId"] == waiting["sessionId"]


def test_r6_where_only_favorites_may_lock_the_gender_preference_does_not_count(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = api.sign_in_all("Ada", "Ben")
    ada.change_settings(gender="woman")
    ben.change_settings(gender="man", partnerGender="same", availability="favorites")
    ben.set_relation("favorite", ada)
    ben.book(slot)
    assert ada.book(slot)["state"] == "waiting"
    assert ada.lock(ben, slot)["state"] == "locked_in"


def test_r5_a_member_who_permits_no_locks_can_still_lock_others(api: Service) -> None:
    slot = api.slots.near()
    ada, ben = api.sign_in_all("Ada", "Ben")
    ada.change_settings(availability="no_one")
    ben.book(slot)
    assert ada.lock(ben, slot)["state"] == "locked_in"
