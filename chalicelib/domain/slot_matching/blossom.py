"""Maximum matching in a general graph by augmenting paths through blossoms, proved by a barrier (R21).

A graph is a list of neighbours for each vertex of `range(n)`. A matching is the partner of each vertex, or FREE.
"""

from collections.abc import Iterable, Sequence

FREE = -1

Graph = Sequence[Sequence[int]]

UNSEEN, OUTER, INNER, CLOSED = range(4)


class AlternatingTrees:
    """Alternating trees that grow from free vertices. `mate` is changed in place.

    Outer vertices have an even distance from a root, inner ones an odd distance. The tree of a failed search stays,
    because no later augmenting path leads through it. So all failed searches together see each edge once. A `closed`
    vertex takes no part. Its partner must be closed too.
    """

    def __init__(self, mate: list[int], closed: Iterable[int] = ()) -> None:
        self._mate = mate
        self._label = [UNSEEN] * len(mate)
        self._parent = [FREE] * len(mate)
        # Each vertex points towards the base of its blossom. The base is where the tree enters the blossom.
        self._base = list(range(len(mate)))
        self.close(closed)

    @property
    def inner(self) -> list[int]:
        """The inner vertices of failed searches. They form a barrier, because the trees fall apart without them."""
        return [vertex for vertex, label in enumerate(self._label) if label == INNER]

    def blossoms(self) -> dict[int, list[int]]:
        """Return the outer vertices of failed searches by the base of their blossom.

        The base is the one vertex that is not matched within its blossom. Any other vertex could take its place.
        """
        found: dict[int, list[int]] = {}
        for vertex, label in enumerate(self._label):
            if label == OUTER:
                found.setdefault(self.base(vertex), []).append(vertex)
        return found

    def is_closed(self, vertex: int) -> bool:
        """Return true if the vertex takes no part in searches."""
        return self._label[vertex] == CLOSED

    def is_outer(self, vertex: int) -> bool:
        """Return true if the vertex has an even distance from the root of a failed search."""
        return self._label[vertex] == OUTER

    def base(self, vertex: int) -> int:
        """Return the base of the vertex's blossom. A vertex in no blossom is its own base."""
        base = self._base
        while base[vertex] != vertex:
            base[vertex] = base[base[vertex]]
            vertex = base[vertex]
        return vertex

    def open(self, vertices: Iterable[int]) -> None:
        """Make these vertices unseen and open to searches."""
        for vertex in vertices:
            self._label[vertex] = UNSEEN
            self._base[vertex] = vertex

    def close(self, vertices: Iterable[int]) -> None:
        """Exclude these vertices from searches."""
        for vertex in vertices:
            self._label[vertex] = CLOSED

    def _flip(self, end: int) -> None:
        """Flip the augmenting path from `end` back to the root."""
        mate, parent = self._mate, self._parent
        while end != FREE:
            vertex = parent[end]
            before = mate[vertex]
            mate[end], mate[vertex] = vertex, end
            end = before

    def _common_base(self, one: int, other: int) -> int:
        """Return the base of the blossom where the paths of two outer vertices to the root meet."""
        passed = set()
        one, other = self.base(one), self.base(other)
        while one not in passed:
            passed.add(one)
            below = self._mate[one]
            one = self.base(self._parent[below]) if below != FREE else FREE
            if other != FREE:
                one, other = other, one
        return one

    def _contract_cycle(self, vertex: int, other: int, outer: list[int]) -> None:
        """Contract the odd cycle that an edge of two outer vertices closes. Add its inner vertices to `outer`."""
        base = self._common_base(vertex, other)
        self._contract(vertex, other, base, outer)
        self._contract(other, vertex, base, outer)

    def _contract(self, vertex: int, across: int, base: int, outer: list[int]) -> None:
        """Contract one side of an odd cycle, from `vertex` down to `base`. Its inner vertices become outer."""
        while self.base(vertex) != base:
            self._parent[vertex] = across
            across = self._mate[vertex]
            if self._label[across] == INNER:
                self._label[across] = OUTER
                outer.append(across)
            for each in (vertex, across):
                if self._base[each] == each:
                    self._base[each] = base
            vertex = self._parent[across]


class Forest(AlternatingTrees):
    """Alternating trees in a graph with a list of neighbours for each vertex."""

    def __init__(self, graph: Graph, mate: list[int], closed: Iterable[int] = ()) -> None:
        super().__init__(mate, closed)
        self._graph = graph

    def augment(self, root: int) -> bool:
        """Flip an augmenting path from a free vertex to another one. Return false if there is none."""
        graph, mate, label, parent, base = self._graph, self._mate, self._label, self._parent, self._base
        label[root] = OUTER
        outer, inner = [root], list[int]()
        for vertex in outer:
            own_base = self.base(vertex)
            for other in graph[vertex]:
                seen = label[other]
                if seen == UNSEEN:
                    parent[other] = vertex
                    partner = mate[other]
                    if partner == FREE:
                        self._flip(other)
                        self.open(outer)
                        self.open(inner)
                        return True
                    label[other] = INNER
                    label[partner] = OUTER
                    inner.append(other)
                    outer.append(partner)
                # Most edges of a dense graph lie within one blossom. The first comparison skips them without a call.
                elif seen == OUTER and base[other] != own_base and self.base(other) != own_base:
                    self._contract_cycle(vertex, other, outer)
                    own_base = self.base(vertex)
        return False


def match_maximum(graph: Graph, mate: list[int], order: Iterable[int], closed: Iterable[int] = ()) -> list[int]:
    """Extend `mate` to a maximum matching of the open vertices. Every matched vertex stays matched.

    Searches start at the free vertices in the given order, which must contain all of them. Return a barrier. Without
    closed vertices, `berge_bound` of this barrier equals the number of pairs.
    """
    closed = frozenset(closed)
    match_greedily(graph, mate, closed)
    free = [vertex for vertex in order if mate[vertex] == FREE and vertex not in closed]
    forest = Forest(graph, mate, closed)
    unmatched = len(free)
    for vertex in free:
        # An augmenting path has two free ends, and a vertex whose search failed is never one.
        if unmatched < 2:
            break
        if mate[vertex] == FREE:
            unmatched -= 2 if forest.augment(vertex) else 1
    return forest.inner


def match_greedily(graph: Graph, mate: list[int], closed: Iterable[int] = ()) -> None:
    """Match each free vertex with its first free neighbour, the vertices with the fewest neighbours first.

    This reads few edges of a dense graph. An augmenting path for each missed pair costs less than a better start.
    """
    free = [partner == FREE for partner in mate]
    for vertex in closed:
        free[vertex] = False
    for vertex in sorted((vertex for vertex in range(len(graph)) if free[vertex]), key=lambda n: len(graph[n])):
        if free[vertex]:
            partner = next((other for other in graph[vertex] if free[other]), FREE)
            if partner != FREE:
                mate[vertex], mate[partner] = partner, vertex
                free[vertex] = free[partner] = False


def berge_bound(graph: Graph, barrier: Iterable[int]) -> int:
    """Return the upper bound of a barrier on the number of pairs (Tutte and Berge).

    After removal of the barrier, each connected component of odd size has a vertex that is matched with a vertex of the
    barrier or unmatched.
    """
    seen = [False] * len(graph)
    size = 0
    for vertex in barrier:
        seen[vertex] = True
        size += 1
    odd = 0
    for start in range(len(graph)):
        if seen[start]:
            continue
        seen[start] = True
        component = [start]
        for vertex in component:
            for other in graph[vertex]:
                if not seen[other]:
                    seen[other] = True
                    component.append(other)
        odd += len(component) % 2
    return (len(graph) + size - odd) // 2
