"""The command that gives stored days the expiry of a changed retention (R33)."""

from datetime import timedelta

import boto3
import pytest

from chalicelib.storage import keys
from chalicelib.storage.retention import date_of, expiry_seconds
from infra.retention import Pace, keep_for, main
from tests.harness import TABLE, World, at
from tests.table_snapshot import read_whole_table

LONG_TITLE = "a title that is too long for the day of its session by several words, so that it is an item of its own"


def unlike(world: World, retention: timedelta | None) -> list[str]:
    """Return the sort keys of days and long titles that have another expiry than that of a retention."""
    return [
        key.sk
        for key, raw in read_whole_table(world.table).items()
        if key.sk.startswith((keys.DAY, keys.TITLE))
        and raw.get("expires", {}).get("N") != (str(expiry_seconds(date_of(key), retention)) if retention else None)
    ]


def test_r33_stored_days_get_the_expiry_of_a_changed_retention(world: World, engine: str) -> None:
    ada = world.member("Ada")
    world.book(ada, at(1), title=LONG_TITLE)
    world.book(ada, at(25))
    before = read_whole_table(world.table)
    database = boto3.client("dynamodb", endpoint_url=engine)
    for retention in (timedelta(days=90), timedelta(days=40), None):
        pauses: list[float] = []
        pace = Pace(10, clock=lambda: 5.0, pause=pauses.append)
        assert keep_for(database, TABLE, retention, pace) == 3
        # On a clock that stands still, each write waits for a tenth of a second more.
        assert pauses == pytest.approx([0.1, 0.2, 0.3])
        assert unlike(world, retention) == []
        assert keep_for(database, TABLE, retention, pace) == 0
    # Nothing else changed.
    assert read_whole_table(world.table) == before
    world.records()


def test_r33_a_retention_shorter_than_a_calendar_feed_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--days", "34", "--engine", "http://127.0.0.1:1"])
    assert "neither 0 nor at least 35" in capsys.readouterr().err
