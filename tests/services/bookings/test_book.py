"""Booking for a random partner (R3, R4, R10, R16, R18, R20, R30, R34)."""

import json
from datetime import timedelta
from itertools import combinations
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.errors import IdempotencyKeyReused, InvalidRequest, TimeConflict, TooLate
from chalicelib.domain.model.member import Activity, Gender, PartnerGender, RelationKind, WorkStyle
from chalicelib.domain.model.slot import HORIZON, Slot
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.bookings.sessions import SessionEdit, edit_session
from tests.harness import MONDAY, ROOMS, World, at
from tests.table_snapshot import read_whole_table

NINE = at(1)


def test_r20_the_first_waits_and_the_second_is_matched_at_once(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    first = world.book(ada, NINE)
    assert (first["state"], first["lastChange"], first["roomUrl"], len(first["users"])) == ("waiting", None, None, 1)
    second = world.book(ben, NINE)
    assert world.state(ada, NINE) == ("matched", "Ben")
    assert world.state(ben, NINE) == ("matched", "Ada")
    assert second["lastChange"] == {"kind": "matched", "at": "2026-03-02T08:00:00+00:00"}


def test_r34_a_pair_has_one_unguessable_room_and_a_new_pair_another(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.book(cy, NINE)
    world.book(dee, NINE)
    rooms = [world.seen(member, NINE)["roomUrl"] for member in (ada, ben, cy, dee)]
    assert rooms[0] == rooms[1] != rooms[2] == rooms[3]
    assert all(len(room.removeprefix(ROOMS + "/")) == 26 for room in rooms)


def test_r34_a_partner_sees_name_picture_and_work_style_but_no_title(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    ben = world.set(ben, photo_url="https://pictures.example/ben")
    world.book(ada, NINE, title="Secret thesis", activity=Activity.MOVING, quiet=True)
    seen = world.book(ben, NINE)
    assert seen["users"][1] == {
        "userId": ada.member_id,
        "name": "Ada",
        "photoUrl": None,
        "role": None,
        "isFavorite": False,
        "requestedAt": "2026-03-02T08:00:00+00:00",
        "joinedAt": None,
        "completed": False,
        "activityType": "moving",
        "quietMode": True,
    }
    assert "Secret" not in str(seen)
    assert world.seen(ada, NINE)["users"][1]["photoUrl"] == "https://pictures.example/ben"


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("other", [at(1, minutes=25), at(1.25)])
def test_r4_only_the_same_start_and_length_can_pair(world: World, other: Slot) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, other)
    world.deliver()
    world.tick()
    assert world.state(ada, NINE) == ("waiting", None)
    assert world.state(ben, other) == ("waiting", None)


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (at(1), at(1, minutes=25)),
        (at(1), at(1.75, minutes=25)),
        (at(1), at(0.75, minutes=25)),
        (at(15, minutes=75), at(16, minutes=25)),
        (at(15.5, minutes=75), at(16.75, minutes=25)),
        (at(16.25, minutes=25), at(15.5)),
    ],
)
def test_r3_overlapping_bookings_are_a_time_conflict_also_across_midnight(
    world: World, held: Slot, wanted: Slot
) -> None:
    ada = world.member("Ada")
    world.book(ada, held)
    if held.overlaps(wanted):
        with pytest.raises(TimeConflict):
            world.book(ada, wanted)
        assert world.seen(ada, wanted) is None
    else:
        assert world.book(ada, wanted)["state"] == "waiting"


@pytest.mark.parametrize(
    ("first", "second"), [(at(15.5), at(16.5)), (at(15), at(16)), (at(15.75, minutes=25), at(16.25))]
)
def test_r3_footprints_that_only_touch_do_not_conflict_across_midnight(world: World, first: Slot, second: Slot) -> None:
    ada = world.member("Ada")
    for slot in (second, first):
        assert world.book(ada, slot)["state"] == "waiting"


def test_r3_a_cancelled_booking_frees_its_footprint_on_both_dates(world: World) -> None:
    ada = world.member("Ada")
    late = at(15.75, minutes=75)
    session = world.book(ada, late)
    world.cancel(ada, session)
    assert world.book(ada, at(16, minutes=25))["state"] == "waiting"
    assert world.book(ada, at(15.5, minutes=25))["state"] == "waiting"


def test_r30_a_slot_that_has_started_is_too_far_or_off_the_grid_is_refused_and_writes_nothing(world: World) -> None:
    ada = world.member("Ada")
    world.records()
    for slot, refusal in [
        (at(0), TooLate),
        (Slot(MONDAY + HORIZON + timedelta(minutes=15), 25), InvalidRequest),
        (Slot(MONDAY + timedelta(minutes=20), 25), InvalidRequest),
    ]:
        with pytest.raises(refusal) as refused:
            world.book(ada, slot)
        assert refused.value.field == "startTime"
    assert world.records() == []


def test_r30_a_booking_does_not_move_when_its_owner_changes_time_zone(world: World) -> None:
    ada = world.member("Ada")
    before = world.book(ada, NINE)
    world.set(ada, time_zone="Pacific/Auckland")
    assert world.session(ada, before) == before


def test_a_repeated_request_makes_no_second_booking(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    first = world.reply(ada, BookingRequest(NINE, title="Thesis"))
    again = world.reply(ada, BookingRequest(NINE, title="Thesis"))
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    world.book(ben, NINE)
    assert world.reply(ada, BookingRequest(NINE)).status == 200
    with pytest.raises(TimeConflict):
        world.reply(ada, BookingRequest(NINE, title="Something else"))


def test_r16_replace_cancels_overlapping_bookings_in_the_same_write(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    first, second = world.book(ada, at(1, minutes=25)), world.book(ada, at(1.5, minutes=25))
    world.book(ben, at(1.5, minutes=25))
    with pytest.raises(TimeConflict):
        world.book(ada, NINE)
    assert world.book(ada, NINE, replace=True)["state"] == "waiting"
    assert [world.session(ada, session)["state"] for session in (first, second)] == ["cancelled", "cancelled"]
    assert world.state(ben, at(1.5, minutes=25)) == ("waiting", None)
    assert world.seen(ben, at(1.5, minutes=25))["lastChange"]["kind"] == "partner_cancelled"


def test_r16_replace_reaches_across_midnight_both_ways(world: World) -> None:
    ada = world.member("Ada")
    before = world.book(ada, at(15.5, minutes=75))
    world.book(ada, at(16.5, minutes=25), replace=True)
    assert world.session(ada, before)["state"] == "cancelled"
    across = world.book(ada, at(15.75, minutes=25))
    world.book(ada, at(15, minutes=75), replace=True)
    assert world.session(ada, across)["state"] == "cancelled"


def test_r16_replace_never_cancels_a_locked_in_session(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    world.lock(ada, ben, NINE)
    other = world.book(ada, at(2, minutes=25))
    with pytest.raises(TimeConflict):
        world.book(ada, at(1.5), replace=True)
    assert world.state(ada, NINE) == ("locked_in", "Ben")
    assert world.session(ada, other)["state"] == "waiting"


def test_r10_a_regular_booking_prefers_the_member_it_names(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.say(ben, RelationKind.BLOCK, cy)
    world.book(ben, NINE)
    world.after(minutes=1).book(cy, NINE)
    assert world.book(dee, NINE, prefer=cy)["users"][1]["name"] == "Cy"
    world.cancel(dee, world.seen(dee, NINE))
    assert world.book(ada, NINE)["users"][1]["name"] == "Ben"


def test_r10_naming_a_member_who_cannot_be_the_partner_makes_a_regular_booking(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(ben, RelationKind.BLOCK, ada)
    world.book(ben, NINE)
    session = world.book(ada, NINE, prefer=ben)
    assert (session["state"], session["locked"]) == ("waiting", False)
    assert world.book(cy, NINE)["state"] == "matched"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("said", [RelationKind.BLOCK, RelationKind.SNOOZE])
@pytest.mark.parametrize("blocker", ["the one who waits", "the one who comes"])
def test_r6_a_block_or_snooze_of_either_keeps_two_apart(world: World, said: RelationKind, blocker: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    until = {"until": MONDAY + timedelta(days=1)} if said is RelationKind.SNOOZE else {}
    one, other = (ada, ben) if blocker == "the one who waits" else (ben, ada)
    world.say(one, said, other, **until)
    world.book(ada, NINE)
    assert world.book(ben, NINE)["state"] == "waiting"
    world.deliver()
    world.tick()
    assert world.state(ada, NINE) == ("waiting", None)


@pytest.mark.parametrize(
    ("gender", "other_gender", "meet"),
    [
        (Gender.WOMAN, Gender.WOMAN, True),
        (Gender.WOMAN, Gender.MAN, False),
        (Gender.NONBINARY, None, False),
    ],
)
def test_r6_random_matching_honours_the_gender_preference_of_either(
    world: World, gender: Gender, other_gender: Gender | None, meet: bool
) -> None:
    picky = world.member("Ada", gender=gender, partner_gender=PartnerGender.SAME)
    other = world.member("Ben", gender=other_gender)
    for slot, first, second in ((NINE, picky, other), (at(3), other, picky)):
        world.book(first, slot)
        assert world.book(second, slot)["state"] == ("matched" if meet else "waiting")


def test_r20_each_preference_outranks_the_next(world: World) -> None:
    """Let each waiting member beat the next by one preference, and no two of them be paired."""
    names = ["displaced", "favorite", "alike", "unmet", "patient", "met", "last"]
    waiting = {name: world.member(name) for name in names}
    seeker = world.member("Seeker", work_style=WorkStyle(Activity.DESK, quiet=True))
    for name in ("met", "last"):
        day_before = at(1 if name == "met" else 3)
        world.book(waiting[name], day_before)
        world.book(seeker, day_before)
    world.relate(combinations(waiting.values(), 2), blocked=True)
    world.favorite(seeker, waiting["favorite"])

    slot = at(25)
    work_styles = {"alike": WorkStyle(Activity.DESK, quiet=True)}
    # The preferred member books later, except for the last preference, the longest wait.
    for name in ["met", "last", "patient", "unmet", "alike", "favorite"]:
        work_style = work_styles.get(name, WorkStyle(Activity.MOVING))
        world.after(seconds=1).book(waiting[name], slot, activity=work_style.activity, quiet=work_style.quiet)
    locker, loser = world.members("Locker", "Loser")
    world.favorite(locker, loser)
    world.relate(((waiting[name], loser) for name in names if name != "displaced"), blocked=True)
    world.after(seconds=1).book(waiting["displaced"], slot, activity=Activity.MOVING)
    world.book(loser, slot)
    assert world.state(loser, slot) == ("matched", "displaced")
    world.lock(locker, loser, slot)

    order = []
    for _ in names:
        session = world.after(seconds=1).book(seeker, slot, prefer_favorites=True)
        order.append(session["users"][1]["name"])
        world.cancel(seeker, session)
    assert order == ["displaced", "favorite", "alike", "patient", "unmet", "met", "last"]


@pytest.mark.long  # Matches in 24 slots.
def test_r20_ties_are_broken_at_random_and_a_seed_gives_one_result(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(ada, RelationKind.BLOCK, ben)

    def partner(seed: int, slot: Slot) -> str:
        world.rng.seed(seed)
        world.book(ada, slot)
        world.book(ben, slot)
        return world.book(cy, slot)["users"][1]["name"]

    found = [partner(seed, at(seed + 1)) for seed in range(12)]
    assert set(found) == {"Ada", "Ben"}
    assert [partner(seed, at(seed + 49)) for seed in range(12)] == found


def keyed(body: str = "one") -> KeyedRequest:
    """Return the idempotency key of these tests, with the digest of a body."""
    return KeyedRequest("key", body)


def test_the_same_key_and_body_give_the_first_response_and_no_second_effect(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    first = world.reply(ada, BookingRequest(NINE), keyed())
    world.book(ben, NINE)
    session = world.seen(ada, NINE)
    assert session["state"] == "matched"
    world.cancel(ada, session)
    assert world.after(hours=23, minutes=59).reply(ada, BookingRequest(NINE), keyed()) == first
    assert world.state(ada, NINE) == ("none", None)


def test_a_key_is_kept_for_24_hours_and_no_longer(world: World) -> None:
    ada = world.member("Ada")
    slot = at(48)
    first = world.reply(ada, BookingRequest(slot), keyed())
    world.cancel(ada, world.seen(ada, slot))
    again = world.after(hours=24).reply(ada, BookingRequest(slot), keyed())
    assert (again.status, again.body == first.body) == (201, False)


def test_the_same_key_with_another_body_is_refused_and_two_members_may_use_one_key(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.reply(ada, BookingRequest(NINE), keyed())
    with pytest.raises(IdempotencyKeyReused):
        world.reply(ada, BookingRequest(at(5)), keyed("two"))
    assert world.state(ada, at(5)) == ("none", None)
    assert world.reply(ben, BookingRequest(at(5)), keyed("two")).status == 201


def test_a_refusal_is_not_recorded_and_a_retry_is_decided_again(world: World) -> None:
    ada = world.member("Ada")
    held = world.book(ada, NINE)
    with pytest.raises(TimeConflict):
        world.reply(ada, BookingRequest(at(1.5)), keyed())
    world.cancel(ada, held)
    assert world.reply(ada, BookingRequest(at(1.5)), keyed()).status == 201


def test_r10_a_waiting_booking_takes_on_a_preference_in_its_place(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE, title="Thesis")
    first = world.day(ada, NINE)
    (before,) = first.bookings
    world.after(minutes=1)
    for preference in (PartnerPreference(named=ben.member_id), PartnerPreference(favorites=True)):
        assert world.reply(ada, BookingRequest(NINE, preference=preference)).status == 200
    both = PartnerPreference(favorites=True, named=ben.member_id)
    assert world.day(ada, NINE).bookings == (replace(before, preference=both),)
    assert world.reply(ada, BookingRequest(NINE, preference=both)).status == 200
    assert world.day(ada, NINE).version == first.version + 2


def test_r10_a_preference_that_was_added_counts_for_the_choice(world: World) -> None:
    """Ada comes after Cy in the queue, but names Dee, who then books."""
    ada, cy, dee = world.members("Ada", "Cy", "Dee")
    world.say(ada, RelationKind.SNOOZE, cy, until=NINE.start)
    world.book(cy, NINE)
    world.after(minutes=1).book(ada, NINE)
    world.book(ada, NINE, prefer=dee)
    assert world.book(dee, NINE)["users"][1]["name"] == "Ada"


def test_a_key_for_a_booking_that_exists_records_its_response_if_it_changes_the_booking(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    world.lock(ada, ben, NINE)
    retitled = BookingRequest(NINE, title="Together", lock_with=ben.member_id)
    first = world.reply(ada, retitled, keyed())
    world.cancel(ada, world.seen(ada, NINE))
    assert first.status == 200
    assert world.reply(ada, retitled, keyed()) == first
    assert world.state(ada, NINE) == ("none", None)


def test_r36_a_key_for_a_booking_that_stays_unchanged_records_no_response(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    before = read_whole_table(world.table)
    assert world.reply(ada, BookingRequest(NINE), keyed()).status == 200
    assert read_whole_table(world.table) == before


def test_a_request_that_finds_the_booking_of_a_concurrent_one_with_its_key_repeats_the_response(world: World) -> None:
    """The second request reads no recorded response, and then the days with the booking of the first."""
    ada = world.member("Ada")
    events, answers, has_read = world.table.connection.client.meta.events, [], Event()

    def note_read(**_: Any) -> None:
        has_read.set()

    def run_the_first(**_: Any) -> None:
        events.unregister("before-call.dynamodb.Query", run_the_first)
        assert has_read.wait(60)
        answers.append(world.reply(ada, BookingRequest(NINE), keyed()))

    events.register("after-call.dynamodb.GetItem", note_read)
    events.register("before-call.dynamodb.Query", run_the_first)
    answers.append(world.reply(ada, BookingRequest(NINE), keyed()))
    events.unregister("after-call.dynamodb.GetItem", note_read)
    assert answers[0] == answers[1]
    assert answers[0].status == 201


def test_r36_a_repeated_booking_with_its_long_title_is_the_same_session(world: World) -> None:
    ada = world.member("Ada")
    long = BookingRequest(NINE, title="a" * 65)
    first, second = world.reply(ada, long), world.reply(ada, long)
    assert (first.status, second.status, first.body) == (201, 200, second.body)
    assert json.loads(second.body)["session"]["title"] == long.title
    with pytest.raises(TimeConflict):
        world.reply(ada, replace(long, title="b" * 65))


def test_r36_a_key_repeats_the_long_title_of_its_first_response(world: World) -> None:
    ada = world.member("Ada")
    long, keyed = BookingRequest(NINE, title="a" * 65), KeyedRequest("key", "digest")
    first = world.reply(ada, long, keyed)
    session_id = json.loads(first.body)["session"]["sessionId"]
    edit_session(world.context, ada, session_id, SessionEdit("b" * 65, retitled=True, activity=None, quiet=None))
    assert world.reply(ada, long, keyed) == first


def test_r16_r36_a_lock_of_a_held_booking_keeps_or_takes_a_long_title(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    for title, requested in (("a" * 65, None), ("a" * 65, "b" * 65), ("short", "b" * 65)):
        slot = NINE
        session = world.book(ada, slot, title=title)
        theirs = world.book(ben, slot)
        locked = world.lock(ada, ben, slot, title=requested)
        assert (locked["sessionId"], locked["title"]) == (session["sessionId"], requested or title)
        assert world.session(ada, session)["title"] == locked["title"]
        world.check()
        world.cancel(ada, session)
        world.cancel(ben, theirs)


@pytest.mark.parametrize(("title", "units"), [(None, 4), ("a" * 64, 4), ("a" * 65, 6), ("\N{GRINNING FACE}" * 200, 6)])
def test_r36_a_long_title_costs_its_owner_two_write_units(world: World, title: str | None, units: int) -> None:
    ada, ben = world.members("Ada", "Ben")
    with RequestUnitLedger(world.table.connection.client) as ledger:
        with ledger.entry("a booking that waits") as waits:
            world.book(ada, NINE, title=title)
        with ledger.entry("a booking that pairs at once") as pairs:
            world.book(ben, NINE)
    assert (waits.write_units, pairs.write_units) == (units, 8)


def test_r20_a_partner_of_the_days_before_today_was_met(world: World) -> None:
    """Wednesday's booking reads Monday's pair, which is before all dates ahead."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for member in (ada, ben):
        world.book(member, NINE)
    world.after(days=2)
    world.say(ben, RelationKind.SNOOZE, cy, until=at(49).start)
    world.book(ben, at(49))
    world.after(minutes=1).book(cy, at(49))
    assert world.book(ada, at(49))["users"][1]["name"] == "Cy"


def test_r20_the_favorites_of_a_waiting_member_who_prefers_them_count(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ben, ada)
    world.say(ben, RelationKind.SNOOZE, cy, until=NINE.start)
    world.book(cy, NINE)
    world.after(minutes=1).book(ben, NINE, prefer_favorites=True)
    assert world.book(ada, NINE)["users"][1]["name"] == "Ben"
