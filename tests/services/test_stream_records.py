"""The records of the table's stream: which row asks for which work."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.slot import Slot
from chalicelib.services.stream_records import asked_by
from chalicelib.storage import keys

NINE = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), 50)
ROW = WaitingRow(NINE, QueuePosition(settled=True, since=datetime(2026, 3, 1, 12, tzinfo=UTC)), "ada", 0)


def record(key: keys.Key, event: str = "INSERT") -> dict[str, Any]:
    """A record of the stream about the item of that key."""
    return {"eventName": event, "dynamodb": {"Keys": {"PK": {"S": key.pk}, "SK": {"S": key.sk}}}}


def test_an_inserted_waiting_row_asks_to_be_matched() -> None:
    assert asked_by(record(keys.waiting(ROW))) == ROW


def test_an_inserted_chore_asks_to_be_done() -> None:
    assert asked_by(record(keys.job("some-chore"))) == "some-chore"


@pytest.mark.parametrize("event", ["MODIFY", "REMOVE"])
def test_only_an_inserted_row_asks_for_work(event: str) -> None:
    assert asked_by(record(keys.waiting(ROW), event)) is None
    assert asked_by(record(keys.job("some-chore"), event)) is None


@pytest.mark.parametrize("key", [keys.queue_shards(NINE, 0), keys.profile("ada"), keys.day("ada", NINE.date)])
def test_another_row_asks_for_nothing(key: keys.Key) -> None:
    assert asked_by(record(key)) is None


@pytest.mark.parametrize(
    "strange",
    [{}, {"eventName": "INSERT", "dynamodb": {"Keys": None}}, record(keys.Key("POOL#2026-03-02#0", "0900#50#?"))],
)
def test_a_record_without_a_known_form_is_an_error(strange: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, OverflowError)):
        asked_by(strange)
