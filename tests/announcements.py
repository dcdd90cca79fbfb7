"""The delivery of a test's day records to the announcing handler, with channels that record what they accept."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.channels.channels import Channels
from chalicelib.domain.model.event import BEGINNING, Event
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import Delivery
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.services.notices.event_list import list_events
from infra.shard import passes_filter
from tests.harness import World


class RecordedBus:
    """A bus that keeps its events. It fails as often as `failures` says, before it accepts any."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failures = 0

    def publish(self, events: Sequence[Event]) -> None:
        """Accept the events."""
        if self.failures:
            self.failures -= 1
            raise SendFailed("bus")
        self.events += events


class RecordedQueues:
    """Queues that keep their deliveries. They fail as often as `failures` says, before they accept any."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.failures = 0

    def send(self, deliveries: Sequence[Delivery], *, delay: timedelta = timedelta(0)) -> None:
        """Accept the deliveries."""
        del delay
        if self.failures:
            self.failures -= 1
            raise SendFailed("queues")
        self.deliveries += deliveries


class RecordedFailureQueue:
    """A failure queue that keeps the bodies of its messages. It fails as often as `failures` says, before it accepts."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.failures = 0

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keep a record."""
        if self.failures:
            self.failures -= 1
            raise SendFailed("unannounced")
        self.bodies.append(msgspec.json.encode({"Records": [record]}).decode())


def record_failures(world: World) -> RecordedFailureQueue:
    """Replace the failure queue of a deployment, and return the new one."""
    queue = RecordedFailureQueue()
    world.context.channels.unannounced = queue  # type: ignore[assignment]  # It has the same method.
    return queue


def record_channels(world: World) -> tuple[RecordedBus, RecordedQueues]:
    """Replace the bus and the queues of a deployment, and return the new ones."""
    bus, queues = RecordedBus(), RecordedQueues()
    world.context.channels = Channels(queues=queues, bus=bus)  # type: ignore[arg-type]  # They have the same methods.
    return bus, queues


def day_records(world: World) -> list[dict[str, Any]]:
    """Return the stream's new records of days, dated by the clock of the deployment."""
    found = [record for record in world.records() if passes_filter("events", record)]
    for record in found:
        record["dynamodb"]["ApproximateCreationDateTime"] = world.now.timestamp()
    return found


def announce_all(world: World) -> None:
    """Announce the events of the stream's new records."""
    assert handle_day_records(world.context, day_records(world)) == {"batchItemFailures": []}


def logged(world: World, member: Profile) -> list[Event]:
    """Return all events of a member's log."""
    found, after = [], BEGINNING
    while True:
        page = list_events(world.context, member, after=after, limit=None)
        if not page.events:
            return found
        found += [details.event for details in page.events]
        after = page.last


def logged_kinds(world: World, member: Profile) -> list[str]:
    """Return the kinds of all events of a member's log, without the prefix of sessions."""
    return [event.kind.removeprefix("session.") for event in logged(world, member)]
