"""A stand-in for Amazon SES that keeps the mails, and mails as a reader that is not ours parses them."""

from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from botocore.exceptions import ClientError
from icalendar import Calendar
from msgspec.structs import replace

from chalicelib.channels.channels import Channels
from chalicelib.channels.mail_service import MailService
from tests.harness import World

SENDER = "Lockstep <notices@lockstep.example>"
PUBLIC_URL = "https://lockstep.example"


@dataclass
class Outbox:
    """The mails that were accepted, oldest first. `failures` are the codes of the next refusals."""

    sent: list[tuple[str, bytes]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def send_email(self, **request: Any) -> dict[str, str]:
        """Accept a mail as the client of SES does, or fail with the next planned code."""
        if self.failures:
            raise ClientError({"Error": {"Code": self.failures.pop(0), "Message": str(request)}}, "SendEmail")
        (address,) = request["Destination"]["ToAddresses"]
        self.sent.append((address, request["Content"]["Raw"]["Data"]))
        return {"MessageId": str(len(self.sent))}

    def parsed(self) -> list[EmailMessage]:
        """Return the mails by the strict parser, without a defect in any part."""
        return [parsed(message) for _, message in self.sent]

    def latest(self) -> EmailMessage:
        """Return the latest mail."""
        return self.parsed()[-1]


def connect_outbox(world: World) -> Outbox:
    """Let the deployment send its mails to a new outbox."""
    outbox = Outbox()
    channels: Channels = world.context.channels
    world.context.channels = replace(channels, mail=MailService(SENDER, "", lambda: outbox))
    messaging = replace(world.settings.messaging, public_url=PUBLIC_URL, mail_from=SENDER)
    world.settings = replace(world.settings, messaging=messaging)
    world.context.settings = replace(world.context.settings, messaging=messaging)
    return outbox


def parsed(message: bytes) -> EmailMessage:
    """Return a message by Python's strict parser. Raises for a defect, and for a byte beyond ASCII."""
    message.decode("ascii")
    found = BytesParser(policy=policy.strict).parsebytes(message)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Return the text of a part of a mail."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == f"text/{kind}"]
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def invitation_of(mail: EmailMessage) -> tuple[str, Any] | None:
    """Return the method of a mail's calendar part and its only event, None without such a part."""
    found = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    if not found:
        return None
    (part,) = found
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    assert part.get_param("method") == str(calendar["METHOD"])
    return str(calendar["METHOD"]), event
