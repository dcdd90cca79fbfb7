"""The events of whole use cases, from the stream of a real table to the logs of the members."""

from datetime import timedelta

from chalicelib.domain.model.member import RelationKind
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.services.notices.day_changes import announce_write, reported_write
from tests.announcements import announce_all, day_records, logged, logged_kinds, record_channels
from tests.harness import World, at

NINE = at(1)


def test_r42_each_member_of_a_pair_gets_the_events_of_the_own_session(world: World) -> None:
    bus, _ = record_channels(world)
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    sessions = {member.name: world.book(member, NINE) for member in (ada, ben)}
    world.favorite(cy, ada)
    world.lock(cy, ada, NINE)
    announce_all(world)
    world.cancel(ada, sessions["Ada"])
    announce_all(world)
    assert {member.name: logged_kinds(world, member) for member in (ada, ben, cy)} == {
        "Ada": ["booked", "matched", "locked_in", "cancelled"],
        "Ben": ["booked", "matched", "displaced"],
        "Cy": ["booked", "locked_in", "partner_cancelled"],
    }
    assert {event.booking_id for event in logged(world, ada)} == {sessions["Ada"]["sessionId"]}
    ids = [event.event_id for event in bus.events]
    assert len(ids) == len(set(ids)) == 10


def test_r12_who_is_displaced_and_paired_again_in_one_write_gets_both_events_in_order(world: World) -> None:
    record_channels(world)
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.say(ada, RelationKind.SNOOZE, cy, until=world.now + timedelta(days=1))
    for member in (ada, ben, cy, dee):
        world.book(member, NINE)
    partners = {member.name: world.state(member, NINE)[1] for member in (ada, ben, cy, dee)}
    assert partners == {"Ada": "Ben", "Ben": "Ada", "Cy": "Dee", "Dee": "Cy"}
    world.favorite(ada, dee)
    world.lock(ada, dee, NINE)
    announce_all(world)
    assert {member.name: logged_kinds(world, member)[2:] for member in (ada, ben, cy, dee)} == {
        "Ada": ["locked_in"],
        "Ben": ["displaced", "matched"],
        "Cy": ["displaced", "matched"],
        "Dee": ["locked_in"],
    }


def test_r42_records_that_come_again_later_and_out_of_order_add_no_event(world: World) -> None:
    bus, _ = record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)
    world.book(ben, NINE)
    world.cancel(ada, session)
    records = day_records(world)
    for batch in (records, records[2:], list(reversed(records)), records):
        handle_day_records(world.context, batch)
    assert logged_kinds(world, ada) == ["booked", "matched", "cancelled"]
    assert logged_kinds(world, ben) == ["booked", "matched", "partner_cancelled"]
    assert {event.event_id for event in bus.events} == {
        event.event_id for member in (ada, ben) for event in logged(world, member)
    }


def test_r42_the_events_of_a_record_from_the_failure_queue_follow_those_of_later_records(world: World) -> None:
    """A page that has read the later ones must find them too."""
    record_channels(world)
    ada = world.member("Ada")
    session = world.book(ada, NINE)
    world.cancel(ada, session)
    first, second = day_records(world)
    handle_day_records(world.context, [second])
    assert logged_kinds(world, ada) == ["cancelled"]
    handle_day_records(world.context, [first])
    assert logged_kinds(world, ada) == ["cancelled", "booked"]


def test_r36_a_write_without_an_event_costs_nothing(world: World) -> None:
    record_channels(world)
    ada = world.member("Ada")
    world.book(ada, NINE)
    (record,) = day_records(world)
    record["dynamodb"]["OldImage"] = record["dynamodb"]["NewImage"]
    write = reported_write(record)
    assert write
    announce_write(world.context, write)
    assert logged_kinds(world, ada) == []
