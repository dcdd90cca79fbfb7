"""The event bus of a deployment, for the programs of its operator (R43)."""

from collections.abc import Sequence

import msgspec

from chalicelib.channels.aws_clients import LazyClient, SendFailed, sent_to
from chalicelib.domain.model.event import Event

SOURCE = "lockstep"
# The largest batch of EventBridge.
MOST_EVENTS = 10


class Bus:
    """An EventBridge bus. Without a name nothing is published."""

    def __init__(self, name: str, client: LazyClient) -> None:
        self._name = name
        self._client = client

    def publish(self, events: Sequence[Event]) -> None:
        """Put the events on the bus. Raise SendFailed if one is not accepted."""
        if not self._name:
            return
        for first in range(0, len(events), MOST_EVENTS):
            entries = [
                {
                    "EventBusName": self._name,
                    "Source": SOURCE,
                    "DetailType": event.kind,
                    "Time": event.at,
                    "Detail": detail_of(event),
                }
                for event in events[first : first + MOST_EVENTS]
            ]
            with sent_to(self._name):
                response = self._client().put_events(Entries=entries)
            if response.get("FailedEntryCount"):
                raise SendFailed(self._name)


def detail_of(event: Event) -> str:
    """Return the detail of an event on the bus. It holds ids and the slot, and no name."""
    return msgspec.json.encode(
        {
            "id": event.event_id,
            "type": event.kind,
            "userId": event.member_id,
            "sessionId": event.booking_id,
            "favoriteId": event.other_id,
            "startTime": event.slot.start.isoformat(timespec="seconds"),
            "duration": event.slot.minutes * 60_000,
        }
    ).decode()
