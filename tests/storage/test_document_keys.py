"""The keys of documents."""

from typing import get_args

import pytest

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import ROWS_KEPT
from chalicelib.domain.model.limits import LimitKind
from chalicelib.storage import keys
from chalicelib.storage.document_keys import event_log, event_row, key_of
from chalicelib.storage.documents import Stored
from tests.properties import given, settings
from tests.storage.stored_structs import DOCUMENT_CODECS, Codec

# A key consists of a few fields, and each kind of document draws its own examples.
FEW = 20


@pytest.mark.parametrize("codec", DOCUMENT_CODECS, ids=lambda codec: codec.struct.__name__)
def test_every_document_has_a_key_that_its_version_does_not_change(codec: Codec) -> None:
    @settings(max_examples=FEW)
    @given(codec.values, codec.values)
    def check(one: Document, other: Document) -> None:
        assert key_of(one) == key_of(type(one)(**{**_fields(one), "version": other.version, "expires": other.expires}))

    check()


@pytest.mark.parametrize("codec", DOCUMENT_CODECS, ids=lambda codec: codec.struct.__name__)
def test_r42_no_document_is_among_the_items_that_a_booking_reads(codec: Codec) -> None:
    """A query of a booking reads the days and the limit of bookings, and pays for every item between them."""
    first, last = keys.DAY, keys.versioned_limit("A", LimitKind.BOOKINGS).sk

    @settings(max_examples=FEW)
    @given(codec.values)
    def check(one: Document) -> None:
        assert not first <= key_of(one).sk <= last or not key_of(one).pk.startswith(keys.member(""))

    check()


def test_every_kind_of_document_is_drawn_and_any_other_value_has_no_key() -> None:
    assert [codec.struct for codec in DOCUMENT_CODECS] == list(get_args(Stored))
    with pytest.raises(KeyError):
        key_of(Document())


def test_r36_the_rows_of_a_log_sort_by_their_sequence_and_come_round_to_the_first_key() -> None:
    sort_keys = [event_row("A", sequence).sk for sequence in range(ROWS_KEPT)]
    assert sort_keys == sorted(set(sort_keys))
    assert [event_row("A", sequence + ROWS_KEPT).sk for sequence in range(ROWS_KEPT)] == sort_keys
    assert event_log("A") not in {event_row("A", sequence) for sequence in range(ROWS_KEPT)}


def _fields(document: Document) -> dict[str, object]:
    return {name: getattr(document, name) for name in document.__struct_fields__}
