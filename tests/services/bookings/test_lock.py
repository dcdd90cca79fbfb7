"""Locks (R1, R5 to R8, R11 to R16, R22)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.errors import InvalidRequest, NotAvailable, TimeConflict, TooLate
from chalicelib.domain.model.member import Availability, Gender, PartnerGender, Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from tests.harness import MONDAY, World, at

NINE = at(1)


def test_r12_a_lock_overrides_a_random_match_and_the_displaced_member_is_matched_again(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.book(ada, NINE)
    before = world.book(ben, NINE)
    world.favorite(cy, ada)
    locked = world.lock(cy, ada, NINE)
    assert (locked["state"], locked["locked"], locked["lastChange"]["kind"]) == ("locked_in", True, "locked_in")
    assert world.state(ada, NINE) == ("locked_in", "Cy")
    displaced = world.seen(ben, NINE)
    assert displaced["sessionId"] == before["sessionId"]
    assert (displaced["state"], displaced["lastChange"]["kind"]) == ("waiting", "displaced")
    world.book(dee, NINE)
    assert world.state(ben, NINE) == ("matched", "Dee")
    world.cancel(cy, locked)
    assert world.state(ada, NINE) == ("waiting", None)


def test_r12_two_displaced_members_are_paired_with_each_other_in_the_same_write(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    for member in (ada, ben, cy, dee):
        world.book(member, NINE)
    assert world.state(cy, NINE) == ("matched", "Dee")
    world.favorite(cy, ada)
    world.lock(cy, ada, NINE)
    assert world.state(ben, NINE) == ("matched", "Dee")
    assert world.state(dee, NINE) == ("matched", "Ben")
    assert world.seen(ben, NINE)["lastChange"]["kind"] == "displaced"


def test_r12_two_displaced_members_who_may_not_be_paired_are_first_in_the_queue(world: World) -> None:
    ada, ben, cy, dee, eve = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    world.say(ben, RelationKind.BLOCK, dee)
    world.say(eve, RelationKind.BLOCK, dee)
    for member in (ada, ben, cy, dee):
        world.book(member, NINE)
    world.favorite(cy, ada)
    world.lock(cy, ada, NINE)
    assert world.state(ben, NINE) == world.state(dee, NINE) == ("waiting", None)
    assert world.book(eve, NINE)["users"][1]["name"] == "Ben"


def test_r12_a_lock_with_the_matched_partner_keeps_the_room(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    matched = world.book(ben, NINE)
    world.favorite(ada, ben)
    locked = world.lock(ada, ben, NINE)
    assert world.state(ben, NINE) == ("locked_in", "Ada")
    assert locked["roomUrl"] == matched["roomUrl"]


@pytest.mark.parametrize("has_booking", [False, True])
def test_r16_a_booking_in_the_slot_is_reused_and_keeps_its_id(world: World, has_booking: bool) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.say(ben, RelationKind.SNOOZE, ada, until=MONDAY + timedelta(seconds=1))
    mine = world.book(ada, NINE, title="Mine") if has_booking else None
    world.book(ben, NINE)
    locked = world.after(seconds=1).lock(ada, ben, NINE)
    assert world.state(ben, NINE) == ("locked_in", "Ada")
    assert mine is None or (locked["sessionId"], locked["title"]) == (mine["sessionId"], "Mine")


def test_r16_overlapping_bookings_of_other_slots_are_a_time_conflict_unless_replaced(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    mine = world.book(ada, at(1.5))
    world.book(cy, at(1.5))
    with pytest.raises(TimeConflict):
        world.lock(ada, ben, NINE)
    assert world.state(ada, at(1.5)) == ("matched", "Cy")
    world.lock(ada, ben, NINE, replace=True)
    assert world.session(ada, mine)["state"] == "cancelled"
    assert world.state(cy, at(1.5)) == ("waiting", None)
    assert world.state(ben, NINE) == ("locked_in", "Ada")


@pytest.mark.parametrize("replace", [False, True])
def test_r16_a_booker_locked_in_with_another_member_has_a_time_conflict(world: World, replace: bool) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben, cy)
    world.book(ben, NINE)
    world.lock(ada, ben, NINE)
    world.book(cy, NINE)
    with pytest.raises(TimeConflict):
        world.lock(ada, cy, NINE, replace=replace)
    assert world.state(ada, NINE) == ("locked_in", "Ben")


def test_a_repeated_lock_with_the_same_partner_changes_nothing(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    first = world.reply(ada, BookingRequest(NINE, lock_with=ben.member_id))
    again = world.reply(ada, BookingRequest(NINE, lock_with=ben.member_id))
    assert (first.status, again.status, again.body) == (201, 200, first.body)


def test_r14_two_members_can_lock_each_other_and_a_title_counts(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    world.lock(ada, ben, NINE)
    mutual = world.reply(ben, BookingRequest(NINE, lock_with=ada.member_id, title="Together"))
    assert mutual.status == 200
    assert world.seen(ben, NINE)["title"] == "Together"
    assert world.state(ada, NINE) == ("locked_in", "Ben")


def _no_one(world: World, _booker: Profile, target: Profile) -> None:
    world.set(target, availability=Availability.NO_ONE)


def _favorites(world: World, _booker: Profile, target: Profile) -> None:
    world.set(target, availability=Availability.FAVORITES)


def _blocked(world: World, booker: Profile, target: Profile) -> None:
    world.say(target, RelationKind.BLOCK, booker)


def _blocks(world: World, booker: Profile, target: Profile) -> None:
    world.say(booker, RelationKind.BLOCK, target)


def _snoozed(world: World, booker: Profile, target: Profile) -> None:
    world.say(target, RelationKind.SNOOZE, booker, until=MONDAY + timedelta(days=9))


def _snoozes(world: World, booker: Profile, target: Profile) -> None:
    world.say(booker, RelationKind.SNOOZE, target, until=MONDAY + timedelta(days=9))


def _gender(world: World, booker: Profile, target: Profile) -> None:
    world.set(booker, gender=Gender.MAN)
    world.set(target, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)


def _not_favorited(world: World, booker: Profile, target: Profile) -> None:
    world.take_back(booker, RelationKind.FAVORITE, target)


def _no_booking(world: World, _booker: Profile, target: Profile) -> None:
    world.cancel(target, world.seen(target, NINE))


def _locked(world: World, _booker: Profile, target: Profile) -> None:
    other = world.member("Other")
    world.favorite(other, target)
    world.lock(other, target, NINE)


def _final(world: World, _booker: Profile, target: Profile) -> None:
    world.book(world.member("Other"), NINE)
    world.now = NINE.start - world.cut_off_locks()


REASONS = [
    _no_one,
    _favorites,
    _blocked,
    _blocks,
    _snoozed,
    _snoozes,
    _gender,
    _not_favorited,
    _no_booking,
    _locked,
    _final,
]


def lockable(world: World) -> tuple[Profile, Profile]:
    """Make a booker, and a target who waits at nine and can be locked."""
    booker, target = world.members("Booker", "Target")
    world.favorite(booker, target)
    world.book(target, NINE)
    return booker, target


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.__name__)
def test_r11_every_reason_gives_the_same_response_and_changes_nothing(
    world: World, reason: Callable[[World, Profile, Profile], None]
) -> None:
    booker, target = lockable(world)
    reason(world, booker, target)
    before = world.state(target, NINE)
    world.records()
    with pytest.raises(NotAvailable) as refusal:
        world.lock(booker, target, NINE)
    assert (refusal.value.detail, refusal.value.field) == (NotAvailable.default_detail, None)
    assert world.state(booker, NINE) == ("none", None)
    assert world.state(target, NINE) == before
    assert world.records() == []


def test_r11_without_a_reason_the_same_target_can_be_locked(world: World) -> None:
    booker, target = lockable(world)
    assert world.lock(booker, target, NINE)["state"] == "locked_in"


@pytest.mark.parametrize("text", ["", "no such member", "#", "x" * 5000, "0" * 24, "\ud800"])
def test_r11_an_unknown_member_is_not_available(world: World, text: str) -> None:
    with pytest.raises(NotAvailable):
        world.lock(world.member("Ada"), text, NINE)


def test_r11_oneself_is_not_available(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    with pytest.raises(NotAvailable):
        world.lock(ada, ada, NINE)
    with pytest.raises(NotAvailable):
        world.lock(ada, ada, at(3))


def test_r11_the_callers_own_reasons_come_before_those_of_any_target(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    for slot, refusal in [
        (at(1.5), TimeConflict),
        (at(0), TooLate),
        (Slot(MONDAY + timedelta(minutes=1), 25), InvalidRequest),
    ]:
        with pytest.raises(refusal):
            world.lock(ada, "no such member", slot)


def test_r5_favorites_means_that_the_target_favorited_the_booker_and_outranks_gender(world: World) -> None:
    booker, target = lockable(world)
    _gender(world, booker, target)
    _favorites(world, booker, target)
    with pytest.raises(NotAvailable):
        world.lock(booker, target, NINE)
    world.favorite(target, booker)
    assert world.lock(booker, target, NINE)["state"] == "locked_in"


def test_r6_with_everyone_the_gender_preference_counts_even_for_a_favorite(world: World) -> None:
    booker, target = lockable(world)
    _gender(world, booker, target)
    world.favorite(target, booker)
    with pytest.raises(NotAvailable):
        world.lock(booker, target, NINE)


def test_r6_the_bookers_own_gender_preference_does_not_bind_a_lock(world: World) -> None:
    booker, target = lockable(world)
    world.set(booker, gender=Gender.MAN, partner_gender=PartnerGender.SAME)
    assert world.lock(booker, target, NINE)["state"] == "locked_in"


def test_r8_a_lock_takes_the_targets_length(world: World) -> None:
    booker, target = lockable(world)
    for minutes in (25, 75):
        with pytest.raises(NotAvailable):
            world.lock(booker, target, at(1, minutes=minutes))
    assert world.state(target, NINE) == ("waiting", None)


def test_r8_bookings_are_available_for_14_days_to_the_moment(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    near, far = Slot(MONDAY + timedelta(days=14), 25), Slot(MONDAY + timedelta(days=14, minutes=30), 25)
    for slot in (near, far):
        world.book(ben, slot)
    assert world.lock(ada, ben, near)["state"] == "locked_in"
    with pytest.raises(NotAvailable):
        world.lock(ada, ben, far)
    assert world.after(minutes=30).lock(ada, ben, far)["state"] == "locked_in"


def test_r15_a_locked_in_booking_cannot_be_locked_again(world: World) -> None:
    booker, target = lockable(world)
    world.lock(booker, target, NINE)
    other = world.member("Other")
    world.favorite(other, target, booker)
    for member in (target, booker):
        with pytest.raises(NotAvailable):
            world.lock(other, member, NINE)
    assert world.state(target, NINE) == ("locked_in", "Booker")


def test_r22_a_random_match_can_be_overridden_until_an_operators_cut_off(world: World) -> None:
    booker, target = lockable(world)
    world.book(world.member("Other"), NINE)
    world.now = NINE.start - world.cut_off_locks() - timedelta(microseconds=1)
    assert world.seen(target, NINE)["final"] is False
    assert world.lock(booker, target, NINE)["state"] == "locked_in"


def test_r22_a_final_match_is_shown_as_final_and_cannot_be_overridden(world: World) -> None:
    booker, target = lockable(world)
    world.book(booker, NINE)
    waiting = world.member("Waiting")
    world.favorite(booker, waiting)
    world.book(waiting, NINE)
    world.now = NINE.start - world.cut_off_locks()
    assert world.seen(target, NINE)["final"] is True
    # The booker cannot leave a final match for a member who still waits.
    with pytest.raises(NotAvailable):
        world.lock(booker, waiting, NINE)
    assert world.state(target, NINE) == ("matched", "Booker")


def test_r22_a_waiting_booking_can_be_locked_until_the_start(world: World) -> None:
    booker, target = lockable(world)
    world.now = NINE.start - timedelta(microseconds=1)
    assert world.lock(booker, target, NINE)["state"] == "locked_in"


def test_r22_by_default_a_lock_overrides_up_to_the_start(world: World) -> None:
    booker, target = lockable(world)
    world.book(world.member("Other"), NINE)
    world.now = NINE.start - timedelta(microseconds=1)
    assert world.seen(target, NINE)["final"] is False
    assert world.lock(booker, target, NINE)["state"] == "locked_in"


@pytest.mark.long  # A sweep reads 372 partitions.
def test_r1_no_setting_favorite_snooze_sweep_or_other_lock_touches_a_locked_in_pair(world: World) -> None:
    booker, target = lockable(world)
    world.lock(booker, target, NINE)
    before = (world.day(booker, NINE), world.day(target, NINE))
    world.set(target, availability=Availability.NO_ONE, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    world.take_back(booker, RelationKind.FAVORITE, target)
    world.say(target, RelationKind.SNOOZE, booker, until=MONDAY + timedelta(days=9))
    world.book(world.member("Other"), NINE)
    world.deliver()
    world.tick()
    world.after(minutes=55).tick()
    assert (world.day(booker, NINE), world.day(target, NINE)) == before


def test_r32_a_setting_never_breaks_a_random_pair_and_holds_for_the_next(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.say(ada, RelationKind.SNOOZE, ben, until=MONDAY + timedelta(days=9))
    world.set(ada, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    world.deliver()
    world.tick()
    assert world.state(ada, NINE) == ("matched", "Ben")
    world.cancel(ben, world.seen(ben, NINE))
    world.book(cy, NINE)
    world.tick()
    assert world.state(ada, NINE) == ("waiting", None)


def test_r7_a_booker_locks_only_the_bookers_own_favorites(world: World) -> None:
    booker, target = lockable(world)
    world.take_back(booker, RelationKind.FAVORITE, target)
    world.favorite(target, booker)
    for setting in (Availability.EVERYONE, Availability.FAVORITES):
        world.set(target, availability=setting)
        with pytest.raises(NotAvailable):
            world.lock(booker, target, NINE)
    world.favorite(booker, target)
    assert world.lock(booker, target, NINE)["state"] == "locked_in"


@pytest.mark.long  # A pair of members for each reason.
@pytest.mark.parametrize("matched", [False, True])
def test_r11_every_reason_costs_the_same_reads(world: World, matched: bool) -> None:
    """Read both days, then profiles, relations and a day beside, then the target's day again, for every target.

    With a match of the booker its partner's day and four items of relations are read, too.
    """

    def asked(target: Profile | str, booker: Profile) -> list[tuple[str, int]]:
        with (
            RequestUnitLedger(world.table.connection.client) as ledger,
            ledger.entry("lock") as entry,
            pytest.raises(NotAvailable),
        ):
            world.lock(booker, target, NINE)
        shapes = [request.shape for request in entry.requests]
        # The booker's and the target's day are read in parallel, and so are relations of two pairs.
        return [*sorted(shapes[:2]), *sorted(shapes[2:-1]), shapes[-1]]

    second = [("BatchGetItem", 4), ("BatchGetItem", 6)] if matched else [("BatchGetItem", 5)]
    requests = [("BatchGetItem", 1), ("Query", 1), *second, ("BatchGetItem", 1)]
    for reason in REASONS:
        world.now = MONDAY
        booker, target = lockable(world)
        if matched:
            world.cancel(target, world.seen(target, NINE))
            for member in (booker, world.member("Cy"), target):
                world.book(member, NINE)
            assert world.state(booker, NINE) == ("matched", "Cy")
        reason(world, booker, target)
        for named in (target, "no such member", booker):
            assert asked(named, booker) == requests, reason.__name__
        world.clear()


def test_r18_two_displaced_members_are_not_paired_if_one_cancelled_on_the_other(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.book(ben, NINE)
    world.cancel(dee, world.book(dee, NINE))
    world.book(ada, NINE)
    world.book(dee, NINE)
    world.book(cy, NINE)
    assert [world.state(member, NINE)[1] for member in (ada, cy)] == ["Ben", "Dee"]
    world.favorite(cy, ada)
    world.lock(cy, ada, NINE)
    assert world.state(ben, NINE) == world.state(dee, NINE) == ("waiting", None)
