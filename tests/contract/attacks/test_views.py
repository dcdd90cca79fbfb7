"""Attacks by members who look for the hours of a member who blocked or snoozed them (R10, R11, R28)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.model.member import RelationKind
from chalicelib.services.bookings.availability import calendar, favorites_availability, member_availability
from chalicelib.services.slot_matching.match_slot import match_slot
from tests.contract.client import Client, Service
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots, SlotStart, text_of
from tests.contract.test_not_available import FOREVER, check_same, lock_with_another
from tests.harness import World, at


def seen_hours(member: Client, other: Client, slot: SlotStart) -> list[Any]:
    """Return the slots around `slot` in which any view shows the member the other."""
    around = {"start": text_of(slot.before(days=1)), "end": text_of(slot.after(days=1))}
    panel = [
        entry["startTime"]
        for entry in member.get("/v1/calendar", **around).json["slots"]
        if other.user_id in [favorite["userId"] for favorite in entry["favorites"]]
    ]
    together = [
        entry["startTime"]
        for entry in member.get("/v1/availability/favorites").json["slots"]
        if other.user_id in [partner["userId"] for partner in entry["partners"]]
    ]
    alone = member.get(f"/v1/users/{other.user_id}/availability").json["slots"]
    return [*panel, *together, *[entry["startTime"] for entry in alone]]


@pytest.mark.parametrize("days", [0, 40])
def test_r10_a_blocked_member_favorites_the_blocker_and_sees_none_of_the_blockers_hours(
    ada: Client, ben: Client, slots: Slots, days: int
) -> None:
    """Favorite the member who blocked you, and open the calendar of the next days or 40 days ahead."""
    slot = slots.far() if days else slots.near()
    ada.book(slot)
    ada.set_relation("block", ben)
    ben.set_relation("favorite", ada)
    assert seen_hours(ben, ada, slot) == []


def test_r10_the_panel_lists_no_favorite_beyond_two_weeks(ada: Client, ben: Client, slots: Slots) -> None:
    """Open the calendar 40 days ahead to learn all hours of a favorite."""
    near, far = slots.near(), slots.far()
    ada.book(near)
    ada.book(far)
    ben.set_relation("favorite", ada)
    own = ben.book(far, 25)
    assert seen_hours(ben, ada, near) != []
    shown = ben.get("/v1/calendar", start=far.text, end=far.text).json["slots"]
    # The demand of the other slot names no member.
    assert [entry["session"]["sessionId"] for entry in shown if entry["session"]] == [own["sessionId"]]
    assert [entry["favorites"] for entry in shown if entry["favorites"]] == []


def test_r10_a_snoozed_member_sees_none_of_the_snoozers_hours(ada: Client, ben: Client, slots: Slots) -> None:
    """Open the calendar to learn whether a favorite's missing lock icon is a setting or a snooze."""
    slot = slots.near()
    ada.book(slot)
    ada.set_relation("snooze", ben, FOREVER)
    ben.set_relation("favorite", ada)
    assert seen_hours(ben, ada, slot) == []


def test_r10_the_snoozer_still_sees_the_favorite_and_cannot_lock(ada: Client, ben: Client, slots: Slots) -> None:
    """The snoozer's own panel lists the snoozed favorite without a lock icon."""
    slot = slots.near()
    ben.book(slot)
    ada.set_relation("favorite", ben)
    ada.set_relation("snooze", ben, FOREVER)
    (entry,) = ada.get("/v1/calendar", start=slot.text, end=slot.text).json["slots"]
    assert [(one["userId"], one["lockable"]) for one in entry["favorites"]] == [(ben.user_id, False)]


def test_r10_a_blocked_favorite_is_not_listed_for_the_blocker(ada: Client, ben: Client, slots: Slots) -> None:
    """A block either way hides the hours of both."""
    slot = slots.near()
    ben.book(slot)
    ada.set_relation("favorite", ben)
    ada.set_relation("block", ben)
    assert seen_hours(ada, ben, slot) == []


@pytest.mark.long  # Sends 60 refused attempts.
@pytest.mark.parametrize(
    "relation",
    [
        "the owner's block",
        *(pytest.param(name, marks=pytest.mark.long) for name in ("the guest's block", "the owner's snooze")),
    ],
)
def test_r28_a_blocked_guest_of_an_open_link_gets_the_answer_of_a_slot_that_was_just_taken(
    api: Service, ada: Client, ben: Client, cy: Client, slots: Slots, relation: str
) -> None:
    """Post to the open link of a member, and learn of a block or snooze by the code of the refusal."""
    slot, other_slot = slots.near(), slots.near()
    for one in (slot, other_slot):
        ada.book(one)
    url = ada.post("/v1/invite-links", {}).json["inviteLink"]["url"]
    path = url[url.index("/i/") :]
    before = [visitor.request("GET", path).data for visitor in (api, ben)]
    body = {"startTime": slot.text, "duration": 3_000_000}
    if relation == "the guest's block":
        ben.set_relation("block", ada)
    else:
        ada.set_relation(*(("block", ben) if "block" in relation else ("snooze", ben, FOREVER)))
    refused = ben.post(path, body)
    check_problem(refused, 409, "not_available", ...)
    assert [visitor.request("GET", path).data for visitor in (api, ben)] == before
    lock_with_another(ben, ada, other_slot)
    taken = cy.post(path, {**body, "startTime": other_slot.text})
    check_same(refused, taken)
    # The guest's failed attempts are not counted, so the answer stays the same.
    for _ in range(60):
        check_same(ben.post(path, body), taken)


def cost(world: World, work: Callable[[], object]) -> tuple[list[tuple[str, int]], list[int], float]:
    """Return the requests of some work, each with its number of items, the rows of its queries, and its read units."""
    rows: list[int] = []
    events = world.table.connection.client.meta.events

    def count_rows(parsed: dict[str, Any], **_: Any) -> None:
        rows.append(parsed["ScannedCount"])

    events.register("after-call.dynamodb.Query", count_rows)
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("work") as entry:
        work()
    events.unregister("after-call.dynamodb.Query", count_rows)
    return sorted(request.shape for request in entry.requests), sorted(rows), entry.read_units


@pytest.mark.long
def test_r36_followers_do_not_make_the_views_and_the_matching_of_a_member_dearer(world: World) -> None:
    """Sign in with many accounts and favorite one member, so that each of that member's requests is slow."""
    ada, ben, cy, *followers = world.members("Ada", "Ben", "Cy", *(f"Follower {number}" for number in range(60)))
    world.favorite(ada, ben)
    world.say(ada, RelationKind.BLOCK, cy)
    world.book(ben, at(1))
    for member in (ada, cy):
        world.book(member, at(5))
    until = at(5).start

    def read_all() -> list[tuple[list[tuple[str, int]], list[int], float]]:
        return [
            cost(world, partial(favorites_availability, world.context, ada)),
            cost(world, partial(calendar, world.context, ada, world.now, until, None)),
            cost(world, partial(member_availability, world.context, ada.member_id, ben.member_id)),
            cost(world, partial(match_slot, world.context, at(5), until, move=True)),
        ]

    before = read_all()
    world.relate([(follower, ada) for follower in followers], favorite=True)
    assert read_all() == before
