"""The reads of what a deletion of an account erases beside its days, links and keys (R33)."""

from collections.abc import Iterator

from chalicelib.domain.model.document import Document
from chalicelib.storage import keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import OF_MEMBER
from chalicelib.storage.documents import documents
from chalicelib.storage.items import Item


def mirrored_members(table: Table, member_id: str, page: int) -> Iterator[str]:
    """Yield the members with a copy of their relation to the member in its partition, read page by page."""
    for item in queries.query(table, keys.member(member_id), Item.sk.startswith(keys.BY), page=page):
        yield item.sk.removeprefix(keys.BY)


def versioned_limits(table: Table, member_id: str) -> Iterator[str]:
    """Yield the names of the member's versioned limits."""
    for item in queries.query(table, keys.member(member_id), Item.sk.startswith(keys.VERSIONED_LIMIT)):
        yield item.sk.removeprefix(keys.VERSIONED_LIMIT)


def response_digests(table: Table, member_id: str, *, page: int | None = None) -> Iterator[str]:
    """Yield the digests of the idempotency keys of the member's recorded responses."""
    for item in queries.query(table, keys.member(member_id), Item.sk.startswith(keys.RECORDED_RESPONSE), page=page):
        yield item.sk.removeprefix(keys.RECORDED_RESPONSE)


def documents_of(table: Table, member_id: str, *, page: int | None = None) -> Iterator[Document]:
    """Yield the documents of the member, read page by page."""
    for prefix in OF_MEMBER:
        yield from documents(table, keys.member(member_id), Item.sk.startswith(prefix), Document, page=page)
