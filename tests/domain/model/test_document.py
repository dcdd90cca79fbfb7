"""The expiry of documents."""

from datetime import timedelta

from chalicelib.domain.model.notices import LiveConnection
from tests.domain.samples import NOON


def test_a_document_expires_at_its_instant_also_before_the_table_deletes_it() -> None:
    connection = LiveConnection(member_id="ada", connection_id="one", opened_at=NOON, expires=NOON)
    assert [connection.is_expired(NOON + timedelta(seconds=after)) for after in (-1, 0, 1)] == [False, True, True]
    assert not LiveConnection(member_id="ada", connection_id="one", opened_at=NOON).is_expired(NOON)
