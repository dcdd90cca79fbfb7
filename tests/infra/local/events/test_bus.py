"""The event bus of a local run, on the engine."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from botocore.client import BaseClient

from chalicelib.channels.bus import Bus
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.slot import Slot
from infra.local.aws import client
from infra.local.events.bus import LocalBus
from tests.infra.poll import until

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def events(engine: str) -> Iterator[BaseClient]:
    events = client("events", engine)
    yield events
    events.close()


@pytest.fixture
def open_bus(engine: str, events: BaseClient) -> Iterator[Callable[[], LocalBus]]:
    messages = client("sqs", engine)
    yield lambda: LocalBus(events, messages)
    messages.close()


def ids(bus: LocalBus, prefix: str) -> list[str]:
    """Return the ids of the events of one test, newest first."""
    return [event["detail"]["id"] for event in bus.events() if event["detail"]["id"].startswith(prefix)]


def test_r43_published_events_are_shown_newest_first(events: BaseClient, open_bus: Callable[[], LocalBus]) -> None:
    bus, prefix = open_bus(), uuid.uuid4().hex
    publisher = Bus(bus.name, lambda: events)
    for number in range(12):
        publisher.publish([Event(f"{prefix}{number}", EventKind.BOOKED, "ada", NINE, Slot(NINE, 50), "session")])
    until(lambda: len(ids(bus, prefix)) == 12)
    assert ids(bus, prefix) == [f"{prefix}{number}" for number in reversed(range(12))]
    event = next(one for one in bus.events() if one["detail"]["id"].startswith(prefix))
    assert (event["source"], event["detail-type"]) == ("lockstep", "session.booked")
    assert event["detail"] == {
        "id": f"{prefix}11",
        "type": "session.booked",
        "userId": "ada",
        "sessionId": "session",
        "favoriteId": None,
        "startTime": "2026-12-01T09:00:00+00:00",
        "duration": 3_000_000,
    }


def test_a_run_restarted_on_the_same_engine_shows_later_events_once(
    events: BaseClient, open_bus: Callable[[], LocalBus]
) -> None:
    open_bus()
    bus, prefix = open_bus(), uuid.uuid4().hex
    Bus(bus.name, lambda: events).publish([Event(prefix, EventKind.BOOKED, "ada", NINE, Slot(NINE, 50), "session")])
    until(lambda: ids(bus, prefix))
    assert ids(bus, prefix) == [prefix]
