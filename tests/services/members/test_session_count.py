"""The number of completed sessions, which others see as of the last UTC midnight (R34)."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.write_set import ProfileChange, SessionsCounted, WriteSet
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.services.members.profiles import Claims, get_or_create_member, view_member, view_self
from chalicelib.services.members.session_count import SessionCount, count_sessions, sessions_at_midnight
from chalicelib.storage import keys, reads
from chalicelib.storage.transactions import commit
from tests import batches
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at

NINE = at(1)
TUESDAY = datetime(2026, 3, 3, tzinfo=UTC)
WEDNESDAY = TUESDAY + timedelta(days=1)


def met(world: World, one: Profile, other: Profile, *slots: Slot) -> None:
    """Match two members in each slot."""
    for slot in slots:
        world.book(one, slot)
        world.book(other, slot)


def stored(world: World, member: Profile) -> tuple[int, datetime | None]:
    """Return the stored number of sessions with its midnight."""
    profile = reads.profile(world.table, member.member_id)
    assert profile
    return profile.completed, profile.counted_until


def shown(world: World, member: Profile, caller: Profile) -> tuple[int, int]:
    """Return the number of sessions that the member sees, and the one that another member sees."""
    profile = reads.profile(world.table, member.member_id)
    assert profile
    seen = view_member(world.context, caller, member.member_id)
    return view_self(world.context, profile).completed_sessions, seen.completed_sessions


def forget_count(world: World, member: Profile) -> None:
    """Store the profile as an earlier release did, without a count."""
    raw = world.table.get_item(*keys.profile(member.member_id), consistent_read=True)["Item"]
    batches.put(world.table, {name: value for name, value in raw.items() if name not in ("completed", "counted_until")})


def test_r34_others_see_a_session_from_the_midnight_after_its_end_and_its_owner_from_its_end(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE)
    for now, expected in (
        (NINE.end - timedelta(seconds=1), (0, 0)),
        (NINE.end, (1, 0)),
        (TUESDAY - timedelta(seconds=1), (1, 0)),
        (TUESDAY, (1, 1)),
        (WEDNESDAY, (1, 1)),
    ):
        world.now = now
        assert shown(world, ada, ben) == expected, now


@pytest.mark.parametrize(
    ("slot", "counted"),
    [
        (Slot(TUESDAY - timedelta(minutes=75), 75), TUESDAY),
        (Slot(TUESDAY - timedelta(minutes=30), 50), WEDNESDAY),
        (Slot(TUESDAY, 25), WEDNESDAY),
    ],
)
def test_r34_a_session_counts_at_the_first_midnight_at_or_after_its_end(
    world: World, slot: Slot, counted: datetime
) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, slot)
    for midnight in (TUESDAY, WEDNESDAY, WEDNESDAY + timedelta(days=1)):
        world.now = midnight
        expected = int(midnight >= counted)
        assert shown(world, ada, ben)[1] == expected
        assert stored(world, ada) == (expected, midnight)


@pytest.mark.long  # Books sessions on many dates.
def test_r34_the_first_view_of_a_date_counts_and_each_later_one_is_one_read(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, *(at(24 * day) for day in range(1, 60)))
    world.after(days=61)
    forget_count(world, ada)
    units, requests = [], []
    for _ in range(3):
        with RequestUnitLedger(world.table.connection.client) as ledger:
            assert view_member(world.context, ben, ada.member_id).completed_sessions == 59
        units.append(sum(request.read_units for request in ledger.requests))
        requests.append([request.operation for request in ledger.requests])
    assert requests == [["BatchGetItem", "Query", "TransactWriteItems"], ["BatchGetItem"], ["BatchGetItem"]]
    # One eventually consistent read of the profile and one of the relation.
    assert units[0] > 2
    assert units[1:] == [1, 1]
    # The next date reads the days since the stored midnight only.
    world.after(days=1)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        view_member(world.context, ben, ada.member_id)
    assert sum(request.read_units for request in ledger.requests) <= 2


def test_r34_a_clock_behind_the_one_that_counted_shows_the_stored_number(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE)
    world.now = WEDNESDAY
    assert shown(world, ada, ben) == (1, 1)
    world.after(seconds=-1)
    assert shown(world, ada, ben) == (1, 1)
    assert stored(world, ada) == (1, WEDNESDAY)


def test_r34_a_clock_that_was_set_back_by_days_counts_from_the_first_day(world: World) -> None:
    """The local runner's clock can be set. A number from its future would else stay until that date."""
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE, at(73))
    world.after(days=9)
    assert shown(world, ada, ben) == (2, 2)
    world.now = WEDNESDAY
    assert shown(world, ada, ben) == (1, 1)
    assert stored(world, ada) == (1, WEDNESDAY)


def test_r34_a_profile_of_an_earlier_release_is_counted_from_the_first_day(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE, at(25), at(49))
    forget_count(world, ada)
    assert stored(world, ada) == (0, None)
    world.now = at(49).end
    assert shown(world, ada, ben) == (3, 2)
    assert stored(world, ada) == (2, datetime(2026, 3, 4, tzinfo=UTC))
    assert shown(world, ada, ben) == (3, 2)


def test_r34_a_change_of_the_profile_and_a_count_at_the_same_time_lose_neither(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE)
    world.now = TUESDAY
    before = reads.profile(world.table, ada.member_id)
    assert before
    # The change was read before the count, and commits after it.
    assert count_sessions(world.context, before) == SessionCount(1, 1)
    changed = replace(before, name="Countess", revision="changed")
    commit(world.table, WriteSet(profile=ProfileChange(before, changed)), token="a", now=world.now)
    assert shown(world, ada, ben) == (1, 1)
    # The count was read before a change, and commits after it.
    world.now = WEDNESDAY
    before = reads.profile(world.table, ada.member_id)
    assert before
    world.set(ada, name="Ada again")
    assert sessions_at_midnight(world.context, before) == 1
    after = reads.profile(world.table, ada.member_id)
    assert after
    assert (after.name, after.completed, after.counted_until) == ("Ada again", 1, WEDNESDAY)


def test_r34_two_readers_at_once_see_and_store_the_same_number(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE)
    world.now = TUESDAY
    before = reads.profile(world.table, ada.member_id)
    assert before
    assert [count_sessions(world.context, before) for _ in range(2)] == [SessionCount(1, 1)] * 2
    assert stored(world, ada) == (1, TUESDAY)
    # A count that is delayed past a later one stores an earlier midnight, and the next view counts from there.
    met(world, ada, ben, at(25))
    world.now = WEDNESDAY
    assert shown(world, ada, ben) == (2, 2)
    delayed = SessionsCounted(before, 1, TUESDAY)
    commit(world.table, WriteSet(counted=delayed), token="delayed", now=world.now)
    assert shown(world, ada, ben) == (2, 2)
    assert stored(world, ada) == (2, WEDNESDAY)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.LOSE_REQUEST, Fault.LOSE_RESPONSE])
def test_r34_a_view_does_not_depend_on_the_write_of_the_count(world: World, faults: FaultProxy, fault: Fault) -> None:
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE)
    world.now = TUESDAY
    faults.plan += [fault] * 4
    assert shown(world, ada, ben) == (1, 1)
    faults.plan.clear()
    assert shown(world, ada, ben) == (1, 1)


def test_r33_the_sessions_of_a_deleted_account_do_not_count_for_the_next_one(world: World) -> None:
    ben = world.member("Ben")
    claims = Claims(world.settings.issuer, "returns", "Ada", None, "UTC", MONDAY)
    ada = get_or_create_member(world.context, claims)
    met(world, ada, ben, NINE)
    world.now = at(24).start
    before = reads.profile(world.table, ada.member_id)
    assert before
    world.leave(ada)
    returned = get_or_create_member(world.context, replace(claims, signed_in_at=MONDAY + timedelta(hours=1)))
    assert returned.member_id == ada.member_id
    assert shown(world, returned, ben) == (0, 0)
    # A count that began before the deletion does not reach the new account.
    count_sessions(world.context, replace(before, counted_until=None))
    count_sessions(world.context, before)
    assert stored(world, returned) == (0, TUESDAY)
    met(world, returned, ben, at(25))
    world.now = WEDNESDAY
    assert shown(world, returned, ben) == (1, 1)


def join_both(world: World, one: Profile, other: Profile, slot: Slot, now: datetime) -> None:
    """Let the two members of a pair join at an instant."""
    world.now = now
    for member in (one, other):
        session = world.seen(member, slot)
        assert session
        world.join(member, session)


def test_r37_with_attendance_only_sessions_that_both_joined_count(world: World) -> None:
    world.record_attendance()
    ada, ben = world.members("Ada", "Ben")
    met(world, ada, ben, NINE, at(3))
    session = world.seen(ada, at(3))
    join_both(world, ada, ben, NINE, NINE.start)
    # It counts at once, as the session says. Ada alone joins the other one.
    assert shown(world, ada, ben) == (1, 0)
    world.now = at(3).start
    assert session
    world.join(ada, session)
    world.now = WEDNESDAY + timedelta(minutes=1)
    assert [shown(world, member, other) for member, other in ((ada, ben), (ben, ada))] == [(1, 1)] * 2
    assert stored(world, ada) == (1, WEDNESDAY)


def test_r37_a_session_that_is_joined_before_its_date_begins_counts_for_its_owner(world: World) -> None:
    world.record_attendance()
    ada, ben = world.members("Ada", "Ben")
    slot = Slot(TUESDAY, 25)
    met(world, ada, ben, slot)
    join_both(world, ada, ben, slot, TUESDAY - timedelta(minutes=9))
    assert shown(world, ada, ben) == (1, 0)


def test_r37_a_join_at_the_end_of_a_session_at_midnight_is_counted_at_that_midnight(world: World) -> None:
    """A number stored at midnight would miss a join that was in flight, and every later view would miss it too."""
    world.record_attendance()
    ada, ben = world.members("Ada", "Ben")
    slot = Slot(TUESDAY - timedelta(minutes=75), 75)
    met(world, ada, ben, slot)
    world.now = TUESDAY + timedelta(seconds=59)
    assert shown(world, ada, ben) == (0, 0)
    assert stored(world, ada) != (0, TUESDAY)
    join_both(world, ada, ben, slot, TUESDAY)
    world.now = TUESDAY + timedelta(minutes=1)
    assert shown(world, ada, ben) == (1, 1)
    assert stored(world, ada) == (1, TUESDAY)
