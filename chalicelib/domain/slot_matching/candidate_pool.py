"""The numbered candidates of one slot, with the compatibility and preference of every two of them (R20)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from chalicelib.domain.model.day import MEETING_RANKS, meeting_rank
from chalicelib.domain.slot_matching.blossom import FREE, Graph
from chalicelib.domain.slot_matching.candidate import Candidate

# The tiers of pairs in which no member prefers the other (R20). The first half has a common work style. In each half
# the pairs of the first tier did not meet recently, those of the second met longest ago, and those of the last today.
TIERS = 2 * MEETING_RANKS


class CandidatePool:
    """The candidates of a slot, numbered at random. So results do not depend on the order of the input.

    `initial_mate` is the stored matching, the number of the random partner or FREE for a waiting candidate.
    """

    def __init__(self, waiting: Sequence[Candidate], pairs: Sequence[tuple[Candidate, Candidate]], rng: Random) -> None:
        self.candidates = [*waiting, *(candidate for pair in pairs for candidate in pair)]
        rng.shuffle(self.candidates)
        self.ids = [candidate.member_id for candidate in self.candidates]
        self.number_of = {member_id: number for number, member_id in enumerate(self.ids)}
        self.initial_mate = [FREE] * len(self.ids)
        for pair in pairs:
            one, other = (self.number_of[candidate.member_id] for candidate in pair)
            self.initial_mate[one], self.initial_mate[other] = other, one
        kinds = [candidate.kind for candidate in self.candidates]
        examples = list(dict(zip(kinds, self.candidates, strict=True)).items())
        numbers = {kind: number for number, (kind, _) in enumerate(examples)}
        self.kind_of = [numbers[kind] for kind in kinds]
        self._compatible = [[one.accepts_genders(other) for _, other in examples] for _, one in examples]
        self._alike = [[one.work_style.matches(other.work_style) for _, other in examples] for _, one in examples]

    def __len__(self) -> int:
        return len(self.ids)

    def compatible(self, one: int, other: int) -> bool:
        """Return true if the two may be paired, by gender preferences and incompatible ids (R1, R6, R18)."""
        return (
            self._compatible[self.kind_of[one]][self.kind_of[other]]
            and self.ids[other] not in self.candidates[one].incompatible
            and self.ids[one] not in self.candidates[other].incompatible
        )

    def tier(self, one: int, other: int) -> int:
        """Return the tier of a pair, 0 is the best, regardless of preferred partners."""
        first = 0 if self._alike[self.kind_of[one]][self.kind_of[other]] else MEETING_RANKS
        met, met_by_other = self.candidates[one].met, self.candidates[other].met
        return first + meeting_rank(met.get(self.ids[other]), met_by_other.get(self.ids[one]))

    def tiers(self, graph: Graph) -> list[list[int]]:
        """Return the tier of each edge of the graph, in its form."""
        first = [[0 if alike else MEETING_RANKS for alike in row] for row in self._alike]
        kind_of = self.kind_of
        rows = zip(graph, kind_of, self._meeting_ranks(), strict=True)
        return [
            [first[kind][kind_of[other]] + rank_of.get(other, 0) for other in others] for others, kind, rank_of in rows
        ]

    def prefers(self, one: int, other: int) -> bool:
        """Return true if `one` prefers `other` as a partner (R10)."""
        return self.ids[other] in self.candidates[one].preferred

    def preferences(self) -> Iterator[tuple[int, int]]:
        """Yield each candidate with each compatible candidate that it prefers, in no particular order."""
        for one, candidate in enumerate(self.candidates):
            for member_id in candidate.preferred:
                other = self.number_of.get(member_id, one)
                if other != one and self.compatible(one, other):
                    yield one, other

    def is_better(self, one: int, other: int, tier: int) -> bool:
        """Return true if the pair is better than any of that tier, by preference or by its own tier."""
        return self.prefers(one, other) or self.prefers(other, one) or self.tier(one, other) < tier

    def queue(self) -> list[int]:
        """Return all numbers in the order of the queue."""
        return self.in_queue_order(range(len(self)))

    def in_queue_order(self, numbers: Iterable[int]) -> list[int]:
        """Return the numbers of paired candidates, then those of waiting ones by queue position. Ties are random."""
        return sorted(numbers, key=lambda n: (self.initial_mate[n] == FREE, self.candidates[n].sort_key))

    def kind_matrix(self, tier: int) -> list[list[bool]]:
        """Return the matrix [kind][kind] of compatible kinds, at this tier or better unless the two met recently."""
        return [
            [fits and (alike or tier >= MEETING_RANKS) for fits, alike in zip(*rows, strict=True)]
            for rows in zip(self._compatible, self._alike, strict=True)
        ]

    def kept_partners(self) -> dict[int, int]:
        """Return the random partners that a setting made incompatible after the match. They stay partners (R32)."""
        return {
            one: partner
            for one, partner in enumerate(self.initial_mate)
            if partner != FREE and not self.compatible(one, partner)
        }

    def _meeting_ranks(self) -> list[dict[int, int]]:
        """Return for each number the numbers of recent partners with the rank of the meeting."""
        ranks: list[dict[int, int]] = [{} for _ in self.ids]
        for one, candidate in enumerate(self.candidates):
            for member_id, days_since in candidate.met.items():
                other = self.number_of.get(member_id)
                if other is not None:
                    rank = max(meeting_rank(days_since), ranks[one].get(other, 0))
                    ranks[one][other] = ranks[other][one] = rank
        return ranks

    def compatible_counts(self) -> list[int]:
        """Return for each number how many candidates are of a compatible kind."""
        sizes = Counter(self.kind_of)
        by_kind = [sum(sizes[other] for other, fits in enumerate(row) if fits) for row in self._compatible]
        return [by_kind[kind] for kind in self.kind_of]

    def edge_estimate(self) -> int:
        """Return about how many edges the graph has. Every incompatible id is subtracted, also of another kind."""
        exceptions = sum(len(one.incompatible) for one in self.candidates)
        return (sum(self.compatible_counts()) - exceptions) // 2

    def graph(self) -> list[list[int]]:
        """Return for each number the compatible candidates, and the random partner in any case."""
        by_kind = [[n for n, kind in enumerate(self.kind_of) if row[kind]] for row in self._compatible]
        excluded: list[set[int]] = [{n} for n in range(len(self))]
        for one, candidate in enumerate(self.candidates):
            for member_id in candidate.incompatible:
                if member_id in self.number_of:
                    other = self.number_of[member_id]
                    excluded[one].add(other)
                    excluded[other].add(one)
        graph = [[n for n in by_kind[kind] if n not in excluded[one]] for one, kind in enumerate(self.kind_of)]
        for one, partner in self.kept_partners().items():
            graph[one].append(partner)
        return graph
