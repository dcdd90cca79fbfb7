"""`python -m bench.matching` compares the matcher with networkx and rustworkx, by time and number of pairs.

Seconds are processor time of one core, without other load of the machine. Exits with 1 if a matching is too small or
takes too long.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from time import process_time

import networkx
import rustworkx

from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.member import Activity, Gender, PartnerGender, WorkStyle
from chalicelib.domain.slot_matching.blossom import FREE, berge_bound, match_maximum
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.slot_plan import Plan, plan_pairs

# Number of vertices, and the average number of neighbors.
GRAPHS = ((500, 10), (1000, 3), (1000, 10), (400, 200), (5000, 3), (5000, 10))
# The number of vertices of the largest graph for networkx, which takes minutes on larger ones.
NETWORKX_UP_TO = 1000
LARGE = 50_000
LEAST_SHARE = 0.999
MOST_SECONDS = 1
# The share of the mutual preferences of a large slot that must be met.
LEAST_WISHES = 0.95
# The graph on which the matcher must be faster than rustworkx, and the factor.
SPARSE, LEAST_TIMES = (5000, 10), 20
EQUALS, DRAWS = 6, 3000
# The number of further members, large enough for a plan without the graph of all members.
SPECTATORS = 600
NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Timed:
    """The number of pairs that one matcher found, and its seconds of one core."""

    pairs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The results of the three matchers on one graph, and the largest possible number of pairs."""

    vertices: int
    edges: int
    bound: int
    ours: Timed
    rustworkx: Timed
    networkx: Timed | None


def compare(n: int, degree: int, rng: Random, *, with_networkx: bool) -> Comparison:
    """Match one random graph with each library. The time excludes building the graph."""
    edges = sorted({_edge(n, rng) for _ in range(n * degree // 2)})
    graph: list[list[int]] = [[] for _ in range(n)]
    for one, other in edges:
        graph[one].append(other)
        graph[other].append(one)
    started = process_time()
    mate = [FREE] * n
    barrier = match_maximum(graph, mate, range(n))
    ours = Timed(sum(partner != FREE for partner in mate) // 2, process_time() - started)
    theirs = rustworkx.PyGraph()
    theirs.add_nodes_from(range(n))
    theirs.add_edges_from([(one, other, 1) for one, other in edges])
    found = _timed(lambda: len(rustworkx.max_weight_matching(theirs, max_cardinality=True)))
    other = networkx.Graph(edges)
    slow = _timed(lambda: len(networkx.max_weight_matching(other, maxcardinality=True))) if with_networkx else None
    return Comparison(n, len(edges), berge_bound(graph, barrier), ours, found, slow)


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
    started = process_time()
    plan = plan_pairs(candidates, (), rng)
    seconds = process_time() - started
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


def draw_candidates(n: int, rng: Random) -> list[Candidate]:
    """Draw members of all kinds. A tenth have a mutual preference, another tenth prefer random members."""
    ids = [f"member-{number:06}" for number in range(n)]

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
        candidates.append(
            Candidate(member_id, queue_position, work_style, gender, preference, preferred, apart, met=some(5))
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


def lines(comparisons: Sequence[Comparison], large: LargeSlot) -> Iterator[str]:
    """Yield the table of the graphs and the lines about the large slot."""
    yield "maximum matchings: seconds of one core, other matchers in multiples of it, pairs as a share of the bound"
    yield _line("vertices", "edges", "ours", "rustworkx", "networkx", "ours", "rustworkx", "networkx")
    for one in comparisons:
        times = [
            f"{theirs.seconds / one.ours.seconds:.1f} x" if theirs else "-" for theirs in (one.rustworkx, one.networkx)
        ]
        shares = [
            f"{found.pairs / one.bound:.5f}" if found else "-" for found in (one.ours, one.rustworkx, one.networkx)
        ]
        yield _line(str(one.vertices), str(one.edges), f"{one.ours.seconds:.4f}", *times, *shares)
    yield ""
    plan, pairs = large.plan, len(large.plan.pairs)
    yield f"a slot of {LARGE:,} with preferences: {large.seconds:.2f} s, {pairs:,} pairs, bound {plan.bound:,}"
    yield f"  share of the bound           {large.share:.5f}"
    yield f"  mutual preferences met       {large.mutual_met:,} of {large.mutual:,}"
    yield f"  members with preference met  {large.preferred_met:,} of {large.preferring:,}"
    yield f"  pairs with one work style    {large.alike / pairs:.1%}"
    yield f"  pairs who met recently       {large.met_recently}"
    yield ""
    expected = 1 / (EQUALS - 1)
    yield f"evenness among {EQUALS} equal members: the share of each pair in the draws, {expected:.3f} expected"
    for label, spectators, draws in (("exact matching", 0, DRAWS), ("large slot", SPECTATORS, DRAWS // 10)):
        made = evenness(spectators, draws)
        shares = [times / draws for times in made.values()]
        yield f"  {label:<28} {min(shares):.3f} to {max(shares):.3f} of {draws:,}"


def main(arguments: Sequence[str]) -> int:
    """Run all comparisons, print the results and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    rng = Random(parser.parse_args(arguments).seed)
    comparisons = [compare(n, degree, rng, with_networkx=n <= NETWORKX_UP_TO) for n, degree in GRAPHS]
    large = plan_large_slot(LARGE, rng)
    print("\n".join(lines(comparisons, large)))
    missed = list(shortcomings(comparisons, large))
    for shortcoming in missed:
        print(shortcoming, file=sys.stderr)
    return int(bool(missed))


def shortcomings(comparisons: Sequence[Comparison], large: LargeSlot) -> Iterator[str]:
    """Yield a sentence for each target that is missed."""
    if any(one.ours.pairs < one.bound for one in comparisons) or large.share < LEAST_SHARE:
        yield "A matching is too small."
    if large.mutual_met < LEAST_WISHES * large.mutual:
        yield "Too few mutual preferences were met."
    (sparse,) = (one for one in comparisons if (one.vertices, round(2 * one.edges / one.vertices)) == SPARSE)
    if sparse.rustworkx.seconds < LEAST_TIMES * sparse.ours.seconds or large.seconds > MOST_SECONDS:
        yield "A matching takes too long."


def _edge(n: int, rng: Random) -> Edge:
    one, other = rng.sample(range(n), 2)
    return min(one, other), max(one, other)


def _timed(matching: Callable[[], int]) -> Timed:
    started = process_time()
    pairs = matching()
    return Timed(pairs, process_time() - started)


def _line(*cells: str) -> str:
    return "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
