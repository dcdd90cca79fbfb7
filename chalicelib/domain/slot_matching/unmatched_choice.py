"""Choice of the vertices that a maximum matching leaves out, those with the highest places (R20).

The vertices that some maximum matching leaves out form blossoms (the odd components of the Gallai-Edmonds
decomposition). In each blossom any one vertex can be exposed, and the others match each other. An exposed vertex is
left out or matched with an inner vertex of the failed searches, the holder of the blossom.
"""

from collections.abc import Iterable, Sequence

from chalicelib.domain.slot_matching.blossom import FREE, Forest, Graph


def leave_out_last(graph: Graph, mate: list[int], place: Sequence[int], closed: Iterable[int] = ()) -> None:
    """Change a maximum matching in place so that it leaves out the vertices with the highest places.

    The choice is exact. No alternating path leads from a free vertex to a matched vertex with a higher place. The
    vertices in `closed` do not change.
    """
    forest = Forest(graph, mate, closed)
    for vertex in range(len(graph)):
        if mate[vertex] == FREE and not forest.is_closed(vertex):
            forest.augment(vertex)
    blossoms = forest.blossoms()
    last = {base: max(vertices, key=place.__getitem__) for base, vertices in blossoms.items()}
    assignment = _BlossomAssignment(graph, forest, {base: mate[base] for base in blossoms})
    assignment.leave_out(sorted(blossoms, key=lambda base: -place[last[base]]))
    exposed = {
        base: last[base] if holder == FREE else assignment.vertex_for_holder(base, mate[holder])
        for base, holder in assignment.holder_of.items()
    }
    inside = Forest(graph, mate, range(len(graph)))
    for base, vertices in blossoms.items():
        _expose(inside, mate, base, vertices, exposed[base])
    for base, holder in assignment.holder_of.items():
        mate[exposed[base]] = holder
        if holder != FREE:
            mate[holder] = exposed[base]


class _BlossomAssignment:
    """The holder of each blossom, an inner vertex matched with its exposed vertex. FREE if the blossom is left out."""

    def __init__(self, graph: Graph, forest: Forest, holder_of: dict[int, int]) -> None:
        self.graph, self.forest, self.holder_of = graph, forest, holder_of
        self.blossom_of_holder = {holder: base for base, holder in self.holder_of.items() if holder != FREE}
        self.exhausted: set[int] = set()

    def leave_out(self, bases: Sequence[int]) -> None:
        """Leave out the first of these blossoms that can be left out together.

        The number of blossoms that are left out does not change.
        """
        undecided = len(self.holder_of) - len(self.blossom_of_holder)
        decided: set[int] = set()
        for base in bases:
            if not undecided:
                return
            if self.holder_of[base] == FREE or self._release(base, decided):
                decided.add(base)
                undecided -= 1

    def vertex_for_holder(self, base: int, partner: int) -> int:
        """Return a vertex of the blossom adjacent to its holder, if possible `partner`."""
        holder = self.holder_of[base]
        return next(vertex for vertex in (partner, *self.graph[holder]) if self._blossom_of(vertex) == base)

    def _release(self, base: int, decided: set[int]) -> bool:
        """Leave out a blossom by a shortest path of holders, each of which changes to the blossom of the next.

        The last one changes to a blossom that is left out now. Return false if there is no such path.
        """
        first = self.holder_of[base]
        holders, parent = [first], {first: FREE}
        for holder in holders:
            for vertex in self.graph[holder]:
                other = self._blossom_of(vertex)
                if other in (FREE, base) or other in decided:
                    continue
                next_holder = self.holder_of[other]
                if next_holder == FREE:
                    self._shift(holder, other, parent)
                    self.holder_of[base] = FREE
                    return True
                if next_holder not in parent and next_holder not in self.exhausted:
                    parent[next_holder] = holder
                    holders.append(next_holder)
        # No path leads out of these holders, so no later search needs them.
        self.exhausted.update(holders)
        return False

    def _shift(self, holder: int, blossom: int, parent: dict[int, int]) -> None:
        while holder != FREE:
            before = self.blossom_of_holder[holder]
            self.blossom_of_holder[holder], self.holder_of[blossom] = blossom, holder
            holder, blossom = parent[holder], before

    def _blossom_of(self, vertex: int) -> int:
        return self.forest.base(vertex) if self.forest.is_outer(vertex) else FREE


def _expose(inside: Forest, mate: list[int], base: int, vertices: Sequence[int], exposed: int) -> None:
    """Match the vertices of a blossom with each other so that `exposed` is free instead of the base."""
    if exposed == base:
        return
    partner = mate[exposed]
    mate[base] = mate[partner] = FREE
    others = [vertex for vertex in vertices if vertex != exposed]
    inside.open(others)
    inside.augment(base)
    inside.close(others)
