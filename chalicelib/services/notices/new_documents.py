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


def add_document(
    context: Context,
    member_id: str,
    documents: tuple[Document, ...],
    *,
    count: Callable[[Subscriptions], int],
    most: int,
    refusal: str,
) -> None:
    """Store new documents of the member. Raises InvalidRequest with the text of `refusal` if `count` is `most` already.

    Raises Unauthenticated if the account is deleted meanwhile (R33).
    The same transaction writes the notice settings, whose version every new document increments. So of two concurrent
    requests one conflicts and counts again.
    """

    def decide(_attempt: Attempt) -> Decision[None]:
        own_profile(context, member_id)
        found = notice_reads.subscriptions(context.table, member_id)
        if count(found) >= most:
            raise InvalidRequest(refusal)
        settings = found.settings
        counted = DocumentChange(settings if settings.version != NEW else None, settings)
        added = tuple(DocumentChange(None, document) for document in documents)
        return Decision(None, WriteSet(documents=(counted, *added), present=(member_id,)))

    run_transaction(context, decide)
