"""The attendance score of a member, and the limit of bookings below a least one (R39)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.attendance_score import AttendanceScore
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import RateLimited, Refusal
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.metrics import collect_metrics
from chalicelib.services.bookings.batch import BatchedRequest, book_sessions
from chalicelib.services.members.attendance import MOST_DAYS, MOST_UNITS, attendance_of, latest_days
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.members.session_count import count_sessions
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.keys import VERSIONED_LIMIT
from tests import batches
from tests.contract.client import at_once
from tests.domain.samples import pair, waiting
from tests.harness import MONDAY, World, at
from tests.table_snapshot import read_whole_table

DAY = 24
NEXT = at(1)
PARTNER = "p" * 24


def remember(world: World, member: Profile, *days: str, joined: bool = True) -> None:
    """Store a past day of the member for each text, the latest first.

    A letter of the text is a session of that day, `j` one that the member joined, `a` one without joining, `m` a missed
    one `w` one without a partner, `c`
    a cancelled one, and `o` one of a release without joining.
    """
    stored = []
    for ago, text in enumerate(days, start=1):
        bookings = []
        for hour, letter in enumerate(text):
            slot = Slot(MONDAY + timedelta(days=-ago, hours=hour % 24 - 8), 50)
            own_id = session_id(member.member_id, slot.date, f"{hour:016}")
            fields = {"booking_id": own_id, "requested_at": MONDAY - timedelta(days=MOST_DAYS * 3)}
            alone = replace(waiting(member.member_id, slot), **fields)
            half = pair(alone, waiting(PARTNER, slot))[0]
            assert half.partner
            bookings.append(
                {
                    "j": replace(half, joined_at=slot.start),
                    "a": half,
                    "m": replace(alone, state=State.MISSED, queue_position=None),
                    "w": alone,
                    "c": alone.cancelled(slot.start - timedelta(days=1)),
                    "o": replace(half, partner=replace(half.partner, requested_at=None)),
                }[letter]
            )
        on = (MONDAY - timedelta(days=ago)).date()
        stored.append(day_item(Day(member.member_id, on, version=1, bookings=tuple(bookings))))
    batches.save(world.table, stored)


def outcome(ask: Callable[[], object]) -> type[Refusal] | None:
    """Return the class of the refusal, None if the request succeeds."""
    try:
        ask()
    except Refusal as refusal:
        return type(refusal)
    return None


def test_r39_the_score_is_of_the_sessions_that_ended_newest_first(world: World) -> None:
    world.record_attendance()
    ada = world.member("Ada")
    assert attendance_of(world.context, ada) == AttendanceScore()
    remember(world, ada, "jwj", "m", "aaa", "j" * 30)
    assert attendance_of(world.context, ada) == AttendanceScore(20, 16)
    world.clear()


def test_r39_a_member_who_joins_in_time_gets_the_score_by_use(world: World) -> None:
    world.record_attendance()
    ada, ben = world.members("Ada", "Ben")
    of_ada, of_ben = world.book(ada, NEXT), world.book(ben, NEXT)
    world.now = NEXT.start + timedelta(minutes=5)
    world.join(ada, of_ada)
    world.after(seconds=1)
    world.join(ben, of_ben)
    assert attendance_of(world.context, ada) == AttendanceScore()
    world.now = NEXT.end
    assert [attendance_of(world.context, member) for member in (ada, ben)] == [
        AttendanceScore(1, 1),
        AttendanceScore(1, 0),
    ]


def test_r39_a_deployment_without_attendance_has_no_scores(world: World) -> None:
    ada = world.member("Ada")
    remember(world, ada, "jja")
    with RequestUnitLedger(world.table.connection.client) as ledger:
        assert attendance_of(world.context, ada) == AttendanceScore()
    assert ledger.requests == []
    world.clear()


def test_r33_sessions_of_a_deleted_account_do_not_count_for_a_new_one(world: World) -> None:
    world.record_attendance()
    claims = Claims(world.settings.issuer, "Ada", "Ada", None, "UTC", MONDAY)
    ada, ben = get_or_create_member(world.context, claims), world.member("Ben")
    world.book(ada, NEXT)
    world.book(ben, NEXT)
    world.now = NEXT.end
    world.leave(ada)
    returned = get_or_create_member(world.context, replace(claims, signed_in_at=world.now + timedelta(days=1)))
    assert attendance_of(world.context, returned) == AttendanceScore()
    assert attendance_of(world.context, ben) == AttendanceScore(1, 0)


def test_r39_sessions_before_the_deployment_had_attendance_do_not_count(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    slots = [ahead(number) for number in range(10)]
    booked = []
    for slot in slots:
        booked = [world.book(member, slot) for member in (ada, ben)]
    world.now = slots[-1].end
    world.record_attendance(50, since=slots[-1].start + timedelta(seconds=1))
    assert attendance_of(world.context, ada) == AttendanceScore()
    # They are completed as before (R37).
    assert world.session(ada, booked[0])["users"][0]["completed"] is True
    assert count_sessions(world.context, ada).up_to_now == 10
    for number in range(10, 14):
        world.book(ada, ahead(number))
    # From the date on a session that neither joined counts.
    world.record_attendance(50, since=slots[-1].start)
    assert attendance_of(world.context, ada) == AttendanceScore(1, 0)
    assert world.session(ada, booked[0])["users"][0]["completed"] is False


def test_r39_pairs_of_a_release_without_joining_do_not_count(world: World) -> None:
    world.record_attendance()
    ada = world.member("Ada")
    remember(world, ada, "o" * 10, "a")
    assert attendance_of(world.context, ada) == AttendanceScore(1, 0)
    assert count_sessions(world.context, replace(ada, counted_until=None)).up_to_now == 10
    world.clear()


def test_r39_cancelled_bookings_of_25_days_do_not_hide_missed_sessions(world: World) -> None:
    world.record_attendance(50)
    ada = world.member("Ada")
    remember(world, ada, *["c"] * 25, *["a"] * 12)
    assert attendance_of(world.context, ada) == AttendanceScore(12, 0)
    for number in range(3):
        world.book(ada, ahead(number))
    assert outcome(lambda: world.book(ada, ahead(3))) is RateLimited
    world.clear()


def test_r36_a_page_of_large_days_ends_the_search(world: World) -> None:
    """The engine of the tests reports no units by size, so the test counts those of a large day itself."""
    ada = world.member("Ada")
    remember(world, ada, *"j" * 25)
    with collect_metrics() as metrics:
        found = 0
        for _ in latest_days(world.context, ada.member_id, world.now.date()):
            metrics.count_units(read=MOST_UNITS / 9)
            found += 1
    assert found == 10
    world.clear()


def test_r39_a_score_reads_at_most_100_days_and_stops_at_20_sessions(world: World) -> None:
    world.record_attendance()
    ada, ben = world.members("Ada", "Ben")
    remember(world, ada, *["w"] * MOST_DAYS, "j")
    with RequestUnitLedger(world.table.connection.client) as ledger:
        assert attendance_of(world.context, ada) == AttendanceScore()
    assert [request.operation for request in ledger.requests] == ["Query"] * 10
    remember(world, ben, *["jj"] * 40)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        assert attendance_of(world.context, ben) == AttendanceScore(20, 20)
    assert [request.operation for request in ledger.requests] == ["Query"]
    world.clear()


def below(world: World, *, least: int = 80, sessions: str = "a" * 10) -> Profile:
    """Set a least score, and return a member with these past sessions."""
    world.record_attendance(least)
    ada = world.member("Ada")
    remember(world, ada, sessions)
    return ada


def ahead(number: int) -> Slot:
    """Return a slot of its own date ahead."""
    return at(1 + DAY * number)


def test_r39_below_the_least_score_3_sessions_ahead_are_the_most(world: World) -> None:
    ada = below(world)
    first, *_ = (world.book(ada, ahead(number)) for number in range(3))
    with pytest.raises(RateLimited) as refusal:
        world.book(ada, ahead(3))
    assert "Join the next ones within 5 minutes of their start" in str(refusal.value.detail)
    assert refusal.value.retry_after == timedelta(hours=1)
    # What replaces or repeats a session does not count, and a cancel frees a place.
    world.book(ada, ahead(1))
    world.book(ada, at(25.25), replace=True)
    world.cancel(ada, first)
    world.book(ada, ahead(3))
    world.clear()


@pytest.mark.parametrize(
    ("least", "sessions"),
    [
        (0, "a" * 10),
        # Nine sessions are too few.
        (100, "a" * 9),
        (80, "j" * 8 + "a" * 2),
        # Sessions without a partner do not count.
        (100, "j" * 10 + "w" * 5),
    ],
)
def test_r39_a_member_who_is_not_below_the_least_score_books_as_before(world: World, least: int, sessions: str) -> None:
    ada = below(world, least=least, sessions=sessions)
    for number in range(5):
        world.book(ada, ahead(number))
    assert not [key for key in read_whole_table(world.table) if key.sk.startswith(VERSIONED_LIMIT)]
    world.clear()


def test_r39_sessions_booked_before_the_score_fell_stay(world: World) -> None:
    world.record_attendance(80)
    ada = world.member("Ada")
    booked = [world.book(ada, ahead(number)) for number in range(5)]
    remember(world, ada, "a" * 10)
    assert outcome(lambda: world.book(ada, ahead(6))) is RateLimited
    assert [world.session(ada, session)["state"] for session in booked] == ["waiting"] * 5
    world.clear()


def test_r39_the_least_score_counts_for_locks_and_invite_links_of_the_booker_alone(world: World) -> None:
    ada, ben = below(world), world.member("Ben")
    world.favorite(ada, ben)
    world.favorite(ben, ada)
    for number in range(4):
        world.book(ben, ahead(number))
    for number in range(2):
        world.lock(ada, ben, ahead(number))
    world.book(ada, ahead(5))
    assert outcome(lambda: world.lock(ada, ben, ahead(2))) is RateLimited
    assert outcome(lambda: world.accept(ada, world.invite(ben), ahead(2))) is RateLimited
    # Another member may lock in with Ada's session as before.
    world.lock(ben, ada, ahead(5))
    world.clear()


def test_r39_a_batch_stops_at_3_sessions_ahead(world: World) -> None:
    ada = below(world)
    requests = [BatchedRequest(BookingRequest(ahead(number))) for number in range(5)]
    results = book_sessions(world.context, ada, requests)
    assert [isinstance(result, RateLimited) for result in results] == [False] * 3 + [True] * 2
    world.clear()


@pytest.mark.long  # Threads at the limit, again and again.
@pytest.mark.parametrize("held", [0, 2])
def test_r39_of_concurrent_bookings_below_the_least_score_no_more_than_3_are_made(world: World, held: int) -> None:
    """The bookings are on different dates, so they conflict on the versioned limit alone."""
    world.record_attendance(80)
    for number in range(3):
        ada = world.member(f"Ada {number}")
        remember(world, ada, "a" * 10)
        for day in range(held):
            world.book(ada, ahead(day + 10))
        outcomes = at_once([partial(outcome, partial(world.book, ada, ahead(day))) for day in range(5)])
        assert Counter(outcomes) == {None: 3 - held, RateLimited: 2 + held}
    world.clear()


def test_r39_without_a_least_score_a_booking_reads_nothing_more(world: World) -> None:
    world.record_attendance()
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    with RequestUnitLedger(world.table.connection.client) as ledger:
        world.book(ada, NEXT)
    with_attendance = [request.shape for request in ledger.requests]
    world.context.settings = replace(world.context.settings, attendance=False)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        world.book(ben, at(3))
    assert [request.shape for request in ledger.requests] == with_attendance
    world.record_attendance(80)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        world.book(cy, at(5))
    assert len(ledger.requests) == len(with_attendance) + 1
