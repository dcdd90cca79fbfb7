"""`python -m bench.block_timing` compares the response times before and after a block, on a local engine (R11).

Equal populations share one engine. In one of them a member has blocked another, by the use case. Each route is called
300 times before and after, interleaved in random order, for each of three seeds. Requests whose answer a block changes
are compared with those for a blocker whose sessions were just taken by another, all others with those before the block.

The table shows the medians of the first seed, and for each seed the probability of a difference this large by chance
(Mann-Whitney). One in a hundred is at most 0.01 without any difference, so that the number expected by chance is
printed beside the number found. The verdict on a route is its combined probability (Fisher). Routes with at most 0.01
are measured again with new seeds. Exits with 1 if it is at most 0.01 again.
"""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from chalice.test import Client

from bench.mann_whitney import combined_p, p_value
from bench.trace import new_table
from chalicelib.domain.model.member import RelationKind
from infra.local.engine import Engine
from tests.handlers.all_routes import token
from tests.handlers.community import BLOCKED, BLOCKER, THIRD, SmallCommunity
from tests.harness import MONDAY, at

PROBES = 300
SEEDS = (1, 2, 3)
# Calls of each route before the first measured one.
WARM_UP = 20
SIGNIFICANT = 0.01


class Probe(NamedTuple):
    """A request of a member about the blocker, with the status of its response after a block.

    The response of a `refused` one differs after a block (R10, R11).
    """

    label: str
    asker: str
    method: str
    path: str
    status: int = 200
    body: dict[str, Any] | None = None
    refused: bool = False


LOCK = {"startTime": at(1).start.isoformat(), "duration": 3_000_000}
RANGE = f"start={MONDAY:%Y-%m-%dT%H:%M:%SZ}&end={at(13 * 24).start:%Y-%m-%dT%H:%M:%SZ}"
HOURS = {
    "availability": "/v1/users/{blocker}/availability",
    "favorites' availability": "/v1/availability/favorites",
    "calendar": f"/v1/calendar?{RANGE}",
}
OTHERS = {
    "profile": "/v1/users/{blocker}",
    "invite page": "/i/{link}",
    "own sessions": f"/v1/sessions?{RANGE}",
}
PROBED = [
    *(Probe(f"{name}, third member", THIRD, "GET", path) for name, path in (HOURS | OTHERS).items()),
    *(Probe(f"{name}, blocked member", BLOCKED, "GET", path, refused=True) for name, path in HOURS.items()),
    *(Probe(f"{name}, blocked member", BLOCKED, "GET", path) for name, path in OTHERS.items()),
    Probe("lock, blocked member", BLOCKED, "POST", "/v1/sessions", 409, {**LOCK, "partnerId": "{blocker}"}, True),
    Probe("lock by link, blocked member", BLOCKED, "POST", "/i/{link}", 409, LOCK, True),
]


@dataclass
class TimingComparison:
    """The seconds of one probe in both worlds."""

    probe: Probe
    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)

    @property
    def p(self) -> float:
        """The probability of a difference this large by chance."""
        return p_value(self.before, self.after)


def block(population: SmallCommunity) -> None:
    """Let the blocker block the other member."""
    world, members = population.world, population.members
    world.say(members[BLOCKER], RelationKind.BLOCK, members[BLOCKED])


def compare(
    url: str,
    seed: int,
    probes: int,
    change: Callable[[SmallCommunity], None] = block,
    *,
    probed: Iterable[Probe] = PROBED,
    warm_up: int = WARM_UP,
) -> list[TimingComparison]:
    """Time every probe `probes` times before and after a change, in random order."""
    rng = Random(seed)
    before, taken, after = (
        _population(url, f"{name} {seed}", taken=name == "taken") for name in ("before", "taken", "after")
    )
    after.change(change)
    for population in (before, taken):
        population.change(None)
    comparisons = [TimingComparison(probe) for probe in probed]
    with Client(before.app) as one, Client(taken.app) as two, Client(after.app) as three:
        for comparison in comparisons:
            probe = comparison.probe
            plain = (taken, two) if probe.refused else (before, one)
            worlds = [(plain, comparison.before), ((after, three), comparison.after)]
            for number in range(warm_up + probes):
                for (population, client), seconds in rng.sample(worlds, 2):
                    spent = _time(client, population, probe)
                    if number >= warm_up:
                        seconds.append(spent)
    return comparisons


def _population(url: str, name: str, *, taken: bool) -> SmallCommunity:
    return SmallCommunity(new_table(url, name.replace(" ", "-")), name=name, taken=taken)


def _time(client: Client, population: SmallCommunity, probe: Probe) -> float:
    """Return the seconds of one request. Raises AssertionError for an unexpected status."""
    names = {"blocker": population.members[BLOCKER].member_id, "link": population.tokens[BLOCKER]}
    body = b"" if probe.body is None else json.dumps(probe.body).replace("{blocker}", names["blocker"]).encode()
    bearer = token(population.world, probe.asker)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    gc.collect(0)
    gc.disable()
    began = perf_counter()
    answer = client.http.request(probe.method, probe.path.format(**names), headers=headers, body=body)
    spent = perf_counter() - began
    gc.enable()
    assert answer.status_code == probe.status, (probe.label, answer.status_code, answer.body)
    return spent


def lines(runs: Sequence[Sequence[TimingComparison]], seeds: Sequence[int]) -> Iterator[str]:
    """Yield the table of the medians of the first seed, and the probabilities of all seeds and of each route."""
    columns = [*(f"p, seed {seed}" for seed in seeds), "combined"]
    yield f"{'route':<42} {'before':>9} {'after':>9}  " + "  ".join(f"{column:>9}" for column in columns)
    for route in zip(*runs, strict=True):
        first = route[0]
        medians = "  ".join(f"{median(seconds) * 1000:>6.2f} ms" for seconds in (first.before, first.after))
        found = [*(one.p for one in route), _combined(route)]
        yield f"{first.probe.label:<41} {medians}  " + "  ".join(f"{p:>9.4f}" for p in found)
    all_p = [one.p for run in runs for one in run]
    low = sum(p <= SIGNIFICANT for p in all_p)
    yield f"{low} of {len(all_p)} at most {SIGNIFICANT}, {len(all_p) * SIGNIFICANT:.2f} expected by chance"


def distinguished(runs: Sequence[Sequence[TimingComparison]]) -> list[Probe]:
    """Return the routes whose times differ in all seeds together."""
    return [route[0].probe for route in zip(*runs, strict=True) if _combined(route) <= SIGNIFICANT]


def figures(runs: Sequence[Sequence[TimingComparison]]) -> dict[str, float]:
    """Return the probability of each route, and the number of routes whose times differ."""
    found = {f"{route[0].probe.label}.p": _combined(route) for route in zip(*runs, strict=True)}
    return {**found, "distinguished.routes": len(distinguished(runs))}


def _combined(route: Iterable[TimingComparison]) -> float:
    return combined_p([one.p for one in route])


def main(arguments: Sequence[str]) -> int:
    """Compare all routes for each seed, print the tables or JSON, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.block_timing", description=__doc__)
    parser.add_argument("--probes", type=int, default=PROBES)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    differing, seeds = PROBED, given.seeds
    found: dict[str, float] = {}
    for _ in range(2):
        with Engine() as engine:
            runs = [compare(engine.url, seed, given.probes, probed=differing) for seed in seeds]
        found |= figures(runs)
        if not given.json:
            print("\n".join(lines(runs, seeds)), flush=True)
        differing = distinguished(runs)
        if not differing:
            break
        seeds = [seed + max(given.seeds) for seed in given.seeds]
    if given.json:
        print(json.dumps(found))
    if differing:
        print(f"The block can be timed: {'; '.join(probe.label for probe in differing)}.", file=sys.stderr)
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
