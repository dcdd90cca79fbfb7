"""The limits of one member, also for concurrent requests (R36)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import WriteSet
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import InvalidRequest, InviteUnavailable, NotAvailable, RateLimited, Refusal
from chalicelib.domain.model.limits import LimitKind, MemberLimits, versioned_limit_of
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.bookings.bookings_limit import open_limit
from chalicelib.storage import booking_reads, erasure_reads, reads, updates
from chalicelib.storage.errors import Conflict
from chalicelib.storage.keys import VERSIONED_LIMIT
from tests.contract.client import at_once
from tests.harness import RenderedReply, World, at
from tests.storage.commit_outcome import try_commit
from tests.table_snapshot import read_whole_table, take_snapshot

NINE = at(1)
DAY = 24


def outcome(ask: Callable[[], object]) -> type[Refusal] | None:
    """Return the class of the refusal, None if the request succeeds."""
    try:
        ask()
    except Refusal as refusal:
        return type(refusal)
    return None


def lock_and_cancel(world: World, booker: Profile, target: Profile, *, times: int = 1) -> None:
    for _ in range(times):
        world.cancel(booker, world.lock(booker, target, NINE))


def test_r36_a_member_books_up_to_the_limit_of_sessions_ahead(world: World) -> None:
    world.allow(bookings=2)
    ada = world.member("Ada")
    first, _ = world.book(ada, NINE), world.book(ada, at(DAY))
    before = take_snapshot(world.table)
    with pytest.raises(RateLimited) as refusal:
        world.book(ada, at(2 * DAY))
    assert refusal.value.retry_after == NINE.start - world.now
    assert take_snapshot(world.table) == before
    world.cancel(ada, first)
    world.book(ada, at(2 * DAY))
    world.after(hours=DAY)
    world.book(ada, at(3 * DAY))


def test_r36_at_a_limit_of_zero_no_session_is_booked(world: World) -> None:
    world.allow(bookings=0)
    ada = world.member("Ada")
    with pytest.raises(RateLimited) as refusal:
        world.book(ada, NINE)
    assert refusal.value.retry_after == timedelta(days=1)
    assert world.seen(ada, NINE) is None


def test_r36_a_booking_that_replaces_reuses_or_repeats_another_does_not_count(world: World) -> None:
    world.allow(bookings=1)
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ada, at(1.25))
    world.book(ada, NINE, replace=True)
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.lock(ada, ben, NINE)
    assert world.state(ada, NINE) == ("locked_in", "Ben")


def test_r11_the_bookers_limit_is_refused_before_any_reason_of_the_target(world: World) -> None:
    world.allow(bookings=1)
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    world.book(ada, at(DAY))
    refusals = set()
    for target in (ben, "no such member", ada):
        with pytest.raises(RateLimited) as refusal:
            world.lock(ada, target, NINE)
        refusals.add((refusal.value.detail, refusal.value.retry_after))
    assert len(refusals) == 1


def test_r36_an_invite_link_does_not_outrank_the_guests_own_limit(world: World) -> None:
    world.allow(bookings=1)
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    world.book(ada, at(DAY))
    assert outcome(lambda: world.accept(ada, world.invite(ben), NINE)) is RateLimited


def test_r36_far_from_the_limit_a_booking_writes_no_versioned_limit(world: World) -> None:
    ada = world.member("Ada")
    for number in range(8):
        world.book(ada, at(1 + DAY * number))
    assert not [key for key in read_whole_table(world.table) if key.sk.startswith(VERSIONED_LIMIT)]


@pytest.mark.long  # Threads at the limit, again and again.
@pytest.mark.parametrize("held", [0, 2])
def test_r36_of_concurrent_bookings_at_the_limit_exactly_one_is_made(world: World, held: int) -> None:
    """Conflict on the versioned limit alone, since the dates differ.

    With no booking before, one of the concurrent bookings creates the versioned limit.
    """
    world.allow(bookings=held + 1)
    for number in range(5):
        ada = world.member(f"Ada {number}")
        for day in range(held):
            world.book(ada, at(1 + DAY * (day + 5)))
        outcomes = at_once([partial(outcome, partial(world.book, ada, at(1 + DAY * day))) for day in (1, 2, 3)])
        assert Counter(outcomes) == {None: 1, RateLimited: 2}


def test_r36_a_decision_far_from_the_limit_conflicts_once_another_booking_came_near(world: World) -> None:
    ada = world.member("Ada")
    world.cancel(ada, world.book(ada, NINE))
    (booking,) = world.day(ada, NINE).bookings
    far = booking_reads.booker_facts(world.table, ada.member_id, NINE.date, NINE.date)
    late = DayEditor(far.days, "operatio", world.now)
    late.queue(booking)
    assert far.limit is None
    world.allow(bookings=2)
    world.book(ada, at(DAY))
    assert try_commit(world, WriteSet(days=late.changes())) is Conflict


def test_r36_once_the_versioned_limit_exists_every_booking_increments_it(world: World) -> None:
    ada = world.member("Ada")
    world.allow(bookings=2)
    world.cancel(ada, world.book(ada, NINE))
    world.allow()
    before = reads.versioned_limit(world.table, versioned_limit_of(ada.member_id, LimitKind.BOOKINGS))
    world.book(ada, NINE)
    assert reads.versioned_limit(world.table, versioned_limit_of(ada.member_id, LimitKind.BOOKINGS)) == before.passed()


def test_r36_a_member_has_favorites_up_to_the_limit(world: World) -> None:
    world.allow(favorites=1)
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    with pytest.raises(InvalidRequest) as refusal:
        world.favorite(ada, cy)
    assert (refusal.value.field, "Remove one first" in refusal.value.detail) == ("favorites", True)
    world.favorite(ada, ben)
    world.say(ada, RelationKind.BLOCK, cy)
    world.take_back(ada, RelationKind.FAVORITE, ben)
    world.favorite(ada, cy)
    outcomes = at_once([partial(outcome, partial(world.favorite, ben, other)) for other in (ada, cy)])
    assert Counter(outcomes) == {None: 1, InvalidRequest: 1}


def test_r36_a_member_has_usable_links_up_to_the_limit_and_an_unusable_one_makes_room(world: World) -> None:
    world.allow(links=2)
    ada = world.member("Ada")
    spent = world.invite(ada, expires_at=world.now + timedelta(hours=1))
    kept = world.invite(ada)
    with pytest.raises(InvalidRequest) as refusal:
        world.invite(ada)
    assert refusal.value.field == "inviteLinks"
    world.after(hours=1)
    made = world.invite(ada)
    assert outcome(lambda: world.invite(ada)) is InvalidRequest
    tried = [outcome(partial(world.accept, world.member("Eve"), token, at(5))) for token in (spent, kept, made)]
    assert tried == [InviteUnavailable, NotAvailable, NotAvailable]
    world.revoke(ada)
    outcomes = at_once([lambda: outcome(lambda: world.invite(ada)) for _ in range(4)])
    assert Counter(outcomes) == {None: 2, InvalidRequest: 2}


def test_r36_a_member_has_keys_up_to_the_limit(world: World) -> None:
    world.allow(keys=2)
    ada = world.member("Ada")
    outcomes = at_once([lambda: outcome(lambda: world.api_key(ada, Scope.READ)) for _ in range(4)])
    assert Counter(outcomes) == {None: 2, InvalidRequest: 2}
    assert len(take_snapshot(world.table).api_keys) == 2


def test_r36_after_five_cancelled_locks_of_one_target_a_booker_cannot_lock_that_target_on_that_day(
    world: World,
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben, cy)
    world.book(ben, NINE)
    world.book(ben, at(DAY))
    lock_and_cancel(world, ada, ben, times=5)
    with pytest.raises(RateLimited) as refusal:
        world.lock(ada, ben, at(DAY))
    assert refusal.value.retry_after == timedelta(hours=16)
    world.set(ben, availability="no_one")
    assert outcome(lambda: world.lock(ada, ben, at(DAY))) is RateLimited
    world.set(ben, availability="everyone")
    world.book(cy, at(2 * DAY))
    world.lock(ada, cy, at(2 * DAY))
    world.book(ada, at(2), prefer=ben)
    world.after(hours=16)
    world.lock(ada, ben, at(DAY))


def test_r36_cancelled_locks_by_invite_count_and_those_of_several_days_add_up(world: World) -> None:
    world.allow(cancelled_locks=2)
    ada, ben = world.members("Ada", "Ben")
    token = world.invite(ben)
    for slot in (NINE, at(DAY)):
        world.book(ben, slot)
        world.cancel(ada, world.accept(ada, token, slot))
    assert outcome(lambda: world.accept(ada, token, NINE)) is RateLimited


def test_r36_a_cancelled_lock_counts_only_for_the_member_who_requested_and_cancelled_it(world: World) -> None:
    world.allow(cancelled_locks=1)
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.favorite(ben, ada)
    for _ in range(2):
        session = world.book(ben, NINE)
        world.lock(ada, ben, NINE)
        world.cancel(ben, session)
        world.cancel(ada, world.seen(ada, NINE))
    session = world.book(ben, NINE)
    world.book(ada, NINE)
    world.cancel(ada, world.seen(ada, NINE))
    world.book(ada, NINE)
    world.lock(ada, ben, NINE)
    world.cancel(ada, world.seen(ada, NINE))
    world.book(ada, NINE)
    assert outcome(lambda: world.lock(ada, ben, NINE)) is RateLimited
    world.lock(ben, ada, NINE)


def test_r36_the_cancelled_locks_of_all_targets_are_limited_together(world: World) -> None:
    world.allow(cancelled_locks_in_all=3)
    ada, *others = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
    world.favorite(ada, *others)
    for other in others:
        world.book(other, NINE if other is not others[3] else at(DAY))
    for other in others[:3]:
        lock_and_cancel(world, ada, other)
    assert outcome(lambda: world.lock(ada, others[3], at(DAY))) is RateLimited


def test_r36_after_too_many_unusable_links_a_member_can_try_no_link_on_that_day(world: World) -> None:
    world.allow(tries=2)
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    good = world.invite(ben)
    tries = [lambda: outcome(lambda: world.accept(ada, "no such link", NINE)) for _ in range(5)]
    outcomes = at_once(tries)
    assert Counter(outcomes) == {InviteUnavailable: 2, RateLimited: 3}
    assert outcome(lambda: world.accept(ada, good, NINE)) is RateLimited
    world.book(ben, at(DAY))
    world.after(hours=16)
    world.accept(ada, good, at(DAY))


def test_r36_a_link_attempt_that_books_is_not_counted(world: World) -> None:
    world.allow(tries=1)
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    token = world.invite(ben)
    for _ in range(2):
        world.cancel(ada, world.accept(ada, token, NINE))
    assert outcome(lambda: world.accept(ada, token, at(5))) is NotAvailable
    assert outcome(lambda: world.accept(ada, "no such link", NINE)) is InviteUnavailable


def rows_of_responses(world: World, member: Profile) -> int:
    """Return the number of the member's recorded responses."""
    return len(list(erasure_reads.response_digests(world.table, member.member_id, page=10)))


def ask_with_new_key(world: World, member: Profile, slot: Slot, **wishes: Any) -> RenderedReply:
    """Book a slot with a new idempotency key."""
    return world.reply(member, BookingRequest(slot, **wishes), KeyedRequest(f"key {world.ids.random()}", "digest"))


def edit_a_lock(world: World, ada: Profile) -> None:
    """Lock once, and change the title of the lock by requests that alternate between two titles."""
    ben = world.member("Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    for title in ("one", "two", "one", "two"):
        ask_with_new_key(world, ada, NINE, lock_with=ben.member_id, title=title)


def book_and_cancel(world: World, ada: Profile) -> None:
    """Book and cancel, on two dates in turn."""
    for number in range(4):
        slot = at(number % 2 * DAY + 1)
        ask_with_new_key(world, ada, slot)
        world.cancel(ada, world.seen(ada, slot))


@pytest.mark.parametrize("attack", [edit_a_lock, book_and_cancel])
def test_r36_the_recorded_responses_of_a_date_are_limited(
    world: World, attack: Callable[[World, Profile], None]
) -> None:
    """The attack sends a new idempotency key each time, so that each response is a row for 24 hours."""
    world.allow(responses=4)
    ada = world.member("Ada")
    attack(world, ada)
    before = take_snapshot(world.table)
    with pytest.raises(RateLimited) as refusal:
        ask_with_new_key(world, ada, at(2 * DAY))
    assert refusal.value.retry_after == timedelta(hours=16)
    assert take_snapshot(world.table) == before
    assert rows_of_responses(world, ada) == 4
    # Without a key nothing is recorded, and a booking is possible.
    world.book(ada, at(2 * DAY))
    world.after(hours=16)
    ask_with_new_key(world, ada, at(3 * DAY))
    assert rows_of_responses(world, ada) == 5


def test_r36_at_the_limit_of_recorded_responses_a_request_is_still_repeated(world: World) -> None:
    world.allow(responses=1)
    ada = world.member("Ada")
    keyed = KeyedRequest("key", "digest")
    first = world.reply(ada, BookingRequest(NINE), keyed)
    assert world.reply(ada, BookingRequest(NINE), keyed) == first


def test_r36_the_default_limits_are_those_of_the_rules() -> None:
    usual = MemberLimits()
    assert (usual.bookings, usual.favorites, usual.links, usual.cancelled_locks) == (200, 200, 50, 5)


def test_r36_near_the_limit_the_days_are_read_again_after_it_only_for_a_booking_that_is_made(world: World) -> None:
    world.allow(bookings=3)
    ada = world.member("Ada")
    world.book(ada, NINE)
    # A slot that is held, one that overlaps it, and a free one.
    for slot, reads_of_the_booker in ((NINE, 2), (at(1.5), 2), (at(DAY), 4)):
        with RequestUnitLedger(world.table.connection.client) as ledger:
            outcome(partial(world.book, ada, slot))
        shapes = [request.shape for request in ledger.requests]
        # The queue of the slot is read with the days.
        read = [("Query", 1), ("Query", 1), ("GetItem", 1), ("Query", 1)]
        assert shapes[:4] == read[:reads_of_the_booker]


def test_r36_opening_the_limit_costs_at_most_150_units(world: World) -> None:
    """It is announced, bumps 93 dates, and is put in force, in single updates. The booking then adds its own units."""
    ada = world.member("Ada")
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("open") as entry:
        limit = open_limit(world.context, ada.member_id)
    assert (limit.version, entry.write_units) == (2, 95)
    with RequestUnitLedger(world.table.connection.client) as ledger, ledger.entry("again") as entry:
        assert open_limit(world.context, ada.member_id) == limit
    assert entry.write_units == 0


def test_r36_a_limit_that_was_only_announced_is_put_in_force_by_the_next_booking(world: World) -> None:
    """The booking that announced it died before the version bumps. A decision without the limit could still commit."""
    ada = world.member("Ada")
    world.cancel(ada, world.book(ada, NINE))
    (booking,) = world.day(ada, NINE).bookings
    far = booking_reads.booker_facts(world.table, ada.member_id, NINE.date, NINE.date)
    late = DayEditor(far.days, "operatio", world.now)
    late.queue(booking)
    updates.raise_limit(world.table, versioned_limit_of(ada.member_id, LimitKind.BOOKINGS))
    world.book(ada, at(DAY))
    assert try_commit(world, WriteSet(days=late.changes())) is Conflict
    assert reads.versioned_limit(world.table, versioned_limit_of(ada.member_id, LimitKind.BOOKINGS)).version == 3
