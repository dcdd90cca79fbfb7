"""The benchmark of the matcher on small inputs."""

from random import Random

import pytest

from bench.matching import (
    Shape,
    all_but_few_shape,
    compare,
    evenness,
    hub_shape,
    odd_groups_shape,
    plan_in_pieces,
    plan_large_slot,
    random_shape,
)


@pytest.mark.parametrize(
    ("shape", "pairs"),
    [
        (hub_shape(60, 20, 0.7, Random(1)), 20),
        (odd_groups_shape(4, 5), 8),
        (all_but_few_shape(41, 4, Random(1)), 20),
        (random_shape(60, 10, Random(1)), 30),
    ],
    ids=lambda value: value.name if isinstance(value, Shape) else None,
)
def test_the_three_matchers_find_maximum_matchings(shape: Shape, pairs: int) -> None:
    found = compare(shape, with_networkx=True)
    assert found.networkx is not None
    assert [found.ours.pairs, found.rustworkx.pairs, found.networkx.pairs, found.bound] == [pairs] * 4


def test_the_unmatched_member_of_a_piece_waits_for_the_next_one() -> None:
    found = plan_in_pieces(1000, 101, Random(1))
    assert (found.members, found.pieces, found.pairs) == (1000, 10, 500)


def test_the_preferences_of_a_large_slot_are_counted() -> None:
    found = plan_large_slot(400, Random(1))
    assert found.share == 1
    assert found.mutual_met == found.mutual >= 20
    assert 2 * found.mutual_met <= found.preferred_met <= found.preferring
    assert found.met_recently <= 4


def test_every_pair_of_equal_members_is_counted() -> None:
    made = evenness(0, 40)
    assert len(made) == 15
    assert made.total() == 3 * 40
