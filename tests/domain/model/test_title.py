"""Which titles are long, and their digests."""

from chalicelib.domain.model.title import LONGEST_IN_DAY, long_title_digest


def test_r36_a_title_is_long_above_64_bytes_not_characters() -> None:
    assert LONGEST_IN_DAY == 64
    assert long_title_digest("") is None
    assert long_title_digest("a" * 64) is None
    assert long_title_digest("\N{GRINNING FACE}" * 16) is None
    assert long_title_digest("a" * 65) is not None
    assert long_title_digest("\N{GRINNING FACE}" * 17) is not None


def test_equal_titles_have_equal_digests_of_12_characters() -> None:
    one, other = "a" * 65, "a" * 64 + "b"
    assert long_title_digest(one) == long_title_digest(one) != long_title_digest(other)
    assert len(long_title_digest(one) or "") == 12
