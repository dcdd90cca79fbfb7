"""The writes of days in the records of a real stream."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.storage import keys
from chalicelib.storage.stream_images import DayWrite, day_write
from tests.harness import MONDAY, World, at

NINE = at(1)
SECONDS = 1_772_438_400


def day_records(world: World) -> list[dict[str, Any]]:
    """Return the new records of days, with the time as Lambda writes it."""
    found = [record for record in world.records() if record["dynamodb"]["Keys"]["SK"]["S"].startswith(keys.DAY)]
    for record in found:
        record["dynamodb"]["ApproximateCreationDateTime"] = SECONDS
    return found


def test_r42_a_record_holds_the_day_before_and_after_the_write(world: World) -> None:
    ada = world.member("Ada")
    world.records()
    session = world.book(ada, NINE, title="Ada's diary")
    first = world.day(ada, NINE)
    world.cancel(ada, session)
    second = world.day(ada, NINE)
    at_second = datetime.fromtimestamp(SECONDS, UTC)
    assert [day_write(record) for record in day_records(world)] == [
        DayWrite(None, first, at_second),
        DayWrite(first, second, at_second),
    ]


def test_r42_a_fraction_of_a_second_does_not_round_an_instant_up(world: World) -> None:
    world.book(world.member("Ada"), NINE)
    (record,) = day_records(world)
    record["dynamodb"]["ApproximateCreationDateTime"] = SECONDS + 0.75
    write = day_write(record)
    assert write
    assert write.at == datetime.fromtimestamp(SECONDS, UTC)


def test_r42_another_record_or_a_deleted_day_is_no_write_of_a_day(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    records = world.records()
    days = [record for record in records if record["dynamodb"]["Keys"]["SK"]["S"].startswith(keys.DAY)]
    others = [record for record in records if record not in days]
    assert len(days) == 1
    assert others
    assert {day_write(record) for record in others} == {None}
    (deleted,) = days
    deleted["dynamodb"]["OldImage"] = deleted["dynamodb"].pop("NewImage")
    assert day_write(deleted) is None


@pytest.mark.parametrize(
    "malformed",
    [
        {},
        {"dynamodb": {"Keys": None}},
        {"dynamodb": {"Keys": {"SK": {"S": "DAY#2026-03-02"}}, "NewImage": {}}},
        {"dynamodb": {"Keys": {"SK": {"S": "DAY#2026-03-02"}}, "NewImage": {"k": {"S": "job"}, "v": {"N": "1"}}}},
    ],
)
def test_r42_a_record_of_unknown_form_is_an_error(malformed: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        day_write(malformed)


def test_r42_the_images_of_a_day_of_an_earlier_release_are_read(world: World) -> None:
    """An item without the newer attributes is a day too."""
    ada = world.member("Ada")
    world.book(ada, NINE)
    (record,) = day_records(world)
    day = world.day(ada, NINE)
    image = record["dynamodb"]["NewImage"]
    record["dynamodb"]["NewImage"] = {
        name: value for name, value in image.items() if name in ("PK", "SK", "k", "v", "n")
    }
    write = day_write(record)
    assert write
    assert write.after == replace(day, bookings=(), operations=())
    assert MONDAY.date() == write.after.date
