"""The mailbox of the local run, which stands for Amazon SES.

It takes mails by the API of SES, keeps them whole, and delivers them nowhere. The engine's own SES keeps neither the
headers nor the calendar part of a mail.
"""

import base64
import binascii
import re
import threading
import uuid
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from infra.local.clock import MovableClock
from infra.local.events.sources import Handler, topic_event
from infra.local.http.page import page
from infra.local.http.responses import HttpResponse, json_response
from infra.local.state import LocalState

MAIL_PATH = "/dev/mail"
# The endpoint of the client of SES, and its operation that sends a mail.
SES_PATH = "/dev/ses"
SEND_PATH = f"{SES_PATH}/v2/email/outbound-emails"
# The mailbox keeps the latest mails.
MOST_MAILS = 500
# The addresses of the mailbox simulator of SES, and the feedback that a mail to one of them causes.
SIMULATED = {"bounce@simulator.amazonses.com": "Bounce", "complaint@simulator.amazonses.com": "Complaint"}

PAGE = """
{% extends "base.html" %}
{% block title %}Mail{% endblock %}
{% block main %}
<header class="hero">
<span class="face plain" aria-hidden="true">@</span>
<h1>Mail of this local run</h1>
<p class="lead">{{ mails | length }} mails, the newest first. None has left this machine.</p>
</header>
{% for mail in mails %}
<section class="day">
<h3>{{ mail.subject }}</h3>
<p class="note">To {{ mail.to }}, {{ mail.at }}{% if mail.method %}, calendar: {{ mail.method }}{% endif %}</p>
<p class="when">{{ mail.text }}</p>
{% for link in mail.links %}
<p class="note"><a href="{{ link }}">{{ link }}</a></p>
{% endfor %}
</section>
{% endfor %}
{% endblock %}
"""
_LINK = re.compile(r"https?://\S+")

Mail = dict[str, Any]


class Mailbox:
    """The mails of this engine, newest first. `on_feedback` is the function that gets the topic of SES."""

    def __init__(self, state: LocalState, clock: MovableClock, on_feedback: Handler) -> None:
        self._state = state
        self._clock = clock
        self._on_feedback = on_feedback
        self._lock = threading.Lock()
        # The mails by their numbers, as far as they were read.
        self._known: dict[int, Mail] = {}

    def send(self, fields: Mail) -> HttpResponse:
        """Take a mail as SES does, and return its response."""
        try:
            message = BytesParser(policy=policy.default).parsebytes(
                base64.b64decode(fields["Content"]["Raw"]["Data"], validate=True)
            )
            (address,) = fields["Destination"]["ToAddresses"]
        except (KeyError, TypeError, ValueError, binascii.Error):
            return json_response({"message": "This is not a raw message to one address."}, 400)
        message_id = str(uuid.uuid4())
        with self._lock:
            number = self._count() + 1
            mail = _described(message, fields, message_id) | {"at": self._clock().isoformat(timespec="milliseconds")}
            self._state.write(_entry(number), mail)
            self._state.write("mails", number)
            self._known[number] = mail
        if address in SIMULATED:
            self._on_feedback(topic_event(feedback(SIMULATED[address], address)))
        return json_response({"MessageId": message_id})

    def mails(self) -> list[Mail]:
        """Return the mails, newest first."""
        newest = self._count()
        kept = range(newest, max(newest - MOST_MAILS, 0), -1)
        with self._lock:
            # Another runner may have written some, and this one before its restart.
            self._known = {number: self._known.get(number) or self._state.read(_entry(number)) for number in kept}
            return [mail for mail in self._known.values() if mail is not None]

    def listed(self, fields: Mail) -> HttpResponse:
        """Return the mails as JSON, those to the address `to` only if it is given, and at most `limit`."""
        found = [mail for mail in self.mails() if fields.get("to") in (None, mail["to"])]
        limit = fields.get("limit", "")
        return json_response({"mails": found[: int(limit)] if limit.isdigit() else found})

    def page(self) -> HttpResponse:
        """Return the page of the mails."""
        return page(PAGE, mails=self.mails())

    def _count(self) -> int:
        return self._state.read("mails") or 0


def feedback(kind: str, address: str) -> Mail:
    """Return the message that SES publishes when a mail bounces for good or is reported as spam."""
    recipients = [{"emailAddress": address}]
    details = {
        "Bounce": {"bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipients}},
        "Complaint": {"complaint": {"complainedRecipients": recipients}},
    }
    return {"eventType": kind, "mail": {"destination": [address]}, **details[kind]}


def _described(message: EmailMessage, fields: Mail, message_id: str) -> Mail:
    parts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    text, html = (_lines(parts.get(f"text/{kind}")) for kind in ("plain", "html"))
    calendar = parts.get("text/calendar")
    return {
        "id": message_id,
        "from": str(message["From"]),
        "to": fields["Destination"]["ToAddresses"][0],
        "subject": str(message["Subject"]),
        "text": text,
        "html": html,
        "calendar": calendar.get_content() if calendar else None,
        "method": calendar.get_param("method") if calendar else None,
        "links": _LINK.findall(text or ""),
        "headers": {name: str(value) for name, value in message.items()},
        "raw": fields["Content"]["Raw"]["Data"],
    }


def _lines(part: EmailMessage | None) -> str | None:
    return None if part is None else part.get_content().replace("\r\n", "\n")


def _entry(number: int) -> str:
    return f"mail {number % MOST_MAILS}"
