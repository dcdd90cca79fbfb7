"""Members who all want the same slot, and what is sent to the table for it."""

import hashlib
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from chalicelib.domain.claiming import Claim
from chalicelib.domain.errors import Busy
from chalicelib.domain.identity import member_id
from chalicelib.domain.member import Profile
from chalicelib.domain.slot import Slot
from chalicelib.services.book import book_session
from infra.simulated.capacity import Limits
from infra.simulated.client import Sent, in_one_order
from infra.simulated.world import Options, World, simulated

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NINE = Slot(START + timedelta(hours=1), 50)


def members(number: int) -> list[Profile]:
    return [Profile(member_id("crowd", str(n)), f"Member {n}", "UTC", START, "r") for n in range(number)]


def come(world: World, people: list[Profile], within: float) -> None:
    """Let people book the slot within so many seconds; whoever finds it busy asks again until it is not."""
    chance = Random("arrivals")
    for person in people:
        world.scheduler.spawn(partial(_book, world, person), after=chance.uniform(0, within))


def _book(world: World, person: Profile) -> None:
    while True:
        try:
            book_session(world.lockstep, person, Claim(NINE), None, lambda _: "")
        except Busy:
            world.scheduler.pause(1)
        else:
            return


def trace(seed: int) -> list[str]:
    """Everything that a small crowd sends on a table that is soon overloaded, each line one request."""
    sent: list[str] = []
    # A tight limit, so that refusals and everything that follows from them are in it.
    options = Options(START, seed=seed, limits=Limits(write=20, read=20), most_behind=1)
    with simulated(options) as world:
        world.client.told.append(lambda one: sent.append(_line(one)))
        people = members(40)
        world.load_members(people)
        come(world, people, within=0.5)
        world.run_for(minutes=11)
    return sent


def _line(one: Sent) -> str:
    return f"{one.at:.6f} {one.operation} {in_one_order(one.request)} {one.refusal}"


def digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    print(digest(trace(int(sys.argv[1]))))
