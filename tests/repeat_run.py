"""Repeats of members, and runs of the schedule that are killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.repeat import Repeat, Weekday
from chalicelib.metrics import collect_metrics
from chalicelib.services.repeats.due_repeats import make_all_due
from chalicelib.services.repeats.member_repeats import make_repeat
from chalicelib.storage import reads
from tests.harness import MONDAY, World

DAY = timedelta(days=1)
DAILY = tuple(Weekday)
NINE = MONDAY + timedelta(hours=1)


class Killed(BaseException):
    """The end of a process in the middle of a run."""


def pattern(member: Profile, repeat_id: str = "", now: datetime = MONDAY, **fields: Any) -> Repeat:
    """Return a repeat at nine o'clock UTC on every date, from the date of `now`."""
    start = {"weekdays": DAILY, "time": "09:00", "time_zone": "UTC", "minutes": 50, "first": now.date()}
    known = {"changed_at": now, "made_at": now, **start, **fields}
    return Repeat(member_id=member.member_id, repeat_id=repeat_id, **known)


def repeated(world: World, member: Profile, **fields: Any) -> Repeat:
    """Make a repeat of a member by the use case."""
    return make_repeat(
        world.context, member.member_id, lambda repeat_id, now: pattern(member, repeat_id, now, **fields)
    ).repeat


def bookings(world: World, member: Profile, *, cancelled: bool = False) -> list[Booking]:
    """Return the member's active bookings by start, or also the `cancelled` ones."""
    days = reads.days_between(world.table, member.member_id, date.min, date.max)
    found = (booking for day in days for booking in day.bookings)
    return sorted((one for one in found if one.active or cancelled), key=lambda booking: booking.slot)


def starts(world: World, member: Profile) -> list[datetime]:
    """Return the starts of the member's active bookings."""
    return [booking.slot.start for booking in bookings(world, member)]


def run_schedule(world: World) -> int:
    """Run the schedule once, and return the number of members that it leaves to the next run."""
    with collect_metrics() as metrics:
        make_all_due(world.context)
    assert metrics.error is None
    return metrics.left


@contextmanager
def killed_at(world: World, number: int, *, committed: bool) -> Iterator[None]:
    """Kill the process at its transaction with that number, from 0, before or after the table has `committed` it."""
    events, sent = world.table.connection.client.meta.events, iter(range(1_000_000))
    event = f"{'after' if committed else 'before'}-call.dynamodb.TransactWriteItems"

    def kill(**_call: Any) -> None:
        if next(sent) == number:
            raise Killed

    events.register(event, kill)
    try:
        yield
    finally:
        events.unregister(event, kill)
