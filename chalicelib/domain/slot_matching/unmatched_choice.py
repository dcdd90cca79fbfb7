"""Who is left out where not everybody can be matched (R20): whoever comes last, and nobody loses a pair by it.

The vertices that some maximum matching leaves out fall into blossoms; every vertex of a blossom can be the one without
a partner inside it, and the vertices between the blossoms (the inner ones of the searches that failed) decide which
blossoms have a partner outside.
"""

from collections.abc import Iterable, Sequence

from chalicelib.domain.slot_matching.blossom import FREE, Forest, Graph


def leave_out_last(graph: Graph, mate: list[int], place: Sequence[int], closed: Iterable[int] = ()) -> None:
    """Leave out those with the highest places that a maximum matching can leave out; `mate` is changed in place.

    Exact: nobody stays without a partner who could take that of somebody with a higher place, by however long a way.
    """
    forest = Forest(graph, mate, closed)
    for vertex in range(len(graph)):
        if mate[vertex] == FREE and not forest.is_closed(vertex):
            forest.augment(vertex)
    blossoms = forest.blossoms()
    last = {base: max(vertices, key=place.__getitem__) for base, vertices in blossoms.items()}
    holding = _Holding(graph, forest, {base: mate[base] for base in blossoms})
    holding.leave_out(sorted(blossoms, key=lambda base: -place[last[base]]))
    odd_ones = {
        base: last[base] if holder == FREE else holding.reached(base, mate[holder])
        for base, holder in holding.holder.items()
    }
    inside = Forest(graph, mate, range(len(graph)))
    for base, vertices in blossoms.items():
        _make_odd_one(inside, mate, base, vertices, odd_ones[base])
    for base, holder in holding.holder.items():
        mate[odd_ones[base]] = holder
        if holder != FREE:
            mate[holder] = odd_ones[base]


class _Holding:
    """Which inner vertex holds which blossom, as its partner outside; a blossom that none holds is left out."""

    def __init__(self, graph: Graph, forest: Forest, holder: dict[int, int]) -> None:
        self.graph, self.forest, self.holder = graph, forest, holder
        self.held = {holder: base for base, holder in self.holder.items() if holder != FREE}
        self.spent: set[int] = set()

    def leave_out(self, bases: Sequence[int]) -> None:
        """Leave out the first of these blossoms that can be left out together, as many as are left out now."""
        undecided = len(self.holder) - len(self.held)
        decided: set[int] = set()
        for base in bases:
            if not undecided:
                return
            if self.holder[base] == FREE or self._release(base, decided):
                decided.add(base)
                undecided -= 1

    def reached(self, base: int, partner: int) -> int:
        """The vertex by which its holder holds a blossom: the partner it has, if that is in it."""
        holder = self.holder[base]
        return next(vertex for vertex in (partner, *self.graph[holder]) if self._blossom_of(vertex) == base)

    def _release(self, base: int, decided: set[int]) -> bool:
        """Let the blossom's holder hold another, and so on until one is held that nobody held, if there is a way."""
        first = self.holder[base]
        holders, came_from = [first], {first: FREE}
        for holder in holders:
            for vertex in self.graph[holder]:
                other = self._blossom_of(vertex)
                if other in (FREE, base) or other in decided:
                    continue
                next_holder = self.holder[other]
                if next_holder == FREE:
                    self._pass_on(holder, other, came_from)
                    self.holder[base] = FREE
                    return True
                if next_holder not in came_from and next_holder not in self.spent:
                    came_from[next_holder] = holder
                    holders.append(next_holder)
        # No way leads out of here, so no later one needs to come in.
        self.spent.update(holders)
        return False

    def _pass_on(self, holder: int, blossom: int, came_from: dict[int, int]) -> None:
        while holder != FREE:
            before = self.held[holder]
            self.held[holder], self.holder[blossom] = blossom, holder
            holder, blossom = came_from[holder], before

    def _blossom_of(self, vertex: int) -> int:
        return self.forest.base(vertex) if self.forest.is_outer(vertex) else FREE


def _make_odd_one(inside: Forest, mate: list[int], base: int, vertices: Sequence[int], odd_one: int) -> None:
    """Match a blossom within itself so that `odd_one` is left over and not `base`."""
    if odd_one == base:
        return
    partner = mate[odd_one]
    mate[base] = mate[partner] = FREE
    others = [vertex for vertex in vertices if vertex != odd_one]
    inside.open(others)
    inside.augment(base)
    inside.close(others)
