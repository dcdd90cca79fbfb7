"""What the handlers' tests share: the lines that a deployment tells, and a member whom everybody tries to get at."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.handlers.event_log import METRICS
from tests.handlers.callers import Cast, assemble
from tests.harness import TABLE, World

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(world: World) -> Lines:
    """Gives the lines of the log that were told since it was last asked; the stopwatch stands still."""
    told: list[str] = []
    world.context.log = told.append
    world.context.stopwatch = lambda: 0.0

    def read() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in told]
        told.clear()
        return found

    return read


@pytest.fixture
def cast(world: World) -> Cast:
    """Olive, and who is what to her."""
    return assemble(world)


def metrics_of(line: dict[str, Any]) -> dict[str, Any]:
    """What CloudWatch takes from a line."""
    if "_aws" not in line:
        return {}
    (declared,) = line["_aws"]["CloudWatchMetrics"]
    assert (declared["Namespace"], declared["Dimensions"], line["Table"]) == ("Lockstep", [["Table"]], TABLE)
    assert declared["Metrics"] == [{"Name": one["Name"], "Unit": METRICS[one["Name"]]} for one in declared["Metrics"]]
    return {one["Name"]: line[one["Name"]] for one in declared["Metrics"]}
