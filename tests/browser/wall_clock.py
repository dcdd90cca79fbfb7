"""Times as the screens show them in a zone, also on the days of a clock change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)


def wall_name(start: datetime, zone: str = "UTC") -> str:
    """Return the beginning of the name of a cell, such as `Tuesday, December 1, 9:15 AM`."""
    local = start.astimezone(ZoneInfo(zone))
    return f"{wall_day(start, zone)}, {local.hour % 12 or 12}:{local:%M %p}{offset_text(start, zone)}"


def wall_day(start: datetime, zone: str = "UTC") -> str:
    """Return a day in words, such as `Tuesday, December 1`. It has the year unless that is the present one."""
    local = start.astimezone(ZoneInfo(zone))
    year = "" if local.year == datetime.now(ZoneInfo(zone)).year else f", {local.year}"
    return f"{local:%A, %B} {local.day}{year}"


def offset_text(start: datetime, zone: str) -> str:
    """Return an offset such as ` GMT+5:30` on the day of a clock change, and no text on other days."""
    local = start.astimezone(ZoneInfo(zone))
    # The wall clock of a midnight that is skipped counts with the offset before it.
    midnight = local.replace(hour=0, minute=0, fold=0)
    if midnight.utcoffset() == (midnight + timedelta(days=1)).replace(fold=0).utcoffset():
        return ""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f" GMT{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def next_clock_change(zone: str, *, forward: bool) -> datetime:
    """Return the next instant at which the clocks of a zone go forward or back."""
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    def offset(instant: datetime) -> timedelta:
        return instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()

    while (offset(at) > offset(at - QUARTER)) != forward or offset(at) == offset(at - QUARTER):
        at += QUARTER
    return at
