"""Members who all book one slot on simulated time, with the instants of their booking and of their partner."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.ids import unkeyed_member_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http.responses.problems import RETRY_AFTER_SECONDS
from chalicelib.services.bookings.book import book_session
from chalicelib.storage import keys
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.items import BookingMap, DayItem
from infra.in_memory_dynamodb.stream_records import ItemChange
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment

START = datetime(2026, 11, 30, 8, tzinfo=UTC)
# The slot starts after the longest run ends, so no match is final and no booking is late.
SLOT = Slot(START + timedelta(hours=6), 50)


@dataclass
class Booker:
    """A member who books the slot. Instants are in seconds, None until they happen."""

    profile: Profile
    came: float
    booked: float | None = None
    paired: float | None = None
    refused: int = 0

    @property
    def to_booking(self) -> float | None:
        """The seconds from arrival to booking."""
        return self.booked and self.booked - self.came

    @property
    def to_partner(self) -> float | None:
        """The seconds from arrival to partner."""
        return self.paired and self.paired - self.came


class Bookers:
    """A number of members who each book once, at a random instant `within` seconds, and retry after 503.

    `processes` serve them. Each process discovers the number of queue shards by itself.
    """

    def __init__(self, world: SimulatedDeployment, number: int, within: float, seed: int, processes: int) -> None:
        self._world = world
        self._processes = [replace(world.context, queue_shards={}) for _ in range(processes)]
        self._rng = Random(f"crowd {seed}")
        self.members: dict[str, Booker] = {}
        now = world.scheduler.seconds
        for n in range(number):
            profile = Profile(unkeyed_member_id("crowd", str(n)), f"Member {n}", "Europe/Berlin", START, "first")
            after = self._rng.uniform(0, within)
            self.members[profile.member_id] = booker = Booker(profile, now + after)
            world.scheduler.spawn(partial(self._book, booker), after=after)
        world.load_members([booker.profile for booker in self.members.values()])
        world.table.listen(self._record_partner)

    @property
    def settled(self) -> bool:
        """True when every member has a booking and a partner, except one member of an odd number."""
        alone = sum(booker.paired is None for booker in self.members.values())
        return alone <= len(self.members) % 2 and all(booker.booked is not None for booker in self.members.values())

    def run(self, at_most: timedelta) -> None:
        """Advance time until `settled`, and by no more than `at_most`."""
        end = self._world.scheduler.now() + at_most
        while not self.settled and self._world.scheduler.now() < end:
            self._world.run_for(seconds=1)

    def _book(self, booker: Booker) -> None:
        while booker.booked is None:
            try:
                book_session(self._rng.choice(self._processes), booker.profile, BookingRequest(SLOT), None)
            except (Busy, TableRequestFailed):
                # The client waits at least as long as Retry-After says, with jitter.
                booker.refused += 1
                self._world.scheduler.pause(RETRY_AFTER_SECONDS * self._rng.uniform(1, 2))
            else:
                booker.booked = self._world.scheduler.seconds

    def _record_partner(self, change: ItemChange) -> None:
        """Record the instant of a member's first partner when the member's day is written."""
        day = change.after and change.after.item
        if not day or not day["SK"]["S"].startswith(keys.DAY):
            return
        booker = self.members[day["PK"]["S"].removeprefix(keys.member(""))]
        bookings = day[DayItem.bookings.attr_name]["L"]
        if booker.paired is None and any(BookingMap.partner.attr_name in booking["M"] for booking in bookings):
            booker.paired = change.at


def start_bookers(
    options: DeploymentOptions, number: int, within: float, processes: int = 1
) -> tuple[SimulatedDeployment, Bookers]:
    """Return a new simulated deployment and the members who are about to book in it."""
    world = SimulatedDeployment(options)
    return world, Bookers(world, number, within, options.seed, processes)
