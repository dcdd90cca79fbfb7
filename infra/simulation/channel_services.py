"""Stand-ins for the queues and the event bus, below the clients of AWS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

PUBLISH, SEND = "PutEvents", "SendMessageBatch"
CHANNEL_OPERATIONS = frozenset({PUBLISH, SEND})

Body = Mapping[str, Any]
Entry = Mapping[str, Any]


class AcceptedMessage(NamedTuple):
    """A message that the bus or a queue accepted. `destination` is the name of the bus or the address of the queue."""

    destination: str
    entry: Entry


@dataclass
class ChannelServices:
    """The queues and the bus of a deployment, which report each message that they accept."""

    on_accepted: Callable[[AcceptedMessage], None]

    def call(self, operation: str, request: Body) -> dict[str, Any]:
        """Accept all messages of a request."""
        for entry in request["Entries"]:
            destination = entry["EventBusName"] if operation == PUBLISH else request["QueueUrl"]
            self.on_accepted(AcceptedMessage(destination, entry))
        return {}


def partial_request(request: Body) -> Body:
    """Return a request with the first half of the messages, none of a single one."""
    return {**request, "Entries": request["Entries"][: len(request["Entries"]) // 2]}


def partial_response(operation: str, request: Body) -> dict[str, Any]:
    """Return the response that refuses the second half of the messages."""
    refused = [{"Id": entry.get("Id")} for entry in request["Entries"][len(request["Entries"]) // 2 :]]
    return {"FailedEntryCount": len(refused)} if operation == PUBLISH else {"Failed": refused}
