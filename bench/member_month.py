"""The month of an average member, with the requests, events and messages that follow from its use.

The numbers of `MemberUse` are assumptions. docs/costs.md lists them beside the bill, since communities differ.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from bench.replay import CANCELS, LOCKS

WEEKS = 365 / 12 / 7
DAYS = 365 / 12
HOURS = 24 * DAYS
MINUTES = 60 * HOURS


class MemberUse(Struct, frozen=True):
    """The use by an average member. Visits are those of the web app, and minutes those for which it is open."""

    bookings_a_week: float = 2
    visits_a_booking: float = 2
    minutes_to_book: float = 5
    minutes_to_meet: float = 60
    signals_a_meeting: float = 10
    mails: float = 1
    browsers: float = 0.3
    webhooks: float = 0.01
    calendars: float = 0.1

    @property
    def bookings(self) -> float:
        """The bookings of a month."""
        return self.bookings_a_week * WEEKS


# The meaning of each number, as docs/costs.md states it.
STATED = {
    "bookings_a_week": "bookings a week, of which 5 % lock and 10 % are cancelled, as in the trace",
    "visits_a_booking": "visits of the web app for each booking, one to book and one to meet",
    "minutes_to_book": "minutes for which the calendar is open to book; it reads the slots again each minute",
    "minutes_to_meet": "minutes for which the room is open",
    "signals_a_meeting": "signals that a page sends to connect to the partner's",
    "mails": "verified e-mail address, with the default kinds of mails",
    "browsers": "of a browser with push messages",
    "webhooks": "of a webhook",
    "calendars": "of a calendar program that reads the feed each hour",
}


class TableWork(NamedTuple):
    """The request units of one piece of work."""

    write_units: float
    read_units: float


# Work outside of the routes, as measured in docs/costs.md.
REMATCH = TableWork(10, 7.27)
BOOKED, MATCHED, STARTING = TableWork(6, 1), TableWork(4, 1), TableWork(4, 2)
REPEATED_DAY = TableWork(0, 1)
DEMAND = TableWork(2, 3)
MAIL, PUSH, WEBHOOK, LIVE = TableWork(4, 8), TableWork(0, 4), TableWork(2, 6), TableWork(0, 4)
OPENED, PINGED, CLOSED = TableWork(8, 3), TableWork(0, 1), TableWork(4, 1)
SIGNAL = TableWork(0, 9)
# The record of the first request of a kind by a credential on a date. A visit reads and writes.
ACCESS, KINDS_A_VISIT = TableWork(1, 0), 2
# The minutes between two pings of a page.
PING_MINUTES = 5

# The requests of a page that opens, and those of the two kinds of visit.
OPENING = {"GET /v1/config": 1.0, "GET /v1/me": 1, "GET /v1/sessions, 50 of a year": 1, "GET /v1/events": 1}
BOOKING = {
    "GET /v1/people": 1.0,
    "POST /v1/sessions, waits": (1 - LOCKS) / 2,
    "POST /v1/sessions, pairs at once": (1 - LOCKS) / 2,
    "POST /v1/sessions, lock over two matches": LOCKS,
    "DELETE /v1/sessions/{sessionId}": CANCELS,
}
MEETING = {
    "GET /v1/sessions/{sessionId}": 1.0,
    "GET /v1/users/{userId}": 1,
    "POST /v1/sessions/{sessionId}/join": 2,
}
CALENDAR, FEED = "GET /v1/calendar, two weeks", "GET /c/{file}"


def calls_of(use: MemberUse) -> Mapping[str, float]:
    """Return the requests of a member in a month, by the names of `bench.route_calls`."""
    met = 1 - CANCELS
    return {
        **{name: use.bookings * use.visits_a_booking * each for name, each in OPENING.items()},
        CALENDAR: use.bookings * (1 + use.minutes_to_book),
        **{name: use.bookings * each for name, each in BOOKING.items()},
        **{name: use.bookings * met * each for name, each in MEETING.items()},
        FEED: use.calendars * HOURS,
    }


class Announcements(Struct, frozen=True):
    """The events of a member in a month, and the messages that each channel gets."""

    events: float
    mails: float
    pushes: float
    posts: float
    day_writes: float


def announcements_of(use: MemberUse) -> Announcements:
    """Return the events and messages of a member. A session has three events, and a cancellation two."""
    booked, starting, cancelled = use.bookings, use.bookings * (1 - CANCELS), use.bookings * CANCELS
    events = 2 * booked + starting + 2 * cancelled
    return Announcements(
        events=events,
        mails=use.mails * (events - starting),
        pushes=use.browsers * (events - booked - cancelled),
        posts=use.webhooks * events,
        # Booking, pairing, joining and the partner's joining each write the member's day.
        day_writes=2 * booked + 2 * starting + 2 * cancelled,
    )


class LiveUse(Struct, frozen=True):
    """The live connections of a member in a month."""

    connections: float
    minutes: float
    pings: float
    signals: float

    @property
    def runs(self) -> float:
        """The messages to the service, each of which is a run of its function."""
        return self.connections + self.pings + self.signals

    def messages(self, events: float) -> float:
        """Return the messages in both directions. Each is answered, and a signal also reaches the partner."""
        return 2 * (self.connections + self.pings) + 3 * self.signals + events


def live_use_of(use: MemberUse) -> LiveUse:
    """Return the live connections of a member, one for each visit."""
    minutes = use.bookings * (use.minutes_to_book + use.minutes_to_meet)
    return LiveUse(
        connections=use.bookings * use.visits_a_booking,
        minutes=minutes,
        pings=minutes / PING_MINUTES,
        signals=use.bookings * (1 - CANCELS) * use.signals_a_meeting,
    )


def table_work_of(use: MemberUse) -> TableWork:
    """Return the units of a member's month outside of the routes."""
    said, live = announcements_of(use), live_use_of(use)
    cancelled, starting = use.bookings * CANCELS, use.bookings * (1 - CANCELS)
    done = [
        (REMATCH, cancelled),
        (BOOKED, use.bookings + cancelled),
        (MATCHED, use.bookings + cancelled),
        (STARTING, starting),
        (REPEATED_DAY, 2 * starting),
        (DEMAND, use.bookings),
        (MAIL, said.mails),
        (PUSH, said.pushes),
        (WEBHOOK, said.posts),
        (LIVE, said.events),
        (OPENED, live.connections),
        (PINGED, live.pings),
        (CLOSED, live.connections),
        (SIGNAL, live.signals),
        (ACCESS, KINDS_A_VISIT * live.connections),
    ]
    return TableWork(
        sum(work.write_units * times for work, times in done),
        sum(work.read_units * times for work, times in done),
    )
