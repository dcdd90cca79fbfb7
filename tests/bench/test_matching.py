"""The benchmark of the matcher on small inputs."""

from random import Random

from bench.matching import compare, evenness, plan_large_slot


def test_the_three_matchers_find_maximum_matchings() -> None:
    found = compare(60, 3, Random(1), with_networkx=True)
    assert found.networkx is not None
    assert found.ours.pairs == found.rustworkx.pairs == found.networkx.pairs == found.bound


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
