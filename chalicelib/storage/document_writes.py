"""The writes of documents, as actions of a transaction or alone."""

from msgspec.structs import replace
from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.document import Document
from chalicelib.storage.connection import Table
from chalicelib.storage.documents import document_item
from chalicelib.storage.errors import outcome_of_put
from chalicelib.storage.items import DocumentItem, Item
from chalicelib.storage.writes import Transaction


def change_document(transaction: Transaction, change: DocumentChange) -> None:
    """Add the write or the deletion of a document to a transaction."""
    unchanged: Condition | None
    if change.regardless:
        # No condition: the document is written or deleted regardless of what is stored.
        unchanged = None
    else:
        unchanged = _unchanged(change.before)
    if change.after is None:
        if change.before is not None:
            transaction.delete(document_item(change.before), condition=unchanged)
    else:
        transaction.save(_next_item(change.before, change.after), condition=unchanged)


def is_single_put(changes: WriteSet) -> bool:
    """Return True if all that is written is one document on the condition that it is unchanged.

    Without a condition a repeated or late put would overwrite what was written in between.
    """
    if len(changes.documents) != 1 or changes != WriteSet(documents=changes.documents):
        return False
    (change,) = changes.documents
    return change.after is not None and not change.regardless


def put_document(table: Table, change: DocumentChange) -> None:
    """Write one document without a transaction, for half the units.

    Raise Conflict, Throttled or OutcomeUnknown.
    """
    assert change.after  # noqa: S101 - the caller has checked it
    item = _next_item(change.before, change.after)
    try:
        table.put_item(item.pk, item.sk, attributes=item.serialize(), condition=_unchanged(change.before))
    except PutError as error:
        outcome = outcome_of_put(error)
        if outcome is None:
            raise
        raise outcome from error


def _unchanged(before: Document | None) -> Condition:
    if before is None:
        # The document does not exist yet.
        return Item.pk.does_not_exist()
    # The version of the document is unchanged since the read.
    return DocumentItem.version == before.version


def _next_item(before: Document | None, after: Document) -> DocumentItem:
    return document_item(replace(after, version=before.version + 1 if before else 1))
