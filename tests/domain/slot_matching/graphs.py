"""Random graphs of the shapes on which a greedy matching fails, and the maximum that rustworkx finds."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from random import Random

import rustworkx

Edges = frozenset[tuple[int, int]]


def drawn_size(rng: Random) -> int:
    """Return a number of vertices, usually a few dozen, sometimes up to 300."""
    return rng.randint(2, 300) if rng.random() < 0.05 else 2 + int(rng.expovariate(1 / 25))


def random_graph(rng: Random, n: int) -> Edges:
    """Return a graph of `n` vertices that is sparse, dense, lopsided, or a chain of odd cycles."""
    shape = rng.choice([_sparse, _sparse, _dense, _lopsided, _chained])
    return frozenset((min(edge), max(edge)) for edge in shape(rng, n))


def neighbours(n: int, edges: Edges) -> list[list[int]]:
    """Return the lists of neighbours of each vertex."""
    graph: list[list[int]] = [[] for _ in range(n)]
    for one, other in sorted(edges):
        graph[one].append(other)
        graph[other].append(one)
    return graph


@cache
def most_pairs(n: int, edges: Edges) -> int:
    """Return the number of pairs of a maximum matching by rustworkx."""
    return len(rustworkx.max_weight_matching(as_rustworkx(n, edges), max_cardinality=True))


def as_rustworkx(n: int, edges: Edges) -> rustworkx.PyGraph:
    """Return the same graph for rustworkx."""
    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from([(one, other, 1) for one, other in edges])
    return graph


def _sparse(rng: Random, n: int) -> Iterator[tuple[int, int]]:
    for _ in range(int(n * rng.choice([0.6, 1, 1.3, 2, 3]))):
        one, other = rng.randrange(n), rng.randrange(n)
        if one != other:
            yield one, other


def _dense(rng: Random, n: int) -> Iterator[tuple[int, int]]:
    share = rng.choice([0.2, 0.5, 0.9])
    return ((one, other) for one in range(n) for other in range(one) if rng.random() < share)


def _lopsided(rng: Random, n: int) -> Iterator[tuple[int, int]]:
    """Yield edges that nearly all lead to a few vertices."""
    popular = max(1, int(n * rng.choice([0.1, 0.3, 0.45])))
    for one in range(n):
        for _ in range(rng.randint(1, 4)):
            other = rng.randrange(popular)
            if one != other and (one >= popular or rng.random() < 0.1):
                yield one, other


def _chained(rng: Random, n: int) -> Iterator[tuple[int, int]]:
    """Yield odd cycles with paths between them, the vertices in random order."""
    vertices = rng.sample(range(n), n)
    at = 0
    while at < n - 1:
        length = rng.choice([1, 2, 3, 3, 5, 7])
        part = vertices[at : at + length + 1]
        yield from pairwise(part)
        if len(part) > 2 and len(part) % 2:
            yield part[0], part[-1]
        elif len(part) > 3:
            yield part[0], part[-2]
        at += length
    for _ in range(n // 10):
        one, other = rng.sample(vertices, 2)
        yield one, other
