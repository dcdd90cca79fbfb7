"""Random populations of a slot, with waiting candidates, random pairs, and a second definition of compatibility."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.member import Activity, Gender, PartnerGender, WorkStyle
from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from tests.domain.slot_matching.graphs import Edges, drawn_size, most_pairs, random_graph

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GENDERS = (*Gender, None)


class Population(Struct, frozen=True):
    """The waiting candidates and the random pairs of a slot."""

    waiting: tuple[Candidate, ...]
    pairs: tuple[tuple[Candidate, Candidate], ...] = ()

    @property
    def everyone(self) -> tuple[Candidate, ...]:
        return (*self.waiting, *(candidate for pair in self.pairs for candidate in pair))

    @property
    def most(self) -> int:
        """The number of pairs of a maximum matching by rustworkx."""
        return most_pairs(len(self.everyone), compatible_pairs(self.everyone))

    @property
    def most_among_waiting(self) -> int:
        return most_pairs(len(self.waiting), compatible_pairs(self.waiting))


def member(n: int, *, minutes: int = 0, displaced: bool = False) -> Candidate:
    """Return a candidate who waits since that number of minutes after nine."""
    return Candidate(f"m{n}", QueuePosition(displaced, NINE + timedelta(minutes=minutes)))


def numbers(pool: CandidatePool, ids: Iterable[str]) -> frozenset[int]:
    """Return the numbers of candidates in the pool."""
    return frozenset(pool.number_of[member_id] for member_id in ids)


def pairs_of(pool: CandidatePool, mate: Sequence[int]) -> set[frozenset[str]]:
    """Return the pairs of a matching by member ids."""
    return {frozenset((pool.ids[n], pool.ids[partner])) for n, partner in enumerate(mate) if partner != FREE}


def may_pair(one: Candidate, other: Candidate) -> bool:
    """Return true if the two may be paired (R6, R18). The rule is written a second time, independently."""
    if other.member_id in one.incompatible or one.member_id in other.incompatible:
        return False
    same_only = PartnerGender.SAME in (one.partner_gender, other.partner_gender)
    return not same_only or (one.gender is not None and one.gender == other.gender)


def compatible_pairs(candidates: Sequence[Candidate]) -> Edges:
    return frozenset((n, m) for m in range(len(candidates)) for n in range(m) if may_pair(candidates[n], candidates[m]))


def of_graph(edges: Edges, n: int) -> list[Candidate]:
    """Return candidates whose compatibility is the graph. Each is incompatible with all but its neighbours."""
    near = {m: {m} for m in range(n)}
    for one, other in edges:
        near[one].add(other)
        near[other].add(one)
    return [
        replace(member(m, minutes=m), incompatible=frozenset(f"m{other}" for other in range(m) if other not in near[m]))
        for m in range(n)
    ]


def mixed(rng: Random, n: int, *, same_only: float = 0.2, exceptions: int = 3) -> list[Candidate]:
    """Return candidates of all genders, preferences and work styles, with up to `exceptions` ids in each set."""

    def some(most: int) -> frozenset[str]:
        return frozenset(f"m{rng.randrange(n)}" for _ in range(rng.randint(0, most)))

    return [
        Candidate(
            member_id=f"m{m}",
            queue_position=QueuePosition(rng.random() >= 0.9, NINE + timedelta(minutes=rng.randrange(60))),
            work_style=WorkStyle(rng.choice(list(Activity)), rng.random() < 0.3),
            gender=rng.choice(GENDERS),
            partner_gender=PartnerGender.SAME if rng.random() < same_only else PartnerGender.ANY,
            preferred=some(exceptions),
            incompatible=some(exceptions) - {f"m{m}"},
            met={member_id: rng.randint(0, 7) for member_id in sorted(some(exceptions))},
        )
        for m in range(n)
    ]


def drawn(seed: int) -> Population:
    """Return a population of any shape, with or without random pairs."""
    rng = Random(seed)
    n = drawn_size(rng)
    if rng.random() < 0.6:
        candidates = of_graph(random_graph(rng, n), n)
    else:
        candidates = mixed(rng, n, same_only=rng.choice([0.1, 0.5, 0.95]), exceptions=rng.choice([0, 3, n]))
    return some_paired(candidates, rng, rng.choice([0, 0.3, 1]))


def some_paired(candidates: Sequence[Candidate], rng: Random, share: float) -> Population:
    """Return the same candidates, a share of them in random pairs."""
    pairs: list[tuple[Candidate, Candidate]] = []
    left = list(range(len(candidates)))
    for one, other in rng.sample(edges := sorted(compatible_pairs(candidates)), int(share * len(edges))):
        if one in left and other in left:
            pairs.append(
                (replace(candidates[one], queue_position=None), replace(candidates[other], queue_position=None))
            )
            left = [n for n in left if n not in (one, other)]
    return Population(tuple(candidates[n] for n in left), tuple(pairs))
