"""Tests of calendar feeds as use cases (R44)."""

import json
from datetime import timedelta

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.model.calendar_feed import MOST_FEEDS
from chalicelib.domain.model.errors import InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.model.member import Profile
from chalicelib.services.notices import calendar_feeds
from chalicelib.services.notices.calendar_feeds import (
    NAMED_PARTNERS,
    UNNAMED_PARTNER,
    list_feeds,
    make_feed,
    read_feed,
    revoke_feed,
)
from tests.fault_proxy import Fault, FaultProxy, meanwhile
from tests.harness import World, at
from tests.table_snapshot import read_whole_table


def names(world: World, token: str) -> list[str | None]:
    """Return the names of the partners that a feed shows, by start."""
    return [shown.view.partner.name if shown.view.partner else None for shown in read_feed(world.context, token)]


def test_r44_only_the_hash_of_a_token_of_at_least_128_bits_is_stored(world: World) -> None:
    made = make_feed(world.context, world.member("Ada").member_id)
    assert len(made.token) * 5 >= 128
    stored = json.dumps([[*key, str(raw)] for key, raw in read_whole_table(world.table).items()])
    assert made.token not in stored
    assert made.feed.digest in stored


def test_r44_a_feed_shows_the_sessions_of_its_owner_by_start_with_the_version_of_their_day(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    token = make_feed(world.context, ada.member_id).token
    later, first, other_day = (world.book(ada, slot) for slot in (at(3), at(1), at(26)))
    world.book(ben, at(5))
    shown = read_feed(world.context, token)
    assert [one.view.booking.booking_id for one in shown] == [
        session["sessionId"] for session in (first, later, other_day)
    ]
    assert [one.version for one in shown] == [world.day(ada, slot).version for slot in (at(1), at(3), at(26))]


def test_r33_a_feed_of_a_deleted_account_is_gone_before_its_data_is_erased(world: World) -> None:
    ada = world.member("Ada")
    token = make_feed(world.context, ada.member_id).token
    world.begin_to_leave(ada)
    with pytest.raises(NotFound):
        read_feed(world.context, token)


def test_r33_a_feed_of_an_earlier_account_does_not_open_a_new_one(world: World) -> None:
    ada = world.member("Ada")
    token = make_feed(world.context, ada.member_id).token
    assert read_feed(world.context, token) == []
    later = world.now + timedelta(hours=1)
    world.set(ada, deleted_at=later, member_since=later)
    with pytest.raises(NotFound):
        read_feed(world.context, token)


def test_r36_a_feed_names_the_nearest_partners_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert NAMED_PARTNERS == 100
    monkeypatch.setattr(calendar_feeds, "NAMED_PARTNERS", 2)
    ada = world.member("Ada")
    token = make_feed(world.context, ada.member_id).token
    for hours, name in ((1, "Ben"), (3, "Cy"), (5, "Dee"), (7, "Ben")):
        meet(world, ada, name, hours)
    assert names(world, token) == ["Ben", "Cy", UNNAMED_PARTNER, UNNAMED_PARTNER]


def meet(world: World, member: Profile, name: str, hours: int) -> None:
    """Match a member with a new member."""
    world.book(member, at(hours))
    world.book(world.member(name), at(hours))


def test_r44_an_unknown_feed_costs_one_read(world: World) -> None:
    client = world.table.connection.client
    with RequestUnitLedger(client) as ledger, ledger.entry("unknown"), pytest.raises(NotFound):
        read_feed(world.context, "0" * 26)
    assert [request.operation for request in ledger.requests] == ["GetItem"]


def test_r44_a_feed_whose_first_response_was_lost_is_made_once(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    # The client library sends the request twice.
    faults.plan[:] = [Fault.LOSE_RESPONSE] * 2
    made = make_feed(world.context, ada.member_id)
    listed = list_feeds(world.context, ada.member_id, after=None, limit=None).items
    assert [feed.feed_id for feed in listed] == [made.feed.feed_id]
    assert read_feed(world.context, made.token) == []


@pytest.mark.long  # Makes as many feeds as a member may have.
def test_r36_concurrent_requests_make_no_feed_beyond_the_limit(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    for _ in range(MOST_FEEDS - 1):
        make_feed(world.context, ada.member_id)

    def make() -> object:
        return make_feed(world.context, ada.member_id)

    assert meanwhile(faults, make, make) is InvalidRequest
    assert len(list_feeds(world.context, ada.member_id, after=None, limit=None).items) == MOST_FEEDS


def test_r33_a_feed_that_is_made_during_a_deletion_is_not_stored(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    refusal = meanwhile(faults, lambda: make_feed(world.context, ada.member_id), lambda: world.begin_to_leave(ada))
    assert refusal is Unauthenticated
    assert list_feeds(world.context, ada.member_id, after=None, limit=None).items == []


def test_r44_a_revoked_feed_is_gone_at_once(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    made = make_feed(world.context, ada.member_id)
    with pytest.raises(NotFound):
        revoke_feed(world.context, ben.member_id, made.feed.feed_id)
    revoke_feed(world.context, ada.member_id, made.feed.feed_id)
    revoke_feed(world.context, ada.member_id, made.feed.feed_id)
    with pytest.raises(NotFound):
        read_feed(world.context, made.token)
