"""The views of `/v1/me/notices`, the caller's e-mail address and the kinds of events for each channel (R43)."""

from msgspec import UNSET, UnsetType

from chalicelib.channels.mail_service import MailNotSent, MailRefused
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import Busy, InvalidRequest
from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall
from chalicelib.handlers.http.inputs.field_parsers import event_kinds
from chalicelib.handlers.http.inputs.requests import Body
from chalicelib.handlers.http.operations import Ok, begins, refuses
from chalicelib.handlers.http.responses import notice_schemas, notice_serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.notices.notice_settings import (
    ADDRESS_FIELD,
    NoticesChange,
    NoticesView,
    change_notices,
    view_notices,
)

MAIL_NOT_SENT = "The address is stored, but its mail could not be sent. Send the same request again in a moment."


class EmailNoticesBody(Body):
    """A change of the e-mail address and its kinds of events. Absent fields stay unchanged."""

    address: schema_types.MailAddress | None | UnsetType = UNSET
    kinds: schema_types.EventKinds | UnsetType = UNSET


class PushNoticesBody(Body):
    """A change of the kinds of events for push. Absent fields stay unchanged."""

    kinds: schema_types.EventKinds | UnsetType = UNSET


class NoticesBody(Body):
    """A change of notice settings. Absent parts stay unchanged, and null for the e-mail removes the address."""

    email: EmailNoticesBody | None | UnsetType = UNSET
    push: PushNoticesBody | UnsetType = UNSET

    def change(self, call: Call) -> NoticesChange:
        """Return the change of the settings."""
        email = EmailNoticesBody(address=None) if self.email is None else self.email
        return NoticesChange(
            address=UNSET if isinstance(email, UnsetType) else email.address,
            email_kinds=UNSET if isinstance(email, UnsetType) else _kinds(email.kinds),
            push_kinds=UNSET if isinstance(self.push, UnsetType) else _kinds(self.push.kinds),
            verified_address=call.verified_address,
        )


def _read_notices(call: EarlyCall) -> NoticesView:
    return view_notices(call.context, call.member_id)


@begins(_read_notices)
def get_notices(_call: Call, begun: Begun[NoticesView]) -> Ok[notice_schemas.Notices]:
    """Get the caller's e-mail address and the kinds of events for each channel."""
    return Ok(notice_serializers.notices(begun()))


@refuses(Busy)
def patch_notices(call: Call, body: NoticesBody) -> Ok[notice_schemas.Notices]:
    """Change the caller's e-mail address and the kinds of events for each channel. Absent parts stay unchanged.

    A new address gets a mail with a link that verifies it. The address of the caller's token needs no mail if its
    issuer has verified it. The same unverified address again sends another mail.
    """
    view = change_notices(call.context, call.caller.member_id, body.change(call))
    if view.verification and view.settings.address:
        _send_verification(call, view.settings.address, view.verification)
    return Ok(notice_serializers.notices(view))


def _send_verification(call: Call, address: str, token: str) -> None:
    # Imported with the first mail: most requests send none.
    from chalicelib.handlers.mails.account_mails import send_verification, sends_mails

    if not sends_mails(call.context):
        return
    try:
        send_verification(call.context, address, token)
    except MailNotSent as error:
        raise Busy(MAIL_NOT_SENT) from error
    except MailRefused as error:
        raise InvalidRequest(input_texts.REFUSED_ADDRESS, field=ADDRESS_FIELD) from error


def _kinds(given: list[EventKind] | UnsetType) -> tuple[EventKind, ...] | UnsetType:
    return UNSET if isinstance(given, UnsetType) else event_kinds(given, "kinds")
