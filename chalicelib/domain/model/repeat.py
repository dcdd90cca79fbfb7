"""Repeats, weekly patterns that become ordinary bookings 14 days ahead (R40)."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.model.document import Document

# An occurrence is made at the latest this time before its start. Others can be locked in with from then on (R8).
MADE_AHEAD = timedelta(days=14)
# A run of the schedule also makes what is due in the next day, so that it costs a member once a day. It does not make
# an occurrence with a partner, who cannot be locked in with earlier.
GATHERED = timedelta(days=1)
# The greatest number of repeats of a member (R36).
MOST_REPEATS = 20
# A first date is at most this time ahead.
FARTHEST_START = timedelta(days=366)
# The number of skipped occurrences that a repeat shows, the latest ones.
KEPT_SKIPPED = 30


class Weekday(StrEnum):
    """The days of the week, from Monday on."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


def weekday_of(on: date) -> Weekday:
    """Return the weekday of a date."""
    return tuple(Weekday)[on.weekday()]


# The fields of a repeat that are no part of its pattern.
_PROGRESS = ("repeat_id", "changed_at", "made_at", "handled", "skipped", "version")


class SkippedOccurrence(Struct, frozen=True, array_like=True):
    """An occurrence that was not booked, with the code of the refusal."""

    start: datetime
    reason: str


class Repeat(Document, frozen=True, kw_only=True):
    """A weekly pattern of a member.

    `time` is local time in `time_zone`, such as "09:00". `first` and `last` are local dates, and None means without an
    end. `handled` has for each weekday the local date of the latest occurrence that was booked or skipped, so that no
    occurrence is made twice and a cancelled one does not come back. Occurrences up to `changed_at` are not made.
    """

    member_id: str
    repeat_id: str
    weekdays: tuple[Weekday, ...]
    time: str
    time_zone: str
    minutes: int
    first: date
    changed_at: datetime
    made_at: datetime
    last: date | None = None
    title: str | None = None
    partner_id: str | None = None
    handled: dict[Weekday, date] = field(default_factory=dict)
    skipped: tuple[SkippedOccurrence, ...] = ()

    @property
    def made_until(self) -> date | None:
        """The local date of the latest occurrence that was booked or skipped."""
        return max(self.handled.values(), default=None)

    def is_same_pattern(self, other: "Repeat") -> bool:
        """Return whether both repeats of one member make the same sessions."""
        return replace(self, **{name: getattr(other, name) for name in _PROGRESS}) == other

    def handling(self, on: date) -> "Repeat":
        """Return the repeat after the occurrence of a local date was booked."""
        return replace(self, handled={**self.handled, weekday_of(on): on})

    def skipping(self, on: date, start: datetime, reason: str) -> "Repeat":
        """Return the repeat after the occurrence of a local date was skipped."""
        skipped = (*self.skipped, SkippedOccurrence(start, reason))[-KEPT_SKIPPED:]
        return replace(self.handling(on), skipped=skipped)


class EndedRepeat(Document, frozen=True, kw_only=True):
    """A repeat that was ended, and whose sessions ahead the schedule must still cancel."""

    member_id: str
    repeat_id: str
    ended_at: datetime


class RepeatSchedule(Document, frozen=True, kw_only=True):
    """The instant at which the schedule has work for a member's repeats, such as the next occurrence. None without any.

    Every new repeat increments its version. So of two concurrent requests one conflicts and counts again (R36).
    """

    member_id: str
    due: datetime | None = None


class DueRepeats(Document, frozen=True, kw_only=True):
    """A member with an occurrence that is due at an instant, in the list that the schedule reads."""

    member_id: str
    due: datetime


def due_row(schedule: RepeatSchedule) -> DueRepeats | None:
    """Return the row of a schedule in the list of due members, None if nothing is due."""
    return None if schedule.due is None else DueRepeats(member_id=schedule.member_id, due=schedule.due)
