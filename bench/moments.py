"""The requests, runs and units of a large community in its busiest seconds, from the counted use of a member."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from bench import member_month as month
from bench.member_month import MemberUse, TableWork, calls_of
from bench.monthly_bill import FUNCTION_USE, repeated_writes
from bench.replay import CANCELS
from bench.unit_shares import EVENTS, WorkUnits
from bench.week_shape import WEEK, busiest_start, busiest_visits
from bench.worst_account import CallCost
from infra.cloudformation.intrinsic import API_FUNCTION

DAYS_OF_WEEK = WEEK.days
# The seconds within which the members of a session open its page and join, most of them before its start.
ARRIVAL_SECONDS = 300


class LargeCommunity(Struct, frozen=True):
    """The size of a community, whose members have the use of the bill but for the number of bookings."""

    members: int = 10_000_000
    bookings_a_day: int = 2_000_000

    @property
    def bookings_a_week(self) -> float:
        """The bookings of a week."""
        return self.bookings_a_day * DAYS_OF_WEEK

    @property
    def use(self) -> MemberUse:
        """The use of a member."""
        return MemberUse(bookings_a_week=self.bookings_a_week / self.members)


class Busiest(Struct, frozen=True):
    """The busiest instants. `starting` members have a session that starts at `start`."""

    start: datetime
    starting: float
    visits: datetime
    bookings_a_second: float

    @property
    def arrivals_a_second(self) -> float:
        """The members who open their session's page in a second, unless it was cancelled."""
        return self.starting * (1 - CANCELS) / ARRIVAL_SECONDS


def busiest_of(community: LargeCommunity) -> Busiest:
    """Return the busiest instants of a community."""
    start, of_starts = busiest_start()
    visits, of_visits = busiest_visits()
    return Busiest(start, of_starts * community.bookings_a_week, visits, of_visits * community.bookings_a_week)


def calls_a_second(community: LargeCommunity, busiest: Busiest) -> dict[str, float]:
    """Return the requests to the API in a busiest second, by the names of `bench.route_calls`."""
    use, booked, arrived = community.use, busiest.bookings_a_second, busiest.arrivals_a_second
    each_visit = {name: each * (booked + arrived) for name, each in month.OPENING.items()}
    meeting = {name: each * arrived for name, each in month.MEETING.items()}
    booking = {name: each * booked for name, each in month.BOOKING.items()}
    return {
        **each_visit,
        **booking,
        **meeting,
        month.CALENDAR: booked * (1 + use.minutes_to_book),
        month.FEED: community.members * calls_of(use)[month.FEED] / month.HOURS / 3600,
    }


def runs_a_second(community: LargeCommunity, busiest: Busiest) -> dict[str, float]:
    """Return the runs of each function in a busiest second. The queues of the channels have their own limits."""
    booked, arrived = busiest.bookings_a_second, busiest.arrivals_a_second
    return {
        API_FUNCTION: sum(calls_a_second(community, busiest).values()),
        "Rematch": booked,
        "Events": day_writes_a_second(busiest),
        "WebsocketConnect": booked + arrived,
        "WebsocketMessage": booked + arrived + _signals(community, busiest) + _pings(community, busiest),
        "WebsocketDisconnect": booked + arrived,
    }


def _signals(community: LargeCommunity, busiest: Busiest) -> float:
    """Return the signals in a busiest second, which the pages of a session exchange as they open."""
    return busiest.arrivals_a_second * community.use.signals_a_meeting


def _pings(community: LargeCommunity, busiest: Busiest) -> float:
    """Return the pings in a busiest second, of the pages of one start and of those that are open to book."""
    open_pages = busiest.starting + busiest.bookings_a_second * 60 * community.use.minutes_to_book
    return open_pages / (60 * month.PING_MINUTES)


def announcements_a_second(busiest: Busiest) -> float:
    """Return the writes of days with an event in a busiest second, by bookings, their partners and cancels."""
    return busiest.bookings_a_second * 2 * (1 + CANCELS)


def day_writes_a_second(busiest: Busiest) -> float:
    """Return the writes of days in a busiest second. A join writes the own day and the partner's, without an event."""
    return announcements_a_second(busiest) + busiest.arrivals_a_second * 2


def concurrent_runs(community: LargeCommunity, busiest: Busiest) -> float:
    """Return the functions that run at once in a busiest second."""
    return sum(
        runs * FUNCTION_USE[name].milliseconds / 1000 for name, runs in runs_a_second(community, busiest).items()
    )


def units_a_second(
    community: LargeCommunity, busiest: Busiest, costs: Mapping[str, CallCost], units: Mapping[str, WorkUnits]
) -> tuple[float, float]:
    """Return the write units and read units of the table in a busiest second."""
    calls = calls_a_second(community, busiest)
    runs = runs_a_second(community, busiest)
    other = [
        (TableWork(units[EVENTS].write_units, units[EVENTS].read_units), announcements_a_second(busiest)),
        (month.OPENED, runs["WebsocketConnect"]),
        (month.CLOSED, runs["WebsocketDisconnect"]),
        (month.SIGNAL, _signals(community, busiest)),
        (month.PINGED, _pings(community, busiest)),
    ]
    written = sum(repeated_writes(costs[name]) * each for name, each in calls.items())
    read = sum(costs[name].read_units * each for name, each in calls.items())
    return (
        written + sum(work.write_units * each for work, each in other),
        read + sum(work.read_units * each for work, each in other),
    )
