"""Augmenting paths among the candidates of a large slot, without a list of all compatible pairs (R21).

Almost every two candidates of such a slot are compatible, so their graph has too many edges to read. Two candidates of
compatible kinds are compatible unless an id excludes one of them. So a search takes whole kinds, and compares
candidates one by one only to find the excluded ones.
"""

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.domain.slot_matching.blossom import FREE, INNER, OUTER, UNSEEN, AlternatingTrees
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool

# For each kind, the scanned outer vertices by the base of their blossom at the time of the scan.
Blossoms = list[dict[int, list[int]]]


class KindForest(AlternatingTrees):
    """Alternating trees among the candidates of a pool.

    All failed searches together see each vertex once for each compatible kind, and each excluded pair a few times.
    """

    def __init__(self, pool: CandidatePool, mate: list[int], order: Sequence[int], closed: Iterable[int] = ()) -> None:
        super().__init__(mate, closed)
        self._pool = pool
        self._kinds = pool.compatible_kinds()
        self._kept = pool.kept_partners()
        # The free vertices that no search has started from, and the unseen matched ones, by kind. A vertex that was
        # reached by its partner stays listed, and is removed when the list is read.
        self._free: list[list[int]] = [[] for _ in self._kinds]
        self._matched: list[list[int]] = [[] for _ in self._kinds]
        self._listed = [False] * len(mate)
        for vertex in order:
            if not self.is_closed(vertex):
                if mate[vertex] == FREE:
                    self._free[pool.kind_of[vertex]].append(vertex)
                else:
                    self._list(vertex)

    def augment(self, root: int) -> bool:
        """Flip an augmenting path from a free vertex to another one. Return false if there is none."""
        label, parent, mate = self._label, self._parent, self._mate
        self._free[self._pool.kind_of[root]].remove(root)
        label[root] = OUTER
        outer, inner = [root], list[int]()
        blossoms: Blossoms = [{} for _ in self._kinds]
        for vertex in outer:
            if self._flip_to_free(vertex, outer, inner):
                return True
            self._contract_blossoms(vertex, outer, blossoms)
            for other in self._unseen(vertex):
                partner = mate[other]
                parent[other] = vertex
                label[other], label[partner] = INNER, OUTER
                inner.append(other)
                outer.append(partner)
                # Most paths end here, so the partner is not left to its turn.
                if self._flip_to_free(partner, outer, inner):
                    return True
        return False

    def _flip_to_free(self, vertex: int, outer: list[int], inner: list[int]) -> bool:
        """Flip the path from the root over an outer vertex to a free one, if the outer vertex has one beside it."""
        for kind in self._kinds[self._pool.kind_of[vertex]]:
            end = next((end for end in self._free[kind] if self._pool.compatible(vertex, end)), FREE)
            if end != FREE:
                self._free[kind].remove(end)
                self._parent[end] = vertex
                self._flip(end)
                for seen in (*outer, *inner, end):
                    self._list(seen)
                self.open(outer)
                self.open(inner)
                return True
        return False

    def _unseen(self, vertex: int) -> Iterator[int]:
        """Yield the unseen matched vertices beside a vertex, and remove them from their lists."""
        for kind in self._kinds[self._pool.kind_of[vertex]]:
            group = self._matched[kind]
            for position in range(len(group) - 1, -1, -1):
                other = group[position]
                unseen = self._label[other] == UNSEEN
                if unseen and not self._pool.compatible(vertex, other):
                    continue
                # Only vertices that are excluded from `vertex` stand behind the position.
                del group[position]
                self._listed[other] = False
                if unseen:
                    yield other
        kept = self._kept.get(vertex, FREE)
        if kept != FREE and self._label[kept] == UNSEEN:
            yield kept

    def _contract_blossoms(self, vertex: int, outer: list[int], blossoms: Blossoms) -> None:
        """Contract the odd cycles that edges from `vertex` to the scanned outer vertices close."""
        for kind in self._kinds[self._pool.kind_of[vertex]]:
            groups = blossoms[kind]
            for former in list(groups):
                if self.base(former) != self.base(vertex):
                    others = (other for other in groups[former] if self._pool.compatible(vertex, other))
                    self._contract_first(vertex, others, outer)
                base = self.base(former)
                if base != former:
                    # The longer list takes the shorter one, so no vertex is copied often.
                    shorter, longer = sorted((groups.pop(former), groups.get(base, [])), key=len)
                    longer += shorter
                    groups[base] = longer
        kept = self._kept.get(vertex, FREE)
        if kept != FREE and self.is_outer(kept) and self.base(kept) != self.base(vertex):
            self._contract_cycle(vertex, kept, outer)
        blossoms[self._pool.kind_of[vertex]].setdefault(self.base(vertex), []).append(vertex)

    def _contract_first(self, vertex: int, others: Iterator[int], outer: list[int]) -> None:
        other = next(others, FREE)
        if other != FREE:
            self._contract_cycle(vertex, other, outer)

    def _list(self, vertex: int) -> None:
        if not self._listed[vertex]:
            self._listed[vertex] = True
            self._matched[self._pool.kind_of[vertex]].append(vertex)
