"""Notice settings of members, and the verification of their e-mail addresses (R43)."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.document import NEW, Document
from chalicelib.domain.model.errors import InvalidRequest, NotFound, Suspended
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.limits import check_verifications, check_verifications_of_address
from chalicelib.domain.model.mail_address import comparable
from chalicelib.domain.model.mail_records import REFUSAL_KEPT, AddressRecord
from chalicelib.domain.model.mail_tokens import (
    MailToken,
    address_digest,
    parse_token,
    unsubscribes,
    verification_token,
    verifies,
)
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.domain.model.suspension import SUSPENDED_OWNER_DETAIL
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import mail_reads, notice_reads

T = TypeVar("T")

ADDRESS_FIELD = "email.address"


class NoticesChange(Struct, frozen=True):
    """A change of notice settings. Unset parts stay. An address of None removes the stored one.

    `verified_address` is the address that the caller's token proves, or None.
    """

    address: str | None | UnsetType = UNSET
    email_kinds: tuple[EventKind, ...] | UnsetType = UNSET
    push_kinds: tuple[EventKind, ...] | UnsetType = UNSET
    verified_address: str | None = None


class NoticesView(Struct, frozen=True):
    """A member's notice settings and the number of push subscriptions.

    `verification` is the token of a mail that must be sent to the new address, or None.
    """

    settings: NoticeSettings
    push_subscriptions: int
    verification: str | None = None


class MailRecipient(Struct, frozen=True):
    """A member with a verified address, and the kinds of events for e-mail."""

    member: Profile
    address: str
    kinds: tuple[EventKind, ...]


def view_notices(context: Context, caller: str) -> NoticesView:
    """Return the caller's notice settings, refused also if no mail has found that out yet."""
    found = notice_reads.subscriptions(context.table, caller)
    settings = found.settings
    if settings.address is not None and _record_of(context, settings.address).is_refused(context.clock()):
        settings = replace(settings, refused=True)
    return NoticesView(settings, len(found.push))


def change_notices(context: Context, caller: str, change: NoticesChange) -> NoticesView:
    """Change the caller's notice settings.

    A new address is verified at once if the caller's token proves it. Otherwise its verification mail is counted, also
    if the address is that of the last request (R36). Raises RateLimited, and InvalidRequest for an address that refuses
    mails.
    """

    def decide(attempt: Attempt) -> Decision[NoticesView]:
        found = notice_reads.subscriptions(context.table, caller)
        before = found.settings
        after = replace(
            before,
            email_kinds=_or(change.email_kinds, before.email_kinds),
            push_kinds=_or(change.push_kinds, before.push_kinds),
        )
        documents: list[DocumentChange] = []
        verification = None
        if change.address is None:
            after = replace(after, address=None, verified=False, refused=False)
        elif not isinstance(change.address, UnsetType) and change.address != before.mail_address:
            after, record = _addressed(context, after, change.address, change.verified_address, attempt)
            if record is not None:
                documents.append(record)
                verification = verification_token(context.settings.identity_key, caller, change.address, attempt.now)
        view = NoticesView(after, len(found.push), verification)
        if after == before:
            return Decision(view)
        return Decision(view, WriteSet(documents=(_change(before, after), *documents), present=(caller,)))

    return run_transaction(context, decide)


def _addressed(
    context: Context, settings: NoticeSettings, address: str, verified_address: str | None, attempt: Attempt
) -> tuple[NoticeSettings, DocumentChange | None]:
    """Return the settings with a new address, and the record that counts its verification mail if one is needed."""
    record = _record_of(context, address)
    if record.is_refused(attempt.now):
        raise InvalidRequest(input_texts.REFUSED_ADDRESS, field=ADDRESS_FIELD)
    settings = replace(settings, address=address, verified=False, refused=False)
    if verified_address is not None and comparable(verified_address) == comparable(address):
        return replace(settings, verified=True), None
    today = attempt.now.date()
    own, of_address = settings.verifications_of(today), record.verifications_of(today)
    check_verifications(context.settings.limits.verifications, own, attempt.now)
    check_verifications_of_address(of_address, attempt.now)
    counted = record.counting(attempt.now, verifications=1)
    return replace(settings, counted_on=today, verifications=own + 1), _change(record, counted)


def settings_of_verification(context: Context, token: str) -> NoticeSettings:
    """Return the settings whose address a token verifies. Raises NotFound for another token or a refused address."""
    settings = _settings_of(context, token, lambda parsed, address: _verifies(context, parsed, address))
    if settings.address and _record_of(context, settings.address).is_refused(context.clock()):
        raise NotFound
    return settings


def settings_of_unsubscription(context: Context, token: str) -> NoticeSettings:
    """Return the settings whose mails a token ends. Raises NotFound for every other token."""
    key = context.settings.identity_key
    return _settings_of(context, token, lambda parsed, address: unsubscribes(parsed, key, address))


def verify_address(context: Context, token: str) -> None:
    """Verify the address to which a mail with this token went. A repeated call has no further effect.

    Raises NotFound for an unknown or expired token, after a change of the address, and after a bounce or a complaint.
    """

    def decide(_attempt: Attempt) -> Decision[None]:
        settings = settings_of_verification(context, token)
        return _changed(settings, replace(settings, verified=True))

    run_transaction(context, decide)


def unsubscribe(context: Context, token: str) -> None:
    """End all mails to the member's address (RFC 8058). A repeated call has no further effect.

    Raises NotFound for an unknown token, and after a change of the address.
    """

    def decide(_attempt: Attempt) -> Decision[None]:
        settings = settings_of_unsubscription(context, token)
        return _changed(settings, replace(settings, email_kinds=()))

    run_transaction(context, decide)


def refuse_address(context: Context, address: str) -> None:
    """Use an address no more after a bounce or a complaint, also for members who set it later (R43)."""

    def decide(attempt: Attempt) -> Decision[None]:
        digest = address_digest(context.settings.identity_key, address)
        before = mail_reads.address_record(context.table, digest)
        after = replace(before, refused_at=attempt.now, expires=attempt.now + REFUSAL_KEPT)
        return Decision(None, WriteSet(documents=(_change(before, after),)))

    run_transaction(context, decide)


def mail_recipient(context: Context, member_id: str) -> MailRecipient | None:
    """Return the member and the address to which a mail may go now, or None.

    It is also None after the deletion of the account (R33) and for a suspended member (R47).
    """
    member, settings = mail_reads.member_and_settings(context.table, member_id)
    if member is None or member.suspension:
        return None
    address = _usable_address(context, settings)
    return MailRecipient(member, address, settings.email_kinds) if address else None


def _usable_address(context: Context, settings: NoticeSettings) -> str | None:
    """Return the address of the settings, or None for an unverified or refused one, and after too many mails (R36).

    The first mail after a bounce or a complaint marks the address in the settings, so that no later one is queued.
    """
    address = settings.mail_address
    if address is None:
        return None
    record = _record_of(context, address)
    if not record.is_refused(context.clock()):
        return address if record.has_room(context.clock().date()) else None

    def decide(_attempt: Attempt) -> Decision[None]:
        current = mail_reads.settings(context.table, settings.member_id)
        return _changed(current, replace(current, refused=current.refused or current.address == address))

    run_transaction(context, decide)
    return None


def _record_of(context: Context, address: str) -> AddressRecord:
    return mail_reads.address_record(context.table, address_digest(context.settings.identity_key, address))


def _settings_of(context: Context, token: str, proves: Callable[[MailToken, str], bool]) -> NoticeSettings:
    parsed = parse_token(token)
    if parsed is None:
        raise NotFound
    member, settings = mail_reads.member_and_settings(context.table, parsed.member_id)
    if member is None or settings.address is None or not proves(parsed, settings.address):
        raise NotFound
    if member.suspension:
        raise Suspended(SUSPENDED_OWNER_DETAIL)
    return settings


def _verifies(context: Context, parsed: MailToken, address: str) -> bool:
    return verifies(parsed, context.settings.identity_key, address, context.clock())


def _changed(before: NoticeSettings, after: NoticeSettings) -> Decision[None]:
    """Return the change of stored settings. Their version conflicts after the deletion of the account (R33)."""
    return Decision(None, WriteSet(documents=(DocumentChange(before, after),) if after != before else ()))


def _change(before: Document, after: Document) -> DocumentChange:
    """Return the change of a document that may not be stored yet."""
    return DocumentChange(before if before.version != NEW else None, after)


def _or(given: T | UnsetType, present: T) -> T:
    return present if isinstance(given, UnsetType) else given
