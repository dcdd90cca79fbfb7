"""The event source delivers the records of days in the orders and with the repetitions of a real stream."""

import pytest

from infra.in_memory_dynamodb.stream_records import Record
from tests.simulation.engine.day_stream import POISON_DAY_RECORDS, DayDelivery, DayStream

NO_FAILURES: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


def record(number: int, member: str, day: str = "02") -> Record:
    keys = {"PK": {"S": f"MEMBER#{member}"}, "SK": {"S": f"DAY#2026-03-{day}"}}
    return {"eventName": "MODIFY", "dynamodb": {"Keys": keys, "SequenceNumber": f"{number:021d}"}}


ADA, ADA_LATER, BEN, ADA_LAST = record(1, "ada"), record(2, "ada", "03"), record(3, "ben"), record(4, "ada")


@pytest.fixture
def stream() -> DayStream:
    made = DayStream()
    for one in (ADA, ADA_LATER, BEN, ADA_LAST):
        made.add(one)
    return made


def failing(*records: Record) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": one["dynamodb"]["SequenceNumber"]} for one in records]}


@pytest.mark.parametrize(
    ("option", "delivered"),
    [
        (DayDelivery.ALL, [ADA, ADA_LATER, BEN, ADA_LAST]),
        (DayDelivery.TWICE, [ADA, ADA_LATER, BEN, ADA_LAST] * 2),
        (DayDelivery.BY_ITEM, [BEN, ADA_LATER, ADA, ADA_LAST]),
        (DayDelivery.SPLIT, [ADA, ADA_LATER]),
        (DayDelivery.AGAIN, [ADA, ADA_LATER, BEN, ADA_LAST]),
        (DayDelivery.POISONED, [*POISON_DAY_RECORDS, ADA, ADA_LATER, BEN, ADA_LAST]),
    ],
)
def test_a_delivery_keeps_the_order_of_each_item(
    stream: DayStream, option: DayDelivery, delivered: list[Record]
) -> None:
    assert stream.take(0, option, frozenset()) == delivered


def test_a_member_has_one_invocation_at_a_time(stream: DayStream) -> None:
    stream.take(0, DayDelivery.SPLIT, frozenset())
    assert stream.take(1, DayDelivery.ALL, frozenset()) == [BEN]


def test_a_batch_is_delivered_again_from_its_first_failed_record(stream: DayStream) -> None:
    batch = stream.take(0, DayDelivery.ALL, frozenset())
    stream.give_back(0, batch, failing(ADA_LATER))
    assert stream.take(0, DayDelivery.ALL, frozenset()) == [ADA_LATER, BEN, ADA_LAST]


def test_the_batch_of_a_crashed_invocation_is_delivered_again(stream: DayStream) -> None:
    stream.take(0, DayDelivery.ALL, frozenset())
    assert stream.take(1, DayDelivery.ALL, frozenset()) == []
    assert stream.take(1, DayDelivery.ALL, frozenset([0])) == [ADA, ADA_LATER, BEN, ADA_LAST]


def test_poison_records_are_discarded_and_the_others_delivered_again(stream: DayStream) -> None:
    batch = stream.take(0, DayDelivery.POISONED, frozenset())
    stream.give_back(0, batch, failing(*POISON_DAY_RECORDS))
    assert stream.take(0, DayDelivery.ALL, frozenset()) == [ADA, ADA_LATER, BEN, ADA_LAST]


def test_a_repetition_of_all_records_takes_only_those_that_wait(stream: DayStream) -> None:
    stream.give_back(0, stream.take(0, DayDelivery.ALL, frozenset()), NO_FAILURES)
    batch = stream.take(0, DayDelivery.AGAIN, frozenset())
    assert batch == [ADA, ADA_LATER, BEN, ADA_LAST]
    stream.give_back(0, batch, failing(*batch))
    assert stream.waiting == []
