"""Augmenting paths among the candidates of a large slot, without a list of all compatible pairs (R21).

Almost every two candidates of such a slot are compatible, so their graph has too many edges to read. Two candidates of
compatible kinds are compatible unless an id excludes one of them. So a search takes whole kinds, and compares
candidates one by one only to find the excluded ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from chalicelib.domain.slot_matching.blossom import FREE, INNER, OUTER, UNSEEN, AlternatingTrees
from chalicelib.domain.slot_matching.candidate_pool import TIERS, CandidatePool

# By kind, the scanned outer vertices by the base that their blossom had when they were scanned.
Blossoms = dict[int, dict[int, list[int]]]


class KindForest(AlternatingTrees):
    """Alternating trees among the candidates of a pool.

    All failed searches together see each vertex once for each compatible kind, and each excluded pair a few times.
    """

    def __init__(self, pool: CandidatePool, mate: list[int], closed: Iterable[int] = ()) -> None:
        super().__init__(mate, closed)
        self._pool = pool
        self._kind_of = pool.kind_of
        self._matrix = pool.kind_matrix(TIERS)
        self._kept = pool.kept_partners()
        # The free vertices that no search has started from, and the unseen matched ones, by kind. A vertex that was
        # reached by its partner stays listed, and is removed when the list is read.
        self._free: defaultdict[int, list[int]] = defaultdict(list)
        self._matched: defaultdict[int, list[int]] = defaultdict(list)
        self._listed = [label == UNSEEN and partner != FREE for label, partner in zip(self._label, mate, strict=True)]
        for vertex, label in enumerate(self._label):
            if label == UNSEEN:
                by_kind = self._matched if self._listed[vertex] else self._free
                by_kind[self._kind_of[vertex]].append(vertex)

    def augment(self, root: int) -> bool:
        """Flip an augmenting path from a free vertex to another one. Return false if there is none."""
        label, parent, mate = self._label, self._parent, self._mate
        self._remove_free(root)
        label[root] = OUTER
        outer, inner = [root], list[int]()
        blossoms: Blossoms = {}
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
                # Most paths end here, so the partner does not wait for its turn.
                if self._flip_to_free(partner, outer, inner):
                    return True
        return False

    def _flip_to_free(self, vertex: int, outer: list[int], inner: list[int]) -> bool:
        """Flip the path that leads over an outer vertex to a free neighbour. Return false if it has none."""
        fits, compatible = self._matrix[self._kind_of[vertex]], self._pool.compatible
        for kind, free in self._free.items():
            end = next((end for end in free if compatible(vertex, end)), FREE) if fits[kind] else FREE
            if end != FREE:
                self._remove_free(end)
                self._parent[end] = vertex
                self._flip(end)
                for seen in (*outer, *inner, end):
                    self._list(seen)
                self.open(outer)
                self.open(inner)
                return True
        return False

    def _unseen(self, vertex: int) -> Iterator[int]:
        """Yield the unseen matched neighbours of a vertex, and remove them from their lists."""
        label, compatible = self._label, self._pool.compatible
        fits = self._matrix[self._kind_of[vertex]]
        for kind, matched in self._matched.items():
            # Only vertices that are excluded from `vertex` stay behind the position.
            for position in range(len(matched) - 1, -1, -1) if fits[kind] else ():
                other = matched[position]
                unseen = label[other] == UNSEEN
                if unseen and not compatible(vertex, other):
                    continue
                del matched[position]
                self._listed[other] = False
                if unseen:
                    yield other
        kept = self._kept.get(vertex, FREE)
        if kept != FREE and label[kept] == UNSEEN:
            yield kept

    def _contract_blossoms(self, vertex: int, outer: list[int], blossoms: Blossoms) -> None:
        """Contract the odd cycles that edges from `vertex` to the scanned outer vertices close."""
        fits, compatible = self._matrix[self._kind_of[vertex]], self._pool.compatible
        own_base = self.base(vertex)
        for kind, by_base in blossoms.items():
            for former in list(by_base) if fits[kind] else ():
                base = self.base(former)
                if base != own_base:
                    other = next((other for other in by_base[former] if compatible(vertex, other)), FREE)
                    if other != FREE:
                        self._contract_cycle(vertex, other, outer)
                        own_base = base = self.base(vertex)
                if base != former:
                    # The longer list takes the shorter one, so no vertex is copied often.
                    shorter, longer = sorted((by_base.pop(former), by_base.get(base, [])), key=len)
                    longer += shorter
                    by_base[base] = longer
        kept = self._kept.get(vertex, FREE)
        if kept != FREE and self.is_outer(kept) and self.base(kept) != own_base:
            self._contract_cycle(vertex, kept, outer)
        blossoms.setdefault(self._kind_of[vertex], {}).setdefault(self.base(vertex), []).append(vertex)

    def _list(self, vertex: int) -> None:
        if not self._listed[vertex]:
            self._listed[vertex] = True
            self._matched[self._kind_of[vertex]].append(vertex)

    def _remove_free(self, vertex: int) -> None:
        kind = self._kind_of[vertex]
        self._free[kind].remove(vertex)
        if not self._free[kind]:
            del self._free[kind]
