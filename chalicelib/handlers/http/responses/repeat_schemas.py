"""The public schemas of repeats (R40)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.domain.model import repeat
from chalicelib.domain.model.repeat import Weekday
from chalicelib.handlers.http.inputs.field_parsers import MILLISECONDS
from chalicelib.handlers.http.responses import serializers
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.schema_types import Duration, Instant, LocalDate, LocalTime


class SkippedSession(Schema):
    """An occurrence that was not booked. The reason is the code of the refusal, such as `time_conflict`."""

    start_time: Instant
    reason: str


class Repeat(Schema):
    """A weekly pattern of the caller, whose occurrences are booked 14 days ahead."""

    repeat_id: str
    weekdays: list[Weekday]
    time: LocalTime
    time_zone: str
    duration: Duration
    title: str | None
    first: LocalDate = msgspec.field(name="from")
    until: LocalDate | None
    partner_id: Annotated[str, Meta(description="The member to lock in with where that is possible.")] | None
    skipped: Annotated[list[SkippedSession], Meta(description="The latest 30, by start.")]
    made_until: Annotated[LocalDate, Meta(description="The date of the latest occurrence booked or skipped.")] | None


class OneRepeat(Schema):
    """A response with one repeat."""

    repeat: Repeat


class RepeatList(Schema):
    """The caller's repeats, oldest first."""

    repeats: list[Repeat]


def shown_repeat(stored: repeat.Repeat) -> Repeat:
    """Return a repeat as its owner sees it."""
    skipped = sorted(stored.skipped, key=lambda one: one.start)
    return Repeat(
        repeat_id=stored.repeat_id,
        weekdays=list(stored.weekdays),
        time=stored.time,
        time_zone=stored.time_zone,
        duration=stored.minutes * MILLISECONDS,
        title=stored.title,
        first=stored.first.isoformat(),
        until=stored.last.isoformat() if stored.last else None,
        partner_id=stored.partner_id,
        skipped=[SkippedSession(serializers.instant_text(one.start), one.reason) for one in skipped],
        made_until=stored.made_until.isoformat() if stored.made_until else None,
    )
