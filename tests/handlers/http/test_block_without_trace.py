"""Non-interference of blocks and snoozes on every route, for the blocked member and a third (R1, R10, R11, R28, R33).

Two worlds differ in one relation. The answers must be equal byte for byte, and so must the requests to the table, the
keys that they ask for, the rows that they read and their units. Where R10 hides hours, the answers must equal those of
a world in which the blocker books nothing. Random matching is exempt, so that no request here books a slot in which the
blocker waits for a random partner.

The last tests compare a block with each setting that also refuses a lock.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from chalicelib.domain.model.member import Availability, Gender, PartnerGender, RelationKind
from chalicelib.handlers.http.routes import ROUTES
from chalicelib.storage.document_keys import STAFF_LOG
from tests.handlers.community import AHEAD, BLOCKED, BLOCKER, CHANGE, CROWD, PAIR_SLOT, SLOTS_AHEAD, THIRD, Pairing
from tests.handlers.observed_world import Observation, ObservedWorld, TableRequest
from tests.harness import MONDAY, World, at
from tests.staff_acts import suspend

SNOOZED_UNTIL = CHANGE + AHEAD


def block(observed: ObservedWorld) -> None:
    observed.world.say(observed.members[BLOCKER], RelationKind.BLOCK, observed.members[BLOCKED])


def snooze(observed: ObservedWorld) -> None:
    observed.world.say(observed.members[BLOCKER], RelationKind.SNOOZE, observed.members[BLOCKED], until=SNOOZED_UNTIL)


def unblock(observed: ObservedWorld) -> None:
    block(observed)
    observed.world.take_back(observed.members[BLOCKER], RelationKind.BLOCK, observed.members[BLOCKED])


def end_snooze(observed: ObservedWorld) -> None:
    snooze(observed)
    observed.world.take_back(observed.members[BLOCKER], RelationKind.SNOOZE, observed.members[BLOCKED])


def block_row(observed: ObservedWorld) -> None:
    """Store the row of a block alone, without the use case."""
    observed.store_relation(BLOCKER, BLOCKED, blocked=True)


def snooze_row(observed: ObservedWorld) -> None:
    """Store the row of a snooze alone, without the use case."""
    observed.store_relation(BLOCKER, BLOCKED, snoozed_until=SNOOZED_UNTIL)


def return_alone(observed: ObservedWorld) -> None:
    observed.delete_and_return(BLOCKED)


def block_and_return(observed: ObservedWorld) -> None:
    block(observed)
    return_alone(observed)


def snooze_and_return(observed: ObservedWorld) -> None:
    snooze(observed)
    return_alone(observed)


def unblock_and_return(observed: ObservedWorld) -> None:
    unblock(observed)
    return_alone(observed)


def end_snooze_and_return(observed: ObservedWorld) -> None:
    end_snooze(observed)
    return_alone(observed)


def return_and_unblock(observed: ObservedWorld) -> None:
    """Remove a block that has outlived the deletion of the blocked member."""
    block_and_return(observed)
    observed.world.take_back(observed.members[BLOCKER], RelationKind.BLOCK, observed.members[BLOCKED])


def blocker_leaves(observed: ObservedWorld) -> None:
    observed.world.leave(observed.members[BLOCKER])


def block_and_blocker_leaves(observed: ObservedWorld) -> None:
    block(observed)
    blocker_leaves(observed)


def blocker_returns(observed: ObservedWorld) -> None:
    observed.delete_and_return(BLOCKER)


def block_and_blocker_returns(observed: ObservedWorld) -> None:
    block(observed)
    blocker_returns(observed)


def snooze_and_blocker_returns(observed: ObservedWorld) -> None:
    snooze(observed)
    blocker_returns(observed)


def cancel(observed: ObservedWorld) -> None:
    """Let the blocker cancel the pair with the blocked member."""
    observed.world.cancel(observed.members[BLOCKER], observed.pair_of_blocker)


def cancel_and_book(observed: ObservedWorld) -> None:
    """Let the blocker cancel the pair with the blocked member, and book the same slot again."""
    cancel(observed)
    observed.world.book(observed.members[BLOCKER], PAIR_SLOT)


def be_suspended(observed: ObservedWorld) -> None:
    suspend(observed.world, observed.members[BLOCKER])


def cancel_everything(observed: ObservedWorld) -> None:
    """Let the blocker cancel all sessions ahead."""
    world, blocker = observed.world, observed.members[BLOCKER]
    for slot in (PAIR_SLOT, *map(at, SLOTS_AHEAD)):
        world.cancel(blocker, world.seen(blocker, slot) or {})


def staff_log(observed: ObservedWorld) -> dict[tuple[str, str], Any]:
    """Return the lines of the log of staff."""
    return {key: item for key, item in observed.rows().items() if key[0].startswith(STAFF_LOG)}


Change = Callable[[ObservedWorld], None] | None
# The roles of a request, which are the asker and the asked.
ROLES = [(BLOCKED, BLOCKER), (BLOCKED, THIRD), (THIRD, BLOCKER), (THIRD, BLOCKED)]
# The changes after which the blocked member sees no hours of the blocker, with the change to compare with.
HIDING: dict[Change, Change] = {
    block_row: None,
    snooze_row: None,
    block: None,
    snooze: None,
    block_and_return: return_alone,
    snooze_and_return: return_alone,
}
# The changes that hide nothing any more, with the change to compare with.
TRACELESS: dict[Change, Change] = {
    unblock: None,
    end_snooze: None,
    unblock_and_return: return_alone,
    end_snooze_and_return: return_alone,
    return_and_unblock: return_alone,
    block_and_blocker_leaves: blocker_leaves,
    block_and_blocker_returns: blocker_returns,
    snooze_and_blocker_returns: blocker_returns,
}
CHANGES = {**HIDING, **TRACELESS}
# `make test` has what the blocked member asks about the blocker. The rest is in `make verify`.
QUICK = (block, snooze, unblock)
CASES = [
    pytest.param(change, *role, marks=() if change in QUICK and role == (BLOCKED, BLOCKER) else pytest.mark.long)
    for change in CHANGES
    for role in ROLES
]
LINK_PAGE = ("GET /i/", "HEAD /i/")
VIEWS = ("/availability", "/v1/calendar", "/v1/availability/favorites")
ATTEMPTS = ("POST /v1/sessions", "POST /i/")


@cache
def observations(change: Change, asker: str, asked: str, **population: Any) -> list[Observation]:
    """Return the observations of a world after a change. Each is made once for all tests."""
    return ObservedWorld(**population).change(change).observe(asker, asked)


def is_hidden(observation: Observation) -> bool:
    """Return true for the views that show hours, which R10 hides from the blocked member."""
    return observation.route.startswith(("GET ", "HEAD ")) and any(view in observation.route for view in VIEWS)


def is_attempt(observation: Observation) -> bool:
    """Return true for an attempt to lock."""
    return observation.route.startswith(ATTEMPTS)


def costs_of(observation: Observation) -> list[TableRequest]:
    """Return the requests of an observation, for an attempt to lock without the owners of days that a batch reads.

    Such a day is that of the target's random partner, and otherwise the target's own once more (ADR 45). No answer
    shows it, and both cost the same.
    """
    requests = observation.requests
    return list(map(_without_owner_of_day, requests)) if is_attempt(observation) else requests


def _without_owner_of_day(request: TableRequest) -> TableRequest:
    if request.operation != "BatchGetItem":
        return request
    (tables,) = json.loads(request.keys)["RequestItems"].values()
    read = [(key["SK"]["S"], "" if key["SK"]["S"].startswith("DAY#") else key["PK"]["S"]) for key in tables["Keys"]]
    return request._replace(keys=json.dumps(sorted(read)))


def reference(change: Change, asker: str, asked: str, *, answers: bool, seed: int | None = None) -> list[Observation]:
    """Return the observations that a change must leave, by the table of R10 and R11.

    Answers to the blocked member equal those of a blocker who books nothing, in the views of hours and for attempts to
    lock. Costs equal those of the same blocker without the relation, and of a blocker whose sessions were just taken
    for attempts to lock.
    """
    before = CHANGES[change]
    same = observations(before, asker, asked, seed=seed)
    if asker != BLOCKED or change not in HIDING:
        return same
    nothing = observations(before, asker, asked, seed=seed, blocker_books=False)
    taken = observations(before, asker, asked, seed=seed, taken=True)
    other = nothing if answers else taken
    return [
        other[number] if (is_attempt(found) and asked == BLOCKER) or (answers and is_hidden(found)) else found
        for number, found in enumerate(same)
    ]


@pytest.mark.parametrize(("change", "asker", "asked"), CASES)
def test_r11_a_block_or_snooze_changes_no_answer_but_what_r10_hides(change: Change, asker: str, asked: str) -> None:
    found = observations(change, asker, asked, seed=None)
    for one, other in zip(found, reference(change, asker, asked, answers=True), strict=True):
        assert (one.route, one.answer) == (other.route, other.answer)


@pytest.mark.parametrize(("change", "asker", "asked"), CASES)
def test_r11_a_block_or_snooze_changes_no_request_no_key_no_row_and_no_unit(
    change: Change, asker: str, asked: str
) -> None:
    found = observations(change, asker, asked, seed=None)
    for one, other in zip(found, reference(change, asker, asked, answers=False), strict=True):
        assert (one.route, one.requests) == (other.route, other.requests)


@pytest.mark.parametrize("change", [block, snooze, unblock, end_snooze])
def test_r11_a_block_or_snooze_changes_no_row_of_another_member(change: Callable[[ObservedWorld], None]) -> None:
    observed = ObservedWorld()
    before = observed.rows()
    assert observed.change(change).rows() == before


# Each seed makes many worlds and sends 60 requests to each.
@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("asker", "asked"), ROLES)
def test_r11_a_block_or_snooze_leaves_no_trace_in_random_populations(asker: str, asked: str, seed: int) -> None:
    for change in CHANGES:
        found = observations(change, asker, asked, seed=seed)
        answers, costs = (reference(change, asker, asked, answers=answers, seed=seed) for answers in (True, False))
        for one, answered, cost in zip(found, answers, costs, strict=True):
            if "/v1/calendar" in one.route and asker == BLOCKED and change in HIDING:
                # Without the blocker's sessions other members have other random partners. So their demand is that of
                # the same sessions, in every slot but the blocker's.
                assert without_demand(one) == without_demand(answered), (one.route, change, asker, asked)
                assert demand_elsewhere(one) == demand_elsewhere(cost), (one.route, change, asker, asked)
            else:
                assert one.answer == answered.answer, (one.route, change, asker, asked)
            assert costs_of(one) == costs_of(cost), (one.route, change, asker, asked)
    observations.cache_clear()


def without_demand(observation: Observation) -> list[Any]:
    """Return the slots of a calendar with a session or a favorite, without their demand."""
    slots = json.loads(observation.answer[1] or "{}").get("slots", [])
    return [slot | {"waiting": ...} for slot in slots if slot["session"] or slot["favorites"]]


def demand_elsewhere(observation: Observation) -> dict[str, str]:
    """Return the demand that a calendar shows outside of the blocker's slots."""
    slots = json.loads(observation.answer[1] or "{}").get("slots", [])
    blockers = {at(hours).start.isoformat() for hours in SLOTS_AHEAD}
    shown = {slot["startTime"]: slot["waiting"] for slot in slots if slot["startTime"] not in blockers}
    return {start: waiting for start, waiting in shown.items() if waiting != "none"}


FIRST_PAIRING, *OTHER_PAIRINGS = Pairing


# Each compares every route in two worlds.
@pytest.mark.long  # Makes two worlds and calls every route.
@pytest.mark.parametrize("asked", [BLOCKER, pytest.param(THIRD, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "pairing", [FIRST_PAIRING, *(pytest.param(other, marks=pytest.mark.long) for other in OTHER_PAIRINGS)]
)
def test_r1_to_the_blocked_member_a_block_of_a_pair_is_the_blockers_cancel(pairing: Pairing, asked: str) -> None:
    """Only the public page offers the blocker's booking, which waits, as after a cancel and a new booking.

    The calendar judges the blocker's booking as after a cancel and a new booking, and shows no demand by it.
    """
    found = observations(block, BLOCKED, asked, paired=pairing)
    same = observations(cancel, BLOCKED, asked, paired=pairing)
    again = observations(cancel_and_book, BLOCKED, asked, paired=pairing)
    nothing = observations(cancel, BLOCKED, asked, paired=pairing, blocker_books=False)
    taken = observations(cancel, BLOCKED, asked, paired=pairing, taken=True)
    for one, kept, rebooked, hidden, refused in zip(found, same, again, nothing, taken, strict=True):
        attempt = is_attempt(one) and asked == BLOCKER
        expected = rebooked if one.route.startswith(LINK_PAGE) else hidden if attempt or is_hidden(one) else kept
        assert (one.route, one.answer) == (expected.route, expected.answer)
        costs_as = refused if attempt else rebooked if "/v1/calendar" in one.route else kept
        assert (one.route, one.requests) == (one.route, costs_as.requests)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("pairing", Pairing)
def test_r1_a_block_of_a_pair_stores_the_other_members_rows_like_the_blockers_cancel(pairing: Pairing) -> None:
    after_block, after_cancel = (ObservedWorld(paired=pairing).change(change) for change in (block, cancel))
    assert after_block.rows() == after_cancel.rows()


@pytest.mark.long  # Makes two worlds and calls every route.
@pytest.mark.parametrize("pairing", Pairing)
def test_r47_to_the_partner_a_suspension_is_a_cancel_of_everything_ahead(pairing: Pairing) -> None:
    """Only the suspended member's own link has another answer, for every visitor."""
    by_staff = ObservedWorld(paired=pairing).change(be_suspended)
    by_hand = ObservedWorld(paired=pairing).change(cancel_everything)
    assert by_staff.rows() == by_hand.rows() | staff_log(by_staff)
    for asked in (BLOCKER, THIRD):
        found, same = by_staff.observe(BLOCKED, asked), by_hand.observe(BLOCKED, asked)
        for one, other in zip(found, same, strict=True):
            if " /i/" not in one.route or asked != BLOCKER:
                assert (one.route, one.answer, one.requests) == (other.route, other.answer, other.requests)


@pytest.mark.long  # Makes several worlds and calls every route.
@pytest.mark.parametrize("asked", [BLOCKER, pytest.param(THIRD, marks=pytest.mark.long)])
def test_r32_a_snooze_hides_all_hours_but_the_pair(asked: str) -> None:
    pairing = Pairing.BLOCKED_LOCKS
    found = observations(snooze, BLOCKED, asked, paired=pairing)
    same = observations(None, BLOCKED, asked, paired=pairing)
    nothing = observations(None, BLOCKED, asked, paired=pairing, blocker_books=False)
    taken = observations(None, BLOCKED, asked, paired=pairing, taken=True)
    for one, kept, hidden, refused in zip(found, same, nothing, taken, strict=True):
        attempt = is_attempt(one) and asked == BLOCKER
        assert (one.route, one.answer) == (one.route, (hidden if attempt or is_hidden(one) else kept).answer)
        assert (one.route, one.requests) == (one.route, (refused if attempt else kept).requests)


def rematched(world: World, pairing: Pairing, *, blocks: bool) -> list[Any]:
    """Part a pair, and return the other member's sessions after the stream, and after a new booking in the slot.

    Another member waits too, who has booked later. The left member has snoozed that one.
    """
    world.clear()
    world.now = MONDAY - timedelta(days=1)
    kim, vera, zoe, noa = world.members("Kim", "Vera", "Zoe", "Noa")
    world.favorite(kim, vera)
    world.favorite(vera, kim)
    world.say(kim, RelationKind.SNOOZE, zoe, until=SNOOZED_UNTIL)
    first, second = (kim, vera) if pairing is Pairing.BLOCKER_LOCKS else (vera, kim)
    world.book(first, PAIR_SLOT)
    world.after(minutes=1)
    if pairing is Pairing.AT_RANDOM:
        world.book(second, PAIR_SLOT)
    else:
        world.lock(second, first, PAIR_SLOT)
    # From now on the blocker is matched with none of the others.
    world.set(vera, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    world.after(minutes=1).book(zoe, PAIR_SLOT)
    world.now = CHANGE
    if blocks:
        world.say(vera, RelationKind.BLOCK, kim)
    else:
        world.cancel(vera, world.seen(vera, PAIR_SLOT) or {})
    world.deliver()
    seen = [world.seen(kim, PAIR_SLOT)]
    world.after(minutes=1).book(noa, PAIR_SLOT)
    world.deliver()
    seen.append(world.seen(kim, PAIR_SLOT))
    assert [session and session["state"] for session in seen] == ["waiting", "matched"]
    ids = {profile.member_id: profile.name for profile in (kim, noa)}
    return [json.loads(_without_tokens(json.dumps(session), ids)) for session in seen]


def _without_tokens(text: str, names: dict[str, str]) -> str:
    """Replace the ids of members by their names, and remove all other random parts."""
    for member_id, name in names.items():
        text = text.replace(member_id, name)
    return re.sub(r"\d{8}-[0-9a-z]{16}-[0-9a-z]{6}|(?<=app\.example/rooms/)[\w-]+", "...", text)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("pairing", Pairing)
def test_r1_after_a_block_the_other_member_is_matched_again_as_after_a_cancel(world: World, pairing: Pairing) -> None:
    assert rematched(world, pairing, blocks=True) == rematched(world, pairing, blocks=False)


def no_one(observed: ObservedWorld) -> None:
    observed.world.set(observed.members[BLOCKER], availability=Availability.NO_ONE)


def not_favorited_back(observed: ObservedWorld) -> None:
    observed.world.set(observed.members[BLOCKER], availability=Availability.FAVORITES)


def same_gender(observed: ObservedWorld) -> None:
    observed.world.set(observed.members[BLOCKER], gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)


def final(observed: ObservedWorld) -> None:
    """Match another member with the blocker in every slot before the cut-off of locks."""
    for hours in SLOTS_AHEAD[:3]:
        observed.world.book(observed.members[CROWD[1]], at(hours))


@cache
def refusals(reason: Callable[[ObservedWorld], None]) -> list[Observation]:
    """Return the observations of a blocked member whose lock is refused, with a cut-off of locks of a week."""

    def change(observed: ObservedWorld) -> None:
        observed.world.cut_off_locks(timedelta(days=7) / timedelta(minutes=1))
        reason(observed)

    return ObservedWorld().change(change).observe(BLOCKED, BLOCKER)


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("reason", [not_favorited_back, same_gender, final, block, snooze])
def test_r11_every_reason_gives_the_same_answers_and_requests_on_every_route(
    reason: Callable[[ObservedWorld], None],
) -> None:
    for one, other in zip(refusals(reason), refusals(no_one), strict=True):
        if reason in (block, snooze, same_gender) and "/v1/calendar" in one.route:
            # The panel lists a favorite who cannot be locked, but no hidden hours (R10). The demand counts only members
            # of a gender that both accept (R46).
            assert (one.route, one.requests) == (one.route, other.requests)
        elif reason is final and "/v1/calendar" in one.route:
            # A matched member does not wait. Random matching is exempt.
            assert one.answer[0] == other.answer[0]
        elif " /i/" not in one.route:
            # A link stands above the settings (R26).
            assert (one.route, one.answer, costs_of(one)) == (other.route, other.answer, costs_of(other))
            assert reason is final or one == other


@pytest.mark.sampled(every=len(ROLES))
@pytest.mark.parametrize(("asker", "asked"), ROLES)
def test_every_route_is_called_by_and_about_the_blocked_member(asker: str, asked: str) -> None:
    """A new route without a body or a name in `all_routes.calls` fails here."""
    called = [one.route.partition("?")[0].split(" ")[:2] for one in observations(None, asker, asked)]
    for method, path in ROUTES:
        pattern = re.sub(r"{\w+}", "[^/]+", path)
        assert any(one == method and re.fullmatch(pattern, where) for one, where in called), (method, path)


def test_the_observed_worlds_differ_where_r10_hides_hours() -> None:
    """Show hours and let a lock succeed without the relation, so that the comparison means something."""
    same = observations(None, BLOCKED, BLOCKER)
    nothing = observations(None, BLOCKED, BLOCKER, blocker_books=False)
    differing = {one.route for one, other in zip(same, nothing, strict=True) if one.answer != other.answer}
    assert all(any(part in route for route in differing) for part in (*VIEWS, *ATTEMPTS))
    calendars = [one.answer[1] for one in same if "/v1/calendar" in one.route]
    assert any('"waiting":"some"' in answer for answer in calendars)
    assert {one.answer[0] for one in same} >= {200, 201, 204, 409}
