"""The occurrences of repeats (R40).

An occurrence is a local date of the pattern and the instant of its start. Its local time stays across clock changes. A
local time that does not exist moves by the gap. Of one that comes twice the first counts.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, tzinfo

from msgspec import Struct

from chalicelib.domain.model.repeat import MADE_AHEAD, EndedRepeat, Repeat, Weekday
from chalicelib.domain.model.slot import LAST_DATE, ONE_DAY, Slot
from chalicelib.domain.model.time_zone import zone_of

DAYS_PER_WEEK = 7


class RepeatOccurrence(Struct, frozen=True, order=True):
    """One start of a repeat, and the local date of its pattern."""

    start: datetime
    on: date


def occurrence_start(on: date, at: time, zone: tzinfo) -> datetime | None:
    """Return the instant of a local time on a date.

    None means that the zone left the date out, as Samoa did in 2011 when it crossed the date line.
    """
    # A fold of 0 takes the first of two instants, and the offset before a gap.
    start = datetime.combine(on, at, zone).astimezone(UTC)
    moved = start.astimezone(zone).replace(tzinfo=None) - datetime.combine(on, at)
    return None if moved >= ONE_DAY else start


def occurrences(repeat: Repeat, until: datetime) -> list[RepeatOccurrence]:
    """Return the occurrences up to an instant that are neither booked nor skipped, by start."""
    found = (one for weekday in repeat.weekdays for one in _of_weekday(repeat, weekday, until))
    return sorted(found)


def slot_of(repeat: Repeat, occurrence: RepeatOccurrence) -> Slot:
    """Return the slot of an occurrence."""
    return Slot(occurrence.start, repeat.minutes)


def next_due(repeats: Iterable[Repeat], ended: Iterable[EndedRepeat] = ()) -> datetime | None:
    """Return the instant at which the next occurrence of any of the repeats is due, None if there is no other.

    The sessions of an `ended` repeat are due since its end.
    """
    far = datetime.combine(LAST_DATE, time(), UTC)
    starts = (one.start for repeat in repeats for weekday in repeat.weekdays for one in _first(repeat, weekday, far))
    dues = (start - MADE_AHEAD for start in starts)
    return min((*dues, *(one.ended_at for one in ended)), default=None)


def _first(repeat: Repeat, weekday: Weekday, until: datetime) -> Iterator[RepeatOccurrence]:
    for one in _of_weekday(repeat, weekday, until):
        yield one
        return


def _of_weekday(repeat: Repeat, weekday: Weekday, until: datetime) -> Iterator[RepeatOccurrence]:
    zone, at = zone_of(repeat.time_zone), time.fromisoformat(repeat.time)
    last = min(repeat.last or LAST_DATE, LAST_DATE, until.astimezone(zone).date())
    for on in _dates(repeat, weekday, repeat.changed_at.astimezone(zone).date(), last):
        start = occurrence_start(on, at, zone)
        if start is not None and repeat.changed_at < start <= until:
            yield RepeatOccurrence(start, on)


def _dates(repeat: Repeat, weekday: Weekday, today: date, last: date) -> Iterator[date]:
    """Yield the local dates of a weekday that are neither booked nor skipped, from the last week on."""
    handled = repeat.handled.get(weekday)
    # A time in a gap before midnight moves to the next date, so yesterday may have an occurrence today.
    begin = max(repeat.first, today - ONE_DAY, handled + ONE_DAY if handled else repeat.first)
    on = begin + ONE_DAY * ((list(Weekday).index(weekday) - begin.weekday()) % DAYS_PER_WEEK)
    while on <= last:
        yield on
        on += ONE_DAY * DAYS_PER_WEEK
