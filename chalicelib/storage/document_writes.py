"""The writes of documents, as actions of a transaction."""

from msgspec.structs import replace
from pynamodb.expressions.condition import Condition

from chalicelib.domain.decisions.write_set import DocumentChange
from chalicelib.storage.documents import document_item
from chalicelib.storage.items import DocumentItem, Item
from chalicelib.storage.writes import Transaction


def change_document(transaction: Transaction, change: DocumentChange) -> None:
    """Add the write or the deletion of a document to a transaction."""
    unchanged: Condition | None
    if change.regardless:
        # No condition: the document is written or deleted regardless of what is stored.
        unchanged = None
    elif change.before is None:
        # The document does not exist yet.
        unchanged = Item.pk.does_not_exist()
    else:
        # The version of the document is unchanged since the read.
        unchanged = DocumentItem.version == change.before.version
    if change.after is None:
        if change.before is not None:
            transaction.delete(document_item(change.before), condition=unchanged)
    else:
        version = change.before.version + 1 if change.before else 1
        transaction.save(document_item(replace(change.after, version=version)), condition=unchanged)
