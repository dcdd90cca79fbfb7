"""Attacks by which one member makes the table, an item or another member's request grow without a limit (R36)."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_from, day_item
from infra.in_memory_dynamodb.item_size import item_size
from infra.local.aws import REGION
from infra.local.settings import TABLE
from tests import batches
from tests.contract.client import Client, Runner
from tests.contract.slots import Slots
from tests.domain.samples import NOON, SLOT, days_of, pair, waiting

PAST_DAYS = 300
NEW_KEYS = 30
LEAVING_MEMBERS = 11_000
KIBIBYTE = 1024
# Written by the first view of the count. A profile of an earlier release has neither.
COUNT = ("completed", "counted_until")


@pytest.fixture(scope="module")
def table(own_engine: str) -> Table:
    """The table of the runner that most tests share."""
    return Table(TABLE, region=REGION, endpoint=own_engine)


def rows_of(table: Table, member: Client) -> int:
    """Return the number of rows in a member's partition."""
    return int(table.query(keys.member(member.user_id), consistent_read=True)["Count"])


def units_of(api: Runner, member: Client, route: str) -> list[float]:
    """Return the read units of each of the member's requests to a route, in order."""
    logged = (line.partition(" service: ")[2] for line in api.output().splitlines())
    lines = [json.loads(line) for line in logged if f'"{route}"' in line]
    return [line["readUnits"] for line in lines if line.get("member") == member.user_id]


def store_past_sessions(table: Table, member: Client, partner: Client, starts: Iterable[datetime]) -> None:
    """Store one completed session of a member for each start, without a request."""
    for start in starts:
        slot = Slot(start, 50)
        booking = replace(
            waiting(member.user_id, slot), booking_id=session_id(member.user_id, slot.date, "0123456789abcdef")
        )
        # Both members joined at the start (R37).
        one, _other = pair(booking, waiting(partner.user_id, slot))
        assert one.partner
        one = replace(one, joined_at=start, partner=replace(one.partner, joined_at=start))
        batches.save(table, [day_item(Day(member.user_id, slot.date, 1, (one,)))])


def forget_count(table: Table, member: Client) -> None:
    """Store the member's profile as an earlier release did, without a count of sessions."""
    raw = table.get_item(*keys.profile(member.user_id), consistent_read=True)["Item"]
    batches.put(table, {name: value for name, value in raw.items() if name not in COUNT})


@pytest.mark.long
def test_r36_a_booking_that_exists_records_no_response_under_a_new_idempotency_key(
    ada: Client, slots: Slots, table: Table
) -> None:
    """The attack repeats one booking with a new idempotency key each time. Each response was a row of its own."""
    slot = slots.far()
    session = ada.post("/v1/sessions", slot.body(title="Once"), Idempotency_Key="first").json["session"]
    before = rows_of(table, ada)
    for number in range(NEW_KEYS):
        response = ada.post("/v1/sessions", slot.body(title="Once"), Idempotency_Key=f"key-{number}")
        assert (response.status, response.json["session"]) == (200, session)
    assert rows_of(table, ada) == before


@pytest.mark.long
def test_r36_a_day_stays_small_although_11000_members_match_and_cancel_on_its_owner() -> None:
    """The attack uses 11,000 members who are matched with one member in one slot and cancel.

    The day of that member grew by the id of each of them, up to DynamoDB's limit of 400 KB.
    """
    owner = days_of(waiting("owner"))["owner", SLOT.date]
    leavers = [f"{number:05}{'x' * 19}" for number in range(LEAVING_MEMBERS)]
    for leaver in leavers:
        (held,) = owner.active
        days = days_of(*pair(held, waiting(leaver)))
        read = days | Days([replace(days["owner", SLOT.date], cancelled_by=owner.cancelled_by)])
        editor = DayEditor(read, "operation", NOON)
        editor.cancel(next(read[leaver, SLOT.date].active))
        (owner,) = (change.after for change in editor.changes() if change.after.member_id == "owner")
    stored = day_item(replace(owner, bookings=()))
    assert item_size(stored.serialize()) < KIBIBYTE
    for day in (owner, day_from(stored)):
        assert day.was_cancelled_by(SLOT, leavers[-1])
        assert not day.was_cancelled_by(SLOT, leavers[0])


@pytest.mark.long  # Travels through hundreds of days.
def test_r34_the_session_count_of_a_member_with_hundreds_of_past_days_is_one_read(
    api: Runner, ada: Client, ben: Client, cy: Client, table: Table
) -> None:
    """A view of a member with 750 past days took 55 read units and 3.6 seconds, and grew with each day."""
    today = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    store_past_sessions(table, ben, cy, (today - timedelta(days=number + 1) for number in range(PAST_DAYS)))
    forget_count(table, ben)
    for _ in range(3):
        seen = ada.get(f"/v1/users/{ben.user_id}").json["user"]
        assert seen["totalSessionCount"] == PAST_DAYS
    first, *later = units_of(api, ada, "GET /v1/users/{userId}")
    assert first > 1
    assert later == [1, 1]
