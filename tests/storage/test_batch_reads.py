"""The reads of a batch of bookings, each in one request (R33, R36)."""

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.storage import batch_reads, keys, reads
from chalicelib.storage.mappers import versioned_limit_item
from tests.batches import save
from tests.harness import World, at
from tests.storage.test_booking_reads import in_order


@pytest.fixture
def ledger(world: World) -> RequestUnitLedger:
    """The requests of a test inside `with`."""
    return RequestUnitLedger(world.table.connection.client)


@pytest.mark.parametrize("with_batches", [True, False])
def test_r36_the_responses_and_the_limits_are_read_in_one_request(
    world: World, ledger: RequestUnitLedger, with_batches: bool
) -> None:
    ada = world.member("Ada")
    world.reply(ada, BookingRequest(at(1)), KeyedRequest("used", "digest"))
    limits = [versioned_limit_of(ada.member_id, kind) for kind in (LimitKind.BOOKINGS, LimitKind.BATCHES)]
    save(world.table, [versioned_limit_item(limits[0].passed())])
    with ledger:
        found = batch_reads.named_items(world.table, ada.member_id, ["used", "new"], with_batches=with_batches)
    read = {keys.recorded_response(ada.member_id, key) for key in ("used", "new")}
    read |= {keys.versioned_limit(ada.member_id, limit.name) for limit in limits[: 1 + with_batches]}
    assert in_order(ledger) == [read]
    # Strongly consistent, so each missing item costs one unit.
    assert sum(request.read_units for request in ledger.requests) == len(read)
    assert found.recorded == {"used": reads.recorded_response(world.table, ada.member_id, "used")}
    assert (found.bookings, found.batches) == (limits[0].passed(), limits[1] if with_batches else None)


def test_r33_only_the_keys_with_a_response_are_returned(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member, key in ((ada, "one"), (ada, "two"), (ben, "three")):
        world.after(hours=1).reply(member, BookingRequest(at(24)), KeyedRequest(key, "digest"))
    found = batch_reads.recorded_responses(world.table, ada.member_id, ["one", "three", "four"])
    assert found == {"one": reads.recorded_response(world.table, ada.member_id, "one")}
    assert batch_reads.recorded_responses(world.table, ada.member_id, []) == {}
