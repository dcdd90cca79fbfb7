"""The choice of the reads of a booking (R28, R33, R36). Their order is that of `booking_reads`."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.errors import IdempotencyKeyReused, Refusal, TimeConflict
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.limits import versioned_limit_of_failed_links
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import ONE_DAY, Slot
from chalicelib.services.bookings.book import KeyedRequest, book_session, terms_of
from chalicelib.services.bookings.facts import first_reads, gather
from tests.harness import World, at

NINE = at(1)
KEYED = KeyedRequest("key", "digest")
QUERY, GET = ("Query", 1), ("GetItem", 1)


def batch(number: int) -> tuple[str, int]:
    """Return the shape of a batch that names this number of items."""
    return ("BatchGetItem", number)


def asked(world: World, member: Profile, request: BookingRequest, keyed: KeyedRequest | None = None) -> list[Any]:
    """Return the shapes of the reads of a booking, whether it is refused or not."""
    with RequestUnitLedger(world.table.connection.client) as ledger, suppress(Refusal):
        world.reply(member, request, keyed)
    return [one.shape for one in ledger.requests if not one.writes]


def waits(_world: World, _ada: Profile, _ben: Profile) -> BookingRequest:
    return BookingRequest(NINE)


def pairs(world: World, _ada: Profile, ben: Profile) -> BookingRequest:
    world.book(ben, NINE)
    return BookingRequest(NINE)


def repeats(world: World, ada: Profile, _ben: Profile) -> BookingRequest:
    world.book(ada, NINE)
    return BookingRequest(NINE)


def conflicts(world: World, ada: Profile, _ben: Profile) -> BookingRequest:
    world.book(ada, at(1.5))
    return BookingRequest(NINE)


def replaces(world: World, ada: Profile, ben: Profile) -> BookingRequest:
    for member in (ada, ben):
        world.book(member, at(1.5))
    return BookingRequest(NINE, replace=True)


def locks(world: World, ada: Profile, ben: Profile) -> BookingRequest:
    world.favorite(ada, ben)
    world.book(ben, NINE)
    return BookingRequest(NINE, lock_with=ben.member_id)


def displaces_two(world: World, ada: Profile, ben: Profile) -> BookingRequest:
    cy, dee = world.members("Cy", "Dee")
    for member in (ada, cy, ben, dee):
        world.book(member, NINE)
    world.favorite(ada, ben)
    return BookingRequest(NINE, lock_with=ben.member_id)


def is_refused(world: World, ada: Profile, ben: Profile) -> BookingRequest:
    request = locks(world, ada, ben)
    world.say(ben, RelationKind.BLOCK, ada)
    return request


def conflicts_with_a_lock(world: World, ada: Profile, ben: Profile) -> BookingRequest:
    request = locks(world, ada, ben)
    world.book(ada, at(1.5))
    return request


def repeats_a_lock(world: World, ada: Profile, ben: Profile) -> BookingRequest:
    request = locks(world, ada, ben)
    world.lock(ada, ben, NINE)
    return request


# The reads of the booker with those beside them, then the second reads. A booking that creates its day ends with the
# second look (R1, R33).
OF_QUEUE, OF_TARGET = [QUERY, QUERY], [batch(1), QUERY]
READS: dict[Callable[[World, Profile, Profile], BookingRequest], tuple[list[Any], list[Any]]] = {
    waits: (OF_QUEUE, [GET, batch(1)]),
    pairs: (OF_QUEUE, [batch(1), batch(4), batch(2)]),
    repeats: (OF_QUEUE, []),
    conflicts: (OF_QUEUE, []),
    replaces: (OF_QUEUE, [batch(2)]),
    locks: (OF_TARGET, [batch(5), batch(2)]),
    displaces_two: (OF_TARGET, [batch(6), batch(4)]),
    is_refused: (OF_TARGET, [batch(5), batch(1)]),
    conflicts_with_a_lock: (OF_TARGET, []),
    repeats_a_lock: (OF_TARGET, [batch(2)]),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(("situation", "expected"), READS.items(), ids=[one.__name__ for one in READS])
def test_a_booking_reads_only_the_items_that_its_decision_needs(
    world: World, situation: Callable[[World, Profile, Profile], BookingRequest], expected: tuple[list[Any], list[Any]]
) -> None:
    ada, ben = world.members("Ada", "Ben")
    request = situation(world, ada, ben)
    shapes = asked(world, ada, request)
    # Parallel reads arrive in any order.
    assert (Counter(shapes[:2]), Counter(shapes[2:])) == tuple(map(Counter, expected))


@pytest.mark.parametrize(("booked", "account"), [(None, []), (at(3), [GET])], ids=["new date", "date with a session"])
def test_r33_the_account_that_was_read_beside_the_days_serves_only_a_booking_that_looks_again(
    world: World, booked: Slot | None, account: list[Any]
) -> None:
    """Another booking reads it after the days, since a deletion may have bumped them before they were read."""
    ada, request = world.member("Ada"), BookingRequest(NINE)
    if booked:
        world.book(ada, booked)
    begun = first_reads(world.context, ada.member_id, request, None, world.now)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        book_session(world.context, ada, request, None, lambda: begun)
    commit, second_look = ("TransactWriteItems", 2), [] if booked else [batch(1)]
    assert [one.shape for one in ledger.requests] == [*account, commit, *second_look]


@pytest.mark.parametrize(
    ("situation", "again"), [(conflicts, [GET]), (is_refused, [GET]), (waits, []), (repeats, [GET])]
)
def test_r33_with_a_key_the_response_is_read_in_parallel_with_the_days_and_again_before_a_refusal(
    world: World, situation: Callable[[World, Profile, Profile], BookingRequest], again: list[Any]
) -> None:
    ada, ben = world.members("Ada", "Ben")
    request = situation(world, ada, ben)
    shapes = asked(world, ada, request, KEYED)
    assert sorted(shapes[:3]) == sorted([GET, *READS[situation][0]])
    # A booking that exists already reads the account instead, since only the response is written.
    assert shapes[3:] == [*READS[situation][1], *again]


def test_a_repeated_request_with_a_key_reads_the_partner_and_nothing_else(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    request = pairs(world, ada, ben)
    asked(world, ada, request, KEYED)
    shapes = asked(world, ada, request, KEYED)
    # The response is young, so a block meanwhile is looked for again (R1).
    assert (sorted(shapes[:3]), shapes[3:]) == ([GET, QUERY, QUERY], [GET, batch(2)])
    world.now += SETTLE
    shapes = asked(world, ada, request, KEYED)
    assert (sorted(shapes[:3]), shapes[3:]) == ([GET, QUERY, QUERY], [GET])
    with pytest.raises(IdempotencyKeyReused):
        world.reply(ada, request, KeyedRequest("key", "another digest"))


def test_r28_a_link_that_cannot_be_used_costs_the_reads_of_a_lock(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    world.book(ada, at(1.5))
    token = world.invite(ben)
    shapes = asked(world, ada, BookingRequest(NINE, invite=token_digest("no such link")))
    assert sorted(shapes[:3]) == [GET, GET, QUERY]
    assert shapes[3:] == [batch(1), batch(5)]
    # The booker's own conflict changes nothing of the reads.
    assert asked(world, ada, BookingRequest(NINE, invite=token_digest(token)))[3:] == shapes[3:]


def test_r36_over_the_limit_of_failed_links_no_item_of_an_owner_is_read(world: World) -> None:
    world.allow(tries=1)
    ada = world.member("Ada")
    request = BookingRequest(NINE, invite=token_digest("no such link"))
    asked(world, ada, request)
    assert sorted(asked(world, ada, request)) == [GET, GET, QUERY]


def test_r36_the_first_booking_near_the_limit_reads_the_days_again_after_it_opened_the_versioned_limit(
    world: World,
) -> None:
    world.allow(bookings=2)
    ada = world.member("Ada")
    # The versioned limit is read before it is announced, before it is put in force, and after that.
    limit = [GET, GET, GET]
    assert asked(world, ada, BookingRequest(at(24))) == [QUERY, QUERY, *limit, QUERY, GET]


@pytest.mark.parametrize("locks", [False, True])
def test_r14_a_booking_that_lost_a_race_after_its_first_reads_is_decided_on_new_ones(world: World, locks: bool) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    request = BookingRequest(NINE, lock_with=ben.member_id if locks else None)
    begun = first_reads(world.context, ada.member_id, request, None, world.now)
    world.book(ada, at(1.5))
    with pytest.raises(TimeConflict):
        book_session(world.context, ada, request, None, lambda: begun)


def test_r36_the_first_reads_of_the_date_before_are_made_again(world: World) -> None:
    """The tries of an invite link are counted by date."""
    ada = world.member("Ada")
    request = BookingRequest(at(24), invite=token_digest("unknown"))
    begun = first_reads(world.context, ada.member_id, request, None, world.now)
    world.after(days=1)
    terms = terms_of(world.context, world.now, "operation", "booking")
    found = gather(world.context, ada, request, None, terms, contended=False, begun=lambda: begun)
    assert begun.booker.failed_links == versioned_limit_of_failed_links(ada.member_id, world.now - ONE_DAY)
    assert found.booker.failed_links == versioned_limit_of_failed_links(ada.member_id, world.now)
