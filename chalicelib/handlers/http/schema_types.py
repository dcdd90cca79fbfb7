"""The values that bodies, queries and answers share: instants, lengths, states."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model.booking import State
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES

MILLISECONDS = 60_000
UNMATCHED = "unmatched"

Instant = Annotated[
    str,
    Meta(
        description="An instant in UTC, its offset written out, without fractions of a second.",
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$",
        extra_json_schema={"format": "date-time"},
    ),
]
AnyInstant = Annotated[
    str,
    Meta(
        description="An ISO 8601 instant with an offset or `Z`; fractions of a second may be there.",
        extra_json_schema={"format": "date-time"},
    ),
]
Duration = Annotated[
    int,
    Meta(
        description="The length of a session in milliseconds: 25, 50 or 75 minutes.",
        extra_json_schema={"enum": [minutes * MILLISECONDS for minutes in FOOTPRINT_MINUTES]},
    ),
]
SessionState = Annotated[
    str,
    Meta(
        description="`unmatched`: the session started without a partner (R23).",
        extra_json_schema={"enum": [*State, UNMATCHED]},
    ),
]
NextCursor = Annotated[str, Meta(description="Sent back as `cursor`, it leads to the next page; absent on the last.")]
