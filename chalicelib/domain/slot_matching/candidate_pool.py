"""Everybody of a slot who waits or may be moved, by number, and who suits whom (R20)."""

from collections import Counter
from collections.abc import Sequence
from random import Random

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate import Candidate

# How many tiers of liking there are besides wishes: working alike counts for more than not having met lately.
TIERS = 4


class CandidatePool:
    """The entrants of a slot, numbered in random order, so that nothing rests on the order in which they came.

    `before` is the matching that they come with: the partner's number, or FREE for whoever waits.
    """

    def __init__(self, waiting: Sequence[Candidate], pairs: Sequence[tuple[Candidate, Candidate]], rng: Random) -> None:
        self.candidates = [*waiting, *(candidate for pair in pairs for candidate in pair)]
        rng.shuffle(self.candidates)
        self.ids = [candidate.member_id for candidate in self.candidates]
        self.number = {member_id: number for number, member_id in enumerate(self.ids)}
        self.before = [FREE] * len(self.ids)
        for pair in pairs:
            one, other = (self.number[candidate.member_id] for candidate in pair)
            self.before[one], self.before[other] = other, one
        kinds = [candidate.kind for candidate in self.candidates]
        examples = list(dict(zip(kinds, self.candidates, strict=True)).items())
        numbers = {kind: number for number, (kind, _) in enumerate(examples)}
        self.kind_of = [numbers[kind] for kind in kinds]
        self._fitting = [[one.meets_preferences(other) for _, other in examples] for _, one in examples]
        self._alike = [[one.work_style.goes_with(other.work_style) for _, other in examples] for _, one in examples]

    def __len__(self) -> int:
        return len(self.ids)

    def fit(self, one: int, other: int) -> bool:
        """Whether the two may be paired: both gender preferences are met, and nothing keeps them apart (R6, R18)."""
        return (
            self._fitting[self.kind_of[one]][self.kind_of[other]]
            and self.ids[other] not in self.candidates[one].apart
            and self.ids[one] not in self.candidates[other].apart
        )

    def tier(self, one: int, other: int) -> int:
        """How well the two suit each other, wishes aside, from 0: alike and not met lately, alike, not met, neither."""
        alike = self._alike[self.kind_of[one]][self.kind_of[other]]
        met = self.ids[other] in self.candidates[one].met or self.ids[one] in self.candidates[other].met
        return (0 if alike else 2) + met

    def wishes(self, one: int, other: int) -> bool:
        """Whether `one` asked for `other`."""
        return self.ids[other] in self.candidates[one].wishes

    def wished_by(self, one: int) -> list[int]:
        """Those of the company whom `one` asked for and may be paired with, in no order."""
        wishes = self.candidates[one].wishes
        others = [self.number[other] for other in wishes if other in self.number] if wishes else []
        return [other for other in others if other != one and self.fit(one, other)]

    def prefers(self, one: int, other: int, tier: int) -> bool:
        """Whether the two suit each other better than that tier: by a wish, or otherwise."""
        return self.wishes(one, other) or self.wishes(other, one) or self.tier(one, other) < tier

    def queue(self) -> list[int]:
        """Everybody in turn: those who have a partner, the displaced, then who waited longest; equals at random."""
        return sorted(range(len(self)), key=lambda n: (self.before[n] == FREE, self.candidates[n].place))

    def suiting(self, tier: int) -> list[list[bool]]:
        """For each two kinds, whether they fit and nothing but having met puts them below that tier."""
        return [
            [fits and (alike or tier >= TIERS // 2) for fits, alike in zip(*rows, strict=True)]
            for rows in zip(self._fitting, self._alike, strict=True)
        ]

    def reach(self) -> list[int]:
        """For each number, how many there are of the kinds that fit."""
        sizes = Counter(self.kind_of)
        by_kind = [sum(sizes[other] for other, fits in enumerate(row) if fits) for row in self._fitting]
        return [by_kind[kind] for kind in self.kind_of]

    def fitting_pairs(self) -> int:
        """About how many pairs fit."""
        exceptions = sum(sum(map(self.number.__contains__, candidate.apart)) for candidate in self.candidates)
        return (sum(self.reach()) - exceptions) // 2

    def graph(self) -> list[list[int]]:
        """For each number those who may be paired with it, or are."""
        by_kind = [[n for n, kind in enumerate(self.kind_of) if row[kind]] for row in self._fitting]
        apart: list[set[int]] = [{n} for n in range(len(self))]
        for one, candidate in enumerate(self.candidates):
            for other in (self.number[member_id] for member_id in candidate.apart if member_id in self.number):
                apart[one].add(other)
                apart[other].add(one)
        graph = [[n for n in by_kind[kind] if n not in apart[one]] for one, kind in enumerate(self.kind_of)]
        for one, partner in enumerate(self.before):
            # Settings that have changed since break no pair (R32).
            if partner != FREE and not self.fit(one, partner):
                graph[one].append(partner)
        return graph
