"""One occurrence is booked by the booking's own rules, or skipped with the reason (R40)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.occurrences import RepeatOccurrence
from chalicelib.domain.model.booking import PartnerPreference, State
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.repeat import Repeat, SkippedOccurrence
from chalicelib.services.repeats.member_repeats import change_repeat, end_repeat
from chalicelib.services.repeats.occurrence import RepeatChanged, make_occurrence, owner_of
from chalicelib.storage import repeat_reads
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World, at
from tests.repeat_run import DAY, NINE, bookings, repeated, starts

THIRD = RepeatOccurrence(NINE + DAY * 3, (NINE + DAY * 3).date())
SLOT = at(1 + 24 * 3)


def waiting(world: World, member: Profile, **fields: object) -> Repeat:
    """Return a repeat of the member that has not made anything yet."""
    return repeated(world, member, first=(NINE + DAY * 100).date(), **fields)


def made_from(world: World, member: Profile, repeat: Repeat, occurrence: RepeatOccurrence) -> Repeat:
    return make_occurrence(world.context, owner_of(world.context, member), repeat, occurrence)


def stored(world: World, repeat: Repeat) -> Repeat | None:
    return repeat_reads.repeat(world.table, repeat.member_id, repeat.repeat_id)


def test_r40_an_occurrence_is_an_ordinary_booking_with_the_title_and_the_length_of_its_repeat(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, at(1 + 24 * 3, minutes=75))
    repeat = waiting(world, ada, minutes=75, title="Thesis " * 20)
    made = made_from(world, ada, repeat, THIRD)
    assert (stored(world, repeat), made.handled, made.skipped) == (made, {"thu": THIRD.on}, ())
    session = world.seen(ada, at(1 + 24 * 3, minutes=75))
    assert session
    assert (session["state"], session["title"], session["repeatId"]) == ("matched", repeat.title, repeat.repeat_id)
    world.check()


def test_r40_a_partner_is_locked_in_where_that_is_possible(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, SLOT)
    made_from(world, ada, waiting(world, ada, partner_id=ben.member_id), THIRD)
    assert world.state(ada, SLOT) == ("locked_in", "Ben")


def test_r40_without_a_lock_the_booking_prefers_the_partner_who_sees_nothing_of_the_repeat(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    before = world.seen(ben, SLOT)
    made_from(world, ada, waiting(world, ada, partner_id=ben.member_id), THIRD)
    (booking,) = bookings(world, ada)
    assert (booking.state, booking.preference) == (State.WAITING, PartnerPreference(named=ben.member_id))
    assert before is world.seen(ben, SLOT) is None


@pytest.mark.parametrize("blocks", ["Ada", "Ben"])
def test_r1_a_blocked_partner_is_not_met_and_the_occurrence_is_booked(world: World, blocks: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, SLOT)
    repeat = waiting(world, ada, partner_id=ben.member_id)
    one, other = (ada, ben) if blocks == "Ada" else (ben, ada)
    world.say(one, RelationKind.BLOCK, other)
    made = made_from(world, ada, repeat, THIRD)
    assert (world.state(ada, SLOT), made.skipped) == (("waiting", None), ())


@pytest.mark.parametrize("hours", [0, 0.5, -0.5])
def test_r40_a_session_in_the_way_is_kept_and_the_occurrence_is_skipped(world: World, hours: float) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, SLOT)
    own = world.book(ada, at(1 + 24 * 3 + hours), title="Mine")
    repeat = waiting(world, ada, partner_id=ben.member_id, title="Thesis")
    made = made_from(world, ada, repeat, THIRD)
    assert made.skipped == (SkippedOccurrence(THIRD.start, "time_conflict"),)
    assert (stored(world, repeat), made.handled) == (made, {"thu": THIRD.on})
    assert world.session(ada, own) == own


def test_r40_the_same_session_by_hand_is_in_the_way_too(world: World) -> None:
    """The end of the repeat must not cancel what its owner booked by hand."""
    ada = world.member("Ada")
    world.book(ada, SLOT)
    made = made_from(world, ada, waiting(world, ada), THIRD)
    assert made.skipped == (SkippedOccurrence(THIRD.start, "time_conflict"),)
    assert [one.repeat_id for one in bookings(world, ada)] == [None]


def test_r36_an_occurrence_beyond_the_limit_of_bookings_is_skipped(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, at(30))
    world.allow(bookings=1)
    made = made_from(world, ada, waiting(world, ada), THIRD)
    assert made.skipped == (SkippedOccurrence(THIRD.start, "rate_limited"),)
    assert len(bookings(world, ada)) == 1


@pytest.mark.parametrize(
    ("start", "reason"),
    [(NINE - timedelta(hours=1), "too_late"), (NINE + timedelta(minutes=1), "invalid_request")],
)
def test_r30_an_instant_at_which_no_session_starts_is_skipped(world: World, start: object, reason: str) -> None:
    ada = world.member("Ada")
    made = made_from(world, ada, waiting(world, ada), RepeatOccurrence(start, NINE.date()))
    assert [one.reason for one in made.skipped] == [reason]
    assert bookings(world, ada) == []


def test_r40_a_failure_skips_nothing(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    repeat = waiting(world, ada)
    faults.plan[:] = [Fault.THROTTLED] * 8
    with pytest.raises(Busy):
        made_from(world, ada, repeat, THIRD)
    assert (stored(world, repeat), starts(world, ada)) == (repeat, [])


def test_r40_an_occurrence_of_a_repeat_that_was_changed_or_ended_is_not_booked(world: World) -> None:
    ada = world.member("Ada")
    read = waiting(world, ada)
    change_repeat(world.context, ada.member_id, read.repeat_id, lambda one, _: replace(one, title="Other"))
    with pytest.raises(RepeatChanged):
        made_from(world, ada, read, THIRD)
    current = stored(world, read)
    assert current
    end_repeat(world.context, ada.member_id, read.repeat_id, cancel=False)
    with pytest.raises(RepeatChanged):
        made_from(world, ada, current, THIRD)
    # The same for one that would be skipped.
    with pytest.raises(RepeatChanged):
        made_from(world, ada, current, replace(THIRD, start=NINE - DAY))
    assert starts(world, ada) == []
