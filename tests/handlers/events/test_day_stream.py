"""Tests of the handler that announces events, and its log lines."""

import json
from typing import Any

import msgspec

from chalicelib.handlers.events.day_stream import BATCH_SECONDS, handle_day_records
from chalicelib.services.transaction import ATTEMPTS
from tests.announcements import day_records, logged_kinds, record_channels, record_failures
from tests.fault_proxy import Fault, FaultProxy
from tests.handlers.conftest import Lines, metrics_of
from tests.harness import World, at

NINE = at(1)
SECRET = "Ada's diary"


def number(record: dict[str, Any]) -> str:
    text: str = record["dynamodb"]["SequenceNumber"]
    return text


def poison(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with an image that no mapper can read."""
    image = {**record["dynamodb"]["NewImage"], "b": {"S": SECRET}}
    return {**record, "dynamodb": {**record["dynamodb"], "NewImage": image}}


def of_days(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of records, without the one of the demand."""
    return [line for line in lines if line["event"] == "day"]


def failed(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_r42_every_record_has_a_line_of_ids_and_no_text_of_a_member(world: World, lines: Lines) -> None:
    record_channels(world)
    ada = world.member("Ada")
    world.book(ada, NINE, title=SECRET)
    records = day_records(world)
    assert handle_day_records(world.context, records) == {"batchItemFailures": []}
    (line,) = of_days(lines())
    assert {
        name: line[name] for name in ("event", "outcome", "level", "record", "member", "readUnits", "writeUnits")
    } == {
        "event": "day",
        "outcome": "ok",
        "level": "info",
        "record": number(records[0]),
        "member": ada.member_id,
        "readUnits": 2,
        "writeUnits": 6,
    }
    assert [text for text in (SECRET, "Ada") if text in json.dumps(line)] == []


def test_r42_after_a_record_that_fails_the_later_ones_of_its_member_wait_and_no_others(
    world: World, lines: Lines, faults: FaultProxy
) -> None:
    record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)
    world.book(ben, at(5))
    world.book(ada, at(30))
    world.cancel(ada, session)
    first, bens, second, third = day_records(world)
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    answer = handle_day_records(world.context, [first, bens, second, third])
    assert failed(answer) == [number(first), number(second), number(third)]
    assert (logged_kinds(world, ada), logged_kinds(world, ben)) == ([], ["booked"])
    # The records that wait have no line.
    assert [(line["record"], line["outcome"]) for line in of_days(lines())] == [
        (number(first), "refused"),
        (number(bens), "ok"),
    ]
    # The next delivery repeats Ben's record. Once Ada's succeeds, hers follow in order.
    assert handle_day_records(world.context, [first, bens, second, third]) == {"batchItemFailures": []}
    assert (logged_kinds(world, ada), logged_kinds(world, ben)) == (["booked", "booked", "cancelled"], ["booked"])


def test_r42_a_record_that_the_failure_queue_does_not_accept_is_delivered_again(world: World) -> None:
    record_channels(world)
    kept = record_failures(world)
    kept.failures = 1
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, at(5))
    first, bens = day_records(world)
    batch = [poison(first), poison(bens)]
    # The second one comes again with the first, so it is not kept yet.
    assert (failed(handle_day_records(world.context, batch)), kept.bodies) == ([number(first)], [])
    assert (failed(handle_day_records(world.context, batch)), len(kept.bodies)) == ([], 2)


def test_r42_a_record_that_is_delivered_again_in_any_case_is_not_kept_yet(world: World, faults: FaultProxy) -> None:
    """Otherwise each retry of an outage would add it to the failure queue."""
    bus, _ = record_channels(world)
    kept = record_failures(world)
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ada, NINE)
    world.book(ben, at(5))
    world.book(cy, at(30))
    first, bens, cys = day_records(world)
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    assert failed(handle_day_records(world.context, [first, poison(bens), cys])) == [number(first)]
    bus.failures = 1
    assert len(failed(handle_day_records(world.context, [first, poison(bens), cys]))) == 3
    assert kept.bodies == []
    assert failed(handle_day_records(world.context, [first, poison(bens), cys])) == []
    assert len(kept.bodies) == 1


def test_r42_a_record_that_did_not_always_fail_is_announced_in_order(world: World, faults: FaultProxy) -> None:
    """An earlier record of the batch fails, so that both come again."""
    record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, at(5))
    session = world.book(ada, NINE)
    world.cancel(ada, session)
    bens, first, second = day_records(world)
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    assert failed(handle_day_records(world.context, [bens, poison(first), second])) == [number(bens), number(second)]
    assert failed(handle_day_records(world.context, [bens, first, second])) == []
    assert logged_kinds(world, ada) == ["booked", "cancelled"]


def test_r42_a_record_that_always_fails_waits_whole_in_the_failure_queue_and_delays_no_other(
    world: World, lines: Lines
) -> None:
    record_channels(world)
    kept = record_failures(world)
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)
    world.book(ben, at(5))
    world.cancel(ada, session)
    first, bens, second = day_records(world)
    # The later record of the same member goes on when the failure queue has the first.
    assert failed(handle_day_records(world.context, [poison(first), bens, second])) == [number(second)]
    assert (logged_kinds(world, ada), logged_kinds(world, ben)) == ([], ["booked"])
    assert failed(handle_day_records(world.context, [second])) == []
    assert (logged_kinds(world, ada), logged_kinds(world, ben)) == (["cancelled"], ["booked"])
    assert [json.loads(body) for body in kept.bodies] == [json.loads(msgspec.json.encode({"Records": [poison(first)]}))]
    handled = of_days(lines())
    assert [(line["record"], line["outcome"]) for line in handled] == [
        (number(first), "failed"),
        (number(bens), "ok"),
        (number(second), "ok"),
    ]
    assert metrics_of(handled[0]) == {"PoisonRecords": 1}


def test_r42_the_messages_of_the_failure_queue_announce_their_records_after_a_fix(world: World) -> None:
    bus, _ = record_channels(world)
    kept = record_failures(world)
    ada = world.member("Ada")
    world.cancel(ada, world.book(ada, NINE, title=SECRET))
    for record in day_records(world):
        kept.keep(record)
    for body in kept.bodies:
        # Lambda gives the function the decoded payload.
        assert handle_day_records(world.context, json.loads(body)["Records"]) == {"batchItemFailures": []}
    assert logged_kinds(world, ada) == ["booked", "cancelled"]
    assert [event.kind for event in bus.events] == ["session.booked", "session.cancelled"]


def test_r42_a_batch_that_lasts_long_begins_no_further_record(world: World) -> None:
    record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, at(5))
    records = day_records(world)
    instants = iter([0.0, BATCH_SECONDS, BATCH_SECONDS, BATCH_SECONDS, BATCH_SECONDS + 0.1])
    world.context.stopwatch = lambda: next(instants, BATCH_SECONDS + 1.0)
    assert failed(handle_day_records(world.context, records)) == [number(records[1])]
    assert (logged_kinds(world, ada), logged_kinds(world, ben)) == (["booked"], [])


def test_r42_a_busy_table_delays_the_record_without_counting_as_poison(
    world: World, lines: Lines, faults: FaultProxy
) -> None:
    record_channels(world)
    ada = world.member("Ada")
    world.book(ada, NINE)
    records = day_records(world)
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    assert failed(handle_day_records(world.context, records)) == [number(records[0])]
    (line,) = of_days(lines())
    assert (line["level"], line["outcome"], line["code"]) == ("warning", "refused", "busy")
    assert "PoisonRecords" not in metrics_of(line)
    assert handle_day_records(world.context, records) == {"batchItemFailures": []}
    assert logged_kinds(world, ada) == ["booked"]


def test_r42_a_queue_that_does_not_accept_delays_the_record_without_counting_as_poison(
    world: World, lines: Lines
) -> None:
    bus, _ = record_channels(world)
    ada = world.member("Ada")
    world.book(ada, NINE)
    records = day_records(world)
    bus.failures = 1
    assert failed(handle_day_records(world.context, records)) == [number(records[0])]
    (line,) = (line for line in lines() if line["event"] == "announcements")
    assert (line["level"], line["code"], line["events"], metrics_of(line)) == ("warning", "busy", 1, {})
    assert handle_day_records(world.context, records) == {"batchItemFailures": []}
    assert (logged_kinds(world, ada), len(bus.events)) == (["booked"], 1)


def test_r42_a_record_of_another_item_is_done_without_work(world: World, lines: Lines) -> None:
    """The deployed filter passes none."""
    world.book(world.member("Ada"), NINE)
    others = [record for record in world.records() if not record["dynamodb"]["Keys"]["SK"]["S"].startswith("DAY#")]
    assert others
    for record in others:
        record["dynamodb"]["ApproximateCreationDateTime"] = 0
    assert handle_day_records(world.context, others) == {"batchItemFailures": []}
    assert {(line["outcome"], line["readUnits"]) for line in of_days(lines())} == {("ok", 0)}
