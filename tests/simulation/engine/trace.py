"""Everything that a small crowd sends to a table that is soon overloaded; run as a module, its digest."""

import hashlib
import sys
from datetime import timedelta

from bench.bookers import START, crowd
from infra.in_memory_dynamodb.capacity import CapacityLimits
from infra.simulation.client import ServedRequest, canonical_text
from infra.simulation.deployment import Options


def trace(seed: int) -> list[str]:
    """A line for each request, in the order in which the table served or refused them."""
    sent: list[str] = []
    # A tight limit, so that refusals and everything that follows from them are in it.
    options = Options(START, seed=seed, limits=CapacityLimits(write=20, read=20), most_behind=1)
    world, people = crowd(options, 40, within=0.5)
    world.client.listeners.append(lambda one: sent.append(_line(one)))
    people.run(timedelta(minutes=11))
    return sent


def digest(lines: list[str]) -> str:
    """A few letters that stand for all of them."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _line(one: ServedRequest) -> str:
    return f"{one.at:.6f} {one.operation} {canonical_text(one.request)} {one.error_code}"


if __name__ == "__main__":
    print(digest(trace(int(sys.argv[1]))))
