"""Near-maximum matching of a large slot by kind, without its full graph (R20, R21).

Almost every two candidates of such a slot are compatible. So candidates are grouped by kind, and the bound on the
number of pairs follows from the sizes of the kinds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate_pool import TIERS, CandidatePool
from chalicelib.domain.slot_matching.preferred_pairs import pair_preferred

# The maximum number of unpaired candidates with which the next candidate is compared.
WINDOW = 16
# Search limits: failed searches, endpoints per search, members compared by waiting time.
MAX_FAILED_SEARCHES = MAX_ENDPOINTS = MAX_COMPARED = 32


def match_bucketed(pool: CandidatePool) -> tuple[list[int], int]:
    """Return a matching within one or two pairs of the maximum, and an upper bound on the pairs.

    A candidate that had a partner still has one, the same or another.
    """
    mate = list(pool.initial_mate)
    initial = [n for n, partner in enumerate(mate) if partner != FREE]
    mutual, one_sided = pair_preferred(pool, mate)
    greedy = _pair_greedily(pool, mate)
    unmatched = [n for n, partner in enumerate(mate) if partner == FREE]
    isolated = _isolated(pool, unmatched)
    bound = _upper_bound(pool, isolated)
    unmatched = [n for n in unmatched if n not in isolated]
    movable: list[int] = []
    for more in (greedy, sorted(one_sided), sorted(mutual), initial):
        if more:
            movable += more
            _augment(pool, mate, unmatched, movable, bound)
            unmatched = [n for n in unmatched if mate[n] == FREE]
    if unmatched:
        _prefer_longest_waiting(pool, mate, unmatched)
    return mate, bound


def _pair_greedily(pool: CandidatePool, mate: list[int]) -> list[int]:
    """Pair each free candidate with the first of the window that fits at the tier. Return the paired candidates.

    Each round admits one tier more. The numbers are random, so their order favors no candidate.
    """
    counts = pool.compatible_counts()
    arriving = free = [n for n, partner in enumerate(mate) if partner == FREE and counts[n]]
    for tier in range(TIERS):
        matrix = pool.kind_matrix(tier)
        window: list[int] = []
        dropped = []
        for one in arriving:
            fits = matrix[pool.kind_of[one]]
            for other in window:
                if fits[pool.kind_of[other]] and pool.tier(one, other) <= tier and pool.compatible(one, other):
                    mate[one], mate[other] = other, one
                    window.remove(other)
                    break
            else:
                window.append(one)
                if len(window) > WINDOW:
                    dropped.append(window.pop(0))
        arriving = dropped + window
    return [n for n in free if mate[n] != FREE]


def _isolated(pool: CandidatePool, unmatched: Sequence[int]) -> frozenset[int]:
    """Return the unmatched candidates that are compatible with no other."""
    counts = pool.compatible_counts()
    return frozenset(
        n
        for n in unmatched
        if not (counts[n] and any(pool.compatible(n, other) for other in range(len(pool)) if other != n))
    )


def _upper_bound(pool: CandidatePool, isolated: frozenset[int]) -> int:
    """Return an upper bound on the pairs. Each connected group of kinds with an odd size leaves out one candidate."""
    sizes = Counter(pool.kind_of)
    sizes.subtract(pool.kind_of[n] for n in isolated)
    # A setting that changed after the match does not break the pair (R32). Each such pair can add one to the bound.
    kept = sum(n < partner and not pool.compatible(n, partner) for n, partner in enumerate(pool.initial_mate))
    return sum(sum(sizes[kind] for kind in group) // 2 for group in _connected_kinds(pool)) + kept


def _connected_kinds(pool: CandidatePool) -> Iterator[list[int]]:
    """Yield the connected components of the compatible kinds. A kind compatible with no kind is in none."""
    matrix = pool.kind_matrix(TIERS)
    seen: set[int] = set()
    for first in range(len(matrix)):
        if first in seen or not any(matrix[first]):
            continue
        group = [first]
        seen.add(first)
        for kind in group:
            more = [other for other, fits in enumerate(matrix[kind]) if fits and other not in seen]
            group += more
            seen.update(more)
        yield group


def _augment(
    pool: CandidatePool, mate: list[int], unmatched: Sequence[int], movable: Sequence[int], bound: int
) -> None:
    """Match unmatched candidates two by two along augmenting paths through the pairs of `movable`."""
    missing = bound - sum(partner != FREE for partner in mate) // 2
    movable_of_kind: dict[int, list[int]] = defaultdict(list)
    for n in movable:
        movable_of_kind[pool.kind_of[n]].append(n)
    failed = 0
    for root in unmatched:
        if missing <= 0 or failed == MAX_FAILED_SEARCHES:
            return
        if mate[root] == FREE:
            found = _augment_from(pool, mate, root, unmatched, movable_of_kind)
            missing, failed = (missing - 1, failed) if found else (missing, failed + 1)


def _augment_from(
    pool: CandidatePool, mate: list[int], root: int, unmatched: Sequence[int], movable_of_kind: Mapping[int, list[int]]
) -> bool:
    """Flip a shortest augmenting path from `root` to another unmatched candidate. Return false if none is found.

    The search is breadth-first. It reaches each candidate at most once and skips incompatible kinds, so it sees the
    whole slot about once.
    """
    endpoints = list(islice((other for other in unmatched if mate[other] == FREE and other != root), MAX_ENDPOINTS))
    matrix = pool.kind_matrix(TIERS)
    unseen = dict(movable_of_kind)
    parent: dict[int, int] = {}
    outer = [root]
    for vertex in outer:
        path = _path_to(vertex, mate, parent)
        for kind in [kind for kind in unseen if matrix[pool.kind_of[vertex]][kind]]:
            passed = []
            for inner in unseen[kind]:
                if inner in path or not pool.compatible(vertex, inner):
                    passed.append(inner)
                    continue
                parent[inner] = vertex
                reached = mate[inner]
                end = next((other for other in endpoints if pool.compatible(reached, other)), FREE)
                if end != FREE:
                    _flip(mate, [*_path_to(reached, mate, parent), end])
                    return True
                outer.append(reached)
            unseen[kind] = passed
    return False


def _path_to(vertex: int, mate: Sequence[int], parent: Mapping[int, int]) -> list[int]:
    """Return the alternating path from the root of the search to an outer vertex."""
    path = [vertex]
    while (inner := mate[path[-1]]) != FREE:
        path += [inner, parent[inner]]
    return path[::-1]


def _flip(mate: list[int], path: Sequence[int]) -> None:
    for first, second in zip(path[::2], path[1::2], strict=True):
        mate[first], mate[second] = second, first


def _prefer_longest_waiting(pool: CandidatePool, mate: list[int], unmatched: list[int]) -> None:
    """Pair the longest-waiting unmatched candidates in place of candidates that wait less.

    No pair gets worse, except that a displaced candidate may take the partner of one that is not displaced.
    """
    queue = pool.queue()
    place = {n: position for position, n in enumerate(queue)}
    for one in sorted(unmatched, key=place.__getitem__)[:MAX_COMPARED]:
        for other in reversed(queue):
            if place[other] < place[one]:
                break
            partner = mate[other]
            if partner != FREE and pool.compatible(one, partner) and _may_replace(pool, one, other, partner):
                mate[one], mate[partner], mate[other] = partner, one, FREE
                break


def _may_replace(pool: CandidatePool, one: int, other: int, partner: int) -> bool:
    if pool.candidates[one].displaced and not pool.candidates[other].displaced:
        return True
    return not pool.is_better(other, partner, pool.tier(one, partner))
