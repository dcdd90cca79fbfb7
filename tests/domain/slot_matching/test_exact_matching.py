"""The maximum matching of small slots, and the order in which its pairs are made and broken (R13, R20, R21)."""

from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import WorkStyle
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.exact_matching import match_exactly
from tests.domain.slot_matching.populations import member, of_graph, pairs_of

SEEDS = range(10)
Pairs = set[frozenset[str]]


def matched(
    waiting: list[Candidate], pairs: list[tuple[Candidate, Candidate]] | None = None, seed: int = 0
) -> tuple[Pairs, int]:
    """Return the pairs by member ids, and the bound."""
    pool = CandidatePool(waiting, pairs or [], Random(seed))
    mate, bound = match_exactly(pool)
    return pairs_of(pool, mate), bound


def pairs(*ids: str) -> Pairs:
    """Return pairs of members whose numbers are digits, "01" for m0 and m1."""
    return {frozenset(f"m{n}" for n in two) for two in ids}


def test_an_empty_slot_has_no_pairs() -> None:
    assert matched([]) == (set(), 0)
    assert matched([member(0)]) == (set(), 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_r20_a_pair_without_a_preference_is_broken_before_a_one_sided_one(seed: int) -> None:
    """A path through m1 and m2, or one through m3 and m4, pairs m0 and m5. Only m3 prefers its partner, m4."""
    slot = of_graph(frozenset({(0, 1), (1, 2), (2, 5), (0, 3), (3, 4), (4, 5)}), 6)
    for n in (1, 2):
        slot[n] = replace(slot[n], work_style=WorkStyle(quiet=True))
    slot[3] = replace(slot[3], preferred=frozenset({"m4"}))
    assert matched(slot, seed=seed) == (pairs("01", "25", "34"), 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_a_random_pair_is_broken_to_gain_one(seed: int) -> None:
    path = of_graph(frozenset({(0, 1), (1, 2), (2, 3)}), 4)
    assert matched([path[0], path[3]], [(path[1], path[2])], seed) == (pairs("01", "23"), 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_a_random_pair_is_kept_without_a_gain(seed: int) -> None:
    triangle = of_graph(frozenset({(0, 1), (1, 2), (0, 2)}), 3)
    preferring = replace(triangle[0], preferred=frozenset({"m1"}))
    assert matched([preferring], [(triangle[1], triangle[2])], seed) == (pairs("12"), 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_r20_the_member_with_the_shortest_waiting_time_stays_unmatched(seed: int) -> None:
    star = of_graph(frozenset({(0, 1), (0, 2), (0, 3)}), 4)
    assert matched(star, seed=seed) == (pairs("01"), 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_r13_a_displaced_member_is_paired_first(seed: int) -> None:
    star = of_graph(frozenset({(0, 1), (0, 2), (0, 3)}), 4)
    star[3] = replace(star[3], queue_position=member(3, minutes=3, displaced=True).queue_position)
    star[1] = replace(star[1], preferred=frozenset({"m0"}))
    assert matched(star, seed=seed) == (pairs("03"), 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_r20_better_pairs_are_made_where_all_are_compatible(seed: int) -> None:
    quiet, loud = WorkStyle(quiet=True), WorkStyle(quiet=False)
    candidates = [replace(member(n, minutes=n), work_style=quiet if n % 2 else loud) for n in range(4)]
    assert matched(candidates, seed=seed) == (pairs("02", "13"), 2)
    candidates[0] = replace(candidates[0], preferred=frozenset({"m1"}))
    assert matched(candidates, seed=seed) == (pairs("01", "23"), 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_a_preferred_pair_is_broken_to_gain_one(seed: int) -> None:
    path = of_graph(frozenset({(0, 1), (1, 2), (2, 3)}), 4)
    path[1], path[2] = (replace(path[n], preferred=frozenset({f"m{3 - n}"})) for n in (1, 2))
    assert matched(path, seed=seed) == (pairs("01", "23"), 2)
