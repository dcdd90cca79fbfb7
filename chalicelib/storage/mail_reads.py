"""The reads of notice settings, sent mails and addresses."""

from chalicelib.domain.model.mail_records import AddressRecord, SentMail
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.storage import document_keys, keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.documents import document, document_from
from chalicelib.storage.items import DocumentItem
from chalicelib.storage.mappers import account_from


def settings(table: Table, member_id: str) -> NoticeSettings:
    """Return the member's notice settings, the defaults without stored ones."""
    found = document(table, document_keys.notice_settings(member_id), NoticeSettings)
    return found or NoticeSettings(member_id=member_id)


def member_and_settings(table: Table, member_id: str) -> tuple[Profile | None, NoticeSettings]:
    """Return the member's profile, None without one or after its deletion, and the same as `settings`, in one batch."""
    profile, stored = keys.profile(member_id), document_keys.notice_settings(member_id)
    found = queries.batch(table, {profile, stored}, consistent=True)
    account, settings = account_from(found.get(profile)), found.get(stored)
    document = document_from(settings) if isinstance(settings, DocumentItem) else None
    return (
        account if isinstance(account, Profile) else None,
        document if isinstance(document, NoticeSettings) else NoticeSettings(member_id=member_id),
    )


def sent_mail(table: Table, member_id: str, mail_id: str) -> SentMail | None:
    """Return the claim to send a mail, or None without one."""
    return document(table, document_keys.sent_mail(member_id, mail_id), SentMail)


def address_record(table: Table, digest: str) -> AddressRecord:
    """Return what is known of an address, by its digest."""
    return document(table, document_keys.address_record(digest), AddressRecord) or AddressRecord(digest=digest)
