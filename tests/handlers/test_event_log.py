"""The lines that a deployment tells: one for every record and every run of a schedule, by ids only."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.decisions.commit_metrics import CommitMetrics
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.handlers.event_log import MOST_VALUES, EventFailed, log_event
from chalicelib.handlers.events.schedules import run_finalize, run_sweep
from chalicelib.handlers.events.stream import handle_records
from chalicelib.metrics import current_metrics
from chalicelib.services.transaction import ATTEMPTS
from tests.fault_proxy import Fault, FaultyEngine
from tests.handlers.conftest import Lines, metrics_of
from tests.harness import World, at

NINE = at(1)
SECRET = "Ada's diary"


def two_who_wait(world: World) -> list[Profile]:
    """Two who were kept apart by a snooze that has ended, the later of them for 30 seconds."""
    ada, ben = members = world.members("Ada", "Ben")
    world.say(ada, RelationKind.SNOOZE, ben, until=world.now + timedelta(seconds=20))
    world.book(ada, NINE)
    world.after(seconds=10).book(ben, NINE)
    world.after(seconds=30)
    return members


def test_r18_every_record_has_a_line_with_ids_only_and_who_was_paired_late_is_a_metric(
    world: World, lines: Lines
) -> None:
    ada, ben = two_who_wait(world)
    records = world.records()
    rows = [one for one in records if one["dynamodb"]["Keys"]["PK"]["S"].startswith("POOL#")]
    handle_records(world.context, rows)
    batch, *log_event = lines()
    assert (batch["event"], batch["records"], batch["outcome"]) == ("batch", 2, "ok")
    assert [(line["event"], line["waiting"], line["record"]) for line in log_event] == [
        ("record", member.member_id, row["dynamodb"]["SequenceNumber"])
        for member, row in zip((ada, ben), rows, strict=True)
    ]
    # The first record pairs the two; the second finds that it is done.
    assert [(line["outcome"], line["attempts"], line["writeUnits"]) for line in log_event] == [
        ("ok", 1, 10),
        ("ok", 1, 0),
    ]
    assert [metrics_of(line) for line in log_event] == [{"OldestWaitingSeconds": 30}, {}]
    assert log_event[0]["slot"] == "2026-03-02T09:00Z/50"
    assert log_event[0]["_aws"]["Timestamp"] == world.now.timestamp() * 1000


def test_r13_how_long_the_displaced_waited_beside_somebody_is_a_metric(world: World, lines: Lines) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.say(ada, RelationKind.BLOCK, dee)
    for member in (ada, ben, dee):
        world.book(member, NINE)
    world.favorite(cy, ada)
    world.lock(cy, ada, NINE)
    world.after(seconds=5).deliver()
    metrics = [metrics_of(line) for line in lines()]
    assert [one for one in metrics if one] == [{"RematchSeconds": [5], "OldestWaitingSeconds": 5}]


def test_r12_a_lock_is_counted_and_so_are_races_lost_and_tries_made_again(
    world: World, lines: Lines, faults: FaultyEngine
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    world.favorite(ada, ben)
    faults.plan += [Fault.CONFLICT, Fault.THROTTLED]
    with log_event(world.context, "lock"):
        world.lock(ada, ben, NINE)
    (line,) = lines()
    assert line["attempts"] == 3
    assert metrics_of(line) == {"LockCommits": 1, "Conflicts": 1, "Retries": 2}


def test_a_record_left_for_later_and_one_that_can_never_be_handled_say_so(
    world: World, lines: Lines, faults: FaultyEngine
) -> None:
    two_who_wait(world)
    first, second = (one for one in world.records() if one["dynamodb"]["Keys"]["PK"]["S"].startswith("POOL#"))
    poison = {**second, "dynamodb": {**second["dynamodb"], "Keys": {"PK": {"S": "POOL#x"}, "SK": {"S": SECRET}}}}
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    handle_records(world.context, [first, poison])
    _, later, never = lines()
    assert (later["level"], later["outcome"], later["code"]) == ("warning", "refused", "busy")
    assert metrics_of(later) == {"Conflicts": ATTEMPTS, "Retries": ATTEMPTS - 1}
    assert (never["level"], never["outcome"], never["error"]) == ("error", "failed", ["ValueError"])
    assert never["places"][-1].startswith("storage/keys.py:")
    assert metrics_of(never) == {"PoisonRecords": 1}
    assert SECRET not in json.dumps(never)


def test_a_batch_that_cannot_be_looked_at_says_so(world: World, lines: Lines, faults: FaultyEngine) -> None:
    two_who_wait(world)
    records = world.records()
    faults.meets = "BatchGetItem"
    faults.plan += [Fault.LOSE_REQUEST] * 2
    handle_records(world.context, records)
    assert [(line["event"], line["outcome"], line["code"]) for line in lines()] == [("batch", "refused", "busy")]


def test_r19_a_run_of_a_schedule_says_how_late_those_were_whom_the_stream_left_to_it(
    world: World, lines: Lines
) -> None:
    two_who_wait(world)
    run_sweep(world.context)
    run_sweep(world.context)
    first, second = lines()
    assert [(line["event"], line["schedule"], line["pairs"]) for line in (first, second)] == [
        ("tick", "sweep", 1),
        ("tick", "sweep", 0),
    ]
    assert [metrics_of(line) for line in (first, second)] == [{"OldestWaitingSeconds": 30}, {"OldestWaitingSeconds": 0}]


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_a_run_in_which_a_slot_cannot_be_settled_has_failed_and_the_next_one_goes_on(
    world: World, lines: Lines, faults: FaultyEngine
) -> None:
    two_who_wait(world)
    faults.plan += [Fault.INVALID]
    with pytest.raises(EventFailed):
        run_sweep(world.context)
    faults.plan += [Fault.CONFLICT]
    run_sweep(world.context)
    failed, done = lines()
    assert (failed["outcome"], failed["pairs"], failed["error"][0]) == ("failed", 0, "TransactWriteError")
    assert (done["outcome"], done["pairs"], done["Conflicts"]) == ("ok", 1, 1)


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_a_run_tells_how_much_it_left_for_the_next(world: World, lines: Lines, faults: FaultyEngine) -> None:
    two_who_wait(world)
    faults.meets = "BatchGetItem"
    faults.plan += [Fault.LOSE_REQUEST] * 2
    run_sweep(world.context)
    run_sweep(world.context)
    assert [(line["outcome"], line["pairs"], line.get("left")) for line in lines()] == [("ok", 0, 1), ("ok", 1, None)]


def test_r23_who_is_left_at_a_start_is_counted_once_for_each_length(world: World, lines: Lines) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(ada, RelationKind.BLOCK, ben)
    for member in (ada, ben):
        world.book(member, NINE)
    world.book(cy, at(1, minutes=75))
    for late in (-1, 0, 59, 60):
        world.now = NINE.start + timedelta(seconds=late)
        run_finalize(world.context)
    nothing = {"OldestWaitingSeconds": 0}
    assert [metrics_of(line) for line in lines()] == [
        nothing,
        {"WaitingAtStart": [0, 2, 1], **nothing},
        {"WaitingAtStart": [0, 2, 1], **nothing},
        nothing,
    ]


def test_an_event_that_fails_is_told_by_kinds_and_places_and_goes_on_without_its_message(
    world: World, lines: Lines
) -> None:
    def fail() -> None:
        try:
            {}[SECRET]
        except KeyError as cause:
            raise ValueError(SECRET) from cause

    with pytest.raises(EventFailed) as failed, log_event(world.context, "tick", schedule="sweep"):
        fail()
    assert (str(failed.value), failed.value.__suppress_context__) == (
        "This tick failed: its line in the log says how.",
        True,
    )
    (line,) = lines()
    assert SECRET not in json.dumps(line)
    assert (line["outcome"], line["level"], line["error"]) == ("failed", "error", ["ValueError", "KeyError"])
    assert [place.partition(" ")[2] for place in line["places"]] == [
        "log_event",
        "test_an_event_that_fails_is_told_by_kinds_and_places_and_goes_on_without_its_message",
        "fail",
    ]


def test_a_failure_of_the_table_is_told_by_its_word(world: World, lines: Lines) -> None:
    larger_than_an_item = "x" * 500_000
    with pytest.raises(EventFailed), log_event(world.context, "tick"):
        world.member(larger_than_an_item)
    (line,) = lines()
    assert line["reason"] == "ValidationException"


def test_of_very_many_values_the_largest_are_told(world: World, lines: Lines) -> None:
    with log_event(world.context, "tick"):
        waited = tuple(timedelta(seconds=n) for n in range(2 * MOST_VALUES))
        current_metrics().commit_metrics.append(CommitMetrics(rematched=waited))
    (line,) = lines()
    assert metrics_of(line) == {"RematchSeconds": [2 * MOST_VALUES - 1 - n for n in range(MOST_VALUES)]}
