"""The reads of a member's event log and of the destinations of its events."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.event import ROWS_KEPT, Event, EventKind, EventLog, EventRow
from chalicelib.domain.model.notices import LiveConnection, NoticeSettings, PushSubscription, Subscriptions, Webhook
from chalicelib.metrics import collect_metrics
from chalicelib.storage import notice_reads
from chalicelib.storage.documents import document_item
from tests import batches
from tests.harness import MONDAY, World, at

ADA, BEN = "A" * 24, "B" * 24
SETTINGS = NoticeSettings(member_id=ADA, version=1)
HOOK = Webhook(member_id=ADA, webhook_id="hook", url="https://example.org/", kinds=(), made_at=MONDAY, version=1)
PUSH = PushSubscription(
    member_id=ADA, subscription_id="one", endpoint="", p256dh="", auth="", made_at=MONDAY, version=1
)
LIVE = LiveConnection(member_id=ADA, connection_id="one", opened_at=MONDAY, version=1)


def row(sequence: int, member_id: str = ADA) -> EventRow:
    """Return the row of a change with one event."""
    event = Event(f"evt_{sequence}", EventKind.BOOKED, member_id, MONDAY, at(1), "booking")
    return EventRow(member_id=member_id, sequence=sequence, events=(event,), version=1)


def test_r43_one_query_finds_the_destinations_of_one_member(moto_world: World) -> None:
    log = EventLog(member_id=ADA, sequence=7, change_ids=("one",), version=7)
    batches.save(moto_world.table, map(document_item, (log, SETTINGS, HOOK, PUSH, LIVE, row(7))))
    batches.save(moto_world.table, [document_item(replace(HOOK, member_id=BEN))])
    with collect_metrics() as metrics:
        found = notice_reads.subscriptions(moto_world.table, ADA)
    assert found == Subscriptions(log, SETTINGS, push=[PUSH], webhooks=[HOOK], connections=[LIVE])
    assert metrics.read_units == 1
    moto_world.clear()


def test_r43_a_member_without_destinations_has_new_settings_and_a_new_log(moto_world: World) -> None:
    new = Subscriptions(EventLog(member_id=ADA), NoticeSettings(member_id=ADA), push=[], webhooks=[], connections=[])
    assert notice_reads.subscriptions(moto_world.table, ADA) == new
    assert notice_reads.event_log(moto_world.table, ADA) == new.log


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    ("stored", "head", "first", "expected"),
    [
        (range(1, 6), 5, 0, range(1, 6)),
        (range(1, 6), 5, 3, range(3, 6)),
        (range(1, 6), 5, 6, range(0)),
        ((), 0, 0, ()),
        # The table has deleted the oldest rows.
        (range(4, 6), 5, 1, range(4, 6)),
        # The ring has come round once, and then to its first place.
        (range(ROWS_KEPT - 2, ROWS_KEPT + 4), ROWS_KEPT + 3, 0, range(ROWS_KEPT - 2, ROWS_KEPT + 4)),
        (range(ROWS_KEPT - 2, ROWS_KEPT + 4), ROWS_KEPT + 3, ROWS_KEPT + 1, range(ROWS_KEPT + 1, ROWS_KEPT + 4)),
        (range(ROWS_KEPT - 2, ROWS_KEPT + 1), ROWS_KEPT, ROWS_KEPT - 1, (ROWS_KEPT - 1, ROWS_KEPT)),
        (range(ROWS_KEPT - 5, ROWS_KEPT), ROWS_KEPT - 1, 0, range(ROWS_KEPT - 5, ROWS_KEPT)),
        # The whole ring.
        pytest.param(
            range(700, 700 + ROWS_KEPT), 699 + ROWS_KEPT, 0, range(700, 700 + ROWS_KEPT), marks=pytest.mark.long
        ),
        # A row that is newer than the head follows with the next read.
        (range(1, 7), 5, 0, range(1, 6)),
    ],
)
def test_r42_the_rows_of_a_log_are_read_in_order_also_where_the_ring_comes_round(
    moto_world: World, stored: range, head: int, first: int, expected: range
) -> None:
    batches.save(moto_world.table, (document_item(row(sequence)) for sequence in stored))
    batches.save(moto_world.table, [document_item(row(sequence, BEN)) for sequence in (1, 2)])
    log = EventLog(member_id=ADA, sequence=head)
    rows = notice_reads.event_rows(moto_world.table, log, first=first, page=2 if len(expected) < ROWS_KEPT else 400)
    assert [one.sequence for one in rows] == list(expected)
    moto_world.clear()
