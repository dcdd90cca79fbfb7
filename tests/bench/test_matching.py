"""The bench of the matcher, on what is small."""

from random import Random

from bench.matching import contest, crowd, evenness


def test_the_three_find_as_many_pairs_as_there_can_be() -> None:
    found = contest(60, 3, Random(1), with_networkx=True)
    assert found.networkx is not None
    assert found.ours.pairs == found.rustworkx.pairs == found.networkx.pairs == found.bound


def test_a_crowd_is_counted_as_it_was_drawn() -> None:
    found = crowd(400, Random(1))
    assert found.share == 1
    assert found.mutual_met == found.mutual >= 20
    assert 2 * found.mutual_met <= found.wishes_met <= found.wishing
    assert found.met_lately <= 4


def test_every_pair_of_equals_is_counted() -> None:
    made = evenness(0, 40)
    assert len(made) == 15
    assert made.total() == 3 * 40
