"""The views of `/v1/repeats`, the caller's weekly patterns (R40)."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, NotFound
from chalicelib.domain.model.ids import is_member_id
from chalicelib.domain.model.repeat import FARTHEST_START, Repeat
from chalicelib.domain.model.time_zone import zone_of
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.inputs import display_text
from chalicelib.handlers.http.inputs.field_parsers import local_date, minutes, weekdays
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import Body
from chalicelib.handlers.http.operations import Created, Done, Ok, refuses
from chalicelib.handlers.http.responses import repeat_schemas
from chalicelib.services.repeats import member_repeats

REPEATS = "/v1/repeats"


class RepeatBody(Body):
    """A new repeat. Without `from` it begins today, and without `until` it has no end."""

    weekdays: schema_types.Weekdays
    time: schema_types.LocalTime
    time_zone: schema_types.TimeZone
    duration: schema_types.Duration
    title: display_text.Title | None = None
    first: schema_types.LocalDate | None = msgspec.field(default=None, name="from")
    until: schema_types.LocalDate | None = None
    partner_id: str | None = None

    @across("first", "until", "time_zone")
    def check_dates(self, call: Call) -> None:
        """Raise InvalidRequest for dates that are too far ahead or in the wrong order."""
        now, last = call.context.clock(), _date(self.until, "until")
        _check_dates(self.begin(now), last, now)
        if last is not None and last < now.astimezone(zone_of(self.time_zone)).date():
            raise InvalidRequest(input_texts.IN_THE_PAST, field="until")

    @across("partner_id")
    def check_partner(self, call: Call) -> None:
        """Raise InvalidRequest for the caller, and for a text that is no member's id."""
        _check_partner(call, self.partner_id)

    def begin(self, now: datetime) -> date:
        """Return the first date, by default that of `now` in the time zone."""
        return _date(self.first, "from") or now.astimezone(zone_of(self.time_zone)).date()

    def repeat(self, member_id: str, repeat_id: str, now: datetime) -> Repeat:
        """Return the repeat that the body describes."""
        return Repeat(
            member_id=member_id,
            repeat_id=repeat_id,
            weekdays=weekdays(self.weekdays, "weekdays"),
            time=self.time,
            time_zone=self.time_zone,
            minutes=minutes(self.duration, "duration"),
            first=self.begin(now),
            changed_at=now,
            made_at=now,
            last=_date(self.until, "until"),
            title=_title(self.title),
            partner_id=self.partner_id,
        )


class RepeatEdit(Body):
    """A change of a repeat. Absent fields stay unchanged."""

    weekdays: schema_types.Weekdays | UnsetType = UNSET
    time: schema_types.LocalTime | UnsetType = UNSET
    time_zone: schema_types.TimeZone | UnsetType = UNSET
    duration: schema_types.Duration | UnsetType = UNSET
    title: display_text.Title | None | UnsetType = UNSET
    first: schema_types.LocalDate | UnsetType = msgspec.field(default=UNSET, name="from")
    until: schema_types.LocalDate | None | UnsetType = UNSET
    partner_id: str | None | UnsetType = UNSET

    @across("partner_id")
    def check_partner(self, call: Call) -> None:
        """Raise InvalidRequest for the caller, and for a text that is no member's id."""
        _check_partner(call, None if isinstance(self.partner_id, UnsetType) else self.partner_id)

    def changed(self, repeat: Repeat, now: datetime) -> Repeat:
        """Return the repeat with the changes. Raises InvalidRequest for dates in the wrong order."""
        changed = repeat
        if not isinstance(self.weekdays, UnsetType):
            changed = replace(changed, weekdays=weekdays(self.weekdays, "weekdays"))
        if not isinstance(self.time, UnsetType):
            changed = replace(changed, time=self.time)
        if not isinstance(self.time_zone, UnsetType):
            changed = replace(changed, time_zone=self.time_zone)
        if not isinstance(self.duration, UnsetType):
            changed = replace(changed, minutes=minutes(self.duration, "duration"))
        if not isinstance(self.title, UnsetType):
            changed = replace(changed, title=_title(self.title))
        if not isinstance(self.first, UnsetType):
            changed = replace(changed, first=local_date(self.first, "from"))
        if not isinstance(self.until, UnsetType):
            changed = replace(changed, last=_date(self.until, "until"))
        if not isinstance(self.partner_id, UnsetType):
            changed = replace(changed, partner_id=self.partner_id)
        if (changed.first, changed.last) != (repeat.first, repeat.last):
            _check_dates(changed.first, changed.last, now)
        return changed


class EndQuery(msgspec.Struct, kw_only=True):
    """The sessions that end with a repeat."""

    sessions: (
        Annotated[
            Literal["cancel"],
            Meta(
                title="SessionsOfRepeat",
                description="Also cancel the sessions ahead that the repeat made and that are unchanged.",
            ),
        ]
        | UnsetType
    ) = UNSET


def post_repeat(call: Call, body: RepeatBody) -> Created[repeat_schemas.OneRepeat] | Ok[repeat_schemas.OneRepeat]:
    """Create a repeat, and book its occurrences of the next 14 days.

    Those that would make this request too long or too expensive are booked within ten minutes. If the caller has a
    repeat with the same fields, that one is the answer.
    """
    me = call.caller.member_id
    made = member_repeats.make_repeat(call.context, me, lambda repeat_id, now: body.repeat(me, repeat_id, now))
    shown = repeat_schemas.OneRepeat(repeat_schemas.shown_repeat(made.repeat))
    # A repeat has no GET of its own.
    return Created(shown, REPEATS) if made.new else Ok(shown)


def get_repeats(call: Call) -> Ok[repeat_schemas.RepeatList]:
    """List the caller's repeats, oldest first."""
    found = member_repeats.list_repeats(call.context, call.caller.member_id)
    return Ok(repeat_schemas.RepeatList([repeat_schemas.shown_repeat(repeat) for repeat in found]))


@refuses(NotFound)
def patch_repeat(call: Call, repeatId: str, body: RepeatEdit) -> Ok[repeat_schemas.OneRepeat]:  # noqa: N803
    """Change what a repeat books from now on. Sessions that it has booked stay. Absent fields stay unchanged."""
    changed = member_repeats.change_repeat(call.context, call.caller.member_id, repeatId, body.changed)
    return Ok(repeat_schemas.OneRepeat(repeat_schemas.shown_repeat(changed)))


@refuses(NotFound)
def delete_repeat(call: Call, repeatId: str, query: EndQuery) -> Done:  # noqa: N803 - the name in the path
    """End a repeat. The sessions that it has booked stay, except with `sessions=cancel`.

    Those that would make this request too expensive are cancelled within ten minutes. A repeated request has no further
    effect.
    """
    cancel = not isinstance(query.sessions, UnsetType)
    member_repeats.end_repeat(call.context, call.caller.member_id, repeatId, cancel=cancel)
    return Done()


def _title(text: str | None) -> str | None:
    return display_text.title(text, "title") or None if text else None


def _date(text: str | None, field: str) -> date | None:
    return None if text is None else local_date(text, field)


def _check_dates(first: date, last: date | None, now: datetime) -> None:
    if first > now.date() + FARTHEST_START:
        raise InvalidRequest(input_texts.BEYOND_YEAR, field="from")
    if last is not None and last < first:
        raise InvalidRequest(input_texts.BEFORE_FROM, field="until")


def _check_partner(call: Call, partner_id: str | None) -> None:
    """Raise InvalidRequest without a look at the table, so that the refusal says nothing about a member."""
    if partner_id is not None and (partner_id == call.caller.member_id or not is_member_id(partner_id)):
        raise InvalidRequest(input_texts.ONESELF, field="partnerId")
