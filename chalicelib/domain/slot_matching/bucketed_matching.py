"""Maximum matching of a large slot by kind, without its full graph (R20, R21).

Almost every two candidates of such a slot are compatible. So they are paired in the order of their random numbers, and
augmenting paths match the few that are left.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate_pool import TIERS, CandidatePool
from chalicelib.domain.slot_matching.kind_forest import KindForest
from chalicelib.domain.slot_matching.preferred_pairs import pair_preferred

# The maximum number of unpaired candidates with which the next candidate is compared.
WINDOW = 16
# The maximum number of unmatched candidates that are compared with others by waiting time.
MAX_COMPARED = 32


def match_bucketed(pool: CandidatePool) -> tuple[list[int], int]:
    """Return a maximum matching and the bound that proves it.

    A candidate that had a partner still has one, the same or another. An augmenting path breaks pairs only to gain one,
    in the same order as `match_exactly` does. Work style, recent meetings and waiting time are preferred, but not
    always as far as possible.
    """
    mate = list(pool.initial_mate)
    initial = frozenset(n for n, partner in enumerate(mate) if partner != FREE)
    mutual, one_sided = pair_preferred(pool, mate)
    _pair_greedily(pool, mate)
    bound = _augment(pool, mate, (initial | one_sided | mutual, initial | mutual, initial, frozenset[int]()))
    unmatched = [n for n, partner in enumerate(mate) if partner == FREE]
    if unmatched:
        _prefer_longest_waiting(pool, mate, unmatched)
    return mate, bound


def _pair_greedily(pool: CandidatePool, mate: list[int]) -> None:
    """Pair each free candidate with the first of the window that fits, in a round for each tier, the best first.

    Few candidates are left after the first round. The numbers are random, so their order favors no candidate.
    """
    arriving = [n for n, partner in enumerate(mate) if partner == FREE]
    for last in range(TIERS):
        matrix = pool.kind_matrix(last)
        window: list[int] = []
        dropped = []
        for one in arriving:
            fits = matrix[pool.kind_of[one]]
            other = _first_fit(pool, one, [other for other in window if fits[pool.kind_of[other]]], last)
            if other != FREE:
                mate[one], mate[other] = other, one
                window.remove(other)
            else:
                window.append(one)
                if len(window) > WINDOW:
                    dropped.append(window.pop(0))
        arriving = dropped + window


def _first_fit(pool: CandidatePool, one: int, others: Sequence[int], last: int) -> int:
    """Return the first compatible candidate up to that tier, or FREE."""
    return next((other for other in others if pool.tier(one, other) <= last and pool.compatible(one, other)), FREE)


def _augment(pool: CandidatePool, mate: list[int], closed_sets: Iterable[frozenset[int]]) -> int:
    """Flip augmenting paths until none is left, first those that leave all vertices of the first closed set unchanged.

    The last closed set must be empty. Return the bound on the number of pairs. Each group of kinds leaves out one
    candidate if its size is odd, and one for each failed search.
    """
    groups = _kind_groups(pool)
    group_of = [groups[kind] for kind in pool.kind_of]
    failed = Counter[int]()
    # The same set has no path left.
    for closed in dict.fromkeys(closed_sets):
        free = [n for n, partner in enumerate(mate) if partner == FREE]
        unmatched = Counter(group_of[n] for n in free)
        if max(unmatched.values(), default=0) < 2:
            break
        forest = KindForest(pool, mate, closed)
        failed.clear()
        for root in pool.in_queue_order(free):
            group = group_of[root]
            # An augmenting path has two free ends in one group, and a vertex whose search failed is never one.
            if mate[root] == FREE and unmatched[group] >= 2:
                found = forest.augment(root)
                unmatched[group] -= 2 if found else 1
                failed[group] += not found
    return sum((size - failed[group]) // 2 for group, size in Counter(group_of).items())


def _kind_groups(pool: CandidatePool) -> list[int]:
    """Return for each kind the number of its group, a connected component of the kinds that have pairs."""
    joined = [[kind for kind, fits in enumerate(row) if fits] for row in pool.kind_matrix(TIERS)]
    for one, partner in pool.kept_partners().items():
        joined[pool.kind_of[one]].append(pool.kind_of[partner])
    group_of = [FREE] * len(joined)
    for first in range(len(joined)):
        if group_of[first] == FREE:
            group_of[first] = first
            group = [first]
            for kind in group:
                for other in joined[kind]:
                    if group_of[other] == FREE:
                        group_of[other] = first
                        group.append(other)
    return group_of


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
