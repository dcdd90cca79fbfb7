"""Lists of kinds of events, as members choose them for a channel (R43)."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.http.inputs.field_parsers import PARSER, FieldParser


def event_kinds(names: list[str], field: str) -> tuple[EventKind, ...]:
    """Return the kinds in the order of their declaration, each once. Raises InvalidRequest for an unknown one."""
    if not set(names) <= set(EventKind):
        raise InvalidRequest(f"{input_texts.EVENT_KINDS}, and each {input_texts.one_of(list(EventKind))}", field=field)
    return tuple(kind for kind in EventKind if kind in names)


EventKinds = Annotated[
    list[str],
    Meta(
        description="The kinds of events to send.",
        # Described and not judged: the parser gives the reason.
        extra_json_schema={"items": {"$ref": "#/components/schemas/EventKind"}},
        extra={PARSER: FieldParser(event_kinds, input_texts.EVENT_KINDS)},
    ),
]
