"""The queues of deliveries, one for each channel."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec

from chalicelib.channels.aws_clients import LazyClient, SendFailed, sent_to
from chalicelib.domain.model.notices import Channel, Delivery

# The largest batch and the longest delay of SQS.
MOST_MESSAGES = 10
LONGEST_DELAY = timedelta(minutes=15)
FIFO = ".fifo"

_DECODER = msgspec.json.Decoder(Delivery)


class Queues:
    """The queues of a deployment by channel. A channel without a queue delivers nothing."""

    def __init__(self, urls: Mapping[Channel, str], client: LazyClient) -> None:
        self._urls = urls
        self._client = client

    def send(self, deliveries: Sequence[Delivery], *, delay: timedelta = timedelta(0)) -> None:
        """Send each delivery to the queue of its channel. Raise SendFailed if one is not accepted.

        A queue that fails does not stop the others. A FIFO queue keeps the order of the messages to one destination
        and drops a repeated one for 5 minutes. It has no delay.
        """
        failed: list[SendFailed] = []
        for channel in self._urls:
            try:
                self._send_to(channel, [one for one in deliveries if one.channel is channel], delay)
            except SendFailed as failure:
                failed.append(failure)
        if failed:
            raise failed[0]

    def _send_to(self, channel: Channel, deliveries: Sequence[Delivery], delay: timedelta) -> None:
        url = self._urls[channel]
        for batch in _batches(deliveries):
            entries = [_entry(place, one, delay, fifo=url.endswith(FIFO)) for place, one in enumerate(batch)]
            with sent_to(channel):
                response = self._client().send_message_batch(QueueUrl=url, Entries=entries)
            if response.get("Failed"):
                raise SendFailed(channel)


def delivery_from(body: str) -> Delivery:
    """Return the delivery of a message's body. Raise ValueError for any other body."""
    return _DECODER.decode(body)


def _entry(place: int, delivery: Delivery, delay: timedelta, *, fifo: bool) -> dict[str, Any]:
    entry = {"Id": str(place), "MessageBody": msgspec.json.encode(delivery).decode()}
    if fifo:
        message = f"{delivery.event.event_id}-{delivery.destination or ''}-{delivery.attempt}"
        # A browser that fails delays no other one of its member. The other FIFO queues have one destination a member.
        group = delivery.destination or delivery.event.member_id
        return entry | {"MessageGroupId": group, "MessageDeduplicationId": message}
    return entry | {"DelaySeconds": int(min(delay, LONGEST_DELAY).total_seconds())}


def _batches(deliveries: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    remaining = iter(deliveries)
    while batch := list(islice(remaining, MOST_MESSAGES)):
        yield batch
