"""The reads of notice settings, sent mails and addresses."""

from chalicelib.domain.model.mail_records import AddressRecord, SentMail
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.storage import document_keys
from chalicelib.storage.connection import Table
from chalicelib.storage.documents import document


def settings(table: Table, member_id: str) -> NoticeSettings:
    """Return the member's notice settings, the defaults without stored ones."""
    found = document(table, document_keys.notice_settings(member_id), NoticeSettings)
    return found or NoticeSettings(member_id=member_id)


def sent_mail(table: Table, member_id: str, mail_id: str) -> SentMail | None:
    """Return the claim to send a mail, or None without one."""
    return document(table, document_keys.sent_mail(member_id, mail_id), SentMail)


def address_record(table: Table, digest: str) -> AddressRecord:
    """Return what is known of an address, by its digest."""
    return document(table, document_keys.address_record(digest), AddressRecord) or AddressRecord(digest=digest)
