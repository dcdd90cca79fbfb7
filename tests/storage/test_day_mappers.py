"""Days, bookings and recorded responses survive the way to their items and back."""

import pytest

from tests.storage.round_trips import check_round_trip, check_that_it_fails, lossy_codecs
from tests.storage.stored_structs import DAY_CODECS, Codec


@pytest.mark.parametrize("codec", DAY_CODECS, ids=lambda codec: codec.struct.__name__)
def test_a_stored_struct_is_decoded_without_loss(codec: Codec) -> None:
    check_round_trip(codec)


@pytest.mark.long  # Draws a struct again for each field that a codec omits.
@pytest.mark.parametrize("codec", lossy_codecs(DAY_CODECS))
def test_the_round_trip_fails_for_each_field_that_a_codec_omits(codec: Codec) -> None:
    check_that_it_fails(codec)
