"""`python -m bench.matching` compares the matcher with networkx and rustworkx, by time and number of pairs.

For a graph of any shape both libraries have a matching of the largest weight only, so each edge gets the weight 1.
Seconds are processor time of one core, without other load of the machine. Exits with 1 if a matching is too small or
takes too long.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from time import process_time
from typing import Any

import networkx
import rustworkx

from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.member import Activity, Gender, PartnerGender, WorkStyle
from chalicelib.domain.slot_matching.blossom import FREE, berge_bound, match_maximum
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.slot_plan import Plan, plan_pairs
from chalicelib.services.slot_matching.match_slot import MAX_WAITING

# The number of vertices of the largest graph for networkx, which takes minutes on larger ones.
NETWORKX_UP_TO = 1000
# A matcher runs up to this number of times on one graph, and the fastest run counts. It runs once if that takes long.
RUNS, LONG_RUN = 3, 1
LARGE, MOST_SECONDS = 50_000, 0.4
MILLION, MOST_SECONDS_OF_A_MILLION = 1_000_000, 30
LEAST_SHARE = 0.999
# The share of the mutual preferences of a large slot that must be met.
LEAST_WISHES = 0.95
EQUALS, DRAWS = 6, 3000
# The number of further members, large enough for a plan without the graph of all members.
SPECTATORS = 600
NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph by its name, number of vertices and edges."""

    name: str
    vertices: int
    edges: list[Edge]


def random_shape(n: int, degree: int, rng: Random) -> Shape:
    """Return a random graph with that average number of neighbours."""
    edges = {tuple(sorted(rng.sample(range(n), 2))) for _ in range(n * degree // 2)}
    return Shape(f"random, {degree} each", n, sorted((one, other) for one, other in edges))


def hub_shape(n: int, hubs: int, share: float, rng: Random) -> Shape:
    """Return a graph in which every edge has an end among the hubs. Most other vertices stay unmatched."""
    edges = [(one, other) for one in range(hubs) for other in range(one + 1, n) if rng.random() < share]
    return Shape(f"{hubs} hubs", n, edges)


def odd_groups_shape(groups: int, size: int) -> Shape:
    """Return complete graphs of odd size. Each leaves out one vertex."""
    edges = [(first + one, first + other) for first in range(0, groups * size, size) for one, other in _pairs(size)]
    return Shape(f"{groups} odd groups", groups * size, edges)


def all_but_few_shape(n: int, apart: int, rng: Random) -> Shape:
    """Return a complete graph without that number of random edges for each vertex, like the members of a slot."""
    missing = {tuple(sorted(rng.sample(range(n), 2))) for _ in range(n * apart)}
    return Shape(f"all but {2 * apart} each", n, [edge for edge in _pairs(n) if edge not in missing])


def shapes(rng: Random) -> Iterator[Shape]:
    """Yield the graphs of the comparison, one at a time."""
    for n, degree in ((500, 10), (1000, 3), (1000, 10), (1000, 50), (400, 200), (401, 200), (5000, 3), (5000, 10)):
        yield random_shape(n, degree, rng)
    yield hub_shape(400, 150, 0.7, rng)
    yield hub_shape(1000, 300, 0.02, rng)
    yield odd_groups_shape(4, 101)
    yield odd_groups_shape(20, 41)
    yield all_but_few_shape(400, 4, rng)
    yield all_but_few_shape(401, 4, rng)


def _pairs(n: int) -> Iterator[Edge]:
    return combinations(range(n), 2)


@dataclass(frozen=True, slots=True)
class Timed:
    """The number of pairs that one matcher found, and its seconds of one core."""

    pairs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The results of the three matchers on one graph, and the largest possible number of pairs."""

    name: str
    vertices: int
    edges: int
    bound: int
    ours: Timed
    rustworkx: Timed
    networkx: Timed | None


def compare(shape: Shape, *, with_networkx: bool) -> Comparison:
    """Match one graph with each library. The time excludes building the graph."""
    n, edges = shape.vertices, shape.edges
    graph: list[list[int]] = [[] for _ in range(n)]
    for one, other in edges:
        graph[one].append(other)
        graph[other].append(one)

    def matched() -> int:
        mate = [FREE] * n
        match_maximum(graph, mate, range(n))
        return (n - mate.count(FREE)) // 2

    theirs = rustworkx.PyGraph()
    theirs.add_nodes_from(range(n))
    theirs.add_edges_from([(one, other, 1) for one, other in edges])
    slow = networkx.Graph(edges)
    return Comparison(
        shape.name,
        n,
        len(edges),
        berge_bound(graph, match_maximum(graph, [FREE] * n, range(n))),
        _timed(matched),
        _timed(lambda: len(rustworkx.max_weight_matching(theirs, max_cardinality=True))),
        _timed(lambda: len(networkx.max_weight_matching(slow, maxcardinality=True))) if with_networkx else None,
    )


@dataclass(frozen=True, slots=True)
class LargeSlot:
    """The plan of a large slot, its time and its quality."""

    plan: Plan
    seconds: float
    mutual: int
    mutual_met: int
    preferring: int
    preferred_met: int
    alike: int
    met_recently: int

    @property
    def share(self) -> float:
        """The number of pairs as a share of the bound."""
        return len(self.plan.pairs) / self.plan.bound


def plan_large_slot(n: int, rng: Random) -> LargeSlot:
    """Plan a slot of n members of all genders and preferences, with a few blocked and recent partners each."""
    candidates = draw_candidates(n, rng)
    seed = rng.random()
    seconds = _timed(lambda: len(plan_pairs(candidates, (), Random(seed)).pairs)).seconds
    plan = plan_pairs(candidates, (), Random(seed))
    by_id = {candidate.member_id: candidate for candidate in candidates}
    pairs = [(by_id[one], by_id[other]) for one, other in plan.pairs]
    partner = dict([*plan.pairs, *((other, one) for one, other in plan.pairs)])
    mutual = {
        frozenset((candidate.member_id, other))
        for candidate in candidates
        for other in candidate.preferred
        if candidate.member_id in by_id[other].preferred
    }
    return LargeSlot(
        plan=plan,
        seconds=seconds,
        mutual=len(mutual),
        mutual_met=sum(frozenset(pair) in mutual for pair in plan.pairs),
        preferring=sum(bool(candidate.preferred) for candidate in candidates),
        preferred_met=sum(partner.get(candidate.member_id) in candidate.preferred for candidate in candidates),
        alike=sum(one.work_style.matches(other.work_style) for one, other in pairs),
        met_recently=sum(one.member_id in other.met or other.member_id in one.met for one, other in pairs),
    )


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pairs of a slot that is planned in pieces, each as large as those of a scheduled run, and its time."""

    members: int
    pieces: int
    pairs: int
    seconds: float


def plan_in_pieces(n: int, size: int, rng: Random) -> Pieces:
    """Plan a slot of n members in pieces of at most `size`. Unmatched members of a piece wait for the next one."""
    waiting: list[Candidate] = []
    seconds, pieces, pairs, drawn = 0.0, 0, 0, 0
    while drawn < n:
        more = min(size - len(waiting), n - drawn)
        waiting += draw_candidates(more, rng, first=drawn)
        drawn += more
        started = process_time()
        plan = plan_pairs(waiting, (), rng)
        waiting = plan.unmatched_of(waiting)
        seconds += process_time() - started
        pieces, pairs = pieces + 1, pairs + len(plan.pairs)
    return Pieces(n, pieces, pairs, seconds)


def draw_candidates(n: int, rng: Random, first: int = 0) -> list[Candidate]:
    """Draw members of all kinds. A tenth have a mutual preference, another tenth prefer random members."""
    ids = [f"member-{number:07}" for number in range(first, first + n)]

    def some(most: int) -> frozenset[str]:
        return frozenset(rng.choice(ids) for _ in range(rng.randint(0, most)))

    candidates = []
    for number, member_id in enumerate(ids):
        friend = ids[number ^ 1] if number % 20 < 2 and number ^ 1 < n else None
        gender = rng.choice([*Gender, None])
        particular = friend is None and gender is not None and rng.random() < 0.2
        queue_position = QueuePosition(rng.random() >= 0.98, NINE + timedelta(seconds=rng.randrange(10**6)))
        work_style = WorkStyle(rng.choice(list(Activity)), quiet=rng.random() < 0.2)
        preferred = frozenset({friend}) if friend else some(2) if number % 10 == 5 else frozenset[str]()
        preference = PartnerGender.SAME if particular else PartnerGender.ANY
        apart = some(4) - {friend} if friend else some(4)
        met = {met: rng.randint(0, 7) for met in sorted(some(5))}
        candidates.append(
            Candidate(member_id, queue_position, work_style, gender, preference, preferred, apart, met=met)
        )
    return candidates


def evenness(spectators: int, draws: int) -> Counter[frozenset[str]]:
    """Count how often each pair of six equal members is made over many seeds.

    The spectators are incompatible with the equal members.
    """
    equals = [
        Candidate(f"equal-{n}", QueuePosition(False, NINE), gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
        for n in range(EQUALS)
    ]
    others = [Candidate(f"other-{n}", QueuePosition(False, NINE), gender=Gender.MAN) for n in range(spectators)]
    made: Counter[frozenset[str]] = Counter()
    for seed in range(draws):
        made.update(frozenset(pair) for pair in plan_pairs([*equals, *others], (), Random(seed)).pairs)
    return Counter({pair: made[pair] for pair in map(frozenset, combinations([one.member_id for one in equals], 2))})


def lines(comparisons: Sequence[Comparison], large: LargeSlot, million: Pieces) -> Iterator[str]:
    """Yield the table of the graphs and the lines about the large slots."""
    yield "maximum matchings: seconds of one core, other matchers in multiples of it, pairs as a share of the bound"
    yield _line("graph", "vertices", "edges", "ours", "rustworkx", "networkx", "ours", "rustworkx", "networkx")
    for one in comparisons:
        times = [
            f"{theirs.seconds / one.ours.seconds:.1f} x" if theirs else "-" for theirs in (one.rustworkx, one.networkx)
        ]
        shares = [
            f"{found.pairs / one.bound:.5f}" if found else "-" for found in (one.ours, one.rustworkx, one.networkx)
        ]
        yield _line(one.name, str(one.vertices), str(one.edges), f"{one.ours.seconds:.5f}", *times, *shares)
    yield ""
    plan, pairs = large.plan, len(large.plan.pairs)
    yield f"a slot of {LARGE:,} with preferences: {large.seconds:.2f} s, {pairs:,} pairs, bound {plan.bound:,}"
    yield f"  share of the bound           {large.share:.5f}"
    yield f"  mutual preferences met       {large.mutual_met:,} of {large.mutual:,}"
    yield f"  members with preference met  {large.preferred_met:,} of {large.preferring:,}"
    yield f"  pairs with one work style    {large.alike / pairs:.1%}"
    yield f"  pairs who met recently       {large.met_recently}"
    yield ""
    yield f"a slot of {million.members:,} in {million.pieces} pieces: {million.seconds:.2f} s, {million.pairs:,} pairs"
    yield ""
    expected = 1 / (EQUALS - 1)
    yield f"evenness among {EQUALS} equal members: the share of each pair in the draws, {expected:.3f} expected"
    for label, spectators, draws in (("exact matching", 0, DRAWS), ("large slot", SPECTATORS, DRAWS // 10)):
        made = evenness(spectators, draws)
        drawn = [times / draws for times in made.values()]
        yield f"  {label:<28} {min(drawn):.3f} to {max(drawn):.3f} of {draws:,}"


def figures(comparisons: Sequence[Comparison], large: LargeSlot, million: Pieces) -> dict[str, Any]:
    """Return the results as JSON. A time ratio is that of rustworkx to ours."""
    ratios = {f"{one.name} of {one.vertices}": one.rustworkx.seconds / one.ours.seconds for one in comparisons}
    return {
        "graphs": {
            f"{one.name} of {one.vertices}": {"seconds": one.ours.seconds, "pairs": one.ours.pairs, "bound": one.bound}
            for one in comparisons
        },
        "rustworkx": {name: {"time_ratio": ratio} for name, ratio in ratios.items()},
        "slowest_graph": {"time_ratio": min(ratios.values())},
        "large_slot": {
            "members": LARGE,
            "seconds": large.seconds,
            "pairs": len(large.plan.pairs),
            "bound": large.plan.bound,
            "mutual_preferences": large.mutual,
            "mutual_preferences_met": large.mutual_met,
            "met_recently": large.met_recently,
        },
        "million": asdict(million),
    }


def main(arguments: Sequence[str]) -> int:
    """Run all comparisons, print the results and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    rng = Random(options.seed)
    comparisons = [compare(shape, with_networkx=shape.vertices <= NETWORKX_UP_TO) for shape in shapes(rng)]
    large = plan_large_slot(LARGE, rng)
    million = plan_in_pieces(MILLION, MAX_WAITING, rng)
    if options.json:
        print(json.dumps(figures(comparisons, large, million), indent=2))
    else:
        print("\n".join(lines(comparisons, large, million)))
    missed = list(shortcomings(comparisons, large, million))
    for shortcoming in missed:
        print(shortcoming, file=sys.stderr)
    return int(bool(missed))


def shortcomings(comparisons: Sequence[Comparison], large: LargeSlot, million: Pieces) -> Iterator[str]:
    """Yield a sentence for each target that is missed."""
    if any(one.ours.pairs < one.bound for one in comparisons) or large.share < LEAST_SHARE:
        yield "A matching is too small."
    if million.pairs < LEAST_SHARE * million.members // 2:
        yield "The pieces leave out too many members."
    if large.mutual_met < LEAST_WISHES * large.mutual:
        yield "Too few mutual preferences were met."
    if any(one.rustworkx.seconds < one.ours.seconds for one in comparisons):
        yield "A matching takes longer than that of rustworkx."
    if large.seconds > MOST_SECONDS or million.seconds > MOST_SECONDS_OF_A_MILLION:
        yield "A large slot takes too long."


def _timed(matching: Callable[[], int]) -> Timed:
    """Return the fastest of several runs."""
    runs: list[Timed] = []
    while len(runs) < RUNS and sum(run.seconds for run in runs) < LONG_RUN:
        started = process_time()
        pairs = matching()
        runs.append(Timed(pairs, process_time() - started))
    return min(runs, key=lambda run: run.seconds)


def _line(name: str, *cells: str) -> str:
    return f"{name:<18}" + "".join(f"{cell:>11}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
