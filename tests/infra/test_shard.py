"""Lambda's rules for one shard, with partial failures, bisection, retries and discarded records."""

from typing import Any

import pytest

from chalicelib.event_sources import UNLIMITED
from infra.shard import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, DeliveryOutcome, Record, Shard, count_done

SIZE = 4
RETRIES = 5


def records(*numbers: str) -> list[Record]:
    return [{"dynamodb": {"SequenceNumber": number}} for number in numbers]


BATCH = records("1", "2", "3", "4")


def failures(*numbers: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}


@pytest.mark.parametrize(
    ("response", "done"),
    [
        (None, 4),
        ({}, 4),
        ({"batchItemFailures": None}, 4),
        (failures(), 4),
        (failures("1"), 0),
        (failures("3"), 2),
        (failures("4", "2"), 1),
        # Lambda treats an unknown identifier as a failure of the whole batch.
        (failures("3", "7"), 0),
    ],
)
def test_records_before_the_first_failure_are_done(response: Any, done: int) -> None:
    assert count_done(BATCH, response) == done


@pytest.mark.parametrize(
    ("done", "outcome", "size"),
    [
        (4, DeliveryOutcome(4, None, 0.0), SIZE),
        (2, DeliveryOutcome(2, None, FIRST_RETRY_SECONDS), SIZE),
        (0, DeliveryOutcome(0, None, FIRST_RETRY_SECONDS), SIZE),
        # The function failed as a whole: the batch is halved.
        (None, DeliveryOutcome(0, None, FIRST_RETRY_SECONDS), SIZE // 2),
    ],
)
def test_a_first_delivery_is_followed_by_the_remaining_records(
    done: int | None, outcome: DeliveryOutcome, size: int
) -> None:
    shard = Shard(SIZE, RETRIES)
    assert (shard.record_delivery(BATCH, done), shard.size) == (outcome, size)


@pytest.mark.parametrize("done", [0, None])
def test_a_record_is_discarded_after_its_retries_and_the_next_starts_without_a_pause(done: int | None) -> None:
    (record,) = batch = records("1")
    shard = Shard(SIZE, RETRIES)
    pauses = [shard.record_delivery(batch, done) for _ in range(RETRIES)]
    assert pauses == [DeliveryOutcome(0, None, FIRST_RETRY_SECONDS * 2**retry) for retry in range(RETRIES)]
    assert shard.record_delivery(batch, done) == DeliveryOutcome(1, record, 0.0)
    assert shard.record_delivery(records("2"), 1) == DeliveryOutcome(1, None, 0.0)


def test_only_the_first_record_is_discarded() -> None:
    shard = Shard(SIZE, retries=1)
    assert shard.record_delivery(BATCH, 0) == DeliveryOutcome(0, None, FIRST_RETRY_SECONDS)
    assert shard.record_delivery(BATCH, 0) == DeliveryOutcome(1, BATCH[0], 0.0)


def test_progress_resets_the_retries() -> None:
    shard = Shard(SIZE, retries=1)
    assert shard.record_delivery(BATCH, 1).discarded is None
    assert shard.record_delivery(BATCH[1:], 1).discarded is None
    assert shard.record_delivery(BATCH[2:], 0).discarded == BATCH[2]


def test_a_batch_that_succeeds_ends_the_halving() -> None:
    shard = Shard(SIZE, RETRIES)
    shard.record_delivery(BATCH, None)
    shard.record_delivery(BATCH[:2], None)
    assert shard.size == 1
    shard.record_delivery(BATCH[:1], 1)
    assert shard.size == SIZE


@pytest.mark.parametrize("done", [0, None])
def test_r42_a_record_with_unlimited_retries_is_never_discarded_and_its_pauses_stay_bounded(done: int | None) -> None:
    batch, shard = records("1"), Shard(SIZE, UNLIMITED)
    outcomes = [shard.record_delivery(batch, done) for _ in range(2000)]
    assert {(outcome.done, outcome.discarded) for outcome in outcomes} == {(0, None)}
    pauses = [outcome.pause for outcome in outcomes]
    assert (pauses[:3], pauses[-1]) == ([0.1, 0.2, 0.4], LONGEST_RETRY_SECONDS)
    assert shard.record_delivery(batch, 1) == DeliveryOutcome(1, None, 0.0)
