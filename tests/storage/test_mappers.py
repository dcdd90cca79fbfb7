"""Profiles, relations, rows, links, keys, limits and jobs survive the way to their items and back."""

import pytest
from hypothesis import strategies as st

from chalicelib.domain.decisions.write_set import QueueShardsOpened
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.items import Item
from chalicelib.storage.mappers import account_from, link_item, listed_key_item, queue_shards_item
from tests.properties import given
from tests.storage.round_trips import check_round_trip, check_that_it_fails, lossy_codecs
from tests.storage.stored_structs import MEMBER_CODECS, Codec, slots, structs


@pytest.mark.parametrize("codec", MEMBER_CODECS, ids=lambda codec: codec.struct.__name__)
def test_a_stored_struct_is_decoded_without_loss(codec: Codec) -> None:
    check_round_trip(codec)


@pytest.mark.long  # Draws a struct again for each field that a codec omits.
@pytest.mark.parametrize("codec", lossy_codecs(MEMBER_CODECS))
def test_the_round_trip_fails_for_each_field_that_a_codec_omits(codec: Codec) -> None:
    check_that_it_fails(codec)


def test_a_missing_item_is_no_account_and_no_relation() -> None:
    assert account_from(None) is None


@given(structs(InviteLink), structs(ApiKey))
def test_r25_r35_an_entry_of_a_list_has_the_digest_of_its_item(link: InviteLink, key: ApiKey) -> None:
    for item, expected, digest in (
        (link_item(link), keys.link(link.owner_id, link.link_id), link.digest),
        (listed_key_item(key), keys.listed_key(key.owner_id, key.key_id), key.digest),
    ):
        decoded = Item.from_raw_data(item.serialize())
        assert ((decoded.pk, decoded.sk), decoded.digest) == (expected, digest)


@given(slots, st.integers(2, 64), st.integers(0, 63))
def test_each_queue_shard_has_the_number_of_queue_shards(slot: Slot, number: int, queue_shard: int) -> None:
    item = Item.from_raw_data(queue_shards_item(QueueShardsOpened(slot, 1, number), queue_shard).serialize())
    assert (keys.queue_shard_at(item.pk, item.sk), item.queue_shards) == ((slot, queue_shard), number)
