"""Pairs of preferred partners, first where both prefer each other, then where one does (R20)."""

from chalicelib.domain.slot_matching.blossom import FREE, match_maximum
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool


def pair_preferred(pool: CandidatePool, mate: list[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Match preferred partners in `mate`, a maximum number of mutual pairs, then of one-sided ones.

    Return the members of the mutual pairs and those of the one-sided pairs.
    """
    preferences = set(pool.preferences())
    mutual = [(one, other) for one, other in preferences if one < other and (other, one) in preferences]
    either = {(min(preference), max(preference)) for preference in preferences}
    return _match_free(mate, sorted(mutual)), _match_free(mate, sorted(either))


def _match_free(mate: list[int], edges: list[tuple[int, int]]) -> frozenset[int]:
    """Match a maximum number of free vertices along the edges. Return the vertices that were matched."""
    edges = [(one, other) for one, other in edges if mate[one] == mate[other] == FREE]
    vertices = list(dict.fromkeys(vertex for edge in edges for vertex in edge))
    number = {vertex: n for n, vertex in enumerate(vertices)}
    graph: list[list[int]] = [[] for _ in vertices]
    for one, other in edges:
        graph[number[one]].append(number[other])
        graph[number[other]].append(number[one])
    found = [FREE] * len(vertices)
    match_maximum(graph, found, range(len(vertices)))
    matched = {vertices[n]: vertices[partner] for n, partner in enumerate(found) if partner != FREE}
    for vertex, partner in matched.items():
        mate[vertex] = partner
    return frozenset(matched)
