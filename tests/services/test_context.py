"""The context of a use case."""

from random import Random

from msgspec.structs import replace

from tests.harness import World


def test_a_token_has_the_given_length_and_depends_on_the_random_generator_only(world: World) -> None:
    one, other, third = (replace(world.context, ids=Random(seed)) for seed in (1, 1, 2))
    assert [len(one.token(length)) for length in (8, 16, 26)] == [8, 16, 26]
    assert other.token(8) != other.token(8)
    other.token(16)
    assert one.token(26) != third.token(26)
