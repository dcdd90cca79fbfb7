"""The work that each record of the table's stream requests."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.slot import Slot
from chalicelib.services.stream_records import requested_work
from chalicelib.storage import keys
from chalicelib.storage.mappers import row_item
from infra.shard import passes_filter

NINE = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), 50)
ROW = WaitingRow(NINE, QueuePosition(displaced=False, since=datetime(2026, 3, 1, 12, tzinfo=UTC)), "ada", 0)


def record(key: keys.Key, event: str = "INSERT") -> dict[str, Any]:
    """Return a stream record of the item with this key."""
    return {"eventName": event, "dynamodb": {"Keys": {"PK": {"S": key.pk}, "SK": {"S": key.sk}}}}


def test_r19_an_inserted_waiting_row_requests_matching() -> None:
    assert requested_work(record(keys.waiting(ROW))) == ROW


def test_r18_an_inserted_job_requests_its_run() -> None:
    assert requested_work(record(keys.job("some-job"))) == "some-job"


@pytest.mark.parametrize(
    ("by_lock", "event", "wanted"), [(True, "INSERT", NINE), (True, "REMOVE", None), (False, "INSERT", None)]
)
def test_r21_the_pair_row_of_a_lock_requests_matching_of_its_slot(
    by_lock: bool, event: str, wanted: Slot | None
) -> None:
    row = PairRow(NINE, "pair", frozenset({"ada", "ben"}), 3)
    inserted = record(keys.pair(row), event)
    inserted["dynamodb"]["NewImage"] = row_item(row, by_lock=by_lock).serialize()
    assert requested_work(inserted) == wanted
    assert passes_filter("rematch", inserted) is (wanted is not None)


def test_r21_a_pair_row_without_an_image_requests_no_work() -> None:
    """A table without images in its stream has no such requests, and the schedule does the work."""
    inserted = record(keys.pair(PairRow(NINE, "pair", frozenset({"ada", "ben"}))))
    assert (requested_work(inserted), passes_filter("rematch", inserted)) == (None, False)


@pytest.mark.parametrize("event", ["MODIFY", "REMOVE"])
def test_only_an_inserted_row_requests_work(event: str) -> None:
    assert requested_work(record(keys.waiting(ROW), event)) is None
    assert requested_work(record(keys.job("some-job"), event)) is None


@pytest.mark.parametrize("key", [keys.queue_shards(NINE, 0), keys.profile("ada"), keys.day("ada", NINE.date)])
def test_another_row_requests_no_work(key: keys.Key) -> None:
    assert requested_work(record(key)) is None


@pytest.mark.parametrize(
    "malformed",
    [{}, {"eventName": "INSERT", "dynamodb": {"Keys": None}}, record(keys.Key("POOL#2026-03-02#0", "0900#50#?"))],
)
def test_a_record_of_unknown_form_is_an_error(malformed: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, OverflowError)):
        requested_work(malformed)
