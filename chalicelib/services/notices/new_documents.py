"""New documents of a member within their limit (R36)."""

from collections.abc import Callable

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.document import NEW, Document
from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.notices import Subscriptions
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import notice_reads
from chalicelib.storage.document_keys import key_of
from chalicelib.storage.documents import document


def add_document(
    context: Context,
    member_id: str,
    documents: tuple[Document, ...],
    *,
    count: Callable[[Subscriptions], int],
    most: int,
    refusal: str,
    field: str | None = None,
) -> None:
    """Store new documents of the member. Raises InvalidRequest with the text of `refusal` if `count` is `most` already.

    `field` is what the refusal names as its input. Raises Unauthenticated if the account is deleted meanwhile (R33).
    The same transaction writes the notice settings, whose version every new document increments. So of two concurrent
    requests one conflicts and counts again.
    """

    def decide(attempt: Attempt) -> Decision[None]:
        if attempt.number > 1 and document(context.table, key_of(documents[0]), Document):
            # An earlier attempt committed, but its response was lost.
            return Decision(None)
        own_profile(context, member_id)
        found = notice_reads.subscriptions(context.table, member_id)
        if count(found) >= most:
            raise InvalidRequest(refusal, field=field)
        settings = found.settings
        counted = DocumentChange(settings if settings.version != NEW else None, settings)
        added = tuple(DocumentChange(None, document) for document in documents)
        return Decision(None, WriteSet(documents=(counted, *added), present=(member_id,)))

    run_transaction(context, decide)
