"""The trace of a small crowd on an overloaded table. As a module it prints the digest."""

import hashlib
import sys
from datetime import timedelta

from bench.bookers import START, start_bookers
from infra.in_memory_dynamodb.capacity import CapacityLimits
from infra.simulation.client import ServedRequest, canonical_text
from infra.simulation.deployment import DeploymentOptions


def trace(seed: int) -> list[str]:
    """Return a line for each request, in the order in which the table executed them."""
    sent: list[str] = []
    # A low limit, so that throttled requests and their retries are in the trace.
    options = DeploymentOptions(START, seed=seed, limits=CapacityLimits(write=20, read=20), max_lag=1)
    world, people = start_bookers(options, 40, within=0.5)
    world.client.listeners.append(lambda one: sent.append(_line(one)))
    people.run(timedelta(minutes=11))
    return sent


def digest(lines: list[str]) -> str:
    """Return a digest of the lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _line(one: ServedRequest) -> str:
    return f"{one.at:.6f} {one.operation} {canonical_text(one.request)} {one.error_code}"


if __name__ == "__main__":
    print(digest(trace(int(sys.argv[1]))))
