from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from chalice.app import Chalice, Cron, Rate
from chalice.config import Config

from infra.local.events.schedules import Schedules
from infra.local.events.sources import DeclaredSchedule, declared_schedules

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def declared(schedule: Any) -> list[DeclaredSchedule]:
    app = Chalice("declaring")

    @app.schedule(schedule, name="job")
    def job(_event: Any) -> None: ...

    return declared_schedules(SimpleNamespace(app=app, job=job), Config("dev"))


@pytest.mark.parametrize(
    ("rate", "period"),
    [
        (Rate(1, Rate.MINUTES), timedelta(minutes=1)),
        (Rate(2, Rate.HOURS), timedelta(hours=2)),
        (Rate(1, Rate.DAYS), timedelta(days=1)),
    ],
)
def test_a_rate_is_the_time_between_two_runs(rate: Rate, period: timedelta) -> None:
    assert [job.period for job in declared(rate)] == [period]


def test_a_schedule_that_is_no_rate_is_refused_at_the_start() -> None:
    with pytest.raises(AttributeError, match="unit"):
        declared(Cron(0, 9, "*", "*", "?", "*"))


def test_schedules_below_a_day_run_once_on_demand_at_the_time_of_the_service() -> None:
    events: list[dict[str, Any]] = []
    periods = {"first": timedelta(minutes=1), "daily": timedelta(days=1), "second": timedelta(hours=23)}
    jobs = [DeclaredSchedule(name, period, events.append) for name, period in periods.items()]

    assert Schedules(jobs, lambda: NOON).run_all() == ["first", "second"]

    assert [event["time"] for event in events] == ["2026-12-01T12:00:00Z"] * 2
    assert [event["resources"][0].rpartition("/")[2] for event in events] == ["first", "second"]
