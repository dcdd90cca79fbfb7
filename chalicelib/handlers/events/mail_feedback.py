"""The handler of the bounces and complaints that the mail service reports (R43)."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct, field

from chalicelib.handlers.event_log import log_event
from chalicelib.services.context import Context
from chalicelib.services.notices.notice_settings import refuse_address

Record = dict[str, Any]

PERMANENT = "Permanent"
NOT_SPAM = "not-spam"


class _Mailbox(Struct, rename="camel"):
    email_address: str


class _Bounce(Struct, rename="camel"):
    bounce_type: str = ""
    bounced_recipients: list[_Mailbox] = field(default_factory=list)


class _Complaint(Struct, rename="camel"):
    complained_recipients: list[_Mailbox] = field(default_factory=list)
    complaint_feedback_type: str | None = None


class _Feedback(Struct, rename="camel"):
    """A message of SES. Notifications of an identity name their type otherwise than events of a configuration set."""

    event_type: str = ""
    notification_type: str = ""
    bounce: _Bounce = field(default_factory=_Bounce)
    complaint: _Complaint = field(default_factory=_Complaint)


_DECODER = msgspec.json.Decoder(_Feedback)


def handle_feedback(context: Context, records: Iterable[Record]) -> None:
    """Refuse the addresses from which a mail came back for good, or at which one was reported as spam.

    A bounce for a passing reason, such as a full mailbox, refuses none, and neither does a report that a mail is no
    spam. A log line has the number of addresses only.
    """
    for record in records:
        with log_event(context, "feedback", message=record["Sns"]["MessageId"]) as line:
            feedback = _DECODER.decode(record["Sns"]["Message"])
            addresses = _refused(feedback)
            line.fields |= {"type": feedback.event_type or feedback.notification_type, "addresses": len(addresses)}
            for address in addresses:
                refuse_address(context, address)


def _refused(feedback: _Feedback) -> list[str]:
    bounce, complaint = feedback.bounce, feedback.complaint
    bounced = bounce.bounced_recipients if bounce.bounce_type == PERMANENT else []
    complained = complaint.complained_recipients if complaint.complaint_feedback_type != NOT_SPAM else []
    return [mailbox.email_address for mailbox in (*bounced, *complained)]
