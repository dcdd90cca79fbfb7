from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.events import DeclaredSchedule
from infra.local.schedules import Schedules, period

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(10 minutes)", timedelta(minutes=10)),
        ("rate(2 hours)", timedelta(hours=2)),
    ],
)
def test_a_rate_is_the_time_between_two_runs(expression: str, expected: timedelta) -> None:
    assert period(expression) == expected


@pytest.mark.parametrize("expression", ["cron(0 9 * * ? *)", "rate(0 minutes)", "rate(1 week)"])
def test_another_kind_of_schedule_is_refused_before_it_could_be_missed(expression: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        Schedules([DeclaredSchedule("other", expression, print)], lambda: NOON)


def test_all_but_daily_ones_run_once_on_demand_at_the_service_s_time() -> None:
    events: list[dict[str, Any]] = []
    rates = {"first": "rate(1 minute)", "daily": "rate(1 day)", "second": "rate(23 hours)"}
    declared = [DeclaredSchedule(name, rate, events.append) for name, rate in rates.items()]

    assert Schedules(declared, lambda: NOON).run_all() == ["first", "second"]

    assert [event["time"] for event in events] == ["2026-12-01T12:00:00Z"] * 2
    assert [event["resources"][0].rpartition("/")[2] for event in events] == ["first", "second"]
