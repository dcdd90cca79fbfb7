"""Tests of the mail service, with SES in the same process."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from moto import mock_aws
from moto.ses.models import ses_backends

from chalicelib.channels.aws_clients import lazy_client
from chalicelib.channels.channels import connect
from chalicelib.channels.mail_service import MailNotSent, MailRefused, MailService
from chalicelib.settings import Messaging
from tests.outbox import SENDER, Outbox

MESSAGE = b"From: notices@lockstep.example\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\nText\r\n"
REGION = "us-east-1"


@pytest.fixture
def ses() -> Iterator[Any]:
    """The state of SES, which has verified the sender."""
    with mock_aws():
        client = lazy_client("sesv2", region=REGION, endpoint=None)()
        client.create_email_identity(EmailIdentity="notices@lockstep.example")
        yield ses_backends["123456789012"][REGION]


def test_r43_a_message_is_sent_whole_to_one_address(ses: Any) -> None:
    messaging = Messaging(mail_from=SENDER)
    connect(messaging, region=REGION, endpoint=None).mail.send("ada@example.org", MESSAGE)
    (sent,) = ses.sent_messages
    # The stand-in lists the recipient of the request and that of the message.
    assert (sent.source, set(sent.destinations)) == ("notices@lockstep.example", {"ada@example.org"})
    assert sent.raw_data == MESSAGE.decode()


def test_r43_a_sender_that_ses_does_not_know_is_refused(ses: Any) -> None:
    service = MailService("eve@example.org", "", lazy_client("sesv2", region=REGION, endpoint=None))
    with pytest.raises(MailRefused, match="MessageRejected"):
        service.send("ada@example.org", MESSAGE.replace(b"notices@lockstep.example", b"eve@example.org"))
    assert ses.sent_messages == []


def test_r43_the_configuration_set_of_the_feedback_is_named() -> None:
    requests: list[dict[str, Any]] = []

    class Recording(Outbox):
        def send_email(self, **request: Any) -> dict[str, str]:
            requests.append(request)
            return super().send_email(**request)

    for name in ("", "lockstep"):
        MailService(SENDER, name, Recording).send("ada@example.org", MESSAGE)
    assert [request.get("ConfigurationSetName") for request in requests] == [None, "lockstep"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("MessageRejected", MailRefused),
        ("BadRequestException", MailRefused),
        ("TooManyRequestsException", MailNotSent),
        ("SendingPausedException", MailNotSent),
        ("AccountSuspendedException", MailNotSent),
        ("MailFromDomainNotVerifiedException", MailNotSent),
        ("InternalServiceErrorException", MailNotSent),
    ],
)
def test_r43_only_a_refusal_of_the_message_itself_is_final(code: str, error: type[Exception]) -> None:
    outbox = Outbox(failures=[code])
    with pytest.raises(error) as failure:
        MailService(SENDER, "", lambda: outbox).send("ada@example.org", MESSAGE)
    # Neither the failure nor its cause in a log may repeat the address.
    assert str(failure.value) == code
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


def test_r43_a_service_that_does_not_respond_is_tried_again() -> None:
    def unreachable() -> Any:
        raise ConnectTimeoutError(endpoint_url="https://email.example")

    with pytest.raises(MailNotSent, match="ConnectTimeoutError"):
        MailService(SENDER, "", unreachable).send("ada@example.org", MESSAGE)


def test_r43_without_a_sender_a_deployment_sends_no_mails() -> None:
    assert not connect(Messaging(), region=REGION, endpoint=None).mail.is_configured
    assert connect(Messaging(mail_from=SENDER), region=REGION, endpoint=None).mail.is_configured
