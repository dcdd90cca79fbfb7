"""Documents survive the way to their items and back, and are read by key or partition."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import EventLog
from chalicelib.domain.model.notices import LiveConnection, NoticeSettings, Webhook
from chalicelib.storage import keys
from chalicelib.storage.document_keys import NOTICES, key_of
from chalicelib.storage.documents import document, document_item, documents
from chalicelib.storage.items import Item
from tests import batches
from tests.harness import MONDAY, World
from tests.storage.round_trips import check_round_trip, check_that_it_fails, lossy_codecs
from tests.storage.stored_structs import DOCUMENT_CODECS, Codec

HOOK = Webhook(member_id="A" * 24, webhook_id="hook", url="https://example.org/", kinds=(), made_at=MONDAY, version=3)
SETTINGS = NoticeSettings(member_id=HOOK.member_id, address="ada@example.org")


@pytest.mark.parametrize("codec", DOCUMENT_CODECS, ids=lambda codec: codec.struct.__name__)
def test_a_stored_document_is_decoded_without_loss(codec: Codec) -> None:
    check_round_trip(codec)


@pytest.mark.long  # Draws a document again for each field that a codec omits.
@pytest.mark.parametrize("codec", lossy_codecs(DOCUMENT_CODECS))
def test_the_round_trip_fails_for_each_field_that_a_codec_omits(codec: Codec) -> None:
    check_that_it_fails(codec)


def test_an_item_has_the_key_the_version_and_the_expiry_of_its_document() -> None:
    item = document_item(replace(HOOK, expires=MONDAY))
    assert ((item.pk, item.sk), item.version, item.expires) == (key_of(HOOK), 3, MONDAY.timestamp())
    assert "expires" not in document_item(HOOK).serialize()


def test_documents_are_read_by_key_and_by_kind(moto_world: World) -> None:
    table, pk = moto_world.table, keys.member(HOOK.member_id)
    others = [
        SETTINGS,
        LiveConnection(member_id=HOOK.member_id, connection_id="one", opened_at=HOOK.made_at),
        replace(HOOK, webhook_id="two"),
    ]
    batches.save(table, map(document_item, (HOOK, *others)))
    assert document(table, key_of(HOOK), Webhook) == HOOK
    assert document(table, key_of(HOOK), NoticeSettings) is None
    assert document(table, key_of(EventLog(member_id=HOOK.member_id)), EventLog) is None
    noticed = Item.sk.startswith(NOTICES)
    assert list(documents(table, pk, noticed, Webhook)) == [HOOK, others[2]]
    # In the order of the sort keys, also page by page.
    assert list(documents(table, pk, noticed, Document, page=1)) == [HOOK, others[2], others[1], others[0]]
    moto_world.clear()
