"""The records of the table's stream, in the shape that Lambda passes to its handler."""

from dataclasses import dataclass
from typing import Any

from infra.in_memory_dynamodb.ordered_items import StoredItem
from infra.table import KEY_ATTRIBUTES, STREAM_VIEW

Record = dict[str, Any]

_SHOWN = {
    "KEYS_ONLY": (False, False),
    "OLD_IMAGE": (True, False),
    "NEW_IMAGE": (False, True),
    "NEW_AND_OLD_IMAGES": (True, True),
}
_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/simulated/stream/simulated"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """The change of one item by a write, numbered in the order of all changes."""

    number: int
    at: float
    before: StoredItem | None
    after: StoredItem | None

    def record(self, view: str = STREAM_VIEW) -> Record:
        """Return the stream record of the change, with the images of a stream view."""
        key_text = [
            stored for stored, wanted in zip((self.before, self.after), _SHOWN[view], strict=True) if stored and wanted
        ]
        stored = self.after or self.before
        assert stored  # noqa: S101 - every change has an item before or after it
        change: Record = {
            "ApproximateCreationDateTime": int(self.at),
            "Keys": {name: stored.item[name] for name in KEY_ATTRIBUTES},
            "SequenceNumber": f"{self.number:021d}",
            "SizeBytes": sum(image.size for image in key_text),
            "StreamViewType": view,
        }
        for image in key_text:
            change["NewImage" if image is self.after else "OldImage"] = image.item
        return {
            "eventID": f"{self.number:032x}",
            "eventName": "REMOVE" if self.after is None else "MODIFY" if self.before else "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "eventSourceARN": _ARN,
            "dynamodb": change,
        }
