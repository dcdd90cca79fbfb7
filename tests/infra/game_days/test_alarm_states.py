"""The rule by which an alarm rings, and the alarms that the manual names."""

from typing import Any

import pytest

from infra.cloudformation.alarms import ALARMS
from tests.infra.game_days.alarm_states import is_ringing
from tests.infra.game_days.manual import bad_days

ABOVE, BELOW = "GreaterThanThreshold", "LessThanThreshold"


def alarm(statistic: str, comparison: str = ABOVE) -> dict[str, Any]:
    """Return an alarm with the threshold 2, as CloudWatch describes it."""
    kind = "Statistic" if statistic.isalpha() else "ExtendedStatistic"
    return {kind: statistic, "ComparisonOperator": comparison, "Threshold": 2.0}


@pytest.mark.parametrize(
    ("described", "values", "rings"),
    [
        (alarm("Sum"), [1, 1], False),
        (alarm("Sum"), [1, 2], True),
        (alarm("Average"), [3, 1], False),
        (alarm("Maximum"), [3, 1], True),
        (alarm("Minimum", BELOW), [3, 1], True),
        (alarm("Minimum", BELOW), [3, 2], False),
        (alarm("p99"), [3, 1], True),
        (alarm("Sum", BELOW), [], False),
    ],
)
def test_an_alarm_rings_if_its_statistic_passes_the_threshold(
    described: dict[str, Any], values: list[float], rings: bool
) -> None:
    assert is_ringing(described, values) is rings


def test_every_bad_day_of_the_manual_is_played_and_names_alarms_of_the_stack() -> None:
    assert set(bad_days()) == {
        "The table throttles writes",
        "The stream is off for an hour",
        "The mail service is down",
        "The issuer is down",
        "A record always fails",
        "A release cannot start",
        "The table is restored",
    }
    assert set().union(*(day.alarms for day in bad_days().values())) <= set(ALARMS)
