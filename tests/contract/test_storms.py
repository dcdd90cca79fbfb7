"""Many at once: one winner, mutual pairs, nobody lost; and a runner that is killed in the middle of it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from random import Random

import pytest
import urllib3

from infra.local.engine import Engine
from tests.contract.client import Client, Runner, Slot, at_once, eventually, partner_of
from tests.contract.shapes import check_mutual, check_problem


def signed_in(runner: Runner, count: int) -> list[Client]:
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(runner.sign_in, (f"Member {number}" for number in range(count))))


def favorite_all(members: list[Client], target: Client) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda member: member.says("favorite", target), members))


def test_r14_of_50_who_lock_the_same_member_at_the_same_instant_one_does(api: Runner) -> None:
    slot, elsewhere = api.slots.near(), api.slots.near()
    target, partner = api.sign_in_all("Target", "Partner")
    of_target, of_partner = target.book(slot)["sessionId"], partner.book(slot)["sessionId"]
    lockers = signed_in(api, 50)
    favorite_all(lockers, target)
    for locker in lockers[:10]:
        locker.book(elsewhere)
    before = [locker.sessions() for locker in lockers]
    answers = at_once([partial(locker.try_to_lock, target, slot) for locker in lockers])
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    refused = [answer for answer in answers if answer.status == 409]
    assert len({answer.but_instance for answer in refused}) == 1
    check_problem(refused[0], 409, "not_available", ...)
    won = [answer.status for answer in answers].index(201)
    winner = lockers[won]
    assert partner_of(answers[won].json["session"]) == target.user_id
    for locker, held in zip(lockers, before, strict=True):
        if locker is not winner:
            assert locker.sessions() == held
    after = target.in_slot(slot)
    assert (after["state"], partner_of(after), after["sessionId"]) == ("locked_in", winner.user_id, of_target)
    displaced = partner.in_slot(slot)
    assert (displaced["state"], displaced["sessionId"]) == ("waiting", of_partner)
    assert displaced["lastChange"]["kind"] == "displaced"


def test_r12_of_20_matched_members_who_lock_the_same_one_only_the_winners_pair_is_touched(api: Runner) -> None:
    slot = api.slots.near()
    target, partner = api.sign_in_all("Target", "Partner")
    target.book(slot)
    partner.book(slot)
    lockers = signed_in(api, 20)
    for locker in lockers:
        locker.book(slot)
    favorite_all(lockers, target)
    before = {locker.user_id: locker.in_slot(slot) for locker in lockers}
    assert {session["state"] for session in before.values()} == {"matched"}
    answers = at_once([partial(locker.try_to_lock, target, slot) for locker in lockers])
    winners = [
        locker for locker, answer in zip(lockers, answers, strict=True) if answer.status in (200, 201)
    ]  # fmt: skip
    assert len(winners) == 1, [answer.status for answer in answers]
    touched = {winners[0].user_id, partner_of(before[winners[0].user_id])}
    for locker in lockers:
        if locker.user_id not in touched:
            assert locker.in_slot(slot) == before[locker.user_id]
        assert locker.in_slot(slot)["sessionId"] == before[locker.user_id]["sessionId"]
    assert eventually(lambda: partner.in_slot(slot)["state"] == "matched")
    owned = check_mutual([target, partner, *lockers])
    assert sorted(session["state"] for _, session in owned) == ["locked_in"] * 2 + ["matched"] * 20


@pytest.mark.parametrize(("count", "deliveries"), [(200, 1), (40, 2)])
def test_all_who_book_one_slot_at_the_same_instant_are_paired_two_by_two(
    lab: Runner, count: int, deliveries: int
) -> None:
    lab.stream(enabled=True, deliveries=deliveries)
    slot = lab.slots.near()
    members = signed_in(lab, count)
    began = datetime.now(UTC)
    answers = at_once([partial(member.post, "/v1/sessions", slot.body()) for member in members])
    answered = (datetime.now(UTC) - began).total_seconds()
    assert [answer.status for answer in answers] == [201] * count
    ids = {member: answer.json["session"]["sessionId"] for member, answer in zip(members, answers, strict=True)}
    waiting = set(members)

    def all_paired() -> bool:
        while waiting and state_of(last := next(iter(waiting)), ids[last]) == "matched":
            waiting.remove(last)
        return not waiting

    assert eventually(all_paired, 60 - answered), len(waiting)
    owned = check_mutual(members)
    assert {member: session["sessionId"] for member, session in owned} == ids
    assert len({session["roomUrl"] for _, session in owned}) == count / 2
    last = max(datetime.fromisoformat(session["lastChange"]["at"]) for _, session in owned)
    print(
        f"{count} were answered within {answered:.1f} s and paired within {(last - began).total_seconds() + 1:.0f} s."
    )


def state_of(member: Client, session_id: str) -> str:
    return member.session(session_id)["state"]


def test_r14_two_who_lock_each_other_at_the_same_instant_are_one_pair_and_both_succeed(api: Runner) -> None:
    for _ in range(5):
        slot = api.slots.near()
        ada, ben = cast = api.sign_in_all("Ada", "Ben")
        for member, other in ((ada, ben), (ben, ada)):
            member.book(slot)
            member.says("favorite", other)
        answers = at_once([partial(ada.try_to_lock, ben, slot), partial(ben.try_to_lock, ada, slot)])
        assert {answer.status for answer in answers} <= {200, 201}, answers
        assert [session["state"] for _, session in check_mutual(cast)] == ["locked_in"] * 2


def test_r3_20_overlapping_bookings_of_one_member_at_the_same_instant_leave_one(ada: Client, api: Runner) -> None:
    slot = api.slots.far()
    bodies = [slot.body((25, 50, 75)[number % 3], title=f"{number}") for number in range(20)]
    answers = at_once([partial(ada.post, "/v1/sessions", body) for body in bodies])
    (left,) = ada.sessions()
    assert [answer.status for answer in answers].count(201) == 1
    for answer in answers:
        if answer.status in (200, 201):
            assert answer.json["session"]["sessionId"] == left["sessionId"]
        else:
            check_problem(answer, 409, "time_conflict", ...)


def test_r17_20_cancellations_at_the_same_instant_have_one_effect(ada: Client, ben: Client, api: Runner) -> None:
    slot = api.slots.far()
    mine = ada.book(slot)["sessionId"]
    theirs = ben.book(slot)["sessionId"]
    answers = at_once([partial(ada.delete, f"/v1/sessions/{mine}")] * 20)
    assert {answer.status for answer in answers} == {204}
    left = ben.session(theirs)
    assert (left["state"], left["lastChange"]["kind"]) == ("waiting", "partner_cancelled")


@pytest.fixture
def surviving_engine() -> Iterator[str]:
    """An engine that outlives the runners on it."""
    with Engine() as engine:
        yield engine.url


def storm(members: list[Client], slots: list[Slot], enough: threading.Event, least: int) -> list[tuple[Client, str]]:
    """Book and lock from all members at once until the runner is gone; what each was told it has."""
    told: list[tuple[Client, str]] = []

    def rage(number: int) -> None:
        member, chance = members[number], Random(number)
        order = chance.sample(slots, len(slots))
        try:
            for slot in order:
                body = slot.body()
                if chance.randrange(3) == 0:
                    body |= {"partnerId": chance.choice(members).user_id}
                answer = member.post("/v1/sessions", body)
                if answer.status == 201:
                    told.append((member, answer.json["session"]["sessionId"]))
                if len(told) >= least:
                    enough.set()
        except urllib3.exceptions.HTTPError:
            return

    with ThreadPoolExecutor(len(members)) as threads:
        list(threads.map(rage, range(len(members))))
    return told


def test_a_runner_killed_in_the_middle_of_a_storm_and_started_again_has_lost_nobody(surviving_engine: str) -> None:
    with Runner(surviving_engine) as killed:
        slots = [killed.slots.near() for _ in range(12)]
        members = signed_in(killed, 12)
        for number, member in enumerate(members):
            for step in (1, 3, 5):
                member.says("favorite", members[(number + step) % len(members)])
        enough = threading.Event()
        with ThreadPoolExecutor(1) as aside:
            raging = aside.submit(storm, members, slots, enough, 50)
            assert enough.wait(60)
            assert killed.kill() < 0
            told = raging.result(60)
    assert 50 <= len(told) < len(members) * len(slots)

    with Runner(surviving_engine) as restarted:
        restarted.tick()
        survivors = [member.on(restarted) for member in members]
        owned = check_mutual(survivors)
        held = {(member.user_id, session["sessionId"]) for member, session in owned}
        assert {(member.user_id, session_id) for member, session_id in told} <= held
        assert {session["state"] for _, session in owned} <= {"waiting", "matched", "locked_in"}
        for slot in slots:
            # Any two of them fit each other, so at most one is left over.
            left = [member for member, each in owned if (each["startTime"], each["state"]) == (slot.text, "waiting")]
            assert len(left) <= 1, (slot, left)
        assert restarted.complaints() == []
        assert restarted.stop() == 0


def test_the_first_calls_after_a_start_may_come_all_at_once() -> None:
    with Runner(patient=False) as runner:
        clients = at_once([partial(runner.sign_in, f"Member {number}") for number in range(16)])
        assert len({client.user_id for client in clients}) == 16


def test_two_runners_on_different_ports_share_nothing(api: Runner, lab: Runner) -> None:
    here, there = api.sign_in("Ada"), lab.sign_in("Ben")
    check_problem(here.on(lab).get("/v1/me"), 401, "unauthenticated")
    check_problem(there.on(api).get("/v1/me"), 401, "unauthenticated")
    check_problem(here.get(f"/v1/users/{there.user_id}"), 404, "not_found", ...)
    check_problem(there.get(f"/v1/users/{here.user_id}"), 404, "not_found", ...)
    slot = api.slots.far()
    same = Slot(slot.after(minutes=30))
    here.book(same)
    there.book(same)
    api.tick()
    lab.tick()
    assert [here.in_slot(same)["state"], there.in_slot(same)["state"]] == ["waiting"] * 2
