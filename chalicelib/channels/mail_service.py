"""The mail service of a deployment, Amazon SES (R43)."""

from email.utils import parseaddr

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.channels.aws_clients import LazyClient
from chalicelib.domain.model.mail_address import sending_form

# The refusals of one message, which a retry would only repeat.
_REFUSALS = frozenset({"MessageRejected", "BadRequestException"})


class MailNotSent(Exception):
    """A mail that the service did not accept for now. A retry may succeed."""


class MailRefused(Exception):
    """A mail that the service does not accept."""


class MailService:
    """The sender of mails. Without an address of the sender no mail is sent.

    `sender` is that address, also with a name such as `Lockstep <notices@lockstep.example>`.
    """

    def __init__(self, sender: str, configuration_set: str, client: LazyClient) -> None:
        self.sender_name, address = parseaddr(sender)
        self.sender_address = sending_form(address) if address else ""
        self._configuration_set = configuration_set
        self._client = client

    @property
    def is_configured(self) -> bool:
        """True if the deployment sends mails."""
        return bool(self.sender_address)

    def send(self, address: str, message: bytes) -> None:
        """Send a message (RFC 5322) to one address. Raise MailNotSent or MailRefused, neither with the address."""
        options = {"ConfigurationSetName": self._configuration_set} if self._configuration_set else {}
        try:
            self._client().send_email(
                FromEmailAddress=self.sender_address,
                Destination={"ToAddresses": [address]},
                Content={"Raw": {"Data": message}},
                **options,
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            # The message of the service may repeat the address.
            raise (MailRefused if code in _REFUSALS else MailNotSent)(code) from None
        except BotoCoreError as error:
            raise MailNotSent(type(error).__name__) from None
