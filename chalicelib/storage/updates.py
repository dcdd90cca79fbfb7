"""Updates of one item outside of a transaction, for facts that no rule depends on."""

from datetime import date

from pynamodb.expressions.update import Action

from chalicelib.domain.model.access_record import AccessRecord
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.member import Profile
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import translate_errors
from chalicelib.storage.items import ApiKeyItem, ProfileItem
from chalicelib.storage.mappers import access_text


def record_use(table: Table, credential: Profile | ApiKey, record: AccessRecord, on: date) -> None:
    """Store the new record of bearer tokens in a profile, or that of an API key with the date of its last use.

    Raise Conflict if the record changed, and the errors of every request.
    """
    model: type[ApiKeyItem | ProfileItem] = ApiKeyItem if isinstance(credential, ApiKey) else ProfileItem
    key = keys.api_key(credential.digest) if isinstance(credential, ApiKey) else keys.profile(credential.member_id)
    actions: list[Action] = [model.uses.set(access_text(record))]
    if isinstance(credential, ApiKey):
        actions.append(ApiKeyItem.last_used.set(on.isoformat()))
    before = access_text(credential.access)
    # The record is unchanged since the read.
    unchanged = model.uses == before if before else model.uses.does_not_exist()
    # The account is not deleted, and the key is not revoked.
    present = model.name.exists()
    with translate_errors():
        table.update_item(*key, actions=actions, condition=present & unchanged)
