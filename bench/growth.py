"""`python -m bench.growth` measures the growth of each route's costs with the size of an account.

The sizes differ from a small account in one thing each: 5 years of history instead of one day, 10,000 followers instead
of 10, and 199 sessions ahead instead of 5. Near the limit of bookings an account has opened the versioned limit once
(R36). The bench prints the ratio of request units and of processor time, for each listed
thing where the answers list different numbers of things, and the exponent of the growth of the units. An exponent of 0
is no growth, and one of 1 is a growth in proportion. Only the units are exact.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bench.account_sizes import ORDINARY, AccountSize
from bench.accounts import populate
from bench.worst_account import CallCost, costs, ratios

RUNS = 5
# A route that costs no more than this ratio does not grow.
NO_GROWTH = 1.05
SMALL = replace(ORDINARY, past_days=1, ahead=5, followers=10)


class Growth(Struct, frozen=True):
    """The costs of one call for a small and for a large account, which has `factor` times as much of one thing."""

    factor: float
    small: CallCost
    large: CallCost

    @property
    def units(self) -> float:
        """The ratio of the request units."""
        return ratios(self.small, self.large)[0]

    @property
    def time(self) -> float:
        """The ratio of the processor time."""
        return ratios(self.small, self.large)[1]

    @property
    def exponent(self) -> float:
        """The exponent of the growth of the units."""
        return math.log(self.units) / math.log(self.factor) if self.units else 0


class Dimension(Struct, frozen=True):
    """One thing of which a large account has more."""

    name: str
    factor: float
    large: AccountSize


DIMENSIONS = (
    Dimension("5 years of history", 5 * 365, replace(SMALL, past_days=5 * 365)),
    Dimension("10,000 followers", 1000, replace(SMALL, followers=10_000)),
    Dimension("199 sessions ahead", 199 / 5, replace(SMALL, ahead=199, limit_is_open=True)),
)


def growths(small: AccountSize, dimension: Dimension, *, runs: int = 1) -> dict[str, Growth]:
    """Return the growth of each call by name."""
    of_small, of_large = (costs(populate(size), runs=runs) for size in (small, dimension.large))
    return {name: Growth(dimension.factor, of_small[name], of_large[name]) for name in of_small}


def lines(found: Mapping[str, Mapping[str, Growth]]) -> Iterator[str]:
    """Yield a line for each call with the growth in each dimension, and the calls whose units grow."""
    yield f"{'':<62}" + "".join(f"{name:>28}" for name in found)
    yield f"{'':<62}" + f"{'units':>10}{'exponent':>10}{'time':>8}" * len(found)
    for call in next(iter(found.values())):
        cells = (of[call] for of in found.values())
        yield f"{call:<62}" + "".join(f"{one.units:>10.2f}{one.exponent:>10.2f}{one.time:>8.2f}" for one in cells)
    for name, calls in found.items():
        yield ""
        yield f"units grow with {name}: {', '.join(growing(calls)) or 'none'}"


def growing(calls: Mapping[str, Growth]) -> list[str]:
    """Return the calls whose units grow."""
    return [name for name, growth in calls.items() if growth.units > NO_GROWTH]


def as_json(found: Mapping[str, Mapping[str, Growth]]) -> str:
    """Return the units of each call in each dimension as JSON, without the times, which differ from run to run."""
    of_calls = {
        name: {
            call: {"ratio": round(growth.units, 3), "exponent": round(growth.exponent, 3)}
            for call, growth in calls.items()
        }
        for name, calls in found.items()
    }
    of_all = {name: {"growing_calls": {"count": len(growing(calls))}} for name, calls in found.items()}
    return json.dumps({name: of_calls[name] | of_all[name] for name in found}, indent=2)


def main(arguments: Sequence[str]) -> int:
    """Print the growth of every route."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args(arguments)
    found = {one.name: growths(SMALL, one, runs=given.runs) for one in DIMENSIONS}
    print(as_json(found) if given.json else "\n".join(lines(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
