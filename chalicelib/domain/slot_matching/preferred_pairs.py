"""Grant the wishes of a slot first: two who asked for each other, then whoever was asked for by one (R20)."""

from chalicelib.domain.slot_matching.blossom import FREE, match_most
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool


def pair_preferred(pool: CandidatePool, mate: list[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Pair as many as can be of those who asked for each other, then of the rest; answers both groups' members."""
    asked = {
        (one, other)
        for one, partner in enumerate(mate)
        if partner == FREE
        for other in pool.wished_by(one)
        if mate[other] == FREE
    }
    mutual = [(one, other) for one, other in asked if one < other and (other, one) in asked]
    either = {(min(preference), max(preference)) for preference in asked}
    return _pair(mate, sorted(mutual)), _pair(mate, sorted(either))


def _pair(mate: list[int], wishes: list[tuple[int, int]]) -> frozenset[int]:
    """Pair as many as can be of those who are still free; gives those who were paired."""
    wishes = [(one, other) for one, other in wishes if mate[one] == mate[other] == FREE]
    members = list(dict.fromkeys(n for preference in wishes for n in preference))
    number = {member: n for n, member in enumerate(members)}
    graph: list[list[int]] = [[] for _ in members]
    for one, other in wishes:
        graph[number[one]].append(number[other])
        graph[number[other]].append(number[one])
    found = [FREE] * len(members)
    match_most(graph, found, range(len(members)))
    paired = {members[n]: members[partner] for n, partner in enumerate(found) if partner != FREE}
    for member, partner in paired.items():
        mate[member] = partner
    return frozenset(paired)
