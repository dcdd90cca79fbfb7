"""The queue of stream records whose events could not be announced."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.channels.aws_clients import LazyClient, SendFailed, sent_to

NAME = "unannounced"


class FailureQueue:
    """The failure queue of the announcements. A message is the event that announces its record once more.

    A message has room for 1 MiB, and the two images of an item are 800 KB at most.
    """

    def __init__(self, url: str, client: LazyClient) -> None:
        self._url = url
        self._client = client

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keep a record of the table's stream. Raise SendFailed if it is not accepted, or without a queue."""
        if not self._url:
            raise SendFailed(NAME)
        entry = {"Id": "0", "MessageBody": msgspec.json.encode({"Records": [record]}).decode()}
        with sent_to(NAME):
            response = self._client().send_message_batch(QueueUrl=self._url, Entries=[entry])
        if response.get("Failed"):
            raise SendFailed(NAME)
