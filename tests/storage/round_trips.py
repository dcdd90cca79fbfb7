"""The check that a codec loses nothing, and the same check of a codec that loses one field."""

from collections.abc import Sequence

import pytest
from hypothesis import Phase
from hypothesis import strategies as st

from tests.properties import given, settings
from tests.storage.stored_structs import Codec, optional_fields

# These examples find each omitted field, as the tests of lossy codecs show.
_EXAMPLES = settings(max_examples=40)
# Stop at the first failing example, and do not shrink it.
_FIRST_FAILURE = settings(
    _EXAMPLES, database=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False
)


def check_round_trip(codec: Codec, examples: settings = _EXAMPLES) -> None:
    """Fail if a drawn struct is not equal to the one that is decoded from its item."""

    @examples
    @given(st.data())
    def check(data: st.DataObject) -> None:
        value = data.draw(codec.values)
        assert codec.round_trip(value) == value

    check()


def check_that_it_fails(codec: Codec) -> None:
    """Fail if the check of the round trip does not fail."""
    with pytest.raises(AssertionError):
        check_round_trip(codec, _FIRST_FAILURE)


def lossy_codecs(codecs: Sequence[Codec]) -> list[object]:
    """Return each codec with one field omitted, once by its encoder and once by its decoder."""
    return [
        pytest.param(lossy, id=f"{codec.struct.__name__}-{struct.__name__}.{field.name}-{half}")
        for codec in codecs
        for struct, field in optional_fields(codec)
        for half, lossy in (
            ("encoder", codec.encoding_less(struct, field)),
            ("decoder", codec.decoding_less(struct, field)),
        )
    ]
