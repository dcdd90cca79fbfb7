"""Random populations of a slot: who waits, who is in a random pair already, and who may be paired with whom."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.booking import Turn
from chalicelib.domain.entrant import Entrant
from chalicelib.domain.member import Activity, Gender, Mode, PartnerGender
from tests.domain.graphs import Edges, drawn_size, most_pairs, random_graph

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GENDERS = (*Gender, None)


class Population(Struct, frozen=True):
    """Who waits, and the old pairs."""

    waiting: tuple[Entrant, ...]
    pairs: tuple[tuple[Entrant, Entrant], ...] = ()

    @property
    def everyone(self) -> tuple[Entrant, ...]:
        return (*self.waiting, *(entrant for pair in self.pairs for entrant in pair))

    @property
    def most(self) -> int:
        """How many pairs rustworkx finds at most."""
        return most_pairs(len(self.everyone), fitting(self.everyone))

    @property
    def most_among_waiting(self) -> int:
        return most_pairs(len(self.waiting), fitting(self.waiting))


def member(n: int, *, minutes: int = 0, displaced: bool = False) -> Entrant:
    """Somebody who waits since so many minutes after nine."""
    return Entrant(f"m{n}", Turn(not displaced, NINE + timedelta(minutes=minutes)))


def may_pair(one: Entrant, other: Entrant) -> bool:
    """Whether two may be paired, said once more in other words (R6, R18)."""
    if other.member_id in one.apart or one.member_id in other.apart:
        return False
    particular = PartnerGender.SAME in (one.partner_gender, other.partner_gender)
    return not particular or (one.gender is not None and one.gender == other.gender)


def fitting(entrants: Sequence[Entrant]) -> Edges:
    return frozenset((n, m) for m in range(len(entrants)) for n in range(m) if may_pair(entrants[n], entrants[m]))


def of_graph(edges: Edges, n: int) -> list[Entrant]:
    """Members who may be paired as a graph says: each is apart from everybody else."""
    near = {m: {m} for m in range(n)}
    for one, other in edges:
        near[one].add(other)
        near[other].add(one)
    return [
        replace(member(m, minutes=m), apart=frozenset(f"m{other}" for other in range(m) if other not in near[m]))
        for m in range(n)
    ]


def mixed(chance: Random, n: int, *, particular: float = 0.2, exceptions: int = 3) -> list[Entrant]:
    """Members of all genders, preferences and modes, with a few exceptions each."""

    def some(most: int) -> frozenset[str]:
        return frozenset(f"m{chance.randrange(n)}" for _ in range(chance.randint(0, most)))

    return [
        Entrant(
            member_id=f"m{m}",
            turn=Turn(chance.random() < 0.9, NINE + timedelta(minutes=chance.randrange(60))),
            mode=Mode(chance.choice(list(Activity)), chance.random() < 0.3),
            gender=chance.choice(GENDERS),
            partner_gender=PartnerGender.SAME if chance.random() < particular else PartnerGender.ANY,
            wishes=some(exceptions),
            apart=some(exceptions) - {f"m{m}"},
            met=some(exceptions),
        )
        for m in range(n)
    ]


def drawn(seed: int) -> Population:
    """A population of any shape, some of whom are paired already."""
    chance = Random(seed)
    n = drawn_size(chance)
    if chance.random() < 0.6:
        entrants = of_graph(random_graph(chance, n), n)
    else:
        entrants = mixed(chance, n, particular=chance.choice([0.1, 0.5, 0.95]), exceptions=chance.choice([0, 3, n]))
    return some_paired(entrants, chance, chance.choice([0, 0.3, 1]))


def some_paired(entrants: Sequence[Entrant], chance: Random, share: float) -> Population:
    """The same members, some of whom somebody has paired already."""
    pairs: list[tuple[Entrant, Entrant]] = []
    left = list(range(len(entrants)))
    for one, other in chance.sample(edges := sorted(fitting(entrants)), int(share * len(edges))):
        if one in left and other in left:
            pairs.append((replace(entrants[one], turn=None), replace(entrants[other], turn=None)))
            left = [n for n in left if n not in (one, other)]
    return Population(tuple(entrants[n] for n in left), tuple(pairs))
