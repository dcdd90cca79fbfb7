"""The recipients of the signals between the pages of a pair (R41)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bench.request_units import RequestUnitLedger
from chalicelib.domain.model.errors import NotAvailable, NotFound, Refusal, TooLate
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.notices.live_connections import MOST_CONNECTIONS, end_connections, open_connection
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.signals import NO_RECIPIENT, SignalRecipient, recipient_of_signals
from tests.fault_proxy import FaultProxy
from tests.harness import MONDAY, World, at

SLOT = at(1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
# Real time, which differs from the clock of the service.
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


class JoinedPair:
    """Ada and Ben in one slot, each with an open page, at its start."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ada, self.ben = world.members("Ada", "Ben")
        self.of_ada, self.of_ben = (world.book(member, SLOT)["sessionId"] for member in (self.ada, self.ben))
        self.open_page(self.ada, "ada's")
        self.open_page(self.ben, "ben's")
        world.now = SLOT.start

    def open_page(
        self, member: Profile, connection_id: str, *, lasts: timedelta = MINUTE, may_write: bool = True
    ) -> None:
        open_connection(
            self.world.context, member, connection_id, token_expires=NOW + lasts, now=NOW, may_write=may_write
        )

    def join(self, *members: Profile) -> None:
        for member in members:
            join_session(self.world.context, member, self.of_ada if member is self.ada else self.of_ben)

    def from_ada(self, booking_id: str | None = None) -> SignalRecipient:
        return self.sent_by(self.ada, booking_id or self.of_ada)

    def sent_by(self, member: Profile, booking_id: str) -> SignalRecipient:
        return recipient_of_signals(self.world.context, member.member_id, booking_id, real_now=NOW)

    def cost_from_ada(self) -> list[tuple[str, float]]:
        """Return the requests of a signal that reaches no page, each with its read units."""
        with RequestUnitLedger(self.world.table.connection.client) as ledger:
            assert self.from_ada() == NO_RECIPIENT
        assert sum(request.write_units for request in ledger.requests) == 0
        return [(request.operation, request.read_units) for request in ledger.requests]

    def refusal(self, member: Profile, booking_id: str) -> type[Exception]:
        with pytest.raises(Refusal) as refused:
            self.sent_by(member, booking_id)
        return refused.type


@pytest.fixture
def pair(world: World) -> JoinedPair:
    return JoinedPair(world)


def test_r41_signals_reach_the_pages_of_a_partner_who_has_joined(pair: JoinedPair) -> None:
    pair.join(pair.ada)
    assert pair.from_ada() == NO_RECIPIENT
    pair.join(pair.ben)
    pair.open_page(pair.ben, "of ben's phone")
    found = pair.from_ada()
    assert (found.session_id, sorted(found.connections)) == (pair.of_ben, ["ben's", "of ben's phone"])
    assert pair.sent_by(pair.ben, pair.of_ben) == SignalRecipient(pair.of_ada, ["ada's"])


def test_r35_a_page_that_may_only_read_and_an_expired_one_get_no_signals(pair: JoinedPair) -> None:
    pair.join(pair.ada, pair.ben)
    pair.open_page(pair.ben, "reader", may_write=False)
    pair.open_page(pair.ben, "expired", lasts=-3 * MINUTE)
    assert pair.from_ada().connections == ["ben's"]


def test_r41_a_member_signals_only_in_a_session_that_is_the_members_and_joined(pair: JoinedPair, world: World) -> None:
    cy, dee, eve = world.members("Cy", "Dee", "Eve")
    world.now = SLOT.start - 30 * MINUTE
    of_cy, of_dee = (world.book(member, at(1, minutes=25))["sessionId"] for member in (cy, dee))
    alone = world.book(eve, at(1, minutes=75))["sessionId"]
    world.now = SLOT.start
    pair.join(pair.ben)
    assert pair.refusal(pair.ada, pair.of_ada) is NotAvailable
    pair.join(pair.ada)
    join_session(world.context, cy, of_cy)
    refused = [pair.refusal(pair.ada, other) for other in (pair.of_ben, of_cy, "", "unknown", "x" * 10_000)]
    assert refused == [NotFound] * 5
    assert {pair.refusal(cy, other) for other in (pair.of_ada, pair.of_ben, of_dee, alone)} == {NotFound}
    assert pair.refusal(eve, alone) is NotAvailable


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (SLOT.start - 10 * MINUTE - SECOND, NotAvailable),
        (SLOT.start - 10 * MINUTE, None),
        (SLOT.end + 10 * MINUTE - SECOND, None),
        (SLOT.end + 10 * MINUTE, TooLate),
    ],
)
def test_r41_signals_pass_from_10_minutes_before_the_start_to_10_minutes_after_the_end(
    pair: JoinedPair, world: World, now: datetime, refusal: type[Exception] | None
) -> None:
    pair.join(pair.ada, pair.ben)
    world.now = now
    if refusal:
        assert pair.refusal(pair.ada, pair.of_ada) is refusal
    else:
        assert pair.from_ada() == SignalRecipient(pair.of_ben, ["ben's"])


def test_r41_after_a_cancel_neither_reaches_the_other(pair: JoinedPair, world: World) -> None:
    world.now = SLOT.start - 5 * MINUTE
    pair.join(pair.ada, pair.ben)
    cancel_session(world.context, pair.ada.member_id, pair.of_ada)
    assert pair.refusal(pair.ada, pair.of_ada) is TooLate
    assert pair.refusal(pair.ben, pair.of_ben) is NotAvailable


@pytest.mark.parametrize("blocks", ["ada", "ben"])
def test_r1_a_block_in_the_room_looks_like_a_closed_page(pair: JoinedPair, world: World, blocks: str) -> None:
    pair.join(pair.ada, pair.ben)
    blocker, blocked = (pair.ada, pair.ben) if blocks == "ada" else (pair.ben, pair.ada)
    world.say(blocker, RelationKind.BLOCK, blocked)
    assert pair.from_ada() == pair.sent_by(pair.ben, pair.of_ben) == NO_RECIPIENT


def test_r1_a_block_in_the_room_costs_what_a_closed_page_costs(pair: JoinedPair, world: World) -> None:
    """A sender who measures the time of each answer learns nothing, also of a partner with many pages."""
    pair.join(pair.ada)
    not_joined = pair.cost_from_ada()
    pair.join(pair.ben)
    for number in range(MOST_CONNECTIONS - 1):
        pair.open_page(pair.ben, f"{number}")
    world.say(pair.ben, RelationKind.BLOCK, pair.ada)
    blocked = pair.cost_from_ada()
    world.take_back(pair.ben, RelationKind.BLOCK, pair.ada)
    end_connections(world.context, pair.ben.member_id)
    assert [not_joined, blocked] == [pair.cost_from_ada()] * 2
    assert sum(units for _, units in blocked) == 7


def test_r41_a_partner_who_moved_to_another_room_between_the_reads_gets_no_signal(
    faults: FaultProxy, world: World
) -> None:
    pair = JoinedPair(world)
    world.now = SLOT.start - 9 * MINUTE
    cy = world.member("Cy")
    pair.join(pair.ada, pair.ben)
    # The service has read Ada's day and asks for Ben's.
    faults.hold_next("GetItem", number=2)
    with ThreadPoolExecutor(1) as other:
        sent = other.submit(pair.from_ada)
        assert faults.held.wait(60)
        cancel_session(world.context, pair.ada.member_id, pair.of_ada)
        world.book(cy, SLOT)
        assert world.state(pair.ben, SLOT) == ("matched", "Cy")
        pair.join(pair.ben)
        faults.release_held()
        assert sent.result() == NO_RECIPIENT


def test_r33_the_new_account_of_a_partner_who_came_back_takes_no_part(pair: JoinedPair, world: World) -> None:
    claims = Claims(world.settings.issuer, "cy", "Cy", None, "UTC", MONDAY)
    cy, dee = get_or_create_member(world.context, claims), world.member("Dee")
    slot = at(3)
    of_cy, of_dee = (world.book(member, slot)["sessionId"] for member in (cy, dee))
    world.now = slot.start
    for member, booking_id in ((cy, of_cy), (dee, of_dee)):
        join_session(world.context, member, booking_id)
    pair.open_page(cy, "cy's")
    assert pair.sent_by(dee, of_dee) == SignalRecipient(of_cy, ["cy's"])
    delete_account(world.context, cy.member_id, deleted_at=world.now)
    assert pair.sent_by(dee, of_dee) == NO_RECIPIENT
    world.now += MINUTE
    again = get_or_create_member(world.context, replace(claims, signed_in_at=world.now))
    pair.open_page(again, "new")
    assert pair.sent_by(dee, of_dee) == NO_RECIPIENT
    assert pair.refusal(again, of_cy) is NotFound


def test_r36_a_signal_costs_8_read_units_however_many_pages_the_partner_has(pair: JoinedPair, world: World) -> None:
    pair.join(pair.ada, pair.ben)
    for number in range(MOST_CONNECTIONS - 1):
        pair.open_page(pair.ben, f"{number}")
    with RequestUnitLedger(world.table.connection.client) as ledger:
        assert len(pair.from_ada().connections) == MOST_CONNECTIONS
    assert sum(request.write_units for request in ledger.requests) == 0
    assert [request.read_units for request in ledger.requests] == [1, 1, 4, 2]
