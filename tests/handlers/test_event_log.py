"""Tests of the log lines and the metrics of events."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.decisions.commit_metrics import CommitMetrics
from chalicelib.handlers.event_log import MOST_VALUES, EventFailed, line_text, log_event, slot_text
from chalicelib.metrics import current_metrics
from tests.fault_proxy import Fault, FaultProxy
from tests.handlers.conftest import Lines, metrics_of
from tests.harness import World, at

NINE = at(1)
SECRET = "Ada's diary"


def test_a_line_is_json_without_empty_fields() -> None:
    assert line_text({"event": "tick", "slot": slot_text(NINE), "code": None}) == (
        '{"event":"tick","slot":"2026-03-02T09:00Z/50"}'
    )


def test_r12_locks_conflicts_and_retries_are_metrics(world: World, lines: Lines, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    world.favorite(ada, ben)
    faults.plan += [Fault.CONFLICT, Fault.THROTTLED]
    with log_event(world.context, "lock"):
        world.lock(ada, ben, NINE)
    (line,) = lines()
    assert line["attempts"] == 3
    assert metrics_of(line) == {"LockCommits": 1, "Conflicts": 1, "Retries": 2}


def test_a_failed_event_is_logged_by_types_and_places_without_its_message(world: World, lines: Lines) -> None:
    def fail() -> None:
        try:
            {}[SECRET]
        except KeyError as cause:
            raise ValueError(SECRET) from cause

    with pytest.raises(EventFailed) as failed, log_event(world.context, "tick", schedule="sweep"):
        fail()
    assert (str(failed.value), failed.value.__suppress_context__) == (
        "This tick failed: its line in the log says how.",
        True,
    )
    (line,) = lines()
    assert SECRET not in json.dumps(line)
    assert (line["outcome"], line["level"], line["error"]) == ("failed", "error", ["ValueError", "KeyError"])
    assert [place.partition(" ")[2] for place in line["places"]] == [
        "log_event",
        "test_a_failed_event_is_logged_by_types_and_places_without_its_message",
        "fail",
    ]


def test_a_failed_request_to_the_table_is_logged_with_its_error_code(world: World, lines: Lines) -> None:
    larger_than_an_item = "x" * 500_000
    with pytest.raises(EventFailed), log_event(world.context, "tick"):
        world.member(larger_than_an_item)
    (line,) = lines()
    assert line["reason"] == "ValidationException"


def test_only_the_largest_values_of_a_metric_are_logged(world: World, lines: Lines) -> None:
    with log_event(world.context, "tick"):
        waited = tuple(timedelta(seconds=n) for n in range(2 * MOST_VALUES))
        current_metrics().commit_metrics.append(CommitMetrics(rematched=waited))
    (line,) = lines()
    assert metrics_of(line) == {"RematchSeconds": [2 * MOST_VALUES - 1 - n for n in range(MOST_VALUES)]}
