"""Tests of the stream's handler and its log lines."""

import json
from datetime import timedelta

from chalicelib.domain.model.member import RelationKind
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.slot_matching.match_slot import ROUNDS
from chalicelib.services.transaction import ATTEMPTS
from tests.fault_proxy import Fault, FaultProxy
from tests.handlers.conftest import Lines, metrics_of, two_late_members
from tests.harness import World, at

NINE = at(1)
SECRET = "Ada's diary"


def test_r18_every_record_has_a_line_of_ids_with_the_waiting_time_as_a_metric(world: World, lines: Lines) -> None:
    ada, ben = two_late_members(world)
    records = world.records()
    rows = [one for one in records if one["dynamodb"]["Keys"]["PK"]["S"].startswith("POOL#")]
    handle_records(world.context, rows)
    batch, *handled = lines()
    assert (batch["event"], batch["records"], batch["outcome"]) == ("batch", 2, "ok")
    assert [(line["event"], line["waiting"], line["record"]) for line in handled] == [
        ("record", member.member_id, row["dynamodb"]["SequenceNumber"])
        for member, row in zip((ada, ben), rows, strict=True)
    ]
    # The first record pairs the two. The second needs no transaction.
    assert [(line["outcome"], line["attempts"], line["writeUnits"]) for line in handled] == [
        ("ok", 1, 10),
        ("ok", 1, 0),
    ]
    assert [metrics_of(line) for line in handled] == [{"OldestWaitingSeconds": 30}, {}]
    assert handled[0]["slot"] == "2026-03-02T09:00Z/50"
    assert handled[0]["_aws"]["Timestamp"] == world.now.timestamp() * 1000


def test_r13_the_waiting_time_of_a_displaced_member_is_a_metric(world: World, lines: Lines) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.say(ada, RelationKind.BLOCK, dee)
    for member in (ada, ben, dee):
        world.book(member, NINE)
    world.favorite(cy, ada)
    world.lock(cy, ada, NINE)
    world.after(seconds=5).deliver()
    metrics = [metrics_of(line) for line in lines()]
    assert [one for one in metrics if one] == [{"RematchSeconds": [5], "OldestWaitingSeconds": 5}]


def test_a_busy_record_and_an_invalid_record_are_logged_and_delivered_again(
    world: World, lines: Lines, faults: FaultProxy
) -> None:
    two_late_members(world)
    first, second = (one for one in world.records() if one["dynamodb"]["Keys"]["PK"]["S"].startswith("POOL#"))
    poison = {**second, "dynamodb": {**second["dynamodb"], "Keys": {"PK": {"S": "POOL#x"}, "SK": {"S": SECRET}}}}
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    handle_records(world.context, [first, poison])
    _, busy, invalid = lines()
    assert (busy["level"], busy["outcome"], busy["code"]) == ("warning", "refused", "busy")
    assert metrics_of(busy) == {"Conflicts": ATTEMPTS, "Retries": ATTEMPTS - 1}
    assert (invalid["level"], invalid["outcome"], invalid["error"]) == ("error", "failed", ["ValueError"])
    assert invalid["places"][-1].startswith("storage/keys.py:")
    assert metrics_of(invalid) == {"PoisonRecords": 1}
    assert SECRET not in json.dumps(invalid)


def test_a_batch_whose_read_fails_is_logged_as_busy(world: World, lines: Lines, faults: FaultProxy) -> None:
    two_late_members(world)
    records = world.records()
    faults.meets = "BatchGetItem"
    faults.plan += [Fault.LOSE_REQUEST] * 2
    handle_records(world.context, records)
    assert [(line["event"], line["outcome"], line["code"]) for line in lines()] == [("batch", "refused", "busy")]


def test_r13_a_due_slot_whose_run_fails_is_delivered_again_once(world: World, faults: FaultProxy) -> None:
    """The second record of the slot does not repeat the run. The first one is delivered again."""
    two_late_members(world)
    world.now = NINE.start - timedelta(minutes=9)
    first, second = (one for one in world.records() if one["dynamodb"]["Keys"]["PK"]["S"].startswith("POOL#"))
    faults.plan += [Fault.CONFLICT] * (ATTEMPTS * ROUNDS)
    failed = {"batchItemFailures": [{"itemIdentifier": first["dynamodb"]["SequenceNumber"]}]}
    assert handle_records(world.context, [first, second]) == failed
    assert len(world.records()) == 0
    assert handle_records(world.context, [first]) == {"batchItemFailures": []}
    assert len(world.records()) > 0
