"""Events reach the log, the bus and the queues at least once, with one id and in order."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.event import EVENTS_KEPT, KEPT_CHANGE_IDS, ROWS_KEPT, Event, EventKind, EventLog, EventRow
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import Channel, Delivery, Webhook
from chalicelib.metrics import collect_metrics
from chalicelib.services.notices.event_log import announce
from chalicelib.services.transaction import ATTEMPTS
from chalicelib.storage import notice_reads
from chalicelib.storage.document_keys import event_row
from chalicelib.storage.documents import document, document_item
from chalicelib.storage.mappers import account_item
from chalicelib.storage.transactions import commit
from tests import batches
from tests.announcements import logged, record_channels
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World, at


def event(member: Profile, name: str, world: World) -> Event:
    return Event(f"evt_{name}", EventKind.BOOKED, member.member_id, world.now, at(1), name)


def store(world: World, *documents: Webhook) -> None:
    changes = tuple(DocumentChange(None, one) for one in documents)
    commit(world.table, WriteSet(documents=changes), token=world.context.token(26), now=world.now)


def test_r42_a_change_is_one_row_that_expires_and_its_events_go_to_the_bus_and_the_queues(world: World) -> None:
    bus, queues = record_channels(world)
    ada = world.member("Ada")
    store(
        world, Webhook(member_id=ada.member_id, webhook_id="hook", url="", kinds=(EventKind.BOOKED,), made_at=world.now)
    )
    one, two = event(ada, "one", world), event(ada, "two", world)
    announce(world.context, "change", [one, two])
    row = document(world.table, event_row(ada.member_id, 1), EventRow)
    assert row == EventRow(
        member_id=ada.member_id, sequence=1, events=(one, two), expires=world.now + EVENTS_KEPT, version=1
    )
    log = EventLog(member_id=ada.member_id, sequence=1, change_ids=("change",), version=1)
    assert notice_reads.event_log(world.table, ada.member_id) == log
    assert bus.events == [one, two]
    assert queues.deliveries == [Delivery(Channel.WEBHOOK, each, "hook") for each in (one, two)]


def test_r42_a_repeated_change_adds_no_row_and_sends_the_same_again(world: World) -> None:
    bus, _ = record_channels(world)
    ada = world.member("Ada")
    one = event(ada, "one", world)
    for _ in range(3):
        announce(world.context, "change", [one])
    assert logged(world, ada) == [one]
    assert bus.events == [one] * 3


def test_r42_the_latest_changes_are_recognized_in_any_order(world: World) -> None:
    record_channels(world)
    ada = world.member("Ada")
    events = [event(ada, str(n), world) for n in range(KEPT_CHANGE_IDS)]
    for repetition in (events, reversed(events)):
        for one in repetition:
            announce(world.context, one.event_id, [one])
    assert logged(world, ada) == events


def test_r42_a_run_that_ends_before_a_channel_accepted_is_repeated_with_the_same_ids(world: World) -> None:
    bus, queues = record_channels(world)
    ada = world.member("Ada")
    one = event(ada, "one", world)
    store(
        world, Webhook(member_id=ada.member_id, webhook_id="hook", url="", kinds=(EventKind.BOOKED,), made_at=world.now)
    )
    bus.failures = queues.failures = 1
    with pytest.raises(SendFailed):
        announce(world.context, "change", [one])
    assert (bus.events, queues.deliveries, logged(world, ada)) == ([], [], [one])
    announce(world.context, "change", [one])
    assert (bus.events, queues.deliveries) == ([one], [Delivery(Channel.WEBHOOK, one, "hook")])
    assert logged(world, ada) == [one]


def test_r43_a_bus_that_fails_does_not_stop_the_queues(world: World) -> None:
    bus, queues = record_channels(world)
    ada = world.member("Ada")
    store(
        world, Webhook(member_id=ada.member_id, webhook_id="hook", url="", kinds=(EventKind.BOOKED,), made_at=world.now)
    )
    bus.failures = 1
    with pytest.raises(SendFailed):
        announce(world.context, "change", [event(ada, "one", world)])
    assert len(queues.deliveries) == 1


def test_r42_nothing_is_sent_before_the_commit(world: World, faults: FaultProxy) -> None:
    bus, _ = record_channels(world)
    ada = world.member("Ada")
    one = event(ada, "one", world)
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    with pytest.raises(Busy):
        announce(world.context, "change", [one])
    assert (bus.events, logged(world, ada)) == ([], [])
    # A commit whose response is lost is one row.
    faults.plan += [Fault.LOSE_RESPONSE]
    announce(world.context, "change", [one])
    assert (bus.events, logged(world, ada)) == ([one], [one])


def test_r33_a_member_without_an_account_gets_no_event(world: World) -> None:
    bus, queues = record_channels(world)
    ada = world.member("Ada")
    one = event(ada, "one", world)
    world.leave(ada)
    announce(world.context, "change", [one])
    assert (bus.events, queues.deliveries) == ([], [])
    assert notice_reads.event_log(world.table, ada.member_id) == EventLog(member_id=ada.member_id)


def test_r33_a_later_account_of_the_same_person_gets_no_event_of_the_deleted_one(world: World) -> None:
    bus, _ = record_channels(world)
    ada = world.member("Ada")
    old = event(ada, "old", world)
    returned = replace(ada, member_since=world.now + timedelta(minutes=2), deleted_at=world.now + timedelta(minutes=1))
    world.leave(ada)
    batches.save(world.table, [account_item(returned)])
    announce(world.context, "old", [old])
    assert bus.events == []
    new = replace(old, event_id="evt_new", at=returned.member_since)
    announce(world.context, "new", [new])
    assert bus.events == [new]
    world.clear()


def test_r36_the_log_keeps_the_latest_rows_of_a_busy_member(world: World) -> None:
    record_channels(world)
    ada = world.member("Ada")
    head = EventLog(member_id=ada.member_id, sequence=ROWS_KEPT, version=1)
    old = EventRow(member_id=ada.member_id, sequence=1, events=(event(ada, "old", world),), version=1)
    batches.save(world.table, map(document_item, (head, old)))
    one = event(ada, "new", world)
    announce(world.context, "change", [one])
    row = document(world.table, event_row(ada.member_id, 1), EventRow)
    assert row
    assert (row.sequence, row.events) == (ROWS_KEPT + 1, (one,))


@pytest.mark.parametrize(("kind", "units"), [(EventKind.MATCHED, 4), (EventKind.BOOKED, 6), (EventKind.CANCELLED, 6)])
def test_r42_an_event_costs_the_units_that_the_docs_name(world: World, kind: EventKind, units: float) -> None:
    record_channels(world)
    ada = world.member("Ada")
    costs = []
    for _ in range(2):
        with collect_metrics() as metrics:
            announce(world.context, "change", [replace(event(ada, "one", world), kind=kind)])
        costs.append((metrics.read_units, metrics.write_units))
    assert costs == [(1, units), (1, 0)]
