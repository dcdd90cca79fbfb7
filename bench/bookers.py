"""A crowd that wants one and the same slot, on simulated time: when each has a booking, and when a partner."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.ids import member_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http.problems import RETRY_AFTER_SECONDS
from chalicelib.services.bookings.book import book_session
from chalicelib.storage import keys
from chalicelib.storage.errors import NotCommitted
from chalicelib.storage.items import BookingMap, DayItem
from infra.in_memory_dynamodb.stream_records import Change
from infra.simulation.deployment import Options, World

START = datetime(2026, 11, 30, 8, tzinfo=UTC)
# Beyond the longest run: nothing is final yet, and nobody comes too late.
SLOT = Slot(START + timedelta(hours=6), 50)


@dataclass
class Person:
    """Somebody of the crowd; instants in seconds, None as long as it has not come to that."""

    profile: Profile
    came: float
    booked: float | None = None
    paired: float | None = None
    refused: int = 0

    @property
    def to_booking(self) -> float | None:
        """The seconds until there was a booking."""
        return self.booked and self.booked - self.came

    @property
    def to_partner(self) -> float | None:
        """The seconds until there was a partner."""
        return self.paired and self.paired - self.came


class Crowd:
    """So many members, each coming once within so many seconds, and asking again politely when told to.

    They are served by so many processes, each of which has to find out by itself how many lanes there are.
    """

    def __init__(self, world: World, number: int, within: float, seed: int, processes: int) -> None:
        self._world = world
        self._processes = [replace(world.context, queue_shards={}) for _ in range(processes)]
        self._chance = Random(f"crowd {seed}")
        self.people: dict[str, Person] = {}
        now = world.scheduler.seconds
        for n in range(number):
            profile = Profile(member_id("crowd", str(n)), f"Member {n}", "Europe/Berlin", START, "first")
            after = self._chance.uniform(0, within)
            self.people[profile.member_id] = person = Person(profile, now + after)
            world.scheduler.spawn(partial(self._come, person), after=after)
        world.load_members([person.profile for person in self.people.values()])
        world.table.listen(self._look)

    @property
    def settled(self) -> bool:
        """Whether everybody has a booking, and a partner; one of an odd number has none."""
        alone = sum(person.paired is None for person in self.people.values())
        return alone <= len(self.people) % 2 and all(person.booked is not None for person in self.people.values())

    def run(self, at_most: timedelta) -> None:
        """Let time pass until everybody has what they came for, or no longer than that."""
        end = self._world.scheduler.now() + at_most
        while not self.settled and self._world.scheduler.now() < end:
            self._world.run_for(seconds=1)

    def _come(self, person: Person) -> None:
        while person.booked is None:
            try:
                book_session(self._chance.choice(self._processes), person.profile, BookingRequest(SLOT), None)
            except (Busy, NotCommitted):
                # 503 says when to ask again; not all who are told at once come back at once.
                person.refused += 1
                self._world.scheduler.pause(RETRY_AFTER_SECONDS * self._chance.uniform(1, 2))
            else:
                person.booked = self._world.scheduler.seconds

    def _look(self, change: Change) -> None:
        """Note who has a partner, from the days as they are written."""
        day = change.after and change.after.item
        if not day or not day["SK"]["S"].startswith(keys.DAY):
            return
        person = self.people[day["PK"]["S"].removeprefix(keys.member(""))]
        bookings = day[DayItem.bookings.attr_name]["L"]
        if person.paired is None and any(BookingMap.partner.attr_name in booking["M"] for booking in bookings):
            person.paired = change.at


def crowd(options: Options, number: int, within: float, processes: int = 1) -> tuple[World, Crowd]:
    """A crowd about to come, and the world it comes into."""
    world = World(options)
    return world, Crowd(world, number, within, options.seed, processes)
