"""A mail and its message (RFC 5322), in plain text and HTML from templates."""

import re
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from chalicelib.domain.model.mail_address import sending_form

if TYPE_CHECKING:
    from jinja2 import Environment

FILES = Path(__file__).parent / "files"
# The longest line of a message without its line break (RFC 5322).
_LONGEST_LINE = 998
# Isolates a text of either direction from the text around it.
_FIRST_STRONG_ISOLATE, _POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Invitation(Struct, frozen=True):
    """A calendar part of a mail. `method` is that of its content (RFC 5546)."""

    method: str
    content: bytes


class Mail(Struct, frozen=True):
    """A mail to one address.

    `mail_id` identifies it, `thread_id` the mails that belong together. `unsubscribe` is the address that ends such
    mails with one click (RFC 8058).
    """

    mail_id: str
    subject: str
    text: str
    html: str
    thread_id: str | None = None
    unsubscribe: str | None = None
    invitation: Invitation | None = None


class _MailPolicy(policy.EmailPolicy):
    """A policy for messages in ASCII, which every mail server accepts.

    `EmailPolicy` writes a word of more than 78 characters as encoded words (RFC 2047), also an address or an id, which
    mailboxes do not decode there. Headers in ASCII have longer lines instead.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return the lines of a header."""
        folding = _UNFOLDED if str(value).isascii() else policy.SMTP
        lines: str = folding.fold(name, value)
        return lines

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the lines of a header in ASCII."""
        return self.fold(name, value).encode("ascii")


_POLICY = _MailPolicy(cte_type="7bit", linesep="\r\n")
_UNFOLDED = policy.SMTP.clone(max_line_length=_LONGEST_LINE)


def rendered(template: str, **values: Any) -> tuple[str, str]:
    """Return the plain text and the HTML of a template's two files. HTML is escaped."""
    found = (_environment().get_template(f"{template}.{suffix}").render(values) for suffix in ("txt", "html"))
    text, html = found
    return text, html


def message_of(mail: Mail, *, sender: str, sender_name: str, address: str, at: datetime) -> bytes:
    """Return the message of a mail in ASCII. No text of a member can add a header or a part to it."""
    message = EmailMessage(_POLICY)
    domain = sender.rpartition("@")[2]
    message["From"] = Address(one_line(sender_name), addr_spec=sender)
    message["To"] = Address(addr_spec=sending_form(address))
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.mail_id}@{domain}>"
    if mail.thread_id:
        message["References"] = f"<{mail.thread_id}@{domain}>"
    # No automatic reply (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    for header, value in _unsubscription(mail.unsubscribe).items():
        message[header] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.invitation:
        message.add_alternative(
            mail.invitation.content.decode(), subtype="calendar", params={"method": mail.invitation.method}
        )
    return _subject(mail.subject) + message.as_bytes()


def _subject(text: str) -> bytes:
    """Return the header of the subject.

    `EmailMessage` decodes what looks like an encoded word (RFC 2047), also one with a line break in it. It loses spaces
    between others.
    """
    line = one_line(text)
    charset = "us-ascii" if line.isascii() and "=?" not in line else "utf-8"
    return f"Subject: {Header(line, charset, header_name='Subject').encode(linesep=_POLICY.linesep)}\r\n".encode()


def one_line(text: str) -> str:
    """Return a text without control characters, as a header or a line holds it."""
    return _CONTROLS.sub(" ", text).strip()


def isolated(text: str) -> str:
    """Return a member's text in one line, so that its direction does not reorder the text around it."""
    return f"{_FIRST_STRONG_ISOLATE}{one_line(text)}{_POP_DIRECTIONAL_ISOLATE}"


def _unsubscription(address: str | None) -> Mapping[str, str]:
    if address is None:
        return {}
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


@cache
def _environment() -> "Environment":
    # Imported with the first mail: most requests send none.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FILES),
        # Plain text is not escaped.
        autoescape=lambda name: name is not None and name.endswith(".html"),  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
