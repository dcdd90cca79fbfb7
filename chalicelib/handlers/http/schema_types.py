"""The field types that requests and responses share.

A type with a title is a component of the OpenAPI document, so that generators of clients make one type of it.
"""

from typing import Annotated, Literal

from msgspec import Meta

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.mail_address import LONGEST_ADDRESS
from chalicelib.domain.model.public_url import LONGEST_URL
from chalicelib.domain.model.repeat import Weekday
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES
from chalicelib.handlers.http.inputs import field_parsers
from chalicelib.handlers.http.inputs.field_parsers import MILLISECONDS, PARSER, FieldParser

UNMATCHED = "unmatched"

Instant = Annotated[
    str,
    Meta(
        description="An instant in UTC with the offset `+00:00`, without fractions of a second.",
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$",
        extra_json_schema={"format": "date-time"},
    ),
]
AnyInstant = Annotated[
    str,
    Meta(
        description="An ISO 8601 instant with an offset or `Z`. Fractions of a second are allowed.",
        extra_json_schema={"format": "date-time"},
        extra={PARSER: FieldParser(field_parsers.instant, input_texts.INSTANT)},
    ),
]
QueryInstant = Annotated[AnyInstant, Meta(extra={PARSER: FieldParser(field_parsers.query_instant)})]
Duration = Annotated[
    int,
    Meta(
        title="Duration",
        description="The length of a session of 25, 50 or 75 minutes in milliseconds.",
        extra_json_schema={
            "enum": [minutes * MILLISECONDS for minutes in FOOTPRINT_MINUTES],
            # The names of the values in clients.
            "x-enum-varnames": [f"MINUTES_{minutes}" for minutes in FOOTPRINT_MINUTES],
        },
        extra={PARSER: FieldParser(field_parsers.minutes)},
    ),
]
SessionType = Annotated[
    Literal["paired"],
    Meta(title="SessionType", description="The kind of a session."),
]
SessionState = Annotated[
    str,
    Meta(
        title="SessionState",
        description="`unmatched`: the session started without a partner (R23). `missed`: its owner did not join, and "
        "the partner asked for another one (R38).",
        extra_json_schema={"enum": [*State, UNMATCHED]},
    ),
]
TimeZone = Annotated[str, Meta(extra={PARSER: FieldParser(field_parsers.time_zone)})]
PhotoUrl = Annotated[
    str,
    Meta(
        description="An https address of a public host.",
        # Described and not judged: the parser gives the reason.
        extra_json_schema={"pattern": r'^[Hh][Tt][Tt][Pp][Ss]://[^ "<>\\]+$', "maxLength": LONGEST_URL},
        extra={PARSER: FieldParser(field_parsers.photo_url)},
    ),
]
MailAddress = Annotated[
    str,
    Meta(
        description="An e-mail address with ASCII characters before the @, and a domain of any script.",
        # Described and not judged: the parser gives the reason.
        extra_json_schema={"maxLength": LONGEST_ADDRESS, "minLength": 3},
        extra={PARSER: FieldParser(field_parsers.mail_address)},
    ),
]
EventKinds = Annotated[
    list[EventKind],
    Meta(
        description="The kinds of events, each once.",
        extra={PARSER: FieldParser(field_parsers.event_kinds, input_texts.EVENT_KINDS)},
    ),
]
Weekdays = Annotated[
    list[Weekday],
    Meta(
        description="The days of the week, at least one.",
        # Described and not judged: the parser gives the reason.
        extra_json_schema={"minItems": 1},
        extra={PARSER: FieldParser(field_parsers.weekdays, input_texts.WEEKDAYS)},
    ),
]
LocalTime = Annotated[
    str,
    Meta(
        description="A local time on the quarter hour, such as `09:00`.",
        extra_json_schema={"pattern": field_parsers.LOCAL_TIME},
        extra={PARSER: FieldParser(field_parsers.local_time, input_texts.LOCAL_TIME)},
    ),
]
LocalDate = Annotated[
    str,
    Meta(
        description="A local date, such as `2026-12-01`.",
        extra_json_schema={"format": "date"},
        extra={PARSER: FieldParser(field_parsers.local_date, input_texts.LOCAL_DATE)},
    ),
]
NextCursor = Annotated[str, Meta(description="The `cursor` of the next page, absent on the last page.")]
